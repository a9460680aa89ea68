/**
 * The compact form of a frame in the frame corpus: a list of layers from outside in, each a list of its kind, its
 * fields, and at the end an object of those that differ from their defaults. FORMAT.md of the corpus describes it.
 */
import { MacAddress } from '../../packet/mac-address.ts';
import { ConfigError } from '../../sim/errors.ts';

export type Layer = readonly unknown[];
/** The last element of a layer: fields that differ from their defaults. */
export type Extras = Readonly<Record<string, unknown>>;

/** Data bytes count up modulo this prime. */
const PATTERN_MODULUS = 251;
/** Addresses that begin so are written by their last two bytes. */
const SHORT_MAC_PREFIX = '02:00:00:00:';

/** Reads `ff`, `00:0a` or a MAC address in full. */
export function readMac(text: unknown): MacAddress {
  if (text === 'ff') return MacAddress.of(0xffff, 0xffffffff);
  const full = String(text);
  return MacAddress.parse(full.length === 5 ? SHORT_MAC_PREFIX + full : full);
}

export function writeMac(mac: MacAddress): string {
  const text = mac.toString();
  if (text === 'ff:ff:ff:ff:ff:ff') return 'ff';
  return text.startsWith(SHORT_MAC_PREFIX) ? text.slice(SHORT_MAC_PREFIX.length) : text;
}

/** `count` bytes that count up from `start`. */
export function pattern(count: number, start: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (start + i) % PATTERN_MODULUS);
}

/** The bytes of a data layer: `n`, `z` or `x`; masked digits of `x` are 0. */
export function dataBytes(layer: Layer): Uint8Array {
  if (layer[0] === 'n') return pattern(number(layer[1]), number(layer[2] ?? 0));
  if (layer[0] === 'z') return new Uint8Array(number(layer[1]));
  if (layer[0] === 'x') return hexBytes(layer[1]);
  throw new ConfigError(`'${String(layer[0])}' is not a layer that can stand here`);
}

/** Bytes as data layers: none or one. */
export function dataLayers(bytes: Uint8Array): Layer[] {
  const size = bytes.length;
  if (size === 0) return [];
  if (size >= 4) {
    if (bytes.every((byte) => byte === 0)) return [['z', size]];
    const start = bytes[0]!;
    if (start < PATTERN_MODULUS && bytes.every((byte, i) => byte === (start + i) % PATTERN_MODULUS))
      return [start === 0 ? ['n', size] : ['n', size, start]];
  }
  return [['x', hexText(bytes)]];
}

/** Hexadecimal digits as bytes; `?` counts as 0. */
export function hexBytes(text: unknown): Uint8Array {
  const digits = String(text ?? '').replaceAll('?', '0');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

export function hexText(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A number, or 0 for a masked one such as `*1`. */
export function number(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return 0;
  throw new ConfigError(`${JSON.stringify(value)} stands where a layer has a number`);
}

/** The extras of a layer whose fixed fields end before position `at`. */
export function extrasAt(layer: Layer, at: number): Extras {
  return (layer[at] ?? {}) as Extras;
}

/** `layer` with the fields of `extras` that are not undefined, if there are any. */
export function withExtras(layer: Layer, extras: Readonly<Record<string, unknown>>): Layer {
  const present = Object.entries(extras).filter(([, value]) => value !== undefined);
  return present.length === 0 ? layer : [...layer, Object.fromEntries(present)];
}

/** `value`, or undefined when it is the default and therefore not written. */
export function unless(value: number, usual: number): number | undefined {
  return value === usual ? undefined : value;
}

/** Bit 0 is F, bit 7 is C, as in byte 13 of a TCP header. */
export const TCP_FLAG_LETTERS = 'FSRPAUEC';
/** ICMP messages that quote a packet: unreachable, quench, redirect, time exceeded, parameter problem. */
export const QUOTING_ICMP_TYPES: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
/** What the protocol field says unless the layer gives it. */
export const PROTOCOL_OF_LAYER: Readonly<Record<string, number>> = { icmp: 1, udp: 17, tcp: 6 };
