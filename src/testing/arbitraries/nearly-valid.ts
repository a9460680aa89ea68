/**
 * Packets that are nearly valid: right in every field but one, which is named. All checksums fit the wrong field, unless
 * it is the checksum that is wrong; so what refuses them has looked at that very field.
 */
import fc from 'fast-check';
import type { Ipv4Packet } from '../../network/ipv4.ts';
import { checksum } from '../../packet/checksum.ts';
import { Payload } from '../../packet/payload.ts';
import { bytesOf } from '../../packet/pdu.ts';
import { ipv4Packet, type PacketConstraints } from './packet.ts';

export interface NearlyValid {
  /** The bytes of the packet. */
  readonly wire: Payload;
  /** Which field is wrong: `ipv4 version`. */
  readonly wrong: string;
}

/** One way to spoil a packet. */
interface Fault {
  readonly wrong: string;
  /** Whether the packet has the field. */
  readonly fits?: (packet: Ipv4Packet) => boolean;
  /** Writes a wrong value. `by` is not 0. */
  readonly spoil: (bytes: Uint8Array, packet: Ipv4Packet, by: number) => void;
  /** The header checksum is made to fit afterwards. Default: true. */
  readonly mendsHeader?: boolean;
}

const TCP = 6;
const UDP = 17;
const ICMP = 1;

const FAULTS: readonly Fault[] = [
  { wrong: 'ipv4 header checksum', spoil: (bytes, _, by) => add(bytes, 10, by), mendsHeader: false },
  {
    wrong: 'ipv4 version',
    spoil: (bytes, _, by) => set(bytes, 0, (((4 + 1 + (by % 15)) % 16) << 4) | (bytes[0]! & 15)),
  },
  { wrong: 'ipv4 header length', spoil: (bytes, _, by) => set(bytes, 0, 0x40 | (by % 5)) },
  { wrong: 'ipv4 total length', spoil: (bytes, packet, by) => write(bytes, 2, packet.size + 1 + (by % 100)) },
  {
    wrong: 'tcp checksum',
    fits: carries(TCP),
    spoil: (bytes, packet, by) => add(bytes, packet.headerSize + 16, by),
  },
  {
    wrong: 'tcp data offset',
    fits: carries(TCP),
    spoil: (bytes, packet, by) => resum(packet, bytes, 16, 12, (by % 5) << 4),
  },
  {
    wrong: 'udp checksum',
    fits: (packet) =>
      packet.protocol === UDP && !packet.isFragment && bytesOf(packet)[packet.headerSize + 6] !== 0,
    spoil: (bytes, packet, by) => add(bytes, packet.headerSize + 6, by),
  },
  {
    wrong: 'udp length',
    fits: carries(UDP),
    spoil: (bytes, packet, by) => write(bytes, packet.headerSize + 4, by % 8),
  },
  {
    wrong: 'icmp checksum',
    fits: carries(ICMP),
    spoil: (bytes, packet, by) => add(bytes, packet.headerSize + 2, by),
  },
];

/** An IPv4 packet with one field wrong. Shrinks to the plainest packet that has the field. */
export function nearlyValidPacket(constraints: PacketConstraints = {}): fc.Arbitrary<NearlyValid> {
  return fc
    .tuple(ipv4Packet(constraints), fc.nat(FAULTS.length - 1), fc.integer({ min: 1, max: 0xfffe }))
    .map(([packet, which, by]) => {
      const fitting = FAULTS.filter(({ fits }) => fits?.(packet) ?? true);
      const { wrong, spoil, mendsHeader = true } = fitting[which % fitting.length]!;
      const bytes = bytesOf(packet);
      spoil(bytes, packet, by);
      if (mendsHeader) {
        write(bytes, 10, 0);
        write(bytes, 10, checksum(bytes, 0, packet.headerSize));
      }
      return { wire: new Payload(bytes), wrong };
    });
}

function carries(protocol: number): (packet: Ipv4Packet) => boolean {
  return (packet) => packet.protocol === protocol && !packet.isFragment;
}

function set(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
}

function write(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}

/** Another checksum: in ones' complement arithmetic 0 and 0xffff are the same. */
function add(bytes: Uint8Array, at: number, by: number): void {
  const value = (bytes[at]! << 8) | bytes[at + 1]!;
  write(bytes, at, ((value + by - 1) % 0xffff) + 1 === value ? value ^ 1 : ((value + by - 1) % 0xffff) + 1);
}

/** Changes one byte of the transport header and the checksum with it, which stays right (RFC 1624). */
function resum(packet: Ipv4Packet, bytes: Uint8Array, sumAt: number, at: number, value: number): void {
  const header = packet.headerSize;
  const before = (bytes[header + at]! << 8) | bytes[header + at + 1]!;
  bytes[header + at] = value;
  const after = (bytes[header + at]! << 8) | bytes[header + at + 1]!;
  const old = (bytes[header + sumAt]! << 8) | bytes[header + sumAt + 1]!;
  let sum = (~old & 0xffff) + (~before & 0xffff) + after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  write(bytes, header + sumAt, ~sum & 0xffff);
}
