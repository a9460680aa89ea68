/**
 * Arriving frames (RFC 894, IEEE 802.1Q): whether they are meant for this node, tags, and which protocol they
 * carry. As Linux's eth_type_trans and VLAN input.
 */
import {
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_VLAN,
  EthernetFrame,
} from '../link/frame.ts';
import { readU16 } from '../packet/bytes.ts';
import type { DropCounters } from '../packet/drops.ts';
import { Payload } from '../packet/payload.ts';
import { bytesOf, type Pdu } from '../packet/pdu.ts';
import type { Interface } from './interface.ts';
import type { Ipv4Stack } from './ipv4-stack.ts';
import type { Ipv6Stack } from './ipv6-stack.ts';

/** IEEE 802.1ad */
const ETHERTYPE_SERVICE_VLAN = 0x88a8;
const TAG_SIZE = 4;

export class FrameInput {
  readonly #ipv4: Ipv4Stack;
  readonly #drops: DropCounters;
  /** Null as long as the node does not speak IPv6. */
  ipv6: Ipv6Stack | null = null;

  constructor(ipv4: Ipv4Stack, drops: DropCounters) {
    this.#ipv4 = ipv4;
    this.#drops = drops;
  }

  receive(iface: Interface, frame: EthernetFrame): void {
    const { dst, etherType } = frame;
    const isHostFrame = dst === iface.device.mac;
    if (!isHostFrame && !dst.isGroup) {
      this.#drops.drop('eth.other-host', frame);
      return;
    }
    if (frame.tci > 0 && (frame.tci & 0xfff) !== 0) {
      const vlan = iface.vlans.get(frame.tci & 0xfff);
      if (vlan === undefined) this.#drops.drop('eth.foreign-vlan', frame);
      else vlan.receive(frame);
      return;
    }
    if (etherType === ETHERTYPE_IPV4) this.#ipv4.receive(iface, isHostFrame, frame);
    else if (etherType === ETHERTYPE_ARP) this.#ipv4.receiveArp(iface, isHostFrame, frame.payload);
    else if (etherType === ETHERTYPE_IPV6 && this.ipv6 !== null && iface.v6!.isEnabled)
      this.ipv6.receive(iface, isHostFrame, frame);
    else this.#receiveOther(iface, frame);
  }

  /** A second tag is taken off like the first: VLAN 0 means only a priority (IEEE 802.1Q 6.8). */
  #receiveOther(iface: Interface, frame: EthernetFrame): void {
    const { etherType, dst, src } = frame;
    if (etherType !== ETHERTYPE_VLAN && etherType !== ETHERTYPE_SERVICE_VLAN) {
      this.#drops.drop('eth.unknown-type', frame);
      return;
    }
    const { bytes, start, size } = asBytes(frame.payload);
    if (size < TAG_SIZE) {
      this.#drops.drop('eth.short-vlan-tag', frame);
      return;
    }
    const inner = new Payload(bytes, start + TAG_SIZE, size - TAG_SIZE);
    const type = readU16(bytes, start + 2);
    this.receive(iface, new EthernetFrame(dst, src, type, inner, readU16(bytes, start)));
  }
}

function asBytes(payload: Pdu): Payload {
  return payload instanceof Payload ? payload : new Payload(bytesOf(payload));
}
