/**
 * A keyed hash of four-tuples: spreads flows over SO_REUSEPORT groups (L8) and ephemeral ports over destinations
 * (L20). It depends on the addresses' bits and the host's secret, never on the order in which addresses were met.
 */
import type { IpAddress } from '../../packet/ip-address.ts';
import type { RandomStream } from '../../sim/random.ts';

export class FlowHash {
  readonly #key: number;

  /** @param secret one number is drawn from it: hosts hash differently, the same seed hashes alike */
  constructor(secret: RandomStream) {
    this.#key = secret.u32();
  }

  /** An unsigned 32-bit number. */
  of(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): number {
    let h = mixAddress(this.#key, local);
    h = mixAddress(h, remote);
    h = mixWord(h, (localPort << 16) | remotePort);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  }
}

function mixAddress(hash: number, address: IpAddress): number {
  if (address.family === 4) return mixWord(hash, address.w3);
  return mixWord(mixWord(mixWord(mixWord(hash, address.w0), address.w1), address.w2), address.w3);
}

function mixWord(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}
