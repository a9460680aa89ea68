/**
 * Arriving frames (RFC 894, IEEE 802.1Q): whether they are meant for this node, priority tags, and which protocol they
 * carry. As Linux's eth_type_trans and VLAN input.
 */
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_VLAN, EthernetFrame } from '../link/frame.ts';
import { readU16 } from '../packet/bytes.ts';
import type { DropCounters } from '../packet/drops.ts';
import { Payload } from '../packet/payload.ts';
import { bytesOf, type Pdu } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';
import { ArpPacket } from './arp.ts';
import type { ArpProtocol } from './arp-protocol.ts';
import type { Interface } from './interface.ts';
import { Ipv4Packet } from './ipv4.ts';
import type { Ipv4Input } from './ipv4-input.ts';
import { LoopedFrame } from './looped-frame.ts';
import type { NeighbourTable } from './neighbour-table.ts';

/** IEEE 802.1ad */
const ETHERTYPE_SERVICE_VLAN = 0x88a8;
const TAG_SIZE = 4;

export class FrameInput {
  readonly #ipv4: Ipv4Input;
  readonly #arp: ArpProtocol;
  readonly #neighbours: NeighbourTable;
  readonly #drops: DropCounters;

  constructor(ipv4: Ipv4Input, arp: ArpProtocol, neighbours: NeighbourTable, drops: DropCounters) {
    this.#ipv4 = ipv4;
    this.#arp = arp;
    this.#neighbours = neighbours;
    this.#drops = drops;
  }

  receive(iface: Interface, frame: EthernetFrame): void {
    const { dst, payload } = frame;
    const isHostFrame = dst === iface.device.mac;
    if (!isHostFrame && !dst.isGroup) {
      this.#drops.drop('eth.other-host', frame);
      return;
    }
    if (frame.tci > 0 && (frame.tci & 0xfff) !== 0) {
      this.#drops.drop('eth.foreign-vlan', frame);
      return;
    }
    if (frame.etherType === ETHERTYPE_IPV4) {
      if (iface.device.isLoopback && frame instanceof LoopedFrame && payload instanceof Ipv4Packet)
        this.#ipv4.receiveLooped(iface, payload, frame.route);
      else if (payload instanceof Ipv4Packet) this.#ipv4.receive(iface, isHostFrame, payload);
      else this.#ipv4.receiveBytes(iface, isHostFrame, asBytes(payload));
    } else if (frame.etherType === ETHERTYPE_ARP) this.#receiveArp(iface, isHostFrame, payload);
    else this.#receiveOther(iface, frame);
  }

  #receiveArp(iface: Interface, isHostFrame: boolean, payload: Pdu): void {
    if (iface.device.isLoopback) return;
    let arp: ArpPacket;
    try {
      arp = payload instanceof ArpPacket ? payload : ArpPacket.parse(asBytes(payload));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#drops.drop(`arp.${error.reason}`, payload);
      return;
    }
    this.#arp.onPacket(iface, isHostFrame, arp, this.#neighbours);
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
