/**
 * TCP options: MSS (RFC 9293 3.2), window scale and timestamps (RFC 7323), SACK (RFC 2018), Fast Open (RFC 7413).
 * They are emitted in Linux's order with Linux's padding, so that captures look as those of a real host.
 */
import { readU16, readU32, writeU16, writeU32 } from '../../packet/bytes.ts';

const KIND_END = 0;
const KIND_NOP = 1;
const KIND_MSS = 2;
const KIND_WSCALE = 3;
const KIND_SACK_PERMITTED = 4;
const KIND_SACK = 5;
const KIND_TIMESTAMPS = 8;
const KIND_FAST_OPEN = 34;
const KIND_EXPERIMENT = 254;
/** The experiment identifier of Fast Open before it had a kind of its own (RFC 6994). */
const FAST_OPEN_MAGIC = 0xf989;

/** RFC 7323 2.3: a larger shift is taken as this one. */
export const MAX_WSCALE = 14;
/** All options together fit into this many bytes. */
export const MAX_OPTIONS_SIZE = 40;

/** Left and right edges one after the other: `[left, right, left, right, ...]`. */
export type SackEdges = readonly number[];
export const NO_SACK: SackEdges = [];

/** The options of one segment. An absent option has the value that its field's comment names. */
export class TcpOptions {
  /** Maximum segment size, bytes; 0 = absent. */
  readonly mss: number;
  /** Window shift; -1 = absent. */
  readonly wscale: number;
  readonly sackPermitted: boolean;
  /** Timestamp value, unsigned 32 bits; -1 = no timestamps option. */
  readonly tsval: number;
  /** Timestamp echo reply. */
  readonly tsecr: number;
  readonly sack: SackEdges;
  /** Fast Open cookie; empty = a cookie is requested; null = absent. */
  readonly fastOpen: Uint8Array | null;
  /** The Fast Open option is in its experimental form, kind 254. */
  readonly fastOpenExperimental: boolean;
  /** Options of unknown kind, as they came, one after the other; null = none. */
  readonly unknown: Uint8Array | null;
  /** Bytes in the header, padding included. */
  readonly size: number;

  constructor(
    mss: number,
    wscale: number,
    sackPermitted: boolean,
    tsval: number,
    tsecr: number,
    sack: SackEdges = NO_SACK,
    fastOpen: Uint8Array | null = null,
    fastOpenExperimental: boolean = false,
    unknown: Uint8Array | null = null,
  ) {
    this.mss = mss;
    this.wscale = wscale;
    this.sackPermitted = sackPermitted;
    this.tsval = tsval;
    this.tsecr = tsecr;
    this.sack = sack;
    this.fastOpen = fastOpen;
    this.fastOpenExperimental = fastOpenExperimental;
    this.unknown = unknown;
    this.size =
      (mss > 0 ? 4 : 0) +
      (tsval >= 0 ? 12 : sackPermitted ? 4 : 0) +
      (wscale >= 0 ? 4 : 0) +
      (sack.length > 0 ? 4 + sack.length * 4 : 0) +
      padded(
        (fastOpen === null ? 0 : fastOpen.length + (fastOpenExperimental ? 4 : 2)) + (unknown?.length ?? 0),
      );
  }

  /** Only timestamps: what most segments carry. */
  static timestamps(tsval: number, tsecr: number, sack: SackEdges = NO_SACK): TcpOptions {
    return new TcpOptions(0, -1, false, tsval, tsecr, sack);
  }

  /** True when the segment carries the timestamps option. */
  get hasTimestamps(): boolean {
    return this.tsval >= 0;
  }

  /**
   * Reads options from `at` up to `end`. As kernels do, it never fails: a broken length ends the list, and an
   * option whose length does not fit its kind is ignored.
   */
  static parse(bytes: Uint8Array, at: number, end: number): TcpOptions {
    if (at === end) return NO_OPTIONS;
    const found = new Found();
    let next = at;
    while (next < end && bytes[next] !== KIND_END) {
      if (bytes[next] === KIND_NOP) {
        next++;
        continue;
      }
      const length = next + 1 < end ? bytes[next + 1]! : 0;
      if (length < 2 || next + length > end) break;
      found.take(bytes, next, length);
      next += length;
    }
    return found.options();
  }

  /** Writes {@link size} bytes. @returns the offset behind them */
  emit(bytes: Uint8Array, at: number): number {
    const end = at + this.size;
    let next = at;
    if (this.mss > 0) {
      next = head(bytes, next, KIND_MSS, 4);
      writeU16(bytes, next, this.mss);
      next += 2;
    }
    if (this.tsval >= 0) next = this.#emitTimestamps(bytes, next);
    else if (this.sackPermitted) next = head(bytes, nops(bytes, next, 2), KIND_SACK_PERMITTED, 2);
    if (this.wscale >= 0) {
      next = head(bytes, nops(bytes, next, 1), KIND_WSCALE, 3);
      bytes[next++] = this.wscale;
    }
    if (this.sack.length > 0) {
      next = head(bytes, nops(bytes, next, 2), KIND_SACK, 2 + this.sack.length * 4);
      for (const edge of this.sack) {
        writeU32(bytes, next, edge);
        next += 4;
      }
    }
    if (this.fastOpen !== null) next = this.#emitFastOpen(bytes, next, this.fastOpen);
    if (this.unknown !== null) {
      bytes.set(this.unknown, next);
      next += this.unknown.length;
    }
    return nops(bytes, next, end - next);
  }

  /** As tcpdump prints them: `[mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7]`, without padding; '' for none. */
  format(): string {
    const words: string[] = [];
    if (this.mss > 0) words.push(`mss ${this.mss}`);
    if (this.sackPermitted) words.push('sackOK');
    if (this.tsval >= 0) words.push(`TS val ${this.tsval} ecr ${this.tsecr}`);
    if (this.wscale >= 0) words.push(`wscale ${this.wscale}`);
    for (let i = 0; i < this.sack.length; i += 2) words.push(`sack ${this.sack[i]}:${this.sack[i + 1]}`);
    if (this.fastOpen !== null)
      words.push(this.fastOpen.length === 0 ? 'tfo cookiereq' : `tfo ${hex(this.fastOpen)}`);
    if (this.unknown !== null) words.push(`unknown ${hex(this.unknown)}`);
    return words.length === 0 ? '' : `[${words.join(',')}]`;
  }

  #emitTimestamps(bytes: Uint8Array, at: number): number {
    let next = this.sackPermitted ? head(bytes, at, KIND_SACK_PERMITTED, 2) : nops(bytes, at, 2);
    next = head(bytes, next, KIND_TIMESTAMPS, 10);
    writeU32(bytes, next, this.tsval);
    writeU32(bytes, next + 4, this.tsecr);
    return next + 8;
  }

  #emitFastOpen(bytes: Uint8Array, at: number, cookie: Uint8Array): number {
    let next = at;
    if (this.fastOpenExperimental) {
      next = head(bytes, next, KIND_EXPERIMENT, 4 + cookie.length);
      writeU16(bytes, next, FAST_OPEN_MAGIC);
      next += 2;
    } else {
      next = head(bytes, next, KIND_FAST_OPEN, 2 + cookie.length);
    }
    bytes.set(cookie, next);
    return next + cookie.length;
  }
}

/** What a segment without options has. */
export const NO_OPTIONS: TcpOptions = new TcpOptions(0, -1, false, -1, 0);

/** Collects the fields while a list is read; the last of equal options counts. */
class Found {
  mss = 0;
  wscale = -1;
  sackPermitted = false;
  tsval = -1;
  tsecr = 0;
  sack: SackEdges = NO_SACK;
  fastOpen: Uint8Array | null = null;
  fastOpenExperimental = false;
  readonly unknown: number[] = [];

  take(bytes: Uint8Array, at: number, length: number): void {
    const kind = bytes[at]!;
    if (kind === KIND_MSS && length === 4) this.mss = readU16(bytes, at + 2);
    else if (kind === KIND_WSCALE && length === 3) this.wscale = Math.min(bytes[at + 2]!, MAX_WSCALE);
    else if (kind === KIND_SACK_PERMITTED && length === 2) this.sackPermitted = true;
    else if (kind === KIND_TIMESTAMPS && length === 10) {
      this.tsval = readU32(bytes, at + 2);
      this.tsecr = readU32(bytes, at + 6);
    } else if (kind === KIND_SACK && length >= 10 && (length - 2) % 8 === 0) {
      this.sack = Array.from({ length: (length - 2) / 4 }, (_, i) => readU32(bytes, at + 2 + i * 4));
    } else if (kind === KIND_FAST_OPEN && isCookieLength(length - 2)) {
      this.fastOpen = bytes.slice(at + 2, at + length);
    } else if (isExperimentalFastOpen(bytes, at, length)) {
      this.fastOpen = bytes.slice(at + 4, at + length);
      this.fastOpenExperimental = true;
    } else if (kind > KIND_TIMESTAMPS || kind === 6 || kind === 7) {
      for (let i = at; i < at + length; i++) this.unknown.push(bytes[i]!);
    }
  }

  options(): TcpOptions {
    const unknown = this.unknown.length === 0 ? null : Uint8Array.from(this.unknown);
    return new TcpOptions(
      this.mss,
      this.wscale,
      this.sackPermitted,
      this.tsval,
      this.tsecr,
      this.sack,
      this.fastOpen,
      this.fastOpenExperimental,
      unknown,
    );
  }
}

/** RFC 7413 4.1.1: 4 to 16 bytes, an even number, or none to request one. */
function isCookieLength(length: number): boolean {
  return length === 0 || (length >= 4 && length <= 16 && length % 2 === 0);
}

function isExperimentalFastOpen(bytes: Uint8Array, at: number, length: number): boolean {
  return (
    bytes[at] === KIND_EXPERIMENT &&
    length >= 4 &&
    readU16(bytes, at + 2) === FAST_OPEN_MAGIC &&
    isCookieLength(length - 4)
  );
}

function head(bytes: Uint8Array, at: number, kind: number, length: number): number {
  bytes[at] = kind;
  bytes[at + 1] = length;
  return at + 2;
}

function nops(bytes: Uint8Array, at: number, count: number): number {
  bytes.fill(KIND_NOP, at, at + count);
  return at + count;
}

function padded(size: number): number {
  return (size + 3) & ~3;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
