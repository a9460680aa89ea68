/**
 * SYN cookies (Bernstein 1996; RFC 4987 3.6): when the queue of half-open connections is full, the listener keeps
 * nothing and puts what it must know into its initial sequence number: a keyed hash, the minute, and the MSS. Other
 * options of the SYN are lost. Kernel: net/ipv4/syncookies.c.
 */
import type { IpAddress } from '../../packet/ip-address.ts';
import { type Nanos, SECOND } from '../../sim/time.ts';
import { SYN, TcpSegment } from '../../transport/tcp/header.ts';
import { TcpOptions } from '../../transport/tcp/options.ts';
import type { FlowHash } from '../demux/flow-hash.ts';

/** Kernel: msstab of net/ipv4/syncookies.c and net/ipv6/syncookies.c. */
const MSS_TABLE = { 4: [536, 1300, 1440, 1460], 6: [1220, 1420, 1440, 8940] } as const;
const PERIOD: Nanos = 60 * SECOND;
/** A cookie is believed in the minute of its making and the next one. */
const MAX_AGE = 1;
/** The minute stands in the upper 8 bits, what is to be known in the lower 24. */
const DATA_BITS = 24;
const DATA_MASK = 0xffffff;

/** Remembers when cookies were last given out: a listener does, or its SO_REUSEPORT group for all its members. */
export interface CookieStamp {
  cookieGivenAt: Nanos;
}

/** Kernel: tcp_synq_overflow. */
export function stampOf(
  listener: CookieStamp & { readonly reusePort: boolean; readonly group: CookieStamp | null },
): CookieStamp {
  return listener.reusePort && listener.group !== null ? listener.group : listener;
}

export class SynCookies {
  readonly #hash: FlowHash;

  constructor(hash: FlowHash) {
    this.#hash = hash;
  }

  /** The ISS that answers `syn`. Kernel: secure_tcp_syn_cookie. */
  make(stamp: CookieStamp, local: IpAddress, remote: IpAddress, syn: TcpSegment, now: Nanos): number {
    stamp.cookieGivenAt = now;
    const mss = syn.options.mss || MSS_TABLE[local.family][0];
    const index = Math.max(
      0,
      MSS_TABLE[local.family].findLastIndex((entry) => entry <= mss),
    );
    const minute = Math.floor(now / PERIOD);
    const data = (this.#mac(local, remote, syn, minute) + index) & DATA_MASK;
    return (this.#mac(local, remote, syn, 0) + syn.seq + (minute << DATA_BITS) + data) >>> 0;
  }

  /**
   * The SYN that a valid cookie stands for. The parts of a cookie are added, not hashed together: an ACK whose
   * sequence number is a little too high, or its acknowledgement too low, still is one, for a smaller MSS.
   * Kernel: cookie_v4_check, check_tcp_syn_cookie.
   * @param ack the third segment of a handshake @returns null when it acknowledges no cookie of this listener's
   */
  check(
    stamp: CookieStamp,
    local: IpAddress,
    remote: IpAddress,
    ack: TcpSegment,
    now: Nanos,
  ): TcpSegment | null {
    if (now - stamp.cookieGivenAt > (MAX_AGE + 1) * PERIOD) return null;
    const seq = (ack.seq - 1) >>> 0;
    const cookie = (ack.ack - 1 - seq - this.#mac(local, remote, ack, 0)) >>> 0;
    const minute = Math.floor(now / PERIOD);
    const age = (minute - (cookie >>> DATA_BITS)) & 0xff;
    if (age > MAX_AGE) return null;
    const index = (cookie - this.#mac(local, remote, ack, minute - age)) & DATA_MASK;
    const mss = MSS_TABLE[local.family][index];
    return mss === undefined ? null : plainSyn(ack, seq, mss);
  }

  /** The SYN as it is answered when its options cannot be remembered. */
  static withoutOptions(syn: TcpSegment): TcpSegment {
    return plainSyn(syn, syn.seq, syn.options.mss);
  }

  #mac(local: IpAddress, remote: IpAddress, segment: TcpSegment, minute: number): number {
    const flow = this.#hash.of(local, segment.dstPort, remote, segment.srcPort);
    let h = Math.imul(flow, 0x9e3779b1);
    h = Math.imul((h ^ (h >>> 15)) + minute, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  }
}

function plainSyn(segment: TcpSegment, seq: number, mss: number): TcpSegment {
  const options = new TcpOptions(mss, -1, false, -1, 0);
  return new TcpSegment(segment.srcPort, segment.dstPort, seq, 0, SYN, segment.wnd, options);
}
