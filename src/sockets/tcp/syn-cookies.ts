/**
 * SYN cookies (Bernstein 1996; RFC 4987 3.6): when the queue of half-open connections is full, the listener keeps
 * nothing and puts what it must know into its initial sequence number: a keyed hash, the minute, and the MSS. Other
 * options of the SYN are lost.
 */
import type { IpAddress } from '../../packet/ip-address.ts';
import { type Nanos, SECOND } from '../../sim/time.ts';
import { SYN, TcpSegment } from '../../transport/tcp/header.ts';
import { TcpOptions } from '../../transport/tcp/options.ts';
import type { FlowHash } from '../demux/flow-hash.ts';

/** Eight would fit into the three low bits; four cover what is seen. */
const MSS_TABLE = [536, 1300, 1440, 1460] as const;
const MSS_BITS = 3;
const PERIOD: Nanos = 60 * SECOND;
/** A cookie is believed in the minute of its making and the next one. */
const MAX_AGE = 1;

export class SynCookies {
  readonly #hash: FlowHash;
  /** When the last cookie was given out: without any, no ACK is taken for one. */
  #lastGiven: Nanos = Number.NEGATIVE_INFINITY;

  constructor(hash: FlowHash) {
    this.#hash = hash;
  }

  /** The ISS that answers `syn`. */
  make(local: IpAddress, remote: IpAddress, syn: TcpSegment, now: Nanos): number {
    this.#lastGiven = now;
    const index = Math.max(
      0,
      MSS_TABLE.findLastIndex((mss) => mss <= (syn.options.mss || MSS_TABLE[0])),
    );
    return (this.#mac(local, remote, syn, syn.seq, Math.floor(now / PERIOD)) | index) >>> 0;
  }

  /**
   * The SYN that a valid cookie stands for.
   * @param ack the third segment of a handshake @returns null when it acknowledges no cookie of ours
   */
  check(local: IpAddress, remote: IpAddress, ack: TcpSegment, now: Nanos): TcpSegment | null {
    if (now - this.#lastGiven > (MAX_AGE + 1) * PERIOD) return null;
    const cookie = (ack.ack - 1) >>> 0;
    const seq = (ack.seq - 1) >>> 0;
    const mss = MSS_TABLE[cookie & ((1 << MSS_BITS) - 1)];
    if (mss === undefined) return null;
    const minute = Math.floor(now / PERIOD);
    for (let age = 0; age <= MAX_AGE; age++) {
      const mac = this.#mac(local, remote, ack, seq, minute - age);
      if (cookie >>> MSS_BITS === mac >>> MSS_BITS) return plainSyn(ack, seq, mss);
    }
    return null;
  }

  /** The SYN as it is answered when its options cannot be remembered. */
  static withoutOptions(syn: TcpSegment): TcpSegment {
    return plainSyn(syn, syn.seq, syn.options.mss);
  }

  #mac(local: IpAddress, remote: IpAddress, segment: TcpSegment, seq: number, minute: number): number {
    const flow = this.#hash.of(local, segment.dstPort, remote, segment.srcPort);
    let h = Math.imul(flow ^ seq, 0x9e3779b1);
    h = Math.imul((h ^ (h >>> 15)) + minute, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> MSS_BITS) << MSS_BITS;
  }
}

function plainSyn(segment: TcpSegment, seq: number, mss: number): TcpSegment {
  const options = new TcpOptions(mss, -1, false, -1, 0);
  return new TcpSegment(segment.srcPort, segment.dstPort, seq, 0, SYN, segment.wnd, options);
}
