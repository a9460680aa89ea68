/**
 * 48-bit MAC addresses (IEEE 802), interned: equal addresses are the same object, so `===` compares them and
 * `id` indexes tables.
 */
import { ConfigError } from '../sim/errors.ts';

export class MacAddress {
  /** A small integer, unique per address within the process. Never a sort key: it depends on who asked first. */
  readonly id: number;
  /** The first two bytes, an unsigned 16-bit number. */
  readonly high: number;
  /** The last four bytes, an unsigned 32-bit number. */
  readonly low: number;
  /** The group bit: multicast or broadcast. */
  readonly isGroup: boolean;

  private constructor(high: number, low: number) {
    this.id = interned.size;
    this.high = high;
    this.low = low;
    this.isGroup = (high & 0x0100) !== 0;
  }

  /** @param high first 16 bits @param low last 32 bits, unsigned */
  static of(high: number, low: number): MacAddress {
    const key = high * 4294967296 + low;
    const known = interned.get(key);
    if (known !== undefined) return known;
    const made = new MacAddress(high, low);
    interned.set(key, made);
    return made;
  }

  /** @throws ConfigError when `text` is not six hexadecimal pairs joined by colons */
  static parse(text: string): MacAddress {
    if (!/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text)) {
      throw new ConfigError(`'${text}' is not a MAC address`, [], 'six pairs such as 02:00:00:00:00:0a');
    }
    const digits = text.replaceAll(':', '');
    return MacAddress.of(Number.parseInt(digits.slice(0, 4), 16), Number.parseInt(digits.slice(4), 16));
  }

  static read(bytes: Uint8Array, at: number): MacAddress {
    const low =
      ((bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!) >>> 0;
    return MacAddress.of((bytes[at]! << 8) | bytes[at + 1]!, low);
  }

  write(bytes: Uint8Array, at: number): void {
    bytes[at] = this.high >>> 8;
    bytes[at + 1] = this.high;
    bytes[at + 2] = this.low >>> 24;
    bytes[at + 3] = this.low >>> 16;
    bytes[at + 4] = this.low >>> 8;
    bytes[at + 5] = this.low;
  }

  toString(): string {
    const digits = this.high.toString(16).padStart(4, '0') + this.low.toString(16).padStart(8, '0');
    return digits.replace(/(..)(?!$)/g, '$1:');
  }
}

const interned = new Map<number, MacAddress>();

export const BROADCAST_MAC: MacAddress = MacAddress.of(0xffff, 0xffffffff);
export const ZERO_MAC: MacAddress = MacAddress.of(0, 0);
