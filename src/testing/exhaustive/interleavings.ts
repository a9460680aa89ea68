/** All orders in which the calls of programs can come after one another: each program's own order stays. */
import type { ScenarioRun } from '../../scenario/build/run.ts';
import { ActionError } from '../../scenario/build/timeline.ts';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { ConfigError } from '../../sim/errors.ts';
import { formatDuration, MILLISECOND, parseDuration } from '../../sim/time.ts';
import { requireYes } from '../run/answer.ts';
import { runScenario } from '../run/run-scenario.ts';
import type { TestRun } from '../run/test-run.ts';
import { callLog } from './call-log.ts';
import { type Attempt, type Exploration, explore, KnownState, SeenStates } from './exploration.ts';
import { stateKeyBetweenTurns } from './state-key.ts';

/** A program as a list of calls, in the language of scenarios. */
export interface CallSequence {
  readonly host: string;
  readonly calls: readonly string[];
}

export interface InterleavingScope {
  readonly programs: Readonly<Record<string, CallSequence>>;
  /** From one call to the next: what a call sends arrives before the next is made. Default: 50ms. */
  readonly gap?: string;
  /** Do not follow states twice. Default: true. */
  readonly prune?: boolean;
  /** At most so many runs. Default: 20,000. */
  readonly limit?: number;
}

/** Something does not hold: the message lists the calls in the order that shows it. */
export class OrderFound extends Error {
  /** Whose turn it was, call by call. */
  readonly order: readonly string[];

  constructor(order: readonly string[], lines: readonly string[], cause: unknown) {
    const words = cause instanceof Error ? cause.message : String(cause);
    super([words, 'when calls come in this order:', ...lines.map((line) => `  ${line}`)].join('\n'), {
      cause,
    });
    this.name = 'OrderFound';
    this.order = order;
  }
}

const GAP = 50 * MILLISECOND;
const LIMIT = 20_000;

/**
 * Runs the scenario once for every order. A call that blocks is not waited for: the next comes when its turn is.
 * @param check looks at each run; throws, or returns false, when something does not hold
 * @returns how much was covered @throws OrderFound; ExplorationLimit
 */
export function exploreInterleavings(
  scenario: ScenarioInput,
  scope: InterleavingScope,
  check: (run: TestRun) => boolean | void,
): Exploration {
  const seen = new SeenStates();
  const attempt = (given: readonly number[]) => attemptOne(scenario, scope, check, given, seen);
  return { ...explore(attempt, scope.limit ?? LIMIT), states: seen.size };
}

/** Whose turn it is, and how many had calls left then. */
interface Turn {
  readonly program: string;
  readonly choice: number;
  readonly choices: number;
}

function attemptOne(
  scenario: ScenarioInput,
  scope: InterleavingScope,
  check: (run: TestRun) => boolean | void,
  given: readonly number[],
  seen: SeenStates,
): Attempt {
  const { programs, prune = true } = scope;
  const gap = scope.gap === undefined ? GAP : parseDuration(scope.gap);
  const turns = turnsOf(programs, given);
  const log = callLog();
  let reached = 0;
  const look = (slot: number) => (run: ScenarioRun) => {
    reached = slot;
    if (!prune || slot <= given.length) return;
    const done = turns.slice(0, slot).map(({ program }) => program);
    seen.meet(`${done.sort().join(' ')} ${stateKeyBetweenTurns(run, log.results)}`);
  };
  const timeline = turns.map((_, slot) => ({
    at: formatDuration((slot + 1) * gap - 1),
    do: 'call' as const,
    run: look(slot) as (run: never) => void,
  }));
  const cut = (isPruned: boolean): Attempt => {
    const made = isPruned ? turns.slice(0, reached) : turns;
    return {
      decisions: made.map(({ choice }) => choice),
      choices: made.map(({ choices }) => choices),
      isPruned,
    };
  };
  try {
    const ordered = {
      ...scenario,
      programs: { ...scenario.programs, ...timed(programs, turns, gap) },
      timeline: [...(scenario.timeline ?? []), ...timeline],
    };
    requireYes(check(runScenario(ordered, { disguise: log.disguise })), 'the check');
    return cut(false);
  } catch (error) {
    if (error instanceof ActionError && error.cause instanceof KnownState) return cut(true); // look() threw it
    if (error instanceof ConfigError) throw error; // of the scenario or the scope, not of the order
    throw new OrderFound(
      turns.map(({ program }) => program),
      linesOf(programs, turns),
      error,
    );
  }
}

/** The first choice is the first program with calls left. */
function turnsOf(programs: InterleavingScope['programs'], given: readonly number[]): Turn[] {
  const left = new Map(Object.entries(programs).map(([name, { calls }]) => [name, calls.length]));
  const turns: Turn[] = [];
  for (;;) {
    const ready = [...left].filter(([, count]) => count > 0).map(([name]) => name);
    if (ready.length === 0) return turns;
    const choice = given[turns.length] ?? 0;
    const program = ready[choice]!;
    left.set(program, left.get(program)! - 1);
    turns.push({ program, choice, choices: ready.length });
  }
}

/** Every call waits for its turn. */
function timed(programs: InterleavingScope['programs'], turns: readonly Turn[], gap: number) {
  return Object.fromEntries(
    Object.entries(programs).map(([name, { host, calls }]) => {
      const slots = [...turns.entries()].filter(([, { program }]) => program === name).map(([slot]) => slot);
      const waiting = calls.flatMap((call, i) => [`until(${formatDuration((slots[i]! + 1) * gap)})`, call]);
      return [name, { host, run: 'calls' as const, calls: waiting }];
    }),
  );
}

function linesOf(programs: InterleavingScope['programs'], turns: readonly Turn[]): string[] {
  const next = new Map<string, number>();
  return turns.map(({ program }) => {
    const index = next.get(program) ?? 0;
    next.set(program, index + 1);
    return `${program}: ${programs[program]!.calls[index]}`;
  });
}
