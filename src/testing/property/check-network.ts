/**
 * Checks a property on many networks. One that fails is made smaller in every respect at once (topology, faults, times,
 * input: one value, shrunk by fast-check), and then told as a person wants to know it.
 */
import fc from 'fast-check';
import type { ScenarioRun } from '../../scenario/build/run.ts';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { ConfigError, InvariantError } from '../../sim/errors.ts';
import type { TestCase } from '../case.ts';
import { unstorable } from '../case-data.ts';
import { directorySink, type FailureSink, fromWorkingDirectory } from '../files/sink.ts';
import { decodeToken, encodeToken } from '../files/token.ts';
import { errorText, type Failure, failureText } from '../report/failure.ts';
import { type Origin, writeFailure } from '../report/write-failure.ts';
import { type RunLimits, runScenarioAsync } from '../run/run-scenario.ts';
import { TestRun } from '../run/test-run.ts';
import { assemble } from './assemble.ts';
import { withoutFaults } from './calm.ts';
import { complexityOf } from './complexity.ts';
import type { NetworkProperty } from './network-property.ts';

export interface CheckOptions extends Pick<RunLimits, 'wire'> {
  /** A run with more events than this counts as endless. Default: 100,000. */
  readonly maxEvents?: number;
  /** Cases to try. Default: that of fast-check's global settings, or 100. */
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
  /** As far as it went; null when it could not begin. */
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
/** Few enough that an endless run is found, made smaller and told within the time that test runners give. */
const MAX_EVENTS = 100_000;
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
  const origin =
    lost === null ? await originOf(property, found as Found & { testCase: TestCase<Input> }) : null;
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

/** What came of a case. A run that did not reach its end has no fingerprint, and one that never began is null. */
interface Outcome {
  readonly run: TestRun | null;
  readonly fingerprint: string | null;
  /** Null: the property holds. */
  readonly error: unknown;
}

/** Runs one case. @throws what is no finding: ConfigError, InvariantError, a precondition of fast-check */
async function runCase<Input>(
  property: NetworkProperty<Input>,
  testCase: TestCase<Input>,
  { wire = false, maxEvents = MAX_EVENTS }: CheckOptions,
): Promise<Outcome> {
  const watching = (property.invariants ?? []).map((one) => ({ ...one, check: () => {} })); // the judge checks
  let begun: ScenarioRun | null = null;
  const prepare = (run: ScenarioRun) => {
    begun = run;
  };
  try {
    const { scenario, thrown } = assemble(property, testCase);
    const run = await runScenarioAsync(scenario, { wire, maxEvents, invariants: watching, prepare });
    const { fingerprint } = run;
    const failed = run.verdicts().find(({ ok }) => !ok);
    if (failed === undefined) return { run, fingerprint, error: null };
    return { run, fingerprint, error: thrown.error ?? new Error(`${failed.name}: ${failed.detail}`) };
  } catch (error) {
    const reason =
      error instanceof Error && fc.PreconditionFailure.isFailure(error.cause) ? error.cause : error;
    if (isNoFinding(reason)) throw reason;
    return {
      run: begun === null ? null : new TestRun(begun, 'time'),
      fingerprint: null,
      error: reason ?? UNSAID,
    };
  }
}

const UNSAID = new Error('undefined was thrown');

function isNoFinding(error: unknown): boolean {
  return (
    error instanceof ConfigError || error instanceof InvariantError || fc.PreconditionFailure.isFailure(error)
  );
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
  const { numRuns = fc.readConfigureGlobal().numRuns ?? NUM_RUNS, seed, path, examples = [] } = options;
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
  if (isNoFinding(error)) throw explained(error);
  if (testCase === undefined)
    throw new ConfigError(
      `'${property.name}': fc.pre() refused ${details.numSkips} cases, and let ${details.numRuns} of ${numRuns} through`,
    );
  const { seed: used, counterexamplePath, numShrinks } = details;
  const drawn = { seed: used, path: counterexamplePath, numRuns: details.numRuns, numShrinks };
  const found = await again(property, testCase, options);
  const told = found.error === null ? { ...found, error: unsteady(error) } : found;
  return { ...told, ...drawn };
}

/** What vitest and node:test print of an error is its message alone. */
function explained(error: unknown): unknown {
  if (!(error instanceof ConfigError) || error.expected === undefined) return error;
  const { message, path, expected } = error;
  return new ConfigError(`${message}\n  expected: ${expected}`, path, expected);
}

/** The same case, run twice, came to two ends. */
function unsteady(error: unknown): Error {
  return new Error(
    'the case failed, and held when it was run once more: the property or its programs depend on more than the case ' +
      `(a variable that outlives play(), the clock, chance)\n${errorText(error)}`,
    { cause: error },
  );
}

async function replay<Input>(property: NetworkProperty<Input>, options: CheckOptions): Promise<Found | null> {
  const { isWhole, name, scenario, input } = decodeToken(options.replay ?? '');
  if (name !== property.name)
    throw new ConfigError(`the token is of the property '${name}', and this is '${property.name}'`);
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
  const found = await runCase(property, testCase, options);
  const calm = found.error === null ? null : await calmTwin(property, testCase, options);
  return { name: property.name, testCase, calm, ...found };
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
async function originOf<Input>(
  property: NetworkProperty<Input>,
  { testCase, run: found, fingerprint }: Found & { readonly testCase: TestCase<Input> },
): Promise<Origin> {
  const byModule = property.module === undefined ? null : { module: property.module };
  if (found === null || fingerprint === null) return byModule;
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
  return byModule;
}

function inTest({ seed, path }: Found, token: string): string {
  return path === null
    ? `checkNetwork(property, { replay: '${token.slice(0, 12)}…' })`
    : `checkNetwork(property, { seed: ${seed}, path: '${path}' })`;
}
