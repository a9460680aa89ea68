/**
 * Recorded and simulated results side by side. Fields that the recording masks match anything of their kind:
 * `*1` an IP identification, the same one wherever it stands in a case, and `?` one digit of a clock value.
 */
import type { FrameCase, StepResult } from './case.ts';
import { dataBytes, hexText } from './layers.ts';

/** Where two results differ. */
export interface Difference {
  /** Index of the step. */
  readonly step: number;
  /** The way to the field: `o[0] ip.ttl`. */
  readonly where: string;
  readonly expected: unknown;
  readonly got: unknown;
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  e: ['destination', 'source', 'type'],
  vlan: ['tci', 'type'],
  arp: ['op', 'sender mac', 'sender ip', 'target mac', 'target ip'],
  ip: ['source', 'destination'],
  icmp: ['type', 'code', 'a', 'b'],
  udp: ['source port', 'destination port'],
  tcp: ['source port', 'destination port', 'flags', 'seq', 'ack'],
};

/** @returns all differences of a case, none when the machine did what the kernel did */
export function compareResults({ res }: FrameCase, got: readonly StepResult[]): Difference[] {
  const differences: Difference[] = [];
  const masks = new Map<string, unknown>();
  for (const [step, expected] of res.entries()) {
    const found = got[step]!;
    for (const key of ['r', 'rx', 'o'] as const)
      compareValues(expected[key], found[key], key, masks, (where, want, have) =>
        differences.push({ step, where, expected: want, got: have }),
      );
  }
  return differences;
}

type Report = (where: string, expected: unknown, got: unknown) => void;

function compareValues(
  expected: unknown,
  got: unknown,
  where: string,
  masks: Map<string, unknown>,
  report: Report,
): void {
  if (matches(expected, got, masks)) return;
  if (isMaskedData(expected) && Array.isArray(got) && got[0] !== 'x' && typeof got[1] === 'number') {
    // Masked bytes may look like a pattern here: compare them digit by digit.
    compareValues(expected, ['x', hexText(dataBytes(got))], where, masks, report);
    return;
  }
  if (Array.isArray(expected) && Array.isArray(got) && expected.length === got.length) {
    const names = FIELDS[String(expected[0])];
    for (const [i, item] of expected.entries())
      compareValues(item, got[i], childName(where, expected, names, i), masks, report);
    return;
  }
  if (isRecord(expected) && isRecord(got)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)]))
      compareValues(expected[key], got[key], `${where}.${key}`, masks, report);
    return;
  }
  report(where, expected, got);
}

function isMaskedData(layer: unknown): boolean {
  return Array.isArray(layer) && layer[0] === 'x' && String(layer[1]).includes('?');
}

/** Equal, up to masks. */
function matches(expected: unknown, got: unknown, masks: Map<string, unknown>): boolean {
  if (typeof expected === 'string' && /^\*\d+$/.test(expected)) {
    if (typeof got !== 'number') return false;
    if (!masks.has(expected)) masks.set(expected, got);
    return masks.get(expected) === got;
  }
  if (typeof expected === 'string' && expected.includes('?'))
    return typeof got === 'string' && masked(expected).test(got);
  return expected === got;
}

function masked(expected: string): RegExp {
  return new RegExp(`^${expected.replaceAll('?', '[0-9a-f]')}$`);
}

/** `ip.ttl` rather than `[1][3].ttl`. */
function childName(where: string, layer: unknown[], names: readonly string[] | undefined, i: number): string {
  if (names === undefined) return `${where}[${i}]`;
  const kind = String(layer[0]);
  if (i === 0) return `${where} ${kind}`;
  return i <= names.length ? `${where} ${kind} ${names[i - 1]!}` : `${where} ${kind}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
