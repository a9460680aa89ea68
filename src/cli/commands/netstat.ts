/** `fivetuple netstat`: the socket table of a host at an instant, as a real system's tool prints it. */
import { formatSockets, NETSTAT_STYLES, styleOf } from '../../observe/netstat.ts';
import { profileByName } from '../../sockets/profiles.ts';
import { EXIT_OK } from '../exit.ts';
import { instantOf, oneOf } from '../option-values.ts';
import { execute } from '../runner.ts';
import { openScenario } from '../scenario-file.ts';
import type { Terminal } from '../terminal.ts';

export interface NetstatFlags {
  readonly host: string;
  readonly at: string;
  /** Default: that of the host's system. */
  readonly style?: string;
  readonly set: readonly string[];
}

export async function netstat(file: string, flags: NetstatFlags, terminal: Terminal): Promise<number> {
  const asked = flags.style === undefined ? null : oneOf('--style', flags.style, NETSTAT_STYLES);
  const scenario = await openScenario(file, flags);
  const host = oneOf('--host', flags.host, [
    ...Object.keys(scenario.hosts),
    ...Object.keys(scenario.routers),
  ]);
  const at = instantOf('--at', flags.at, scenario.until);
  const { run } = await execute(
    scenario,
    { lookAt: [{ host, at }], until: at, records: false },
    `netstat ${file}`,
    flags,
    terminal,
  );
  const { profile } = run.network.host(host).sockets;
  if (profile !== 'linux') terminal.err(`${host} has profile ${profile}: ${profileByName(profile).title}\n`);
  const style = asked ?? styleOf(profile);
  terminal.out(`${formatSockets(run.sockets(host, at) ?? [], style, { processes: true }).join('\n')}\n`);
  return EXIT_OK;
}
