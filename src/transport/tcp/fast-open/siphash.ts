/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of short messages into 64 bits, as Linux makes Fast Open
 * cookies. Numbers of 64 bits are pairs of 32-bit halves, low first.
 */

/** A 64-bit word: [low, high]. */
export type Word64 = readonly [low: number, high: number];

/** @param key sixteen bytes @param message any bytes @returns eight bytes, little-endian as the field has it */
export function sipHash24(key: Uint8Array, message: Uint8Array): Word64 {
  const view = new DataView(key.buffer, key.byteOffset);
  const k0: Word64 = [view.getUint32(0, true), view.getUint32(4, true)];
  const k1: Word64 = [view.getUint32(8, true), view.getUint32(12, true)];
  const state = new SipState(k0, k1);
  const whole = message.length - (message.length % 8);
  for (let at = 0; at < whole; at += 8) state.absorb(readWord(message, at, 8));
  const [low, high] = readWord(message, whole, message.length - whole);
  state.absorb([low, high | (message.length << 24)]);
  return state.finish();
}

/** Up to eight bytes, little-endian, the missing ones zero. */
function readWord(bytes: Uint8Array, at: number, count: number): Word64 {
  const word: [number, number] = [0, 0];
  for (let i = 0; i < count; i++) word[i >> 2]! |= bytes[at + i]! << (8 * (i & 3));
  return word;
}

class SipState {
  /** v0 to v3, low half before high half. */
  readonly #v: Int32Array;

  constructor(k0: Word64, k1: Word64) {
    this.#v = Int32Array.of(
      k0[0] ^ 0x70736575,
      k0[1] ^ 0x736f6d65,
      k1[0] ^ 0x6e646f6d,
      k1[1] ^ 0x646f7261,
      k0[0] ^ 0x6e657261,
      k0[1] ^ 0x6c796765,
      k1[0] ^ 0x79746573,
      k1[1] ^ 0x74656462,
    );
  }

  absorb(word: Word64): void {
    this.#xor(3, word);
    this.#round();
    this.#round();
    this.#xor(0, word);
  }

  finish(): Word64 {
    this.#xor(2, [0xff, 0]);
    for (let i = 0; i < 4; i++) this.#round();
    const v = this.#v;
    return [(v[0]! ^ v[2]! ^ v[4]! ^ v[6]!) >>> 0, (v[1]! ^ v[3]! ^ v[5]! ^ v[7]!) >>> 0];
  }

  #round(): void {
    this.#mix(0, 1, 13);
    this.#rotate(0, 32);
    this.#mix(2, 3, 16);
    this.#mix(0, 3, 21);
    this.#mix(2, 1, 17);
    this.#rotate(2, 32);
  }

  /** v[a] += v[b]; v[b] = rotl(v[b], bits) ^ v[a]. */
  #mix(a: number, b: number, bits: number): void {
    const v = this.#v;
    const low = (v[2 * a]! >>> 0) + (v[2 * b]! >>> 0);
    v[2 * a] = low | 0;
    v[2 * a + 1] = v[2 * a + 1]! + v[2 * b + 1]! + (low > 0xffffffff ? 1 : 0);
    this.#rotate(b, bits);
    v[2 * b]! ^= v[2 * a]!;
    v[2 * b + 1]! ^= v[2 * a + 1]!;
  }

  /** Rotates v[i] to the left by 1 to 32 bits. */
  #rotate(i: number, bits: number): void {
    const v = this.#v;
    const low = v[2 * i]!;
    const high = v[2 * i + 1]!;
    v[2 * i] = bits === 32 ? high : (low << bits) | (high >>> (32 - bits));
    v[2 * i + 1] = bits === 32 ? low : (high << bits) | (low >>> (32 - bits));
  }

  #xor(i: number, word: Word64): void {
    this.#v[2 * i]! ^= word[0];
    this.#v[2 * i + 1]! ^= word[1];
  }
}
