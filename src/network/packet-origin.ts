/**
 * How a packet came to where it is: what an error about it needs to know. For arriving packets the interface's
 * `Arrival` serves; packets that wait or were made here carry a plain copy.
 */
import type { Interface } from './interface.ts';
import type { ParsedOptions } from './ipv4-options.ts';

export interface PacketOrigin {
  /** Where it arrived; null for a packet of this node's own. */
  readonly inbound: Interface | null;
  /** The frame was addressed to this node alone. */
  readonly isHostFrame: boolean;
  /** Routed to this node itself: an error about it comes from the address it was sent to. */
  readonly isForUs: boolean;
  /** Routed as a broadcast or multicast. */
  readonly isGroup: boolean;
  readonly options: ParsedOptions | null;
  /** Of the socket that sent it, if that wants to know how much waits for neighbours. */
  readonly waiting: WaitingBytes | null;
}

/** Memory of one socket's packets that wait for a neighbour to be resolved: Linux charges it to SO_SNDBUF. */
export class WaitingBytes {
  bytes = 0;
  /** Called when less waits than before. */
  readonly onLess: () => void;

  constructor(onLess: () => void) {
    this.onLess = onLess;
  }
}

/** What a socket's own packets carry. */
export function socketOrigin(waiting: WaitingBytes): PacketOrigin {
  return { ...LOCAL_ORIGIN, waiting };
}

/** A packet that this node made. */
export const LOCAL_ORIGIN: PacketOrigin = {
  inbound: null,
  isHostFrame: true,
  isForUs: false,
  isGroup: false,
  options: null,
  waiting: null,
};

/** A copy to keep, of facts that are about to change. */
export function keptOrigin(origin: PacketOrigin): PacketOrigin {
  if (origin.inbound === null) return origin;
  const { inbound, isHostFrame, isForUs, isGroup, options, waiting } = origin;
  return { inbound, isHostFrame, isForUs, isGroup, options, waiting };
}
