import type { Nanos } from '../../sim/time.ts';

/** The sample of one ACK: filled while segments are taken off the queue. */
export class RateSample {
  priorDelivered = 0;
  priorAt: Nanos = -1;
  lastSentAt: Nanos = 0;
  sendInterval: Nanos = 0;
  isRetransmitted = false;

  reset(): void {
    this.priorAt = -1;
    this.priorDelivered = 0;
  }
}
