/** Delivery-rate samples (draft-cheng-iccrg-delivery-rate-estimation): TCP_INFO shows the best of them. */
import type { RateSample } from './rate-sample.ts';
import type { Tcb } from './tcb.ts';

/** Notes the state of delivery on an entry that leaves now. */
export function stampDelivery(tcb: Tcb, at: number): void {
  const { counters, queue, now } = tcb;
  if (queue.size === 1 || counters.firstSentAt === 0) {
    counters.firstSentAt = now;
    counters.deliveredAt = now;
  }
  queue.stampDelivery(at, counters.delivered, counters.deliveredAt, counters.firstSentAt);
}

/** An entry was delivered: the most recently sent one makes the sample. */
export function noteDelivery(tcb: Tcb, at: number, sample: RateSample): void {
  const { queue, counters } = tcb;
  const sentAt = queue.sentAt(at);
  if (sample.priorAt >= 0 && sentAt < sample.lastSentAt) return;
  sample.priorDelivered = queue.delivered(at);
  sample.priorAt = queue.deliveredAt(at);
  sample.lastSentAt = sentAt;
  sample.sendInterval = sentAt - queue.firstSentAt(at);
  counters.firstSentAt = sentAt;
}

/** The ACK is done: keep the sample if its rate is at least that of the one before. */
export function finishRateSample(tcb: Tcb, sample: RateSample, deliveredNow: number): void {
  const { counters, now, rtt } = tcb;
  if (deliveredNow > 0) counters.deliveredAt = now;
  if (sample.priorAt < 0) return;
  const interval = Math.max(sample.sendInterval, now - sample.priorAt);
  if (interval < rtt.minUs * 1000) return;
  const delivered = counters.delivered - sample.priorDelivered;
  if (delivered * counters.rateInterval >= counters.rateDelivered * interval) {
    counters.rateDelivered = delivered;
    counters.rateInterval = interval;
  }
}
