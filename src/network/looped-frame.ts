/**
 * A frame through the loopback device. It remembers the route by which its packet was sent, as Linux's skb keeps its
 * dst: the packet is not routed again when it comes back in, and shows itself as that route says.
 */
import { ETHERTYPE_IPV4, EthernetFrame } from '../link/frame.ts';
import { ZERO_MAC } from '../packet/mac-address.ts';
import type { Ipv4Packet } from './ipv4.ts';
import type { Ipv4Route } from './ipv4-route.ts';

export class LoopedFrame extends EthernetFrame {
  readonly route: Ipv4Route;

  constructor(packet: Ipv4Packet, route: Ipv4Route) {
    super(ZERO_MAC, ZERO_MAC, ETHERTYPE_IPV4, packet);
    this.route = route;
  }
}
