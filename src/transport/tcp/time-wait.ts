/**
 * TIME-WAIT (RFC 9293 3.6.1) as a record that is much smaller than a connection, and the FIN-WAIT-2 of an orphan, which
 * Linux keeps in the same form (tcp_timewait_state_process; rules R11, R12, L11, L12). The owner holds the timer.
 */
import { type Nanos, SECOND } from '../../sim/time.ts';
import { ACK, FIN, RST, SYN, TcpSegment } from './header.ts';
import { NO_OPTIONS, TcpOptions } from './options.ts';
import { seqAdd, seqGt, seqLe, seqLt } from './seq.ts';

/** 2 MSL as Linux has it. */
export const TIME_WAIT_LENGTH: Nanos = 60 * SECOND;
/** RFC 7323 5.5: a TS.Recent older than 24 days is no longer compared. */
export const PAWS_24_DAYS: Nanos = 24 * 24 * 3600 * SECOND;

/**
 * What the owner does after a segment. `ack`: send {@link TimeWait.ackSegment}. `reset`: send `resetFor(segment)` and
 * forget the record. `forget`: forget it silently. `reopen`: give the SYN to a listener, with {@link TimeWait.reopenIss};
 * without a listener, `ack`. `drop`: nothing. After each of them, look at {@link TimeWait.expiresAt} again.
 */
export type TimeWaitVerdict = 'drop' | 'ack' | 'reset' | 'forget' | 'reopen';

/** What the record takes over from the connection. */
export interface TimeWaitFacts {
  readonly substate: 'FIN-WAIT-2' | 'TIME-WAIT';
  readonly localPort: number;
  readonly remotePort: number;
  readonly sndNxt: number;
  readonly rcvNxt: number;
  /** The window offered last, bytes. */
  readonly rcvWnd: number;
  readonly rcvWscale: number;
  readonly hasTimestamps: boolean;
  readonly tsRecent: number;
  /** When `tsRecent` was noted. */
  readonly tsRecentAt: Nanos;
  readonly tsOffset: number;
  /** Sub-state FIN-WAIT-2: how long it may last. TIME-WAIT lasts {@link TIME_WAIT_LENGTH}. */
  readonly timeout: Nanos;
  /** tcp_rfc1337: RSTs do not end TIME-WAIT. */
  readonly rfc1337: boolean;
  /** tcp_invalid_ratelimit */
  readonly invalidRateLimit: Nanos;
}

export class TimeWait {
  substate: 'FIN-WAIT-2' | 'TIME-WAIT';
  /** The owner forgets the record at this instant. */
  expiresAt: Nanos;
  /** When it became what it is; tcp_tw_reuse asks. */
  readonly since: Nanos;
  readonly hasTimestamps: boolean;
  readonly sndNxt: number;
  rcvNxt: number;
  readonly #facts: TimeWaitFacts;
  #tsRecent: number;
  #tsRecentAt: Nanos;
  #lastOutOfWindowAck: Nanos = Number.NEGATIVE_INFINITY;

  constructor(facts: TimeWaitFacts, now: Nanos) {
    this.#facts = facts;
    this.substate = facts.substate;
    this.since = now;
    this.expiresAt = now + (facts.substate === 'TIME-WAIT' ? TIME_WAIT_LENGTH : facts.timeout);
    this.hasTimestamps = facts.hasTimestamps;
    this.sndNxt = facts.sndNxt;
    this.rcvNxt = facts.rcvNxt;
    this.#tsRecent = facts.tsRecent;
    this.#tsRecentAt = facts.tsRecentAt;
  }

  /** The ISS for a connection that takes the name over: beyond all that this one could have sent. */
  get reopenIss(): number {
    const iss = seqAdd(this.sndNxt, 65535 + 2);
    return iss === 0 ? 1 : iss;
  }

  /** Takes a segment for this connection's name. */
  onSegment(segment: TcpSegment, now: Nanos): TimeWaitVerdict {
    const isOld = this.#isOldByTimestamp(segment, now);
    return this.substate === 'FIN-WAIT-2'
      ? this.#onFinWait2(segment, now, isOld)
      : this.#onTimeWait(segment, now, isOld);
  }

  /**
   * RFC 6191 2, for a SYN: with timestamps on both sides they decide, and at equal ones the sequence number; a connection
   * that had none makes way for one that has; else the sequence number decides.
   */
  isSuccessor(syn: TcpSegment): boolean {
    const isBeyond = seqGt(syn.seq, this.rcvNxt);
    if (!syn.options.hasTimestamps) return isBeyond;
    if (!this.hasTimestamps || seqLt(this.#tsRecent, syn.options.tsval)) return true;
    return this.#tsRecent === syn.options.tsval && isBeyond;
  }

  /** The ACK that the verdict `ack` asks for. @param tsClock the host's timestamp clock, without any offset */
  ackSegment(tsClock: number): TcpSegment {
    const facts = this.#facts;
    const options = facts.hasTimestamps
      ? TcpOptions.timestamps((tsClock + facts.tsOffset) >>> 0, this.#tsRecent)
      : NO_OPTIONS;
    const wnd = Math.min(facts.rcvWnd >>> facts.rcvWscale, 65535);
    return new TcpSegment(facts.localPort, facts.remotePort, this.sndNxt, this.rcvNxt, ACK, wnd, options);
  }

  #onFinWait2(segment: TcpSegment, now: Nanos, isOld: boolean): TimeWaitVerdict {
    const { rcvNxt } = this;
    const end = seqAdd(segment.seq, segment.len);
    if (isOld || !this.#isInWindow(segment.seq, end)) return this.#outOfWindow(segment, now);
    if (segment.has(RST)) return 'forget';
    if (segment.has(SYN) && !seqLt(segment.seq, rcvNxt)) return 'reset';
    if (!segment.has(ACK) || !seqGt(end, rcvNxt) || end === segment.seq) return 'drop';
    // Data for an orphan is lost data: only a FIN that is exactly next ends it well.
    if (!segment.has(FIN) || end !== seqAdd(rcvNxt, 1)) return 'reset';
    this.substate = 'TIME-WAIT';
    this.rcvNxt = end;
    this.#noteTimestamp(segment, now);
    this.expiresAt = now + TIME_WAIT_LENGTH;
    return 'ack';
  }

  #onTimeWait(segment: TcpSegment, now: Nanos, isOld: boolean): TimeWaitVerdict {
    const isEmpty = segment.len === 0;
    if (!isOld && segment.seq === this.rcvNxt && (isEmpty || segment.has(RST))) {
      if (!segment.has(RST)) this.expiresAt = now + TIME_WAIT_LENGTH;
      else if (!this.#facts.rfc1337) return 'forget';
      this.#noteTimestamp(segment, now);
      return 'drop';
    }
    if ((segment.flags & (SYN | RST | ACK)) === SYN && !isOld && this.#isNewIncarnation(segment))
      return 'reopen';
    if (segment.has(RST)) return 'drop';
    if (isOld || segment.has(ACK)) this.expiresAt = now + TIME_WAIT_LENGTH;
    return this.#outOfWindow(segment, now);
  }

  /** RFC 6191: a number beyond the old ones, or a timestamp beyond the old ones. */
  #isNewIncarnation(syn: TcpSegment): boolean {
    if (seqGt(syn.seq, this.rcvNxt)) return true;
    return this.hasTimestamps && syn.options.hasTimestamps && seqLt(this.#tsRecent, syn.options.tsval);
  }

  #isInWindow(seq: number, end: number): boolean {
    if (seq === this.rcvNxt) return true;
    const right = seqAdd(this.rcvNxt, this.#facts.rcvWnd);
    if (seqGt(end, this.rcvNxt) && seqLt(seq, right)) return true;
    return seq === right && seq === end;
  }

  /** RFC 7323 5.3 (PAWS). */
  #isOldByTimestamp(segment: TcpSegment, now: Nanos): boolean {
    const { tsval } = segment.options;
    if (!this.hasTimestamps || tsval < 0 || seqLe(this.#tsRecent, tsval)) return false;
    return now - this.#tsRecentAt < PAWS_24_DAYS;
  }

  #noteTimestamp(segment: TcpSegment, now: Nanos): void {
    if (!segment.options.hasTimestamps) return;
    this.#tsRecent = segment.options.tsval;
    this.#tsRecentAt = now;
  }

  #outOfWindow(segment: TcpSegment, now: Nanos): TimeWaitVerdict {
    if (segment.len > 0 && !segment.has(SYN)) return 'ack'; // data is no part of a loop of ACKs
    if (now - this.#lastOutOfWindowAck < this.#facts.invalidRateLimit) return 'drop';
    this.#lastOutOfWindowAck = now;
    return 'ack';
  }
}
