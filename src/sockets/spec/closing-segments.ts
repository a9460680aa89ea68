/** The segments that end a connection (RFC 9293 3.10.4, 3.10.5). */
import { emitSegment } from './emit.ts';
import type { DraftSocket, Work } from './step.ts';

/** FIN, if the state is one that has not sent it yet. */
export function sendFin(work: Work, socket: DraftSocket): void {
  if (socket.state === 'ESTABLISHED') socket.state = 'FIN-WAIT-1';
  else if (socket.state === 'CLOSE-WAIT') socket.state = 'LAST-ACK';
  else return;
  emitSegment(work, socket, 'fin');
}

/** States in which being cut off is told to the peer by a RST. */
export function needsReset(socket: DraftSocket): boolean {
  return ['ESTABLISHED', 'CLOSE-WAIT', 'FIN-WAIT-1', 'FIN-WAIT-2', 'SYN-RECEIVED'].includes(socket.state);
}
