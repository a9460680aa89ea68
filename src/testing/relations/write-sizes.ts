/**
 * Other sizes of writes: a stream has no boundaries (RFC 9293 3.7), so a program that writes its data in pieces must be
 * understood as well. The relation that finds missing message framing.
 */

import type { Scenario } from '../../scenario/schema/scenario.ts';
import type { Process, Socket } from '../../sockets/api.ts';
import { MSG_EOR, MSG_FASTOPEN, MSG_OOB } from '../../sockets/api.ts';
import { unfinishedIn } from './applies.ts';
import type { Relation } from './relation.ts';

/** @param bytes at most so many go into one send() */
export function writesOf(bytes: number): Relation {
  return {
    name: `writes of ${bytes} bytes`,
    says: 'a stream has no boundaries: data written in smaller pieces is the same data',
    agree: ['streams', 'programs'],
    exception: (scenario, base) => readsWhatComes(scenario) ?? unfinishedIn(base),
    variant: (scenario) => ({ scenario, settings: { disguise: (owner) => splittingProcess(owner, bytes) } }),
  };
}

export const WRITE_SIZES: readonly Relation[] = [writesOf(1), writesOf(7), writesOf(1000)];

/** A list of calls goes on after one recv(), whatever that gave: it means the boundaries. */
function readsWhatComes({ programs }: Scenario): string | null {
  for (const [name, { calls }] of Object.entries(programs)) {
    const isStream = calls?.some(
      ({ action }) => (action.call === 'socket' && action.type.startsWith('tcp')) || action.call === 'accept',
    );
    if (isStream === true && calls?.some(({ action }) => action.call === 'recv'))
      return `'${name}' is a list of calls, and means what each recv() of a stream gives`;
  }
  return null;
}

/** Flags whose meaning depends on where a write ends. */
const BOUND_TO_WRITES = MSG_OOB | MSG_EOR | MSG_FASTOPEN;

function splittingProcess(owner: Process, bytes: number): Process {
  return new Proxy(owner, {
    get: (target, key) => {
      if (key === 'socket') return (kind: Socket['kind']) => splitting(target.socket(kind), bytes);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}

function splitting(socket: Socket | number, bytes: number): Socket | number {
  if (typeof socket === 'number' || !socket.kind.startsWith('tcp')) return socket;
  return new Proxy(socket, {
    get: (target, key) => {
      if (key === 'accept') return () => splitting(target.accept(), bytes);
      if (key === 'send') return sendInPieces(target, bytes);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function sendInPieces(socket: Socket, bytes: number): Socket['send'] {
  return (data, flags = 0, to = null) => {
    socket.setOption('TCP_NODELAY', 1); // or Nagle's algorithm puts the pieces together again, after a delayed ACK
    if (data.size <= bytes || (flags & BOUND_TO_WRITES) !== 0) return socket.send(data, flags, to);
    let taken = 0;
    while (taken < data.size) {
      const piece = data.slice(taken, Math.min(bytes, data.size - taken));
      const result = socket.send(piece, flags, to);
      if (result < 0) return taken > 0 ? taken : result;
      taken += result;
      if (result < piece.size) break;
    }
    return taken;
  };
}
