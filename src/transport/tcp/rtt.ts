/**
 * Round-trip time and retransmission timeout: RFC 6298 with Linux's refinements. A floor under 4 RTTVAR rather than
 * under RTO, a slower reaction to falling RTTs (Eifel), RTTVAR that decays at most once per RTT, and a windowed minimum.
 */
import { MICROSECOND, type Nanos, SECOND } from '../../sim/time.ts';
import { seqGt } from './seq.ts';
import type { TcpConfig } from './sysctls.ts';
import { WindowedMin } from './windowed-min.ts';

/** RFC 6298 2.1: RTO before any sample. */
export const TIMEOUT_INIT: Nanos = SECOND;
/** RFC 6298 5.7: RTO for data after the SYN was lost and no sample exists. */
export const TIMEOUT_FALLBACK: Nanos = 3 * SECOND;

export class RttEstimator {
  /** Present RTO, ns: backed off until the next valid sample. */
  rto: Nanos = TIMEOUT_INIT;
  /** 8 SRTT in us; 0 = no sample yet. */
  srtt8 = 0;
  /** Mean deviation and its maximum of this RTT, times 4, us. */
  mdev4: number = TIMEOUT_INIT / MICROSECOND;
  #mdevMax4 = 0;
  /** 4 RTTVAR, us. */
  rttvar4 = 0;
  /** Samples before this number passes belong to one RTT. */
  #rttSeq = 0;
  readonly #min: WindowedMin = new WindowedMin();
  readonly #config: TcpConfig;

  constructor(config: TcpConfig) {
    this.#config = config;
  }

  /** SRTT in us, 0 before the first sample. */
  get srttUs(): number {
    return this.srtt8 >>> 3;
  }

  /** SRTT in ns. */
  get srtt(): Nanos {
    return (this.srtt8 >>> 3) * MICROSECOND;
  }

  /** The least RTT of the last five minutes (`tcp_min_rtt_wlen`), us; Infinity before the first sample. */
  get minUs(): number {
    return this.#min.value;
  }

  /** Takes a sample for the minimum only. */
  sampleMin(rttUs: number, now: Nanos): void {
    this.#min.sample(rttUs, now, this.#config.minRttWindow);
  }

  /**
   * Takes one sample, at least 1 us, from a segment that was sent once (Karn) or echoed a timestamp.
   * @param sndUna after the ACK @param sndNxt both tell one RTT from the next
   */
  sample(rttUs: number, sndUna: number, sndNxt: number): void {
    const floor = this.#config.rtoMin / MICROSECOND;
    if (this.srtt8 === 0) {
      this.srtt8 = Math.max(1, rttUs * 8);
      this.mdev4 = rttUs * 2; // so that the first RTO is three times the RTT
      this.rttvar4 = Math.max(this.mdev4, floor);
      this.#mdevMax4 = this.rttvar4;
      this.#rttSeq = sndNxt;
      this.#updateRto();
      return;
    }
    const error = rttUs - (this.srtt8 >>> 3);
    this.srtt8 = Math.max(1, this.srtt8 + error);
    let deviation = Math.abs(error) - (this.mdev4 >>> 2);
    // A falling RTT is no reason to expect a later answer: it widens the deviation eight times slower.
    if (error < 0 && deviation > 0) deviation >>= 3;
    this.mdev4 += deviation;
    if (this.mdev4 > this.#mdevMax4) {
      this.#mdevMax4 = this.mdev4;
      if (this.#mdevMax4 > this.rttvar4) this.rttvar4 = this.#mdevMax4;
    }
    if (seqGt(sndUna, this.#rttSeq)) {
      if (this.#mdevMax4 < this.rttvar4) this.rttvar4 -= (this.rttvar4 - this.#mdevMax4) >>> 2;
      this.#rttSeq = sndNxt;
      this.#mdevMax4 = floor;
    }
    this.#updateRto();
  }

  /** RFC 6298 5.5: a timeout doubles the RTO. */
  backOff(): void {
    this.rto = Math.min(this.rto * 2, this.#config.rtoMax);
  }

  /** RFC 6298 5.7: the SYN was sent again and gave no sample. */
  fallBack(): void {
    this.rto = TIMEOUT_FALLBACK;
    this.mdev4 = TIMEOUT_FALLBACK / MICROSECOND;
  }

  /** RTO as SRTT and RTTVAR say, without backoff. */
  get baseRto(): Nanos {
    return this.srtt8 === 0 ? TIMEOUT_INIT : Math.min(this.#computed(), this.#config.rtoMax);
  }

  #updateRto(): void {
    this.rto = Math.min(this.#computed(), this.#config.rtoMax);
  }

  #computed(): Nanos {
    return ((this.srtt8 >>> 3) + this.rttvar4) * MICROSECOND;
  }
}
