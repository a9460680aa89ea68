/** Something that must hold of every run, whatever the property at hand asserts besides. */
import type { ScenarioRun } from '../scenario/build/run.ts';
import type { TestRun } from './run/test-run.ts';

export interface Invariant {
  /** By which a user switches it on and failures are reported: `conservation of packets`. */
  readonly name: string;
  /** Looks at a run that is over. Throws what is to be reported when it does not hold. */
  readonly check: (run: TestRun) => void;
  /**
   * Looks on while the run goes on. Called before the first event; what it returns is called after every event, may read
   * everything, and throws when something does not hold.
   */
  readonly watch?: (run: ScenarioRun) => () => void;
}
