/**
 * Where observers look: one tap per node, null when nobody does. A tap may read during the call and keep
 * references to PDUs (they are immutable once sent); it may not act on the simulation.
 */
import type { Pdu } from './pdu.ts';

export interface Tap {
  /** A frame entered or left the node through `device` (its interface name). */
  frame(direction: 'in' | 'out', device: string, frame: Pdu): void;
  /** The node dropped `pdu`, or what it was parsing, for `reason`; see `DropCounters.drop`. */
  dropped(reason: string, pdu: Pdu | null): void;
  /**
   * The socket layer chose who gets the transport PDU that is being received.
   * @param socket how people name the socket: `tcp 0.0.0.0:80 fd 3 (httpd)` @param rule why it was chosen
   */
  demultiplexed(socket: string, rule: string): void;
  /** A TCP connection or listener went from one state to another, in the RFC's spelling. */
  transition?(from: string, to: string): void;
}
