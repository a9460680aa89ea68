/**
 * Bounded exhaustive search, as model checkers do it but with the real code: every run is made from the beginning
 * (programs cannot be copied), decides as it is told up to a point and takes the first choice behind it. States that were
 * met before are not followed again. Fewest deviations from the first choice come first, so what fails is small.
 */

/** How a run goes that has decided so far as `decisions` say. */
export interface Attempt {
  /** What was chosen at each point, those behind the given ones included: the first choice. */
  readonly decisions: readonly number[];
  /** How many choices there were at each of these points. */
  readonly choices: readonly number[];
  /** It came to a state that was met before, and was given up there. */
  readonly isPruned: boolean;
}

/** What was covered. */
export interface Exploration {
  /** Runs that were made to their end and judged. */
  readonly runs: number;
  /** Runs that came to a state from which all had been tried, and were given up there. */
  readonly pruned: number;
  /** Different states in which there was a choice. */
  readonly states: number;
}

/** A bound was reached before everything was tried. */
export class ExplorationLimit extends Error {
  constructor(limit: number, waiting: number) {
    super(
      `${limit} runs were made, and ${waiting} prefixes are still to be tried: fewer packets or calls, please`,
    );
    this.name = 'ExplorationLimit';
  }
}

/** Thrown within a run that has come to a known state. */
export class KnownState extends Error {}

/** States that were met. */
export class SeenStates {
  readonly #seen = new Set<string>();

  get size(): number {
    return this.#seen.size;
  }

  /** @throws KnownState when it was met before */
  meet(state: string): void {
    if (this.#seen.has(state)) throw new KnownState();
    this.#seen.add(state);
  }
}

/** @param attempt makes one run; throws what does not hold @throws ExplorationLimit */
export function explore(
  attempt: (given: readonly number[]) => Attempt,
  limit: number,
): Omit<Exploration, 'states'> {
  const waiting: (readonly number[])[] = [[]];
  let runs = 0;
  let pruned = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (runs + pruned >= limit) throw new ExplorationLimit(limit, waiting.length + 1);
    const { decisions, choices, isPruned } = attempt(next);
    if (isPruned) pruned++;
    else runs++;
    for (let at = next.length; at < decisions.length; at++)
      for (let choice = 1; choice < choices[at]!; choice++) waiting.push([...decisions.slice(0, at), choice]);
  }
  return { runs, pruned };
}
