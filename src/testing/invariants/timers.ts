/**
 * Timers and connections go together: a connection that is over has no timer, every deadline has an event that comes
 * in time, and none is left when nothing is left to happen. Looked at after every event.
 */
import { NEVER } from '../../sim/time.ts';
import type { Invariant } from '../invariant.ts';
import { connectionName, connectionsOf, type LiveConnection } from './connections.ts';
import { InvariantViolation } from './violation.ts';

const NAME = 'no stray timer';

export const NO_STRAY_TIMER: Invariant = {
  name: NAME,
  check: (run) => {
    if (run.end !== 'idle') return;
    for (const connection of connectionsOf(run.network)) {
      const { earliest } = connection.tcb.timers;
      if (earliest < NEVER)
        throw violation(connection, run.now, `the run is over, but a timer is due at ${earliest} ns`);
    }
  },
  watch: (run) => () => {
    const { now } = run.network.simulator;
    for (const connection of connectionsOf(run.network)) {
      const { socket, tcb } = connection;
      const { earliest } = tcb.timers;
      if (earliest === NEVER) continue;
      if (tcb.state === 'CLOSED') throw violation(connection, now, 'the connection is over and has a timer');
      if (socket.timerQueuedAt > Math.max(earliest, now))
        throw violation(connection, now, `no event comes for the timer that is due at ${earliest} ns`);
    }
  },
};

function violation(connection: LiveConnection, time: number, what: string): InvariantViolation {
  const scene = { time, host: connection.host, connection: connectionName(connection) };
  return new InvariantViolation(NAME, scene, what);
}
