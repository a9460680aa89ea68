/** What the table of TCP connections holds, and the question who has a four-tuple (rule L2). */
import type { NetDevice } from '../../link/device.ts';
import type { TcpSocket } from './tcp-socket.ts';
import type { TimeWaitEntry } from './time-wait-entry.ts';

/** A socket with a connection (SYN-RECEIVED children included), or what is left of one. */
export type TcpFlow = TcpSocket | TimeWaitEntry;

/** The first of `newest` and its twins that takes packets from `device`. */
export function flowOnDevice(newest: TcpFlow | null, device: NetDevice | null): TcpFlow | null {
  for (let flow = newest; flow !== null; flow = flow.twin) {
    if (flow.device === null || flow.device === device) return flow;
  }
  return null;
}
