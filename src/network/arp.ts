/**
 * ARP packets for IPv4 over Ethernet (RFC 826): fields, parse, emit, format. What is refused here is what Linux
 * refuses before it looks at an address: other address lengths, hardware types but Ethernet and IEEE 802, protocols but IPv4.
 */
import { readU16, writeU16 } from '../packet/bytes.ts';
import { IpAddress } from '../packet/ip-address.ts';
import { MacAddress, ZERO_MAC } from '../packet/mac-address.ts';
import type { Payload } from '../packet/payload.ts';
import type { Pdu } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';

export const ARP_SIZE = 28;
export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

const HARDWARE_ETHERNET = 1;
const HARDWARE_IEEE802 = 6;
const PROTOCOL_IPV4 = 0x0800;

export class ArpPacket implements Pdu {
  readonly size = ARP_SIZE;
  /** ARP_REQUEST, ARP_REPLY, or another operation that nobody here understands. */
  readonly operation: number;
  readonly senderMac: MacAddress;
  readonly senderIp: IpAddress;
  readonly targetMac: MacAddress;
  readonly targetIp: IpAddress;

  constructor(
    operation: number,
    senderMac: MacAddress,
    senderIp: IpAddress,
    targetMac: MacAddress,
    targetIp: IpAddress,
  ) {
    this.operation = operation;
    this.senderMac = senderMac;
    this.senderIp = senderIp;
    this.targetMac = targetMac;
    this.targetIp = targetIp;
  }

  /** @throws DecodeError `short-arp`, `bad-address-length`, `bad-hardware-type` or `bad-protocol-type` */
  static parse(payload: Payload): ArpPacket {
    const { bytes, start: at } = payload;
    if (payload.size < ARP_SIZE) throw new DecodeError('short-arp');
    if (bytes[at + 4] !== 6 || bytes[at + 5] !== 4) throw new DecodeError('bad-address-length');
    const hardware = readU16(bytes, at);
    if (hardware !== HARDWARE_ETHERNET && hardware !== HARDWARE_IEEE802)
      throw new DecodeError('bad-hardware-type');
    if (readU16(bytes, at + 2) !== PROTOCOL_IPV4) throw new DecodeError('bad-protocol-type');
    return new ArpPacket(
      readU16(bytes, at + 6),
      MacAddress.read(bytes, at + 8),
      IpAddress.readV4(bytes, at + 14),
      MacAddress.read(bytes, at + 18),
      IpAddress.readV4(bytes, at + 24),
    );
  }

  emit(bytes: Uint8Array, at: number): number {
    writeU16(bytes, at, HARDWARE_ETHERNET);
    writeU16(bytes, at + 2, PROTOCOL_IPV4);
    bytes[at + 4] = 6;
    bytes[at + 5] = 4;
    writeU16(bytes, at + 6, this.operation);
    this.senderMac.write(bytes, at + 8);
    this.senderIp.writeV4(bytes, at + 14);
    this.targetMac.write(bytes, at + 18);
    this.targetIp.writeV4(bytes, at + 24);
    return at + ARP_SIZE;
  }

  format(): string {
    if (this.operation === ARP_REPLY) return `ARP, Reply ${this.senderIp} is-at ${this.senderMac}`;
    if (this.operation !== ARP_REQUEST) return `ARP, operation ${this.operation}`;
    if (this.senderIp === this.targetIp) return `ARP, Announcement ${this.senderIp}`;
    const known = this.targetMac === ZERO_MAC ? '' : ` (${this.targetMac})`;
    return `ARP, Request who-has ${this.targetIp}${known} tell ${this.senderIp}`;
  }
}
