/**
 * A frame through the loopback device. It remembers the route by which its packet was sent, as Linux's skb keeps its
 * dst: the packet is not routed again when it comes back in, and shows itself as that route says.
 */
import { EthernetFrame } from '../link/frame.ts';
import { ZERO_MAC } from '../packet/mac-address.ts';
import type { IpPacket } from './ip-packet.ts';
import type { Ipv4Route } from './ipv4-route.ts';
import type { Ipv6Route } from './ipv6-route.ts';

export class LoopedFrame<R extends Ipv4Route | Ipv6Route = Ipv4Route | Ipv6Route> extends EthernetFrame {
  readonly route: R;

  constructor(etherType: number, packet: IpPacket, route: R) {
    super(ZERO_MAC, ZERO_MAC, etherType, packet);
    this.route = route;
  }
}
