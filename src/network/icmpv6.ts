/**
 * ICMPv6 messages (RFC 4443): fields, parse, emit, format. The four bytes behind the checksum mean something else for
 * each type; {@link Icmpv6Message.rest} holds them as one number. Neighbour discovery's messages are in `ndp.ts`, those
 * of listener discovery in `mld.ts`. The checksum covers the pseudo header.
 */
import { readU32, writeU16, writeU32 } from '../packet/bytes.ts';
import { finishSum, sumBytes, sumPseudoHeader } from '../packet/checksum.ts';
import type { Payload } from '../packet/payload.ts';
import type { Pdu, PseudoHeader } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';
import { PROTOCOL_ICMPV6 } from './ip-packet.ts';

export const ICMPV6_HEADER_SIZE = 8;

export const ICMPV6_UNREACHABLE = 1;
export const ICMPV6_TOO_BIG = 2;
export const ICMPV6_TIME_EXCEEDED = 3;
export const ICMPV6_PARAMETER_PROBLEM = 4;
/** Types from here on inform; those below are errors. */
export const ICMPV6_FIRST_INFORMATIONAL = 128;
export const ICMPV6_ECHO = 128;
export const ICMPV6_ECHO_REPLY = 129;

/** Codes of ICMPV6_UNREACHABLE. */
export const UNREACHABLE_NO_ROUTE = 0;
export const UNREACHABLE_PROHIBITED = 1;
export const UNREACHABLE_BEYOND_SCOPE = 2;
export const UNREACHABLE_ADDRESS = 3;
export const UNREACHABLE_V6_PORT = 4;
/** Codes of ICMPV6_TIME_EXCEEDED. */
export const EXCEEDED_HOP_LIMIT = 0;
export const EXCEEDED_V6_REASSEMBLY = 1;
/** Codes of ICMPV6_PARAMETER_PROBLEM. */
export const PROBLEM_FIELD = 0;
/** A first fragment without all headers (RFC 7112). */
export const PROBLEM_INCOMPLETE_HEADERS = 3;
export const PROBLEM_NEXT_HEADER = 1;
export const PROBLEM_OPTION = 2;

export class Icmpv6Message implements Pdu {
  readonly type: number;
  readonly code: number;
  /** Bytes 4-7, unsigned: identifier and sequence, MTU, pointer; 0 where unused. */
  readonly rest: number;
  /** Echo data, or the quoted packet as bytes. */
  readonly payload: Pdu;

  constructor(type: number, code: number, rest: number, payload: Pdu) {
    this.type = type;
    this.code = code;
    this.rest = rest;
    this.payload = payload;
  }

  get size(): number {
    return ICMPV6_HEADER_SIZE + this.payload.size;
  }

  get isError(): boolean {
    return this.type < ICMPV6_FIRST_INFORMATIONAL;
  }

  /**
   * @param outer the packet that carried it; null leaves the checksum unverified
   * @throws DecodeError `bad-checksum` or `short-message`, in this order
   */
  static parse(payload: Payload, outer: PseudoHeader | null): Icmpv6Message {
    verifyIcmpv6(payload, outer);
    const { bytes, start: at, size } = payload;
    if (size < ICMPV6_HEADER_SIZE) throw new DecodeError('short-message');
    const data = payload.slice(ICMPV6_HEADER_SIZE);
    return new Icmpv6Message(bytes[at]!, bytes[at + 1]!, readU32(bytes, at + 4), data);
  }

  emit(bytes: Uint8Array, at: number, outer: PseudoHeader | null): number {
    bytes[at] = this.type;
    bytes[at + 1] = this.code;
    writeU32(bytes, at + 4, this.rest);
    const end = this.payload.emit(bytes, at + ICMPV6_HEADER_SIZE, null);
    writeIcmpv6Checksum(bytes, at, end, outer);
    return end;
  }

  format(): string {
    const id = this.rest >>> 16;
    const seq = this.rest & 0xffff;
    switch (this.type) {
      case ICMPV6_ECHO:
        return `ICMP6, echo request, id ${id}, seq ${seq}, length ${this.size}`;
      case ICMPV6_ECHO_REPLY:
        return `ICMP6, echo reply, id ${id}, seq ${seq}, length ${this.size}`;
      case ICMPV6_UNREACHABLE:
        return `ICMP6, destination unreachable, ${UNREACHABLE_NAMES[this.code] ?? `code ${this.code}`}, length ${this.size}`;
      case ICMPV6_TOO_BIG:
        return `ICMP6, packet too big, mtu ${this.rest}, length ${this.size}`;
      case ICMPV6_TIME_EXCEEDED:
        return `ICMP6, time exceeded ${this.code === EXCEEDED_HOP_LIMIT ? 'in-transit' : 'in reassembly'}, length ${this.size}`;
      case ICMPV6_PARAMETER_PROBLEM:
        return `ICMP6, parameter problem, ${PROBLEM_NAMES[this.code] ?? `code #${this.code}`} - octet ${this.rest}, length ${this.size}`;
      default:
        return `ICMP6, type-#${this.type}, length ${this.size}`;
    }
  }
}

/** @throws DecodeError `bad-checksum`; without an outer packet nothing is verified */
export function verifyIcmpv6({ bytes, start, size }: Payload, outer: PseudoHeader | null): void {
  if (outer === null) return;
  const sum = sumBytes(bytes, start, size, sumPseudoHeader(outer, PROTOCOL_ICMPV6, size));
  if (finishSum(sum) !== 0) throw new DecodeError('bad-checksum');
}

/** Fills in the checksum of the message from `at` to `end`; without an outer packet it stays zero. */
export function writeIcmpv6Checksum(
  bytes: Uint8Array,
  at: number,
  end: number,
  outer: PseudoHeader | null,
): void {
  writeU16(bytes, at + 2, 0);
  if (outer === null) return;
  const size = end - at;
  const sum = sumBytes(bytes, at, size, sumPseudoHeader(outer, PROTOCOL_ICMPV6, size));
  writeU16(bytes, at + 2, finishSum(sum));
}

const UNREACHABLE_NAMES: readonly string[] = [
  'unreachable route',
  'unreachable prohibited',
  'beyond scope',
  'unreachable address',
  'unreachable port',
  'ingress/egress policy',
  'reject route',
];
const PROBLEM_NAMES: readonly string[] = [
  'errorneous',
  'next header',
  'option',
  'first fragment has incomplete headers',
];
