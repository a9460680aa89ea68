/** CLOSE and ABORT (RFC 9293 3.10.4, 3.10.5), shutdown(2) and disconnect. */
import { ECONNRESET, ENOTCONN } from '../../network/errno.ts';
import { finish, setState } from './lifecycle.ts';
import { waitForFin } from './orphan.ts';
import { queueFin } from './send-call.ts';
import type { Tcb } from './tcb.ts';
import { sendReset } from './transmit.ts';

/** SHUT_WR: FIN behind the data. @returns 0 or -ENOTCONN */
export function shutdownWrite(tcb: Tcb): number {
  switch (tcb.state) {
    case 'ESTABLISHED':
    case 'SYN-RECEIVED':
      setState(tcb, 'FIN-WAIT-1');
      queueFin(tcb);
      return 0;
    case 'CLOSE-WAIT':
      setState(tcb, 'LAST-ACK');
      queueFin(tcb);
      return 0;
    case 'SYN-SENT':
      finish(tcb, 0);
      return 0;
    case 'CLOSED':
    case 'LISTEN':
    case 'TIME-WAIT':
      return -ENOTCONN;
    default:
      return 0; // was shut down before
  }
}

/** close(2) of the last descriptor. */
export function close(tcb: Tcb): void {
  const { settings, receiveBuffer, rcv } = tcb;
  tcb.isOrphan = true;
  if (tcb.state === 'CLOSED' || tcb.state === 'TIME-WAIT') return;
  const hasUnread = receiveBuffer.size > 0;
  receiveBuffer.drop(receiveBuffer.size);
  rcv.packets.clear();
  if (hasUnread) {
    // RFC 2525 2.17: data that nobody will read is lost, and the peer must know.
    tcb.host.mib.add('TcpExtTCPAbortOnClose');
    sendReset(tcb);
    finish(tcb, 0);
    return;
  }
  shutdownWrite(tcb);
  if (tcb.state !== 'FIN-WAIT-2') return;
  if (settings.linger2 < 0) {
    sendReset(tcb);
    finish(tcb, 0);
  } else waitForFin(tcb);
}

/** A RST where the state asks for one (3.10.5), and CLOSED. */
export function abort(tcb: Tcb): void {
  tcb.isOrphan = true;
  disconnect(tcb, 0);
}

/** connect(AF_UNSPEC). @param error that stays pending */
export function disconnect(tcb: Tcb, error: number = ECONNRESET): void {
  const { receiveBuffer, snd } = tcb;
  const needsReset =
    tcb.state === 'ESTABLISHED' ||
    tcb.state === 'CLOSE-WAIT' ||
    tcb.state === 'FIN-WAIT-1' ||
    tcb.state === 'FIN-WAIT-2' ||
    tcb.state === 'SYN-RECEIVED';
  const hasUnsentFin = (tcb.state === 'CLOSING' || tcb.state === 'LAST-ACK') && snd.nxt !== snd.end;
  if (needsReset || hasUnsentFin) sendReset(tcb);
  receiveBuffer.drop(receiveBuffer.size);
  tcb.rcv.packets.clear();
  tcb.rcv.copied = tcb.rcv.nxt;
  tcb.rcv.isFinished = false;
  tcb.hasFailed = true;
  const isPending = needsReset || hasUnsentFin || tcb.state === 'SYN-SENT';
  finish(tcb, isPending ? error : 0);
}
