/** Socket tables of a run, as its outputs ask for them; without a wish those of all hosts that have any at the end. */
import { formatSockets, styleOf } from '../../observe/netstat.ts';
import type { ScenarioRun } from '../../scenario/build/run.ts';
import { formatDuration } from '../../sim/time.ts';

export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

export function socketSections(run: ScenarioRun): Section[] {
  const wishes =
    run.scenario.outputs.sockets ??
    Object.keys(run.scenario.hosts)
      .filter((host) => (run.sockets(host, null) ?? []).length > 0)
      .map((host) => ({ host, at: null, style: null }));
  return wishes.map(({ host, at, style }) => {
    const { profile } = run.network.host(host).sockets;
    const when = at === null ? 'at the end' : `at ${formatDuration(at)}`;
    const rows = run.sockets(host, at);
    const lines =
      rows === null
        ? ['the run ended before']
        : formatSockets(rows, style ?? styleOf(profile), { processes: true });
    const rules = profile === 'linux' ? '' : ` (profile ${profile})`;
    return { title: `Sockets of ${host} ${when}${rules}`, lines };
  });
}
