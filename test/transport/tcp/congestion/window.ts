/** A congestion window and its controller without a connection: rounds of ACKs as a test wants them. */
import { MICROSECOND, type Nanos, SECOND } from '../../../../src/sim/time.ts';
import {
  AckFacts,
  type CongestionController,
  CongestionWindow,
} from '../../../../src/transport/tcp/congestion/controller.ts';

/** A sender that always has data: every round trip the whole window is acknowledged, ACK by ACK. */
export class Rounds {
  readonly window = new CongestionWindow();
  readonly facts = new AckFacts();
  readonly controller: CongestionController;
  /** Segments per ACK. */
  readonly perAck: number;
  now: Nanos = SECOND;
  #next = 1;

  constructor(controller: CongestionController, perAck: number = 1) {
    this.controller = controller;
    this.perAck = perAck;
    this.window.isLimited = true;
    this.facts.sndUna = this.#next;
    controller.onStart(this.now, this.#next);
  }

  /** One round trip of `rttUs`; ACKs come evenly over it. @returns cwnd after it */
  round(rttUs: number): number {
    const { window, facts, controller } = this;
    const flight = window.cwnd;
    const gap = Math.floor((rttUs * MICROSECOND) / flight);
    window.maxPacketsOut = flight;
    for (let left = flight; left > 0; left -= this.perAck) {
      const acked = Math.min(this.perAck, left);
      this.now += gap * acked;
      this.#next += acked;
      facts.now = this.now;
      facts.acked = acked;
      facts.rttUs = rttUs;
      facts.srttUs = rttUs;
      facts.minRttUs = Math.min(facts.minRttUs, rttUs);
      facts.sndUna = this.#next;
      facts.sndNxt = this.#next + flight;
      facts.inFlight = flight;
      controller.onRttSample(window, facts);
      controller.onAck(window, facts);
    }
    return window.cwnd;
  }

  /** A loss that recovery repaired at once: cwnd stands at the new ssthresh. */
  lose(): number {
    const { window, controller } = this;
    window.priorCwnd = window.cwnd;
    window.ssthresh = controller.ssthresh(window);
    window.set(window.ssthresh);
    window.count = 0;
    return window.cwnd;
  }
}
