/**
 * How many bytes a frame occupies on the wire: what its transmission time is computed from.
 * By default the bytes of IEEE 802.3 3.1.1 from the destination address to the FCS; preamble and gap on demand.
 */
import { type Nanos, SECOND } from '../sim/time.ts';
import {
  ETHERNET_HEADER_SIZE,
  type EthernetFrame,
  FCS_SIZE,
  MIN_FRAME_SIZE,
  VLAN_TAG_SIZE,
} from './frame.ts';

export interface Framing {
  /** Bytes on the wire beside the payload (and any VLAN tag). */
  readonly overhead: number;
  /**
   * A frame never takes fewer bytes on the wire than this, and 4 more with a tag: so a switch that takes the tag off
   * need not pad what remains, and one that adds a tag need not cut (IEEE 802.1Q G.2.1 allows both).
   */
  readonly minimum: number;
}

/** Header and FCS; padded to 64 bytes. */
export const ETHERNET_FRAMING: Framing = {
  overhead: ETHERNET_HEADER_SIZE + FCS_SIZE,
  minimum: MIN_FRAME_SIZE + FCS_SIZE,
};
/** The same with 8 bytes of preamble and start delimiter, and the gap of 12 byte times (IEEE 802.3 4.4.2). */
export const ETHERNET_FRAMING_WITH_GAP: Framing = {
  overhead: ETHERNET_FRAMING.overhead + 20,
  minimum: ETHERNET_FRAMING.minimum + 20,
};
/** A two-byte protocol field, no padding (RFC 1661 2 without HDLC framing). */
export const PPP_FRAMING: Framing = { overhead: 2, minimum: 0 };

/** Bytes that `frame` occupies on a wire with this framing. */
export function wireSize(frame: EthernetFrame, framing: Framing): number {
  const minimum = frame.tci < 0 ? framing.minimum : framing.minimum + VLAN_TAG_SIZE;
  return Math.max(frame.size - ETHERNET_HEADER_SIZE + framing.overhead, minimum);
}

/** @returns nanoseconds per byte at `rateBps` bits per second; 0 for an infinite rate */
export function byteTime(rateBps: number): Nanos {
  return (8 * SECOND) / rateBps;
}
