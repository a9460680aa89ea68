/** Payload behaves as the byte string it stands for, however it was sliced and joined. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Payload } from '../../src/packet/payload.ts';
import { bytesOf } from '../../src/packet/pdu.ts';
import { runs } from '../support/property.ts';

const text = (payload: Payload) => Buffer.from(bytesOf(payload)).toString('hex');

it('slices and joins as bytes do', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(40),
      fc.nat(40),
      fc.uint8Array({ maxLength: 9 }),
      (bytes, a, b, more) => {
        const from = Math.min(a, bytes.length);
        const size = Math.min(b, bytes.length - from);
        const whole = new Payload(bytes);
        const part = whole.slice(from, size);
        expect(text(part)).toBe(Buffer.from(bytes.slice(from, from + size)).toString('hex'));
        expect(text(part.concat(new Payload(more)))).toBe(text(part) + Buffer.from(more).toString('hex'));
        expect(text(whole.slice(0, from).concat(whole.slice(from)))).toBe(text(whole));
      },
    ),
    runs(500),
  );
});

it('joins neighbours and shared zeros without a copy', () => {
  const whole = new Payload(new Uint8Array(100));
  expect(whole.slice(0, 30).concat(whole.slice(30, 70)).bytes).toBe(whole.bytes);
  const zeros = Payload.zeros(1000).concat(Payload.zeros(500));
  expect(zeros.bytes).toBe(Payload.zeros(1).bytes);
  expect(zeros.size).toBe(1500);
  expect(Payload.zeros(40000).concat(Payload.zeros(40000)).size).toBe(80000);
});
