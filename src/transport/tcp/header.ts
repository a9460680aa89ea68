/**
 * TCP segments (RFC 9293 3.1): header fields, parse, emit, format.
 * One class for all of them, immutable once sent: queues, captures and retransmissions share it.
 */
import { readU16, readU32, writeU16, writeU32 } from '../../packet/bytes.ts';
import { finishSum, sumBytes, sumPseudoHeader } from '../../packet/checksum.ts';
import { EMPTY, type Payload } from '../../packet/payload.ts';
import type { Pdu, PseudoHeader } from '../../packet/pdu.ts';
import { DecodeError } from '../../sim/errors.ts';
import { NO_OPTIONS, TcpOptions } from './options.ts';

export const TCP_HEADER_SIZE = 20;
const PROTOCOL = 6;

export const FIN = 0x001;
export const SYN = 0x002;
export const RST = 0x004;
export const PSH = 0x008;
export const ACK = 0x010;
export const URG = 0x020;
export const ECE = 0x040;
export const CWR = 0x080;
/** The former NS bit, now Accurate ECN. */
export const AE = 0x100;

export class TcpSegment implements Pdu {
  readonly srcPort: number;
  readonly dstPort: number;
  /** SEG.SEQ */
  readonly seq: number;
  /** SEG.ACK; without meaning unless the ACK flag is set. */
  readonly ack: number;
  /** FIN | SYN | ... in the order of the header, AE as 0x100. */
  readonly flags: number;
  /** SEG.WND as on the wire, 16 bits, not scaled. */
  readonly wnd: number;
  /** SEG.UP: offset from `seq`; without meaning unless URG is set. */
  readonly urg: number;
  readonly options: TcpOptions;
  readonly payload: Payload;

  constructor(
    srcPort: number,
    dstPort: number,
    seq: number,
    ack: number,
    flags: number,
    wnd: number,
    options: TcpOptions = NO_OPTIONS,
    payload: Payload = EMPTY,
    urg: number = 0,
  ) {
    this.srcPort = srcPort;
    this.dstPort = dstPort;
    this.seq = seq;
    this.ack = ack;
    this.flags = flags;
    this.wnd = wnd;
    this.urg = urg;
    this.options = options;
    this.payload = payload;
  }

  get size(): number {
    return TCP_HEADER_SIZE + this.options.size + this.payload.size;
  }

  /** SEG.LEN: the sequence space that it takes, SYN and FIN included. */
  get len(): number {
    return this.payload.size + ((this.flags >>> 1) & 1) + (this.flags & 1);
  }

  /** True when all bits of `flags` are set. */
  has(flags: number): boolean {
    return (this.flags & flags) === flags;
  }

  /**
   * Reads a segment and verifies its checksum.
   * @param outer the packet that carried it; null leaves the checksum unverified
   * @throws DecodeError `short-segment`, `bad-data-offset` or `bad-checksum`
   */
  static parse(payload: Payload, outer: PseudoHeader | null): TcpSegment {
    if (payload.size < TCP_HEADER_SIZE) throw new DecodeError('short-segment');
    const { bytes, start, size } = payload;
    const headerSize = (bytes[start + 12]! >>> 4) * 4;
    if (headerSize < TCP_HEADER_SIZE || headerSize > size) throw new DecodeError('bad-data-offset');
    if (
      outer !== null &&
      finishSum(sumBytes(bytes, start, size, sumPseudoHeader(outer, PROTOCOL, size))) !== 0
    ) {
      throw new DecodeError('bad-checksum');
    }
    return new TcpSegment(
      readU16(bytes, start),
      readU16(bytes, start + 2),
      readU32(bytes, start + 4),
      readU32(bytes, start + 8),
      readU16(bytes, start + 12) & 0x1ff,
      readU16(bytes, start + 14),
      TcpOptions.parse(bytes, start + TCP_HEADER_SIZE, start + headerSize),
      payload.slice(headerSize),
      readU16(bytes, start + 18),
    );
  }

  emit(bytes: Uint8Array, at: number, outer: PseudoHeader | null): number {
    writeU16(bytes, at, this.srcPort);
    writeU16(bytes, at + 2, this.dstPort);
    writeU32(bytes, at + 4, this.seq);
    writeU32(bytes, at + 8, this.ack);
    writeU16(bytes, at + 12, ((TCP_HEADER_SIZE + this.options.size) << 10) | this.flags);
    writeU16(bytes, at + 14, this.wnd);
    writeU16(bytes, at + 16, 0);
    writeU16(bytes, at + 18, this.urg);
    const end = this.payload.emit(bytes, this.options.emit(bytes, at + TCP_HEADER_SIZE));
    if (outer !== null) {
      const sum = sumBytes(bytes, at, this.size, sumPseudoHeader(outer, PROTOCOL, this.size));
      writeU16(bytes, at + 16, finishSum(sum));
    }
    return end;
  }

  format(): string {
    const { payload, seq, options } = this;
    const span = payload.size > 0 ? `${seq}:${(seq + payload.size) >>> 0}` : `${seq}`;
    const parts = [`Flags [${formatFlags(this.flags)}]`, `seq ${span}`];
    if (this.has(ACK)) parts.push(`ack ${this.ack}`);
    parts.push(`win ${this.wnd}`);
    if (this.has(URG)) parts.push(`urg ${this.urg}`);
    if (options.size > 0) parts.push(`options ${options.format()}`);
    parts.push(`length ${payload.size}`);
    return `${this.srcPort} > ${this.dstPort}: ${parts.join(', ')}`;
  }
}

const FLAG_LETTERS: readonly [flag: number, letter: string][] = [
  [FIN, 'F'],
  [SYN, 'S'],
  [RST, 'R'],
  [PSH, 'P'],
  [ACK, '.'],
  [URG, 'U'],
  [ECE, 'E'],
  [CWR, 'W'],
  [AE, 'e'],
];

/** tcpdump's letters: `S.` for SYN and ACK, `none` for no flag. */
export function formatFlags(flags: number): string {
  const letters = FLAG_LETTERS.filter(([flag]) => (flags & flag) !== 0).map(([, letter]) => letter);
  return letters.length === 0 ? 'none' : letters.join('');
}
