/** What a device is plugged into: one end of a point-to-point link, or a tap on a shared segment. */
import type { EthernetFrame } from './frame.ts';

export interface Medium {
  /** The other end is there and switched on. */
  readonly hasCarrier: boolean;
  /** Bits per second. */
  readonly rateBps: number;
  /** There is exactly one device at the other end. */
  readonly isPointToPoint: boolean;
  /** Takes a frame from the device: transmits it now, queues it, or drops it with a reason that the device counts. */
  transmit(frame: EthernetFrame): void;
}
