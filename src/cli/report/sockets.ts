/** Socket tables of a run, as its outputs ask for them; without a wish those of all hosts at the end. */

import { alignColumns } from '../../observe/columns.ts';
import type { ScenarioRun } from '../../scenario/build/run.ts';
import { socketLine } from '../../scenario/expect/socket-lines.ts';
import { formatDuration } from '../../sim/time.ts';

export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

export function socketSections(run: ScenarioRun): Section[] {
  const wishes =
    run.scenario.outputs.sockets ??
    Object.keys(run.scenario.hosts).map((host) => ({ host, at: null, style: 'linux' as const }));
  return wishes.map(({ host, at }) => {
    const snapshot = run.sockets(host, at);
    const rows = snapshot.sockets.map((socket) => [
      ...socketLine(socket).split(' '),
      socket.process === '' ? socket.life : `${socket.process}, fd ${socket.fd}`,
    ]);
    const when = at === null ? 'at the end' : `at ${formatDuration(at)}`;
    const lines = rows.map((row) => (row.length === 4 ? [...row.slice(0, 3), '', row[3]!] : row));
    return { title: `Sockets of ${host} ${when}`, lines: alignColumns(lines) };
  });
}
