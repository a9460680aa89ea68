/**
 * Recorded cases against the executable specification: compares what it covers (results of calls, names, states,
 * deliveries, pending errors), and counts what it does not: from the first operation beyond it the rest of a case is
 * not covered. Packets that leave (`o`) and the recorder's hint about groups (`g`) are not compared.
 */
import type { SpecProfile } from '../../sockets/spec/profile.ts';
import { linux } from '../../sockets/spec/profiles/linux.ts';
import type { Result, Value } from './case.ts';
import { keyOf, NOT_COVERED, type RecordedCase, SpecCase } from './spec-case.ts';
import type { Observed } from './spec-observer.ts';
import type { PortName, PortSymbols } from './spec-symbols.ts';

export interface SpecDifference {
  /** Index of the operation. */
  readonly at: number;
  /** `r`, `l`, `ts`, … */
  readonly key: string;
  readonly expected: unknown;
  readonly got: unknown;
  /** All that the specification says of the operation; ports are numbers. */
  readonly observed: Result;
}

export interface SpecVerdict {
  readonly id: string;
  /** Operations compared; fewer than the case has when one was beyond the specification. */
  readonly covered: number;
  readonly operations: number;
  readonly difference: SpecDifference | null;
}

export function runAgainstSpec(recorded: RecordedCase, profile: SpecProfile = linux): SpecVerdict {
  const run = new SpecCase(recorded, profile);
  const verdict = { id: recorded.id, operations: recorded.operations.length };
  for (const [at, op] of recorded.operations.entries()) {
    const expected = recorded.results[at]!;
    const observed = run.step(op, expected);
    if (observed === NOT_COVERED) return { ...verdict, covered: at, difference: null };
    const difference =
      op[0] === 'diag' ? compareDiag(run, expected) : compare(observed, expected, run.symbols);
    if (difference !== null)
      return { ...verdict, covered: at, difference: { at, ...difference, observed: resultOf(observed) } };
  }
  return { ...verdict, covered: recorded.operations.length, difference: null };
}

type Difference = Omit<SpecDifference, 'at' | 'observed'>;

/** In the recording's form: a bare value when there is nothing more to tell. */
function resultOf(observed: Observed): Result {
  return Object.keys(observed).length === 1 ? observed.r : (observed as Result);
}

function compare(observed: Observed, expected: Result, symbols: PortSymbols): Difference | null {
  const recordedValue = (keyOf(expected, 'r') ?? expected) as Value;
  if (!sameValue(observed.r, recordedValue, symbols)) {
    return { key: 'r', expected: recordedValue, got: observed.r };
  }
  for (const key of ['l', 'p'] as const) {
    const name = keyOf(expected, key) as readonly [string, PortName] | undefined;
    if (!sameName(observed[key], name, symbols)) return { key, expected: name, got: observed[key] };
  }
  const received = keyOf(expected, 'rx') as readonly (readonly Value[])[] | undefined;
  if (!sameReceived(observed.rx, received, symbols))
    return { key: 'rx', expected: received, got: observed.rx };
  for (const key of ['ts', 'q', 'err'] as const) {
    const value = keyOf(expected, key);
    if (JSON.stringify(observed[key]) !== JSON.stringify(value)) {
      return { key, expected: value, got: observed[key] };
    }
  }
  return null;
}

function sameValue(got: Value, expected: Value, symbols: PortSymbols): boolean {
  if (Array.isArray(got) && Array.isArray(expected)) {
    return sameName(got as [string, number], expected as unknown as readonly [string, PortName], symbols);
  }
  return got === expected;
}

function sameName(
  got: readonly [string, number] | undefined,
  expected: readonly [string, PortName] | undefined,
  symbols: PortSymbols,
): boolean {
  if (got === undefined || expected === undefined) return got === expected;
  return got[0] === expected[0] && symbols.matches(got[1], expected[1]);
}

/** Lines of one operation may come in the order of socket numbers only. */
function sameReceived(
  got: readonly (readonly Value[])[] | undefined,
  expected: readonly (readonly Value[])[] | undefined,
  symbols: PortSymbols,
): boolean {
  if (got === undefined || expected === undefined) return got === expected;
  if (got.length !== expected.length) return false;
  return got.every((line, i) => {
    const other = expected[i]!;
    if (line.length !== other.length || line[0] !== other[0] || line[1] !== other[1]) return false;
    return line.length < 3 || symbols.matches(line[2] as number, other[2] as PortName);
  });
}

/** All TCP sockets there are, in any order: names of ports are learnt where only one row fits. */
function compareDiag(run: SpecCase, expected: Result): Difference | null {
  const rows = run.diag();
  const recorded = expected as unknown as readonly (readonly [string, string, PortName, string, PortName])[];
  const left = [...rows];
  const difference = { key: 'diag', expected: recorded, got: rows };
  if (recorded.length !== rows.length) return difference;
  for (const row of recorded) {
    const at = left.findIndex(
      (one) =>
        one[0] === row[0] &&
        one[1] === row[1] &&
        one[3] === row[3] &&
        fits(run.symbols, one[2], row[2]) &&
        fits(run.symbols, one[4], row[4]),
    );
    if (at < 0) return difference;
    const [found] = left.splice(at, 1);
    run.symbols.matches(found![2], row[2]);
    run.symbols.matches(found![4], row[4]);
  }
  return null;
}

function fits(symbols: PortSymbols, port: number, name: PortName): boolean {
  const number = symbols.number(name);
  return number === null ? !symbols.isNamed(port) : number === port;
}
