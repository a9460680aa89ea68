/**
 * IPv4 options as a node meets them (RFC 791 3.1, RFC 1122 3.2.1.8, RFC 1812 5.2.4): what is accepted, what is filled
 * in on the way, what an answer echoes. The order of the checks and the places where a parameter problem points are
 * Linux's; so is filling in while checking, so that a later mistake is reported with the earlier options changed.
 */
import { readU32, writeU32 } from '../packet/bytes.ts';
import { IpAddress } from '../packet/ip-address.ts';

export const OPTION_END = 0;
export const OPTION_NOP = 1;
export const OPTION_RECORD_ROUTE = 7;
export const OPTION_TIMESTAMP = 68;
export const OPTION_LSRR = 131;
export const OPTION_CIPSO = 134;
export const OPTION_SSRR = 137;
export const OPTION_ROUTER_ALERT = 148;

/** Flags of the timestamp option. */
const TS_ONLY = 0;
const TS_AND_ADDRESS = 1;
const TS_PRESPECIFIED = 3;

/** Options begin behind the 20 fixed bytes; pointers of parameter problems count from the header. */
const START = 20;
const NOWHERE = -1;

/** What filling in options asks of the node. */
export interface OptionsNode {
  /** The address that this node records as its own. */
  ownAddress(): IpAddress;
  /** Is it some other host's address, as seen from here? */
  isForeignUnicast(address: IpAddress): boolean;
  /** ms since midnight UT */
  timestamp(): number;
}

export class ParsedOptions {
  /** The option bytes, filled in so far. Owned by this object until the packet that gets them is made. */
  readonly bytes: Uint8Array;
  /** Where each option begins in `bytes`, or -1. */
  sourceRoute = NOWHERE;
  recordRoute = NOWHERE;
  timestamp = NOWHERE;
  routerAlert = NOWHERE;
  cipso = NOWHERE;
  isStrict = false;
  /** Bytes differ from those that arrived: the header checksum must be made anew. */
  isChanged = false;
  /** The node that sends the packet on has to write its address into a slot that is already counted as used. */
  recordNeedsAddress = false;
  timestampNeedsAddress = false;
  timestampNeedsTime = false;
  /** The next hop of the source route, once this node has been reached and has taken it from the list. */
  nextSourceHop: IpAddress | null = null;
  /** In options of an answer: the first hop of the reversed source route. */
  firstHop: IpAddress | null = null;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /**
   * Checks the options of a packet that has arrived, and fills in what this node owes.
   * @returns -1, or the byte of the header that a parameter problem points at
   */
  compile(node: OptionsNode): number {
    const { bytes } = this;
    let at = 0;
    while (at < bytes.length) {
      const kind = bytes[at]!;
      if (kind === OPTION_END) {
        this.#clearFrom(at + 1);
        return -1;
      }
      if (kind === OPTION_NOP) {
        at++;
        continue;
      }
      const left = bytes.length - at;
      if (left < 2) return START + at;
      const length = bytes[at + 1]!;
      if (length < 2 || length > left) return START + at;
      const mistake = this.#compileOne(kind, at, length, node);
      if (mistake >= 0) return START + at + mistake;
      at += length;
    }
    return -1;
  }

  /** @returns -1 or the offset of the mistake within the option */
  #compileOne(kind: number, at: number, length: number, node: OptionsNode): number {
    switch (kind) {
      case OPTION_SSRR:
      case OPTION_LSRR:
        if (length < 3) return 1;
        if (this.bytes[at + 2]! < 4) return 2;
        if (this.sourceRoute >= 0) return 0;
        this.isStrict = kind === OPTION_SSRR;
        this.sourceRoute = at;
        return -1;
      case OPTION_RECORD_ROUTE:
        return this.#compileRecordRoute(at, length, node);
      case OPTION_TIMESTAMP:
        return this.#compileTimestamp(at, length, node);
      case OPTION_ROUTER_ALERT:
        if (length < 4) return 1;
        if (this.bytes[at + 2] === 0 && this.bytes[at + 3] === 0) this.routerAlert = at;
        return -1;
      case OPTION_CIPSO:
        if (this.cipso >= 0) return 0;
        this.cipso = at;
        // The length of a label, then its domain of interpretation: no domain is configured here, so none is known.
        return length < 8 ? 1 : 2;
      default:
        return -1;
    }
  }

  #compileRecordRoute(at: number, length: number, node: OptionsNode): number {
    const { bytes } = this;
    if (this.recordRoute >= 0) return 0;
    if (length < 3) return 1;
    const pointer = bytes[at + 2]!;
    if (pointer < 4) return 2;
    if (pointer <= length) {
      if (pointer + 3 > length) return 2;
      node.ownAddress().writeV4(bytes, at + pointer - 1);
      bytes[at + 2] = pointer + 4;
      this.recordNeedsAddress = true;
      this.isChanged = true;
    }
    this.recordRoute = at;
    return -1;
  }

  #compileTimestamp(at: number, length: number, node: OptionsNode): number {
    const { bytes } = this;
    if (this.timestamp >= 0) return 0;
    if (length < 4) return 1;
    const pointer = bytes[at + 2]!;
    if (pointer < 5) return 2;
    const flag = bytes[at + 3]! & 15;
    if (pointer <= length) {
      if (pointer + 3 > length) return 2;
      const mistake = this.#stamp(at, length, pointer, flag, node);
      if (mistake >= 0) return mistake;
    } else if (flag !== TS_PRESPECIFIED) {
      const overflow = bytes[at + 3]! >>> 4;
      if (overflow === 15) return 3;
      bytes[at + 3] = flag | ((overflow + 1) << 4);
      this.isChanged = true;
    }
    this.timestamp = at;
    return -1;
  }

  #stamp(at: number, length: number, pointer: number, flag: number, node: OptionsNode): number {
    const { bytes } = this;
    const slot = at + pointer - 1;
    if (flag === TS_ONLY) {
      this.timestampNeedsTime = true;
      bytes[at + 2] = pointer + 4;
      this.#writeTime(slot, node);
      return -1;
    }
    if (flag !== TS_AND_ADDRESS && flag !== TS_PRESPECIFIED) return -1;
    if (pointer + 7 > length) return 2;
    if (flag === TS_AND_ADDRESS) {
      node.ownAddress().writeV4(bytes, slot);
      this.timestampNeedsAddress = true;
    } else if (node.isForeignUnicast(IpAddress.readV4(bytes, slot))) {
      return -1;
    }
    this.timestampNeedsTime = true;
    bytes[at + 2] = pointer + 8;
    this.#writeTime(slot + 4, node);
    return -1;
  }

  #writeTime(at: number, node: OptionsNode): void {
    writeU32(this.bytes, at, node.timestamp());
    this.isChanged = true;
  }

  #clearFrom(at: number): void {
    for (let i = at; i < this.bytes.length; i++) {
      if (this.bytes[i] === 0) continue;
      this.bytes[i] = 0;
      this.isChanged = true;
    }
  }

  /** The last address slot that record route or timestamp counted as used is written by who sends the packet on. */
  writeRecordedAddress(address: IpAddress): void {
    address.writeV4(this.bytes, this.recordRoute + this.bytes[this.recordRoute + 2]! - 5);
  }

  writeTimestampAddress(address: IpAddress): void {
    address.writeV4(this.bytes, this.timestamp + this.bytes[this.timestamp + 2]! - 9);
  }

  writeTimestampTime(time: number): void {
    writeU32(this.bytes, this.timestamp + this.bytes[this.timestamp + 2]! - 5, time);
  }
}

/**
 * The options of an answer to a packet with `options` (RFC 1122 3.2.1.8, 3.2.2.6): record route and timestamp go on
 * with their next slot, a source route is reversed, security labels are copied.
 * @returns null when the answer has none, or 'impossible' when the packet must not be answered
 */
export function echoOptions(
  options: ParsedOptions,
  source: IpAddress,
  node: OptionsNode,
): ParsedOptions | null | 'impossible' {
  const from = options.bytes;
  const bytes = new Uint8Array(60);
  const answer = new ParsedOptions(bytes);
  let size = 0;
  if (options.recordRoute >= 0) {
    const length = from[options.recordRoute + 1]!;
    const pointer = from[options.recordRoute + 2]!;
    bytes.set(from.subarray(options.recordRoute, options.recordRoute + length), size);
    answer.recordRoute = size;
    if (options.recordNeedsAddress && pointer <= length) {
      if (pointer + 3 > length) return 'impossible';
      bytes[size + 2] = pointer + 4;
      answer.recordNeedsAddress = true;
    }
    size += length;
  }
  if (options.timestamp >= 0) {
    const length = from[options.timestamp + 1]!;
    bytes.set(from.subarray(options.timestamp, options.timestamp + length), size);
    answer.timestamp = size;
    const pointer = echoedPointer(options, answer, size, length, node);
    if (pointer < 0) return 'impossible';
    bytes[size + 2] = pointer;
    size += length;
  }
  if (options.sourceRoute >= 0) size = reverseSourceRoute(options, answer, size, source);
  if (options.cipso >= 0) {
    const length = from[options.cipso + 1]!;
    bytes.set(from.subarray(options.cipso, options.cipso + length), size);
    answer.cipso = size;
    size += length;
  }
  size = (size + 3) & ~3;
  return size === 0 ? null : shortened(answer, size);
}

/** Where the timestamp option of an answer goes on; -1 when it cannot. */
function echoedPointer(
  options: ParsedOptions,
  answer: ParsedOptions,
  at: number,
  length: number,
  node: OptionsNode,
): number {
  const { bytes } = answer;
  let pointer = bytes[at + 2]!;
  if (pointer > length) return pointer;
  if (options.timestampNeedsAddress) {
    if (pointer + 3 > length) return -1;
    answer.timestampNeedsAddress = true;
    pointer += 4;
  }
  if (!options.timestampNeedsTime) return pointer;
  if (pointer + 3 > length) return -1;
  if ((bytes[at + 3]! & 15) !== TS_PRESPECIFIED) {
    answer.timestampNeedsTime = true;
    return pointer + 4;
  }
  if (pointer + 7 <= length && !node.isForeignUnicast(IpAddress.readV4(bytes, at + pointer - 1))) {
    answer.timestampNeedsTime = true;
    return pointer + 8;
  }
  return pointer;
}

/** Writes the reversed source route; the hops that were passed become the hops of the way back. */
function reverseSourceRoute(
  options: ParsedOptions,
  answer: ParsedOptions,
  at: number,
  source: IpAddress,
): number {
  const from = options.bytes;
  const start = options.sourceRoute;
  const length = from[start + 1]!;
  let pointer = Math.min(from[start + 2]!, length + 1) - 4;
  if (pointer <= 3) return at;
  const firstHop = IpAddress.readV4(from, start + pointer - 1);
  let written = 4;
  for (pointer -= 4; pointer > 3; pointer -= 4, written += 4)
    answer.bytes.set(from.subarray(start + pointer - 1, start + pointer + 3), at + written - 1);
  // RFC 1812 5.2.4.1: a route that names its own source as the first hop is put right.
  if (readU32(from, start + pointer + 3) === source.w3) written -= 4;
  if (written <= 3) return at;
  answer.firstHop = firstHop;
  answer.bytes[at] = from[start]!;
  answer.bytes[at + 1] = written + 3;
  answer.bytes[at + 2] = 4;
  answer.sourceRoute = at;
  answer.isStrict = options.isStrict;
  return at + written + 3;
}

function shortened(options: ParsedOptions, size: number): ParsedOptions {
  const short = new ParsedOptions(options.bytes.slice(0, size));
  short.sourceRoute = options.sourceRoute;
  short.recordRoute = options.recordRoute;
  short.timestamp = options.timestamp;
  short.cipso = options.cipso;
  short.isStrict = options.isStrict;
  short.recordNeedsAddress = options.recordNeedsAddress;
  short.timestampNeedsAddress = options.timestampNeedsAddress;
  short.timestampNeedsTime = options.timestampNeedsTime;
  short.firstHop = options.firstHop;
  return short;
}

/** Options as fragments behind the first carry them: those without the copied bit become NOPs (Linux's way of RFC 791 3.2). */
export function optionsOfLaterFragments(options: Uint8Array): Uint8Array {
  const copy = options.slice();
  let at = 0;
  while (at < copy.length) {
    const kind = copy[at]!;
    if (kind === OPTION_END) return copy;
    if (kind === OPTION_NOP) {
      at++;
      continue;
    }
    const length = at + 1 < copy.length ? copy[at + 1]! : 0;
    if (length < 2 || length > copy.length - at) return copy;
    if ((kind & 0x80) === 0) copy.fill(OPTION_NOP, at, at + length);
    at += length;
  }
  return copy;
}
