/**
 * HyStart (Ha and Rhee 2011): leaves slow start before losses, when a train of ACKs has become as long as half the RTT, or
 * when the RTT of a round has grown. As in Linux's tcp_cubic, with its constants.
 */
import { MICROSECOND, type Nanos } from '../../../sim/time.ts';
import { seqGt } from '../seq.ts';
import type { AckFacts, CongestionWindow } from './controller.ts';

/** ACKs of one train are no further apart. */
const TRAIN_GAP_US = 2000;
const MIN_SAMPLES = 8;
const DELAY_MIN_US = 4000;
const DELAY_MAX_US = 16_000;

/** Which of the two detectors run: `hystart_detect`. */
export const DETECT_TRAIN = 1;
export const DETECT_DELAY = 2;

/** Parameters of the kernel's module tcp_cubic, one record per host. */
export class CubicParameters {
  /** HyStart at all: `hystart`. */
  hystart = true;
  /** Bits DETECT_TRAIN and DETECT_DELAY: `hystart_detect`. */
  detect: number = DETECT_TRAIN | DETECT_DELAY;
  /** Below this window slow start goes on, whatever ACKs look like: `hystart_low_window`, segments. */
  lowWindow = 16;
}

export class Hystart {
  /** Slow start was left. */
  found = false;
  readonly #parameters: CubicParameters;
  #roundStart: Nanos = 0;
  #lastAck: Nanos = 0;
  #endSeq = 0;
  #currentUs: number = Number.POSITIVE_INFINITY;
  #samples = 0;

  constructor(parameters: CubicParameters) {
    this.#parameters = parameters;
  }

  /** A new round begins. */
  reset(now: Nanos, sndNxt: number): void {
    this.#roundStart = now;
    this.#lastAck = now;
    this.#endSeq = sndNxt;
    this.#currentUs = Number.POSITIVE_INFINITY;
    this.#samples = 0;
  }

  /** @param delayMinUs least RTT so far, us */
  onSample(window: CongestionWindow, facts: AckFacts, delayMinUs: number): void {
    if (seqGt(facts.sndUna, this.#endSeq)) this.reset(facts.now, facts.sndNxt);
    const { hystart, detect, lowWindow } = this.#parameters;
    if (!hystart || window.cwnd < lowWindow) return;
    const isTrain = (detect & DETECT_TRAIN) !== 0 && this.#isTrainLong(facts, delayMinUs);
    const isDelay = (detect & DETECT_DELAY) !== 0 && this.#isDelayed(Math.max(facts.rttUs, 1), delayMinUs);
    if (!isTrain && !isDelay) return;
    this.found = true;
    window.ssthresh = window.cwnd;
  }

  #isTrainLong(facts: AckFacts, delayMinUs: number): boolean {
    if (facts.now - this.#lastAck > TRAIN_GAP_US * MICROSECOND) return false;
    this.#lastAck = facts.now;
    const threshold = (delayMinUs + facts.burstDelayUs) / 2;
    return facts.now - this.#roundStart > threshold * MICROSECOND;
  }

  #isDelayed(rttUs: number, delayMinUs: number): boolean {
    this.#currentUs = Math.min(this.#currentUs, rttUs);
    if (this.#samples < MIN_SAMPLES) {
      this.#samples++;
      return false;
    }
    const margin = Math.min(Math.max(Math.floor(delayMinUs / 8), DELAY_MIN_US), DELAY_MAX_US);
    return this.#currentUs > delayMinUs + margin;
  }
}
