/**
 * ICMP messages (RFC 792): fields, parse, emit, format. The four bytes behind the checksum mean something else for
 * each type; {@link IcmpMessage.rest} holds them as one number.
 */
import { readU32, writeU16, writeU32 } from '../packet/bytes.ts';
import { checksum } from '../packet/checksum.ts';
import { IpAddress } from '../packet/ip-address.ts';
import type { Payload } from '../packet/payload.ts';
import type { Pdu } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';

export const ICMP_HEADER_SIZE = 8;

export const ICMP_ECHO_REPLY = 0;
export const ICMP_UNREACHABLE = 3;
export const ICMP_SOURCE_QUENCH = 4;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETER_PROBLEM = 12;
export const ICMP_TIMESTAMP = 13;
export const ICMP_TIMESTAMP_REPLY = 14;
export const ICMP_ADDRESS_MASK = 17;
export const ICMP_ADDRESS_MASK_REPLY = 18;
/** The highest type that Linux knows; anything above is discarded in silence. */
export const ICMP_HIGHEST_TYPE = 18;

/** Codes of ICMP_UNREACHABLE. */
export const UNREACHABLE_NET = 0;
export const UNREACHABLE_HOST = 1;
export const UNREACHABLE_PROTOCOL = 2;
export const UNREACHABLE_PORT = 3;
export const UNREACHABLE_FRAGMENTATION = 4;
export const UNREACHABLE_SOURCE_ROUTE = 5;
export const UNREACHABLE_FILTERED = 13;
/** Codes of ICMP_TIME_EXCEEDED. */
export const EXCEEDED_TTL = 0;
export const EXCEEDED_REASSEMBLY = 1;
/** Code of ICMP_REDIRECT: for this host. */
export const REDIRECT_HOST = 1;

export class IcmpMessage implements Pdu {
  readonly type: number;
  readonly code: number;
  /** Bytes 4-7, unsigned: identifier and sequence, next-hop MTU, pointer, gateway; 0 where unused. */
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
    return ICMP_HEADER_SIZE + this.payload.size;
  }

  /** Nobody sends an error about it. */
  get isError(): boolean {
    return isIcmpErrorType(this.type);
  }

  /** @throws DecodeError `bad-checksum` or `short-message`, in this order */
  static parse(payload: Payload): IcmpMessage {
    const { bytes, start: at, size } = payload;
    if (checksum(bytes, at, size) !== 0) throw new DecodeError('bad-checksum');
    if (size < ICMP_HEADER_SIZE) throw new DecodeError('short-message');
    return new IcmpMessage(
      bytes[at]!,
      bytes[at + 1]!,
      readU32(bytes, at + 4),
      payload.slice(ICMP_HEADER_SIZE),
    );
  }

  emit(bytes: Uint8Array, at: number): number {
    bytes[at] = this.type;
    bytes[at + 1] = this.code;
    writeU16(bytes, at + 2, 0);
    writeU32(bytes, at + 4, this.rest);
    const end = this.payload.emit(bytes, at + ICMP_HEADER_SIZE, null);
    writeU16(bytes, at + 2, checksum(bytes, at, end - at));
    return end;
  }

  format(): string {
    const id = this.rest >>> 16;
    const seq = this.rest & 0xffff;
    switch (this.type) {
      case ICMP_ECHO:
        return `ICMP echo request, id ${id}, seq ${seq}, length ${this.size}`;
      case ICMP_ECHO_REPLY:
        return `ICMP echo reply, id ${id}, seq ${seq}, length ${this.size}`;
      case ICMP_UNREACHABLE: {
        const what = UNREACHABLE_NAMES[this.code] ?? `code ${this.code}`;
        return `ICMP ${what} unreachable${this.code === UNREACHABLE_FRAGMENTATION ? `, mtu ${seq}` : ''}, length ${this.size}`;
      }
      case ICMP_REDIRECT:
        return `ICMP redirect to ${IpAddress.v4(this.rest)}, length ${this.size}`;
      case ICMP_TIME_EXCEEDED:
        return `ICMP time exceeded ${this.code === EXCEEDED_TTL ? 'in-transit' : 'in reassembly'}, length ${this.size}`;
      case ICMP_PARAMETER_PROBLEM:
        return `ICMP parameter problem - octet ${this.rest >>> 24}, length ${this.size}`;
      case ICMP_TIMESTAMP:
        return `ICMP time stamp query id ${id} seq ${seq}, length ${this.size}`;
      case ICMP_TIMESTAMP_REPLY:
        return `ICMP time stamp reply id ${id} seq ${seq}, length ${this.size}`;
      default:
        return `ICMP type ${this.type} code ${this.code}, length ${this.size}`;
    }
  }
}

const UNREACHABLE_NAMES: readonly string[] = [
  'net',
  'host',
  'protocol',
  'port',
  'fragmentation needed:',
  'source route:',
  'unknown net',
  'unknown host',
  'isolated source:',
  'net prohibited:',
  'host prohibited:',
  'net for TOS',
  'host for TOS',
  'admin prohibited filter:',
  'precedence violation:',
  'precedence cutoff:',
];

/**
 * Errors never beget errors (RFC 1122 3.2.2). Linux knows echo, timestamp, information and address mask messages; all
 * others it takes for errors here (icmp_pointers).
 */
export function isIcmpErrorType(type: number): boolean {
  const isQuery = type >= ICMP_TIMESTAMP && type <= ICMP_HIGHEST_TYPE;
  return type !== ICMP_ECHO_REPLY && type !== ICMP_ECHO && !isQuery;
}
