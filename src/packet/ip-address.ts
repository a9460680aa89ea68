/**
 * IP addresses, interned and immutable: equal addresses are the same object, so `===` compares them and `id`
 * indexes tables. Both families have one shape, four 32-bit words; an IPv4 address has its bits in `w3`.
 */
import { ConfigError } from '../sim/errors.ts';

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
   * Reads dotted decimal (four numbers 0-255 without leading zeros).
   * @throws ConfigError when it is none
   */
  static parse(text: string): IpAddress {
    const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
    const parts = match === null ? [] : match.slice(1);
    if (
      match === null ||
      parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))
    ) {
      throw new ConfigError(
        `'${text}' is not an IPv4 address`,
        [],
        'four numbers from 0 to 255, as in 10.0.0.1',
      );
    }
    return IpAddress.v4(parts.reduce((bits, part) => bits * 256 + Number(part), 0));
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

  toString(): string {
    if (this.family === 4) return formatV4(this.w3);
    const groups = [this.w0, this.w1, this.w2, this.w3].flatMap((word) => [word >>> 16, word & 0xffff]);
    return groups.map((group) => group.toString(16)).join(':');
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

function formatV4(bits: number): string {
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}

/** 0.0.0.0 */
export const ANY_V4: IpAddress = IpAddress.v4(0);
/** 127.0.0.1 */
export const LOOPBACK_V4: IpAddress = IpAddress.v4(0x7f000001);
