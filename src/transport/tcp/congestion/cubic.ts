/**
 * CUBIC (RFC 9438) with Linux's constants: the window grows as a cubic function of the time since the last reduction,
 * flat around the window at which the loss happened, and never slower than Reno would.
 */
import { MILLISECOND, type Nanos } from '../../../sim/time.ts';
import type { AckFacts, CongestionController, CongestionWindow } from './controller.ts';
import { CubicParameters, Hystart } from './hystart.ts';

/** Multiplicative decrease, in 1/1024. */
const BETA = 717;
const UNIT = 1024;
/** C of the RFC, 0.4 segments per s^3, as the kernel has it: 410/1024. */
const C = 410;
/** The kernel counts time in 1/1024 s: (1/1024)^3 s^3 and C's own 1/1024. */
const CUBE_SCALE = 1099511627776;
/** Reno's growth that matches this beta: 8 segments' worth of ACKs per segment of window, in eighths. */
const FRIENDLY_SCALE = 15;
/** While no loss has told the capacity: at least 5 % per RTT. */
const MAX_COUNT_BEFORE_LOSS = 20;
/** The window is not computed anew more often while it stays the same. */
const UPDATE_INTERVAL: Nanos = 31 * MILLISECOND;
const DISCARD_AFTER_REDUCTION: Nanos = 1000 * MILLISECOND;

export class Cubic implements CongestionController {
  readonly name = 'cubic';
  readonly hystart: Hystart;
  /** ACKs per segment of growth. */
  #count = 0;
  /** Window before the last reduction, and the window at the plateau. */
  #lastMax = 0;
  #origin = 0;
  /** Time from the reduction to the plateau, 1/1024 s. */
  #k = 0;
  /** When growth began after the reduction; -1 = not yet. */
  #epochStart: Nanos = -1;
  #lastCwnd = 0;
  #lastUpdate: Nanos = 0;
  #acked = 0;
  /** What Reno's window would be. */
  #renoCwnd = 0;
  #delayMinUs = 0;

  constructor(parameters: CubicParameters = new CubicParameters()) {
    this.hystart = new Hystart(parameters);
  }

  onAck(window: CongestionWindow, facts: AckFacts): void {
    if (!window.isCwndLimited) return;
    let { acked } = facts;
    if (window.isSlowStart) {
      acked = window.slowStart(acked);
      if (acked === 0) return;
    }
    this.#update(window.cwnd, acked, facts.now);
    window.increase(this.#count, acked);
  }

  onRttSample(window: CongestionWindow, facts: AckFacts): void {
    if (this.#epochStart >= 0 && facts.now - this.#epochStart < DISCARD_AFTER_REDUCTION) return;
    const delay = Math.max(facts.rttUs, 1);
    if (this.#delayMinUs === 0 || this.#delayMinUs > delay) this.#delayMinUs = delay;
    if (!this.hystart.found && window.isSlowStart) this.hystart.onSample(window, facts, this.#delayMinUs);
  }

  ssthresh(window: CongestionWindow): number {
    const { cwnd } = window;
    this.#epochStart = -1;
    // Fast convergence: a flow that shrinks makes room for newcomers.
    const isShrinking = cwnd < this.#lastMax;
    this.#lastMax = isShrinking ? Math.floor((cwnd * (UNIT + BETA)) / (2 * UNIT)) : cwnd;
    return Math.max(Math.floor((cwnd * BETA) / UNIT), 2);
  }

  undoCwnd(window: CongestionWindow): number {
    return Math.max(window.cwnd, window.priorCwnd);
  }

  onTimeout(now: Nanos, sndNxt: number): void {
    this.#count = 0;
    this.#lastMax = 0;
    this.#lastCwnd = 0;
    this.#lastUpdate = 0;
    this.#origin = 0;
    this.#k = 0;
    this.#delayMinUs = 0;
    this.#epochStart = -1;
    this.#acked = 0;
    this.#renoCwnd = 0;
    this.hystart.found = false;
    this.hystart.reset(now, sndNxt);
  }

  /** Silence is no time of growth: the curve is shifted by it. */
  onRestart(_window: CongestionWindow, now: Nanos, lastSentAt: Nanos): void {
    if (this.#epochStart < 0 || now <= lastSentAt) return;
    this.#epochStart = Math.min(this.#epochStart + (now - lastSentAt), now);
  }

  onStart(now: Nanos, sndNxt: number): void {
    this.hystart.reset(now, sndNxt);
  }

  #update(cwnd: number, acked: number, now: Nanos): void {
    this.#acked += acked;
    if (this.#lastCwnd === cwnd && now - this.#lastUpdate <= UPDATE_INTERVAL) return;
    if (this.#epochStart < 0 || now - this.#lastUpdate >= MILLISECOND) {
      this.#lastCwnd = cwnd;
      this.#lastUpdate = now;
      if (this.#epochStart < 0) this.#beginEpoch(cwnd, acked, now);
      this.#followCurve(cwnd, now);
    }
    this.#keepUpWithReno(cwnd);
    this.#count = Math.max(this.#count, 2); // no more than half a segment per ACKed segment
  }

  #beginEpoch(cwnd: number, acked: number, now: Nanos): void {
    this.#epochStart = now;
    this.#acked = acked;
    this.#renoCwnd = cwnd;
    const below = this.#lastMax - cwnd;
    this.#k = below <= 0 ? 0 : cubeRoot(Math.floor(CUBE_SCALE / C) * below);
    this.#origin = below <= 0 ? cwnd : this.#lastMax;
  }

  #followCurve(cwnd: number, now: Nanos): void {
    const ms = Math.floor((now - this.#epochStart) / MILLISECOND) + Math.floor(this.#delayMinUs / 1000);
    const t = Math.floor((ms * UNIT) / 1000);
    const distance = Math.abs(t - this.#k);
    const delta = Math.floor((C * distance * distance * distance) / CUBE_SCALE);
    const target = t < this.#k ? this.#origin - delta : this.#origin + delta;
    this.#count = target > cwnd ? Math.floor(cwnd / (target - cwnd)) : 100 * cwnd;
    if (this.#lastMax === 0 && this.#count > MAX_COUNT_BEFORE_LOSS) this.#count = MAX_COUNT_BEFORE_LOSS;
  }

  #keepUpWithReno(cwnd: number): void {
    const perSegment = (cwnd * FRIENDLY_SCALE) >> 3;
    if (this.#acked > perSegment) {
      const steps = Math.ceil(this.#acked / perSegment) - 1;
      this.#acked -= steps * perSegment;
      this.#renoCwnd += steps;
    }
    if (this.#renoCwnd <= cwnd) return;
    this.#count = Math.min(this.#count, Math.floor(cwnd / (this.#renoCwnd - cwnd)));
  }
}

/** The integer cube root, by Newton's method: the same on every machine. */
function cubeRoot(value: number): number {
  if (value < 1) return 0;
  let root = 1;
  while (root * root * root < value) root *= 2;
  for (;;) {
    const next = Math.floor((2 * root + Math.floor(value / (root * root))) / 3);
    if (next >= root) return root;
    root = next;
  }
}
