/**
 * The order of sequence numbers, which have 32 bits (RFC 9293 3.4): SND.UNA =< SND.NXT =< what the user has written,
 * RCV.NXT not behind what the user has read, and none of them ever goes back. Looked at after every event.
 */
import { seqDiff } from '../../transport/tcp/seq.ts';
import type { Tcb } from '../../transport/tcp/tcb.ts';
import type { Invariant } from '../invariant.ts';
import { connectionName, connectionsOf } from './connections.ts';
import { InvariantViolation } from './violation.ts';

const NAME = 'sequence order';

export const SEQUENCE_ORDER: Invariant = {
  name: NAME,
  check: () => {},
  watch: (run) => {
    const known = new WeakMap<Readonly<Tcb>, Numbers>();
    return () => {
      for (const connection of connectionsOf(run.network)) {
        const { host, tcb } = connection;
        const wrong = disorder(tcb, known);
        if (wrong === null) continue;
        const time = run.network.simulator.now;
        throw new InvariantViolation(NAME, { time, host, connection: connectionName(connection) }, wrong);
      }
    };
  },
};

/** As they were after the last event. */
interface Numbers {
  una: number;
  nxt: number;
  rcvNxt: number;
  copied: number;
  isSynchronized: boolean;
}

/** What is wrong, or null. */
function disorder(tcb: Readonly<Tcb>, known: WeakMap<Readonly<Tcb>, Numbers>): string | null {
  const { state, snd, rcv } = tcb;
  if (state === 'CLOSED' || state === 'LISTEN') return null;
  const odd = [snd.una, snd.nxt, snd.end, rcv.nxt].find((number) => number >>> 0 !== number);
  if (odd !== undefined) return `${odd} is no 32-bit number`;
  if (isBehind(snd.nxt, snd.una)) return `snd.nxt ${snd.nxt} is behind snd.una ${snd.una}`;
  if (isBehind(snd.end, snd.nxt)) return `snd.nxt ${snd.nxt} is beyond what was written, ${snd.end}`;
  const isSynchronized = state !== 'SYN-SENT';
  if (isSynchronized && isBehind(rcv.nxt, rcv.copied))
    return `the user has read up to ${rcv.copied}, beyond rcv.nxt ${rcv.nxt}`;
  const before = known.get(tcb);
  if (before === undefined) {
    known.set(tcb, { una: snd.una, nxt: snd.nxt, rcvNxt: rcv.nxt, copied: rcv.copied, isSynchronized });
    return null;
  }
  if (isBehind(snd.una, before.una)) return `snd.una went back from ${before.una} to ${snd.una}`;
  if (isBehind(snd.nxt, before.nxt)) return `snd.nxt went back from ${before.nxt} to ${snd.nxt}`;
  if (before.isSynchronized) {
    if (isBehind(rcv.nxt, before.rcvNxt)) return `rcv.nxt went back from ${before.rcvNxt} to ${rcv.nxt}`;
    if (isBehind(rcv.copied, before.copied))
      return `bytes that were read came again: ${before.copied} to ${rcv.copied}`;
  }
  before.una = snd.una;
  before.nxt = snd.nxt;
  before.rcvNxt = rcv.nxt;
  before.copied = rcv.copied;
  before.isSynchronized = isSynchronized;
  return null;
}

function isBehind(a: number, b: number): boolean {
  return seqDiff(a, b) < 0;
}
