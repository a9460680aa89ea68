/** What one incoming ACK turned out to be: gathered step by step, one object per host, reused. */
import { RateSample } from './rate-sample.ts';

export type Retransmission = 'none' | 'lost' | 'new-data';

export class AckOutcome {
  /** The segment carries data. */
  hasData = false;
  /** It updated SND.WND. */
  isWindowUpdate = false;
  /** SND.UNA advanced. */
  isAdvancing = false;
  /** Sent data, or our SYN, was acknowledged. */
  ackedData = false;
  ackedSyn = false;
  /** Retransmitted data was among it. */
  ackedRetransmitted = false;
  /** Never-retransmitted data from before recovery was acknowledged or SACKed: the original arrived (F-RTO). */
  ackedOriginal = false;
  /** New SACKs came. */
  sacked = false;
  /** A DSACK came; the one that answers a tail loss probe. */
  dsack = false;
  isTlpDsack = false;
  /** ECN-Echo. */
  ece = false;
  /** The first entry in the queue is SACKed: the receiver forgot it. */
  isReneging = false;
  /** A lone segment: its ACK may have been delayed. */
  maybeDelayed = false;
  /** The retransmission timer is to start anew. */
  setTimer = false;
  /** A retransmission was found lost. */
  lostRetransmission = false;
  /** SACKed and DSACKed segments that count as delivered. */
  sackDelivered = 0;
  /** Lowest never-retransmitted number that filled a hole; -1 = none. */
  reorder = -1;
  /** Send times of the first and last newly SACKed original segments; -1 = none. */
  firstSackedAt = -1;
  lastSackedAt = -1;
  /** RTT of the last segment that was acknowledged or SACKed, us; -1 = none. */
  rttUs = -1;
  priorInFlight = 0;
  /** Segments taken off the queue; the lowest of them that was never sent again, and their first and last send times; -1 = none. */
  taken = 0;
  lowestOriginal = -1;
  firstSentAt = -1;
  lastSentAt = -1;
  /** TSecr of the segment; -1 = no timestamps. */
  tsecr = -1;
  readonly rate: RateSample = new RateSample();

  reset(priorInFlight: number, tsecr: number): void {
    this.hasData = false;
    this.isWindowUpdate = false;
    this.isAdvancing = false;
    this.ackedData = false;
    this.ackedSyn = false;
    this.ackedRetransmitted = false;
    this.ackedOriginal = false;
    this.sacked = false;
    this.dsack = false;
    this.isTlpDsack = false;
    this.ece = false;
    this.isReneging = false;
    this.maybeDelayed = false;
    this.setTimer = false;
    this.lostRetransmission = false;
    this.sackDelivered = 0;
    this.reorder = -1;
    this.firstSackedAt = -1;
    this.lastSackedAt = -1;
    this.rttUs = -1;
    this.taken = 0;
    this.lowestOriginal = -1;
    this.firstSentAt = -1;
    this.lastSentAt = -1;
    this.priorInFlight = priorInFlight;
    this.tsecr = tsecr;
    this.rate.reset();
  }

  /** Not a duplicate in RFC 5681's sense: data, a window update, or new acknowledgement. */
  get isNotDuplicate(): boolean {
    return this.hasData || this.isWindowUpdate || this.ackedData || this.ackedSyn;
  }

  /** Something asks for a closer look by loss recovery. */
  get isAlarming(): boolean {
    return this.sacked || this.ece || this.dsack;
  }

  get isProgress(): boolean {
    return this.ackedData || this.ackedSyn || this.sacked;
  }
}
