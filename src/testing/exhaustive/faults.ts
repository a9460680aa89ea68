/** All that can happen to the first packets of a link: each passes, is lost, comes twice, or comes late. */
import type { EthernetFrame } from '../../link/frame.ts';
import type { RecordedFrame } from '../../observe/recorder.ts';
import type { Pdu } from '../../packet/pdu.ts';
import type { ScenarioRun } from '../../scenario/build/run.ts';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { ConfigError } from '../../sim/errors.ts';
import { type Nanos, parseDuration } from '../../sim/time.ts';
import { matches, type PacketMatcher, viewOf } from '../packets/matcher.ts';
import { requireYes } from '../run/answer.ts';
import { runScenario } from '../run/run-scenario.ts';
import type { TestRun } from '../run/test-run.ts';
import { callLog } from './call-log.ts';
import { type Attempt, type Exploration, explore, KnownState, SeenStates } from './exploration.ts';
import { stateKey } from './state-key.ts';

export type PacketFault = 'lose' | 'duplicate' | 'delay';

export interface FaultScope {
  /** Whose packets are concerned. */
  readonly link: string;
  /** Only those from this node; default: both directions, counted together. */
  readonly from?: string;
  /** How many packets, from the first on. 3^8 is 6561 runs. */
  readonly packets: number;
  /** What may happen to each besides nothing. Default: all three. */
  readonly faults?: readonly PacketFault[];
  /** Only packets that match; default: all but ARP, whose loss is rarely of interest. */
  readonly match?: PacketMatcher;
  /** How late a packet comes; others overtake it. Default: 300ms. */
  readonly delay?: string;
  /** Do not follow states twice. Default: true. */
  readonly prune?: boolean;
  /** At most so many runs. Default: 20,000. */
  readonly limit?: number;
}

/** Something does not hold: the message says what happened to which packets. */
export class FaultsFound extends Error {
  /** What happened to each packet, `pass` for nothing. */
  readonly faults: readonly (PacketFault | 'pass')[];

  constructor(faults: readonly (PacketFault | 'pass')[], packets: readonly string[], cause: unknown) {
    const what = faults.flatMap((fault, i) =>
      fault === 'pass' ? [] : [`  ${fault} packet ${i + 1}: ${packets[i]}`],
    );
    const words = cause instanceof Error ? cause.message : String(cause);
    super(
      [`${words}`, 'when this happens to packets:', ...(what.length === 0 ? ['  nothing'] : what)].join('\n'),
      {
        cause,
      },
    );
    this.name = 'FaultsFound';
    this.faults = faults;
  }
}

const FAULTS: readonly PacketFault[] = ['lose', 'duplicate', 'delay'];
const LIMIT = 20_000;

/**
 * Runs the scenario once for every combination, the fewest faults first.
 * @param check looks at each run; throws, or returns false, when something does not hold
 * @returns how much was covered @throws FaultsFound with the fewest faults that do it; ExplorationLimit
 */
export function exploreFaults(
  scenario: ScenarioInput,
  scope: FaultScope,
  check: (run: TestRun) => boolean | void,
): Exploration {
  const seen = new SeenStates();
  const attempt = (given: readonly number[]) => attemptOne(scenario, scope, check, given, seen);
  return { ...explore(attempt, scope.limit ?? LIMIT), states: seen.size };
}

function attemptOne(
  scenario: ScenarioInput,
  scope: FaultScope,
  check: (run: TestRun) => boolean | void,
  given: readonly number[],
  seen: SeenStates,
): Attempt {
  const { packets, faults = FAULTS, prune = true } = scope;
  const decider = new Decider(given, packets, faults);
  const log = callLog();
  const count = faults.length + 1;
  const done = (isPruned: boolean): Attempt => ({
    decisions: decider.decisions,
    choices: decider.decisions.map(() => count),
    isPruned,
  });
  const prepare = (run: ScenarioRun) => {
    log.now = () => run.network.simulator.now;
    impair(run, scope, decider);
    let looked = 0;
    run.watch(() => {
      const made = decider.decisions.length;
      if (!prune || made === looked) return;
      looked = made;
      if (made < given.length) return;
      const ahead = decider.ahead(run.recorder.frames);
      seen.meet(`${made} ${ahead} ${stateKey(run, log.results)}`);
    });
  };
  try {
    const run = runScenario(scenario, { disguise: log.disguise, prepare });
    requireYes(check(run), 'the check');
    return done(false);
  } catch (error) {
    if (error instanceof KnownState) return done(true);
    if (error instanceof ConfigError) throw error; // of the scenario or the scope, not of what happens
    throw new FaultsFound(decider.words(), decider.seen, error);
  }
}

/** How often a packet arrives. */
const COMES: Readonly<Record<PacketFault | 'pass', number>> = { pass: 1, lose: 0, duplicate: 2, delay: 1 };

/** Decides packet by packet, as it is told and then `pass`. */
class Decider {
  readonly decisions: number[] = [];
  /** The packets that were decided about, in words. */
  readonly seen: string[] = [];
  readonly #given: readonly number[];
  readonly #packets: number;
  readonly #faults: readonly PacketFault[];
  readonly #frames: { readonly frame: EthernetFrame; readonly fault: PacketFault | 'pass' }[] = [];

  constructor(given: readonly number[], packets: number, faults: readonly PacketFault[]) {
    this.#given = given;
    this.#packets = packets;
    this.#faults = faults;
  }

  /** What happens to a frame; the same when it is asked again. */
  of(frame: EthernetFrame): PacketFault | 'pass' {
    const known = this.#frames.find((one) => one.frame === frame);
    if (known !== undefined) return known.fault;
    if (this.decisions.length >= this.#packets) return 'pass';
    const choice = this.#given[this.decisions.length] ?? 0;
    this.decisions.push(choice);
    this.seen.push(frame.payload.format());
    const fault = this.#fault(choice);
    this.#frames.push({ frame, fault });
    return fault;
  }

  /**
   * What was decided and has not come about: a packet under way is to come once, twice, late or never, and nothing in the
   * network tells which. One that is recorded under other frames stays in it for ever, which only costs runs.
   */
  ahead(recorded: readonly RecordedFrame[]): string {
    const left = this.#frames.map(({ fault }) => COMES[fault]);
    const numbers = new Map<Pdu, number>(this.#frames.map(({ frame }, i) => [frame, i]));
    for (const { frame, direction } of recorded) {
      const number = direction === 'in' ? numbers.get(frame) : undefined;
      if (number !== undefined) left[number]!--;
    }
    return left.map((count, i) => (count === 0 ? '-' : `${this.#frames[i]!.fault} ${count}`)).join();
  }

  words(): (PacketFault | 'pass')[] {
    return this.decisions.map((choice) => this.#fault(choice));
  }

  #fault(choice: number): PacketFault | 'pass' {
    return choice === 0 ? 'pass' : this.#faults[choice - 1]!;
  }
}

const DELAY: Nanos = 300_000_000;

function impair(run: ScenarioRun, { link, from, match, delay }: FaultScope, decider: Decider): void {
  const cable = run.network.cable(link);
  const extraDelayNs = delay === undefined ? DELAY : parseDuration(delay);
  const isIn = (frame: EthernetFrame) => {
    const view = viewOf(frame);
    return match === undefined ? view.arp === null : matches(view, match);
  };
  const when = (fault: PacketFault) => (frame: EthernetFrame) => isIn(frame) && decider.of(frame) === fault;
  const nodes = cable.ends.map(({ node }) => node);
  if (from !== undefined && !nodes.includes(from))
    throw new ConfigError(`'${from}' is at no end of link '${link}'`, [], `one of ${nodes.join(', ')}`);
  const end = from === undefined ? null : nodes[0] === from ? 0 : 1;
  cable.impair(
    [
      { rule: 'loss', match: when('lose') },
      { rule: 'reorder', match: when('delay'), extraDelayNs },
      { rule: 'duplicate', match: when('duplicate') },
    ],
    end,
  );
}

/** `600 runs, 120 pruned at 340 states` */
export function formatExploration({ runs, pruned, states }: Exploration): string {
  return `${runs} runs, ${pruned} given up in a state that was met before, ${states} states`;
}
