/** What every model of a network knows: which hosts are dead, which links are cut, whether packets were lost on purpose. */
import type { TestRun } from '../run/test-run.ts';
import type { Bench } from './bench.ts';

export abstract class NetworkModel {
  readonly dead: Set<string> = new Set();
  readonly cut: Set<string> = new Set();
  /** Packets may be missing: some were dropped, or a link was cut. */
  hasLost = false;

  /** A host has lost power, with all its sockets. */
  abstract onCrash(host: string): void;

  /** After the last command, when nothing was left to happen: throws what does not hold. */
  abstract atEnd(bench: Bench, run: TestRun): void;
}
