/**
 * IPv6 extension headers (RFC 8200 4): the chain between the fixed header and what the packet carries. They are kept as
 * the bytes that they are; what they ask for is `ipv6-chain.ts`'s business, at the node that it concerns.
 */
import { readU16, readU32, writeU16, writeU32 } from '../packet/bytes.ts';

export const EXTENSION_HOP_BY_HOP = 0;
export const EXTENSION_ROUTING = 43;
export const EXTENSION_FRAGMENT = 44;
/** No Next Header: nothing follows, and nothing is wrong. */
export const NO_NEXT_HEADER = 59;
export const EXTENSION_DESTINATION = 60;

export const FRAGMENT_HEADER_SIZE = 8;

export class Ipv6Extension {
  /** Its own number, which the header before it names. */
  readonly type: number;
  /** The whole header, a multiple of 8 bytes; the first, the number of the next one, is written by {@link emitChain}. */
  readonly bytes: Uint8Array;

  constructor(type: number, bytes: Uint8Array) {
    this.type = type;
    this.bytes = bytes;
  }

  get size(): number {
    return this.bytes.length;
  }

  /** Of a fragment header: where the fragment's payload belongs, in bytes. */
  get fragmentOffset(): number {
    return readU16(this.bytes, 2) & 0xfff8;
  }

  /** Of a fragment header: more fragments follow. */
  get hasMore(): boolean {
    return (this.bytes[3]! & 1) !== 0;
  }

  /** Of a fragment header. */
  get identification(): number {
    return readU32(this.bytes, 4);
  }

  /** A fragment header that stands in front of a piece; one in front of a whole packet is an atomic fragment (RFC 6946). */
  get isOfPiece(): boolean {
    return this.type === EXTENSION_FRAGMENT && (this.fragmentOffset !== 0 || this.hasMore);
  }
}

/** @param offset in bytes, a multiple of 8 */
export function fragmentHeader(offset: number, hasMore: boolean, identification: number): Ipv6Extension {
  const bytes = new Uint8Array(FRAGMENT_HEADER_SIZE);
  writeU16(bytes, 2, offset | (hasMore ? 1 : 0));
  writeU32(bytes, 4, identification);
  return new Ipv6Extension(EXTENSION_FRAGMENT, bytes);
}

export function isExtension(number: number): boolean {
  return (
    number === EXTENSION_HOP_BY_HOP ||
    number === EXTENSION_ROUTING ||
    number === EXTENSION_FRAGMENT ||
    number === EXTENSION_DESTINATION
  );
}

/** A chain, read as far as it can be. */
export interface Chain {
  readonly extensions: readonly Ipv6Extension[] | null;
  /** What follows: a protocol, an extension that is cut short, or, behind the header of a fragment, anything. */
  readonly protocol: number;
  /** Where it begins. */
  readonly at: number;
}

/**
 * Reads the headers from `at` to `end`. Each has 8 bytes or more, so the work is bounded by the size of the packet,
 * however hostile the chain. Behind the header of a piece lies no header any more.
 */
export function readChain(bytes: Uint8Array, at: number, end: number, first: number): Chain {
  let protocol = first;
  let next = at;
  let extensions: Ipv6Extension[] | null = null;
  while (isExtension(protocol) && next + 8 <= end) {
    const size = protocol === EXTENSION_FRAGMENT ? FRAGMENT_HEADER_SIZE : (bytes[next + 1]! + 1) * 8;
    if (next + size > end) break;
    const extension = new Ipv6Extension(protocol, bytes.slice(next, next + size));
    extensions ??= [];
    extensions.push(extension);
    protocol = bytes[next]!;
    next += size;
    if (extension.isOfPiece) break;
  }
  return { extensions, protocol, at: next };
}

export function chainSize(extensions: readonly Ipv6Extension[] | null): number {
  let size = 0;
  if (extensions !== null) for (const extension of extensions) size += extension.bytes.length;
  return size;
}

/** Writes the chain. @param protocol what follows it @returns the offset behind it */
export function emitChain(
  extensions: readonly Ipv6Extension[],
  protocol: number,
  bytes: Uint8Array,
  at: number,
): number {
  let next = at;
  for (const [i, extension] of extensions.entries()) {
    bytes.set(extension.bytes, next);
    bytes[next] = extensions[i + 1]?.type ?? protocol;
    next += extension.bytes.length;
  }
  return next;
}

/** As tcpdump names them: `HBH`, `srcrt`, `frag (0|1232)`, `DSTOPT`. */
export function formatExtension(extension: Ipv6Extension, payloadSize: number): string {
  switch (extension.type) {
    case EXTENSION_HOP_BY_HOP:
      return 'HBH';
    case EXTENSION_ROUTING:
      return `RT6 (len=${extension.bytes[1]}, type=${extension.bytes[2]}, segleft=${extension.bytes[3]})`;
    case EXTENSION_FRAGMENT:
      return `frag (${extension.fragmentOffset}|${payloadSize})`;
    default:
      return 'DSTOPT';
  }
}
