/**
 * IPv6 addresses as people write them: text out as RFC 5952 wants it, text in as RFC 4291 2.2 allows it, and zone ids
 * (RFC 4007 11), which are not part of an address but say on which link it is meant.
 */
import { ConfigError } from '../sim/errors.ts';

/** Four unsigned 32-bit words, most significant first. */
export type Ipv6Words = readonly [number, number, number, number];

const GROUPS = 8;

/** @returns the address, or null when `text` is none */
export function parseIpv6Words(text: string): Ipv6Words | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0]!, halves.length === 1);
  const tail = halves.length === 1 ? [] : groupsOf(halves[1]!, true);
  if (head === null || tail === null) return null;
  const missing = GROUPS - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const word = (at: number): number => groups[at]! * 65536 + groups[at + 1]!;
  return [word(0), word(2), word(4), word(6)];
}

/**
 * The canonical text (RFC 5952 4): lower case, no leading zeros, the longest run of two or more zero groups (the first
 * of equals) as `::`; a mapped IPv4 address in dotted decimal.
 */
export function formatIpv6Words(w0: number, w1: number, w2: number, w3: number): string {
  if (w0 === 0 && w1 === 0 && w2 === 0xffff) return `::ffff:${formatDotted(w3)}`;
  const groups = [w0, w1, w2, w3].flatMap((word) => [word >>> 16, word & 0xffff]);
  let start = -1;
  let length = 1;
  for (let at = 0; at < GROUPS; at++) {
    let end = at;
    while (end < GROUPS && groups[end] === 0) end++;
    if (end - at > length) {
      start = at;
      length = end - at;
    }
    if (end > at) at = end;
  }
  const words = groups.map((group) => group.toString(16));
  if (start < 0) return words.join(':');
  return `${words.slice(0, start).join(':')}::${words.slice(start + length).join(':')}`;
}

/** 10.0.0.1 */
export function formatDotted(bits: number): string {
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}

/** Dotted decimal: four numbers 0-255 without leading zeros. @returns unsigned 32 bits, or -1 */
export function parseDotted(text: string): number {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return -1;
  let bits = 0;
  for (const part of match.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return -1;
    bits = bits * 256 + Number(part);
  }
  return bits;
}

/** An address text and the zone behind its `%`, which is an interface's name or number; null = none. */
export interface ZonedText {
  readonly address: string;
  readonly zone: string | null;
}

/** Takes `fe80::1%eth0` apart. @throws ConfigError when there is nothing behind the `%` */
export function splitZone(text: string): ZonedText {
  const percent = text.indexOf('%');
  if (percent < 0) return { address: text, zone: null };
  const zone = text.slice(percent + 1);
  if (zone === '' || zone.includes('%'))
    throw new ConfigError(`'${text}' names no interface behind '%'`, [], 'as in fe80::1%eth0');
  return { address: text.slice(0, percent), zone };
}

/** Groups of one side of `::`; the last may be dotted decimal and counts twice. @returns null when malformed */
function groupsOf(text: string, mayEndDotted: boolean): number[] | null {
  if (text === '') return [];
  const words = text.split(':');
  const groups: number[] = [];
  for (const [i, word] of words.entries()) {
    if (mayEndDotted && i === words.length - 1 && word.includes('.')) {
      const bits = parseDotted(word);
      if (bits < 0) return null;
      groups.push(bits >>> 16, bits & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(word)) groups.push(Number.parseInt(word, 16));
    else return null;
  }
  return groups;
}
