/**
 * Script numbers and live numbers of one connection. Packets with SYN show absolute numbers, all others count from
 * the ISN as tcpdump prints them. The remote side is ours: its live numbers are the script's own. The host's ISN is
 * learnt from its first SYN. All arithmetic is modulo 2^32 (RFC 9293 3.4).
 */

const U32 = 4294967296;

export class SequenceMap {
  /** ISN of our side: script and live are the same number. */
  remoteIsn = 0;
  /** ISN of the host as the script writes it. */
  #scriptIsn = 0;
  #liveIsn = 0;
  #isLearnt = false;

  /** The host's first SYN or SYN-ACK was seen: what it has, and what the script calls it. Later ones change nothing. */
  learn(scriptSeq: number, liveSeq: number): void {
    if (this.#isLearnt) return;
    this.#isLearnt = true;
    this.#scriptIsn = scriptSeq;
    this.#liveIsn = liveSeq;
  }

  /** A sequence number of the host: in its own packets, in our ACKs and SACKs, in ICMP quotes. */
  localToLive(scriptSeq: number, hasSyn: boolean): number {
    return mod(scriptSeq + this.#liveIsn - (hasSyn ? this.#scriptIsn : 0));
  }

  localToScript(liveSeq: number, hasSyn: boolean): number {
    return mod(liveSeq - this.#liveIsn + (hasSyn ? this.#scriptIsn : 0));
  }

  /** A sequence number of our side. */
  remoteToLive(scriptSeq: number, hasSyn: boolean): number {
    return hasSyn ? scriptSeq : mod(scriptSeq + this.remoteIsn);
  }

  remoteToScript(liveSeq: number, hasSyn: boolean): number {
    return hasSyn ? liveSeq : mod(liveSeq - this.remoteIsn);
  }
}

function mod(value: number): number {
  return ((value % U32) + U32) % U32;
}
