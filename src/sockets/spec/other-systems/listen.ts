/** listen(2) and accept(2) on systems that are not Linux: what differs from it. */
import type { ErrnoName } from '../../../network/errno.ts';
import { defined } from '../../profile.ts';
import { destroy } from '../moves.ts';
import type { SpecProfile } from '../profile.ts';
import type { SpecSocket } from '../state.ts';
import { type DraftSocket, take, type Work } from '../step.ts';

/** What a socket that is or was connected says; null: it may listen. */
export function mayNotListen(socket: SpecSocket, profile: SpecProfile): ErrnoName | null {
  const { listenConnected, listenAfterEnd } = profile.calls;
  if (socket.state === 'LISTEN') return null;
  if (socket.state !== 'CLOSED') return listenConnected;
  if (socket.phase === 'unconnected') return null;
  const answer = defined(profile, listenAfterEnd, 'listen() on a socket whose connection has ended');
  return answer === 'anew' ? null : answer;
}

export function backlogBy(backlog: number, most: number, profile: SpecProfile): number {
  if (backlog >= 0) return Math.min(backlog, most);
  const mode = defined(profile, profile.calls.negativeBacklog, 'listen() with a negative backlog');
  return mode === 'zero' ? 0 : most;
}

/** accept() comes to a connection that was reset while it waited; null: it is handed out. */
export function acceptReset(work: Work, child: number, profile: SpecProfile): ErrnoName | null {
  const socket = take(work.draft, child);
  if (socket.state !== 'CLOSED') return null;
  const answer = defined(profile, profile.calls.acceptReset, 'accept() of a connection that was reset');
  if (answer === 'handed-out') return null;
  destroy(work.draft, profile, socket);
  return answer;
}

/** Another connection would wait for accept(). @throws UndefinedByProfile when that is more than the backlog */
export function checkBacklog({ acceptQueue, backlog }: DraftSocket, profile: SpecProfile): void {
  if (acceptQueue.length < backlog) return;
  const what = `what becomes of a connection beyond a backlog of ${backlog}`;
  defined(profile, profile.calls.beyondBacklog, what);
}
