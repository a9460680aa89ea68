/** The state of a connection, and the whole socket table of a host, at an instant or at the end. */

import { formatDuration, type Nanos } from '../../sim/time.ts';
import type { ScenarioRun } from '../build/run.ts';
import type { ExpectationSpec } from '../schema/scenario.ts';
import { formatSocketPattern } from '../schema/socket-pattern.ts';
import { isSocket, listedRows, socketLine } from './socket-lines.ts';
import type { Verdict } from './verdict.ts';

export function checkState(
  { host, socket, is, at }: Extract<ExpectationSpec, { check: 'state' }>,
  run: ScenarioRun,
): Verdict {
  const name = `${host}'s ${formatSocketPattern(socket)} is ${is}${when(at)}`;
  const rows = run.sockets(host, at);
  if (rows === null) return tooLate(name);
  const found = listedRows(rows).filter((row) => isSocket(row, socket));
  const states = found.map(({ state }) => state);
  return {
    name,
    ok: is === 'gone' ? found.length === 0 : found.length > 0 && states.every((state) => state === is),
    detail: found.length === 0 ? 'there is none' : states.join(', '),
  };
}

export function checkSockets(
  { host, table, at }: Extract<ExpectationSpec, { check: 'sockets' }>,
  run: ScenarioRun,
): Verdict {
  const name = `${host} has these ${table.length} sockets${when(at)}`;
  const rows = run.sockets(host, at);
  if (rows === null) return tooLate(name);
  const found = listedRows(rows).map(socketLine).sort();
  const wanted = table.map((line) => line.trim().split(/\s+/).join(' ')).sort();
  const missing = difference(wanted, found);
  const surplus = difference(found, wanted);
  const parts = [
    ...missing.map((line) => `missing: ${line}`),
    ...surplus.map((line) => `not expected: ${line}`),
  ];
  return {
    name,
    ok: parts.length === 0,
    detail: parts.length === 0 ? found.join('; ') : parts.join('; '),
  };
}

/** What is in `a` but not in `b`, each as often as it is there too much. */
function difference(a: readonly string[], b: readonly string[]): string[] {
  const rest = [...b];
  return a.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

function tooLate(name: string): Verdict {
  return { name, ok: false, detail: 'the run ended before' };
}

function when(at: Nanos | null): string {
  return at === null ? ' at the end' : ` at ${formatDuration(at)}`;
}
