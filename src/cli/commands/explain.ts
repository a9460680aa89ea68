/** `fivetuple explain`: which socket of a host would get a packet at an instant, and why. */

import { PROFILE_NAMES } from '../../sockets/profile.ts';
import { explainText } from '../../sockets/spec/explain.ts';
import { formatExplanation } from '../../sockets/spec/explain-text.ts';
import { PacketTextError } from '../../sockets/spec/packet-text.ts';
import type { HostSnapshot } from '../../sockets/spec/snapshot.ts';
import { EXIT_OK, UsageError } from '../exit.ts';
import { instantOf, oneOf } from '../option-values.ts';
import { jsonText, writeResult } from '../output.ts';
import { execute } from '../runner.ts';
import { openScenario } from '../scenario-file.ts';
import type { Terminal } from '../terminal.ts';

export interface ExplainFlags {
  readonly host: string;
  readonly at: string;
  /** By whose rules; the run itself follows the scenario. */
  readonly profile?: string;
  readonly json?: string;
  readonly set: readonly string[];
}

/** @param packet as in `udp 10.0.0.10:1111 > 10.0.0.1:5000` */
export async function explain(
  file: string,
  packet: string,
  flags: ExplainFlags,
  terminal: Terminal,
): Promise<number> {
  const profile = flags.profile === undefined ? null : oneOf('--profile', flags.profile, PROFILE_NAMES);
  const scenario = await openScenario(file, { set: flags.set });
  const host = oneOf('--host', flags.host, [
    ...Object.keys(scenario.hosts),
    ...Object.keys(scenario.routers),
  ]);
  const until = instantOf('--at', flags.at, scenario.until);
  const { run } = await execute(
    scenario,
    { until, records: false },
    `explain ${file}`,
    { set: flags.set },
    terminal,
  );
  const snapshot = run.network.host(host).socketSnapshot();
  const explanation = explained(profile === null ? snapshot : { ...snapshot, profile }, packet);
  if (flags.json !== undefined) writeResult(flags.json, jsonText(explanation), terminal);
  if (flags.json !== '-') terminal.out(`${formatExplanation(explanation)}\n`);
  return EXIT_OK;
}

function explained(snapshot: HostSnapshot, packet: string): ReturnType<typeof explainText> {
  try {
    return explainText(snapshot, packet);
  } catch (error) {
    if (!(error instanceof PacketTextError)) throw error;
    const caret = `${' '.repeat(error.column - 1)}^`;
    throw new UsageError(`error: ${error.message}\n  ${packet}\n  ${caret}\n  expected: ${error.expected}`);
  }
}
