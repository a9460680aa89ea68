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
}

/** A packet that this node made. */
export const LOCAL_ORIGIN: PacketOrigin = {
  inbound: null,
  isHostFrame: true,
  isForUs: false,
  isGroup: false,
  options: null,
};

/** A copy to keep, of facts that are about to change. */
export function keptOrigin(origin: PacketOrigin): PacketOrigin {
  if (origin === LOCAL_ORIGIN) return origin;
  const { inbound, isHostFrame, isForUs, isGroup, options } = origin;
  return { inbound, isHostFrame, isForUs, isGroup, options };
}
