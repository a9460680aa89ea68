/**
 * Named random streams. Each component draws from a stream of its own, derived from (seed, run, name), so that
 * adding a node or a link changes nobody else's draws.
 */
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** A source of pseudo-random numbers (xoroshiro128+). */
export class RandomStream {
  readonly #generator: RandomGenerator;

  constructor(generator: RandomGenerator) {
    this.#generator = generator;
  }

  /** A uniform integer in [0, 2^32). */
  u32(): number {
    return this.#generator.next() >>> 0;
  }

  /** A uniform number in [0, 1) with 53 random bits. */
  float(): number {
    const high = this.#generator.next() >>> 5;
    const low = this.#generator.next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** A uniform integer in [min, max], both included; max - min is below 2^53. */
  int(min: number, max: number): number {
    return min + Math.floor(this.float() * (max - min + 1));
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.float() < p;
  }
}

/** Gives out the streams of one run. */
export class RandomStreams {
  readonly seed: number;
  readonly run: number;

  /** @param seed what a user varies @param run which repetition of the same experiment */
  constructor(seed: number, run: number = 0) {
    this.seed = seed;
    this.run = run;
  }

  /** The stream called `name`; asking twice gives two generators that draw the same numbers. */
  stream(name: string): RandomStream {
    const key = `${this.seed}/${this.run}/${name}`;
    const words = [0, 1, 2, 3].map((salt) => hash32(key, salt));
    if ((words[0]! | words[1]! | words[2]! | words[3]!) === 0) words[0] = 1; // the one state that never leaves itself
    const generator = xoroshiro128plusFromState(words);
    for (let i = 0; i < 8; i++) generator.next();
    return new RandomStream(generator);
  }
}

/** FNV-1a over the UTF-16 units of `text`, begun with `salt` and finished with MurmurHash3's mixer. */
function hash32(text: string, salt: number): number {
  let h = 0x811c9dc5 ^ Math.imul(salt + 1, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
