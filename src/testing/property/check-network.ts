/**
 * Checks a property on many networks. One that fails is made smaller in every respect at once (topology, faults, times,
 * input: one value, shrunk by fast-check), and then told as a person wants to know it.
 */
import fc from 'fast-check';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { ConfigError, InvariantError } from '../../sim/errors.ts';
import type { TestCase } from '../case.ts';
import { unstorable } from '../case-data.ts';
import { directorySink, type FailureSink, fromWorkingDirectory } from '../files/sink.ts';
import { decodeToken, encodeToken } from '../files/token.ts';
import { type Failure, failureText } from '../report/failure.ts';
import { type Origin, writeFailure } from '../report/write-failure.ts';
import { type RunLimits, runScenarioAsync } from '../run/run-scenario.ts';
import type { TestRun } from '../run/test-run.ts';
import { assemble } from './assemble.ts';
import { withoutFaults } from './calm.ts';
import { complexityOf } from './complexity.ts';
import type { NetworkProperty } from './network-property.ts';

export interface CheckOptions extends Pick<RunLimits, 'wire' | 'maxEvents'> {
  /** Cases to try. Default: 100. */
  readonly numRuns?: number;
  /** What the cases are drawn from. Default: that of fast-check's global settings, or the clock. */
  readonly seed?: number;
  /** fast-check's way to one case of the seed. */
  readonly path?: string;
  /** Run only this case: a replay token that a failure printed. */
  readonly replay?: string;
  /** Cases that are tried first: those that once failed. */
  readonly examples?: readonly TestCase[];
  /** Where the files of a counterexample go; null: nowhere. Default: the folder `fivetuple-failures`. */
  readonly sink?: FailureSink | null;
}

/** A property does not hold. The message is the whole report. */
export class CounterexampleError extends Error {
  readonly testCase: TestCase;
  /** Null when the run could not be finished. */
  readonly run: TestRun | null;
  /** For `fivetuple replay`, and for the option `replay`; empty when the input is not plain data. */
  readonly token: string;
  readonly seed: number;
  readonly path: string | null;

  constructor(message: string, found: Found, token: string) {
    super(message, { cause: found.error });
    this.name = 'CounterexampleError';
    this.testCase = found.testCase;
    this.run = found.run;
    this.token = token;
    this.seed = found.seed;
    this.path = found.path;
  }
}

interface Found extends Failure {
  readonly seed: number;
  readonly path: string | null;
}

const NUM_RUNS = 100;
const NEEDS_MODULE = 'give the property `module: import.meta.url`, and it can be run from a file';

/**
 * @throws CounterexampleError, with the smallest case that was found; ConfigError when the property cannot be run at all
 */
export async function checkNetwork<Input>(
  property: NetworkProperty<Input>,
  options: CheckOptions = {},
): Promise<void> {
  const found =
    options.replay === undefined ? await search(property, options) : await replay(property, options);
  if (found === null) return;
  const lost = unstorable(found.testCase.input);
  const origin = lost === null ? await originOf(property, found.testCase as TestCase<Input>) : null;
  const module = property.module === undefined ? null : fromWorkingDirectory(property.module);
  const { testCase, name, fingerprint } = found;
  const isWhole = origin !== null && 'data' in origin;
  const { scenario, input } = isWhole ? { scenario: origin.data, input: null } : testCase;
  const token = lost === null ? encodeToken({ isWhole, module, name, scenario, input, fingerprint }) : '';
  const sink = options.sink === undefined ? directorySink(name) : options.sink;
  const again: [string, string][] = [
    ...(sink === null ? [] : writeFailure(found, origin, sink)),
    origin === null
      ? ['run', lost === null ? NEEDS_MODULE : `not from a file or token: ${lost}, which is not plain data`]
      : ['replay', `fivetuple replay ${token}`],
    ['in a test', inTest(found, token)],
  ];
  const text = failureText(found, again);
  sink?.write('report.txt', `${text}\n`);
  throw new CounterexampleError(text, found, token);
}

/** Runs one case. @returns the run @throws what does not hold */
async function runCase<Input>(
  property: NetworkProperty<Input>,
  testCase: TestCase<Input>,
  { wire = false, maxEvents }: CheckOptions,
): Promise<{ run: TestRun; fingerprint: string; error: unknown }> {
  const { scenario, thrown } = assemble(property, testCase);
  const watching = (property.invariants ?? []).map((one) => ({ ...one, check: () => {} })); // the judge checks
  const limits = { wire, invariants: watching, ...(maxEvents === undefined ? {} : { maxEvents }) };
  const run = await runScenarioAsync(scenario, limits);
  const { fingerprint } = run;
  const failed = run.verdicts().find(({ ok }) => !ok);
  if (failed === undefined) return { run, fingerprint, error: null };
  return { run, fingerprint, error: thrown.error ?? new Error(`${failed.name}: ${failed.detail}`) };
}

/** Shrinking goes downhill from where it begins; so often is another hill looked for that ends lower. */
const MORE_SEARCHES = 3;
const MORE_RUNS = 200;

/** The case of which least is to be said, among those that were found. */
async function search<Input>(property: NetworkProperty<Input>, options: CheckOptions): Promise<Found | null> {
  const first = await searchOnce(property, options, Number.POSITIVE_INFINITY);
  if (first === null || options.path !== undefined) return first;
  let best = first;
  for (let round = 1; round <= MORE_SEARCHES; round++) {
    const bounded = { ...options, seed: first.seed + round, numRuns: MORE_RUNS, examples: [] };
    const found = await searchOnce(property, bounded, complexityOf(best.testCase));
    if (found !== null) best = { ...found, numRuns: first.numRuns };
  }
  return best;
}

/** @param below only cases with less to them count */
async function searchOnce<Input>(
  property: NetworkProperty<Input>,
  options: CheckOptions,
  below: number,
): Promise<Found | null> {
  const { numRuns = NUM_RUNS, seed, path, examples = [] } = options;
  const input = property.input ?? (fc.constant(null) as fc.Arbitrary<Input>);
  const cases: fc.Arbitrary<TestCase<Input>> = fc
    .tuple(property.network, input)
    .map(([scenario, drawn]) => ({ scenario, input: drawn }));
  const holds = fc.asyncProperty(cases, async (testCase) => {
    if (complexityOf(testCase) >= below) return;
    const { error } = await runCase(property, testCase, options);
    if (error !== null) throw error;
  });
  const details = await fc.check(holds, {
    numRuns,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
    examples: examples.map((testCase) => [testCase as TestCase<Input>]),
  });
  if (!details.failed) return null;
  const [testCase] = details.counterexample ?? [];
  const { errorInstance: error } = details;
  if (testCase === undefined || error instanceof InvariantError || error instanceof ConfigError) throw error;
  const { seed: used, counterexamplePath, numShrinks } = details;
  const drawn = { seed: used, path: counterexamplePath, numRuns: details.numRuns, numShrinks };
  return { ...(await again(property, testCase, options)), ...drawn };
}

async function replay<Input>(property: NetworkProperty<Input>, options: CheckOptions): Promise<Found | null> {
  const { isWhole, scenario, input } = decodeToken(options.replay ?? '');
  const own = isWhole ? { ...property, play: () => {} } : property;
  const found = await again(own, { scenario, input: input as Input }, options);
  return found.error === null ? null : { ...found, seed: 0, path: null, numRuns: 1, numShrinks: 0 };
}

/** Runs a case that failed once more, for all that is to be told of it. */
async function again<Input>(
  property: NetworkProperty<Input>,
  testCase: TestCase<Input>,
  options: CheckOptions,
): Promise<Pick<Found, 'name' | 'testCase' | 'run' | 'calm' | 'fingerprint' | 'error'>> {
  const { name } = property;
  try {
    const found = await runCase(property, testCase, options);
    const calm = found.error === null ? null : await calmTwin(property, testCase, options);
    return { name, testCase, calm, ...found };
  } catch (error) {
    return { name, testCase, run: null, calm: null, fingerprint: null, error };
  }
}

/** The same case without its faults, as far as it runs. */
async function calmTwin<Input>(
  property: NetworkProperty<Input>,
  { scenario, input }: TestCase<Input>,
  options: CheckOptions,
): Promise<TestRun | null> {
  const calm = withoutFaults(scenario);
  if (calm === null) return null;
  return runCase(property, { scenario: calm, input }, options).then(
    ({ run }) => run,
    () => null,
  );
}

/** Can the case be written as data alone? Only when no program and no judgement of the property is a function. */
async function originOf<Input>(property: NetworkProperty<Input>, testCase: TestCase<Input>): Promise<Origin> {
  const { scenario } = assemble(property, testCase);
  const { expect = [], programs = {}, timeline = [] } = scenario;
  const isData =
    Object.values(programs).every(({ run }) => typeof run !== 'function') &&
    timeline.every((action) => action.do !== 'call');
  if (isData) {
    const data: ScenarioInput = { ...scenario, expect: expect.filter(({ check }) => check !== 'holds') };
    const run = await runScenarioAsync(data);
    if (run.verdicts().some(({ ok }) => !ok)) return { data };
  }
  return property.module === undefined ? null : { module: property.module };
}

function inTest({ seed, path }: Found, token: string): string {
  return path === null
    ? `checkNetwork(property, { replay: '${token.slice(0, 12)}…' })`
    : `checkNetwork(property, { seed: ${seed}, path: '${path}' })`;
}
