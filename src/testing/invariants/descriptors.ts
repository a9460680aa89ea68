/**
 * No descriptor leaks: a process that has ended holds no sockets, and when nothing is left to happen, no socket stands in
 * CLOSE-WAIT (the peer has closed, the program never will) and no orphan waits for ever.
 */
import type { Host } from '../../node/host.ts';
import type { SocketRow } from '../../sockets/rows.ts';
import type { Invariant } from '../invariant.ts';
import type { TestRun } from '../run/test-run.ts';
import { InvariantViolation } from './violation.ts';

const NAME = 'no descriptor leak';

export const NO_DESCRIPTOR_LEAK: Invariant = {
  name: NAME,
  check: (run) => {
    for (const host of run.network.hosts) {
      checkProcesses(run, host);
      if (run.end === 'idle') for (const row of run.sockets(host.name)) checkSocket(run, host, row);
    }
  },
};

function checkProcesses(run: TestRun, host: Host): void {
  for (const { state, process: owner, name, endedAt } of host.tasks) {
    const [socket] = owner.sockets;
    if (state === 'running' || socket === undefined) continue;
    const scene = { time: run.now, host: host.name, connection: `fd ${socket.fd}` };
    throw new InvariantViolation(NAME, scene, `'${name}' has ended at ${endedAt} ns and still holds it`);
  }
}

function checkSocket(run: TestRun, host: Host, row: SocketRow): void {
  const connection = `${row.localAddress}:${row.localPort} <-> ${row.remoteAddress}:${row.remotePort}`;
  const scene = { time: run.now, host: host.name, connection };
  if (row.state === 'CLOSE-WAIT' && row.life === 'open') {
    const holder = `'${row.process}' holds it as fd ${row.fd}`;
    throw new InvariantViolation(NAME, scene, `the peer has closed; ${holder} and will never close it`);
  }
  if (row.life === 'orphan' || row.life === 'time-wait')
    throw new InvariantViolation(NAME, scene, `nothing will ever end this ${row.life} in ${row.state}`);
}
