/** TCP's flags as people write them in tests: `SYN`, `SYN,ACK`, `FIN,ACK`; conditions for those that are left open. */

import { ConfigError } from '../../sim/errors.ts';
import { nearest } from '../../sim/nearest.ts';
import { ACK, AE, CWR, ECE, FIN, PSH, RST, SYN, type TcpSegment, URG } from '../../transport/tcp/header.ts';
import type { Condition } from './condition.ts';
import type { Field } from './matcher.ts';

const FLAGS: Readonly<Record<string, number>> = { SYN, FIN, RST, PSH, ACK, URG, ECE, CWR, AE };
/** Flags that say what a segment is. The others are compared only when a test names them. */
const MEANING = SYN | FIN | RST | ACK | URG;

/**
 * `SYN` is a SYN without ACK. PSH, ECE, CWR and AE do not count unless they are named: `ACK` is also a segment with
 * data and PSH, `PSH,ACK` only that.
 */
export const flagsField: Field<TcpSegment, string> = {
  read: ({ flags }) => flagNames(flags),
  matches: (found, wanted) => {
    const bits = flagBits(wanted);
    return (flagBits(found) & (MEANING | bits)) === bits;
  },
  show: (names) => (names === '' ? 'none' : names),
};

/** All of these flags, whatever others: `flags: withFlags('FIN')`. */
export function withFlags(names: string): Condition<string> {
  const bits = flagBits(names);
  return { text: `with ${names}`, test: (found) => (flagBits(found) & bits) === bits };
}

/** None of these flags: `flags: withoutFlags('SYN,RST')`. */
export function withoutFlags(names: string): Condition<string> {
  const bits = flagBits(names);
  return { text: `without ${names}`, test: (found) => (flagBits(found) & bits) === 0 };
}

function flagNames(bits: number): string {
  return Object.entries(FLAGS)
    .filter(([, bit]) => (bits & bit) !== 0)
    .map(([name]) => name)
    .join(',');
}

function flagBits(names: string): number {
  if (names === '' || names === 'none') return 0;
  return names.split(',').reduce((bits, name) => {
    const bit = FLAGS[name.trim().toUpperCase()];
    if (bit === undefined) throw unknownFlag(name);
    return bits | bit;
  }, 0);
}

function unknownFlag(name: string): ConfigError {
  const like = nearest(name.toUpperCase(), Object.keys(FLAGS));
  const expected = like === null ? `one of ${Object.keys(FLAGS).join(', ')}` : `did you mean '${like}'?`;
  return new ConfigError(`'${name}' is not a flag of TCP: ${expected}`, [], expected);
}
