/**
 * IP addresses, interned and immutable: equal addresses are the same object, so `===` compares them and `id`
 * indexes tables. Both families have one shape, four 32-bit words; an IPv4 address has its bits in `w3`.
 */
import { ConfigError } from '../sim/errors.ts';
import { readU32, writeU32 } from './bytes.ts';
import { formatDotted, formatIpv6Words, parseDotted, parseIpv6Words } from './ipv6-text.ts';

export type IpFamily = 4 | 6;

export class IpAddress {
  /** A small integer, unique per address within the process. Never a sort key: it depends on who asked first. */
  readonly id: number;
  readonly family: IpFamily;
  /** Unsigned 32-bit words, most significant first; 0, 0, 0xffff before the bits of an IPv4 address. */
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;

  private constructor(family: IpFamily, w0: number, w1: number, w2: number, w3: number) {
    this.id = count++;
    this.family = family;
    this.w0 = w0;
    this.w1 = w1;
    this.w2 = w2;
    this.w3 = w3;
  }

  /** @param bits unsigned 32 bits in host order: 10.0.0.1 is 0x0a000001 */
  static v4(bits: number): IpAddress {
    const known = v4Addresses.get(bits);
    if (known !== undefined) return known;
    const made = new IpAddress(4, 0, 0, 0xffff, bits);
    v4Addresses.set(bits, made);
    return made;
  }

  /** Four unsigned 32-bit words, most significant first. */
  static v6(w0: number, w1: number, w2: number, w3: number): IpAddress {
    const node = child(child(child(v6Addresses, w0), w1), w2);
    const known = node.addresses.get(w3);
    if (known !== undefined) return known;
    const made = new IpAddress(6, w0, w1, w2, w3);
    node.addresses.set(w3, made);
    return made;
  }

  /**
   * Reads an address of either family: dotted decimal (four numbers 0-255 without leading zeros), or IPv6 text as RFC
   * 4291 2.2 has it. A zone id is none of its business; see `ZonedAddress`.
   * @throws ConfigError when it is neither
   */
  static parse(text: string): IpAddress {
    if (!text.includes(':')) return IpAddress.parseV4(text);
    const words = parseIpv6Words(text);
    if (words === null)
      throw new ConfigError(
        `'${text}' is not an IPv6 address`,
        [],
        text.includes('%') ? 'no zone id here' : 'eight groups of hexadecimal digits or ::, as in fd00::1',
      );
    return IpAddress.v6(...words);
  }

  /** Reads dotted decimal only. @throws ConfigError when it is none */
  static parseV4(text: string): IpAddress {
    const bits = parseDotted(text);
    if (bits < 0)
      throw new ConfigError(
        `'${text}' is not an IPv4 address`,
        [],
        'four numbers from 0 to 255, as in 10.0.0.1',
      );
    return IpAddress.v4(bits);
  }

  /** Reads the four bytes of an IPv4 address. */
  static readV4(bytes: Uint8Array, at: number): IpAddress {
    return IpAddress.v4(
      ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0,
    );
  }

  /** Writes the four bytes of an IPv4 address. */
  writeV4(bytes: Uint8Array, at: number): void {
    bytes[at] = this.w3 >>> 24;
    bytes[at + 1] = this.w3 >>> 16;
    bytes[at + 2] = this.w3 >>> 8;
    bytes[at + 3] = this.w3;
  }

  /** Reads the sixteen bytes of an IPv6 address. */
  static readV6(bytes: Uint8Array, at: number): IpAddress {
    return IpAddress.v6(
      readU32(bytes, at),
      readU32(bytes, at + 4),
      readU32(bytes, at + 8),
      readU32(bytes, at + 12),
    );
  }

  /** Writes the sixteen bytes of an IPv6 address. */
  writeV6(bytes: Uint8Array, at: number): void {
    writeU32(bytes, at, this.w0);
    writeU32(bytes, at + 4, this.w1);
    writeU32(bytes, at + 8, this.w2);
    writeU32(bytes, at + 12, this.w3);
  }

  /** ::ffff:0:0/96, an IPv4 address in an IPv6 socket (RFC 4291 2.5.5.2). */
  get isV4Mapped(): boolean {
    return this.family === 6 && this.w0 === 0 && this.w1 === 0 && this.w2 === 0xffff;
  }

  /** 169.254.0.0/16 or fe80::/10. */
  get isLinkLocal(): boolean {
    return this.family === 4 ? this.w3 >>> 16 === 0xa9fe : this.w0 >>> 22 === 0x3fa;
  }

  /** The IPv4 address in a mapped one; any other address is itself. */
  unmapped(): IpAddress {
    return this.isV4Mapped ? IpAddress.v4(this.w3) : this;
  }

  /** ::ffff:a.b.c.d for an IPv4 address; an IPv6 address is itself. */
  mapped(): IpAddress {
    return this.family === 4 ? IpAddress.v6(0, 0, 0xffff, this.w3) : this;
  }

  /** 0.0.0.0 or ::, "any address" in bind(). */
  get isUnspecified(): boolean {
    return this.w3 === 0 && this.w0 === 0 && this.w1 === 0 && (this.family === 4 || this.w2 === 0);
  }

  get isLoopback(): boolean {
    if (this.family === 4) return this.w3 >>> 24 === 127;
    return this.w3 === 1 && this.w0 === 0 && this.w1 === 0 && this.w2 === 0;
  }

  /** 224.0.0.0/4 or ff00::/8. */
  get isMulticast(): boolean {
    return this.family === 4 ? this.w3 >>> 28 === 14 : this.w0 >>> 24 === 0xff;
  }

  /** 255.255.255.255, the limited broadcast. Directed broadcasts are a matter of routes. */
  get isLimitedBroadcast(): boolean {
    return this.family === 4 && this.w3 === 0xffffffff;
  }

  /** Dotted decimal, or RFC 5952. */
  toString(): string {
    if (this.family === 4) return formatDotted(this.w3);
    return formatIpv6Words(this.w0, this.w1, this.w2, this.w3);
  }
}

interface Node {
  readonly children: Map<number, Node>;
  readonly addresses: Map<number, IpAddress>;
}

let count = 0;
const v4Addresses = new Map<number, IpAddress>();
const v6Addresses: Node = { children: new Map(), addresses: new Map() };

function child(node: Node, word: number): Node {
  let next = node.children.get(word);
  if (next === undefined) {
    next = { children: new Map(), addresses: new Map() };
    node.children.set(word, next);
  }
  return next;
}

/** 0.0.0.0 */
export const ANY_V4: IpAddress = IpAddress.v4(0);
/** 127.0.0.1 */
export const LOOPBACK_V4: IpAddress = IpAddress.v4(0x7f000001);
/** :: */
export const ANY_V6: IpAddress = IpAddress.v6(0, 0, 0, 0);
/** ::1 */
export const LOOPBACK_V6: IpAddress = IpAddress.v6(0, 0, 0, 1);
