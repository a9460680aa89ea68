/** Something that must hold of every run, whatever the property at hand asserts besides. */
import type { TestRun } from './run/test-run.ts';

export interface Invariant {
  /** By which a user switches it on and failures are reported: `conservation of packets`. */
  readonly name: string;
  /** Looks at a run that is over. Throws what is to be reported when it does not hold. */
  readonly check: (run: TestRun) => void;
}
