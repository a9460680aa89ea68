/** `fivetuple run`: a scenario from its file to its report. */

import { UsageError } from '../exit.ts';
import { shippedScenarios } from '../shipped.ts';
import type { Terminal } from '../terminal.ts';

/** Options as the command line gives them. */
export interface RunFlags {
  readonly seed?: string;
  readonly until?: string;
  readonly pcap?: string;
  readonly json?: string;
  readonly profile?: string;
  readonly set: readonly string[];
  readonly wire?: true;
  readonly quiet?: true;
}

/** What `npm start` shows to someone who has just cloned the project. */
export async function runFlagship(terminal: Terminal): Promise<number> {
  const [flagship] = shippedScenarios();
  if (flagship === undefined) throw new UsageError('there are no scenarios beside the program');
  return run(flagship, { set: [] }, terminal);
}

export async function run(file: string, _flags: RunFlags, _terminal: Terminal): Promise<number> {
  throw new UsageError(`${file}: no run yet`);
}
