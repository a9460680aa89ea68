/** Fragments in any order, with repetitions, make the packet again; and a byte map says when they must not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fragment } from '../../src/network/fragment.ts';
import { FLAG_MF, Ipv4Packet } from '../../src/network/ipv4.ts';
import { Reassembly } from '../../src/network/reassembly.ts';
import { ANY_V4 } from '../../src/packet/ip-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { bytesOf } from '../../src/packet/pdu.ts';
import { runs } from '../support/property.ts';
import { packets } from './arbitraries.ts';

/** Sizes are drawn evenly: fast-check's byte arrays are nearly always too short for a second fragment. */
const wholes = fc
  .tuple(packets(20), fc.integer({ min: 1, max: 3000 }), fc.nat({ max: 255 }))
  .map(([packet, size, first]) => {
    const payload = new Payload(Uint8Array.from({ length: size }, (_, i) => (first + i * 31) & 255));
    return packet.withPayload(payload, 0, 0, null, packet.tos & ~3);
  });

describe('fragments', () => {
  it('fit the MTU, lie on 8-byte borders and cover the packet', () => {
    fc.assert(
      fc.property(wholes, fc.integer({ min: 68, max: 1500 }), (packet, mtu) => {
        const pieces = fragment(packet, mtu);
        let at = 0;
        for (const [i, piece] of pieces.entries()) {
          expect(piece.size).toBeLessThanOrEqual(mtu);
          expect(piece.offset).toBe(at);
          expect(piece.mf).toBe(i < pieces.length - 1);
          at += piece.payload.size;
        }
        expect(at).toBe(packet.payload.size);
      }),
      runs(200),
    );
  });

  it('of fragments are fragments of the whole, and make it again in any order with repetitions', () => {
    fc.assert(
      fc.property(
        wholes,
        fc.integer({ min: 68, max: 1500 }),
        fc.integer({ min: 68, max: 600 }),
        fc.infiniteStream(fc.nat()),
        (packet, mtu, second, choices) => {
          const pieces = fragment(packet, mtu).flatMap((piece) => fragment(piece, second));
          const order = shuffled(pieces, choices);
          const parts = new Reassembly();
          let whole: Ipv4Packet | null = null;
          for (const [i, piece] of order.entries()) {
            const added = parts.add(piece);
            expect(added).not.toBe('spoilt');
            if (added === 'complete') {
              expect(i).toBe(order.length - 1);
              whole = parts.whole();
            } else expect(parts.add(piece)).toBe('duplicate');
          }
          expect(whole).not.toBeNull();
          expect(bytesOf(whole!)).toEqual(bytesOf(packet));
        },
      ),
      runs(200),
    );
  });
});

describe('any fragments', () => {
  const pieces = fc.array(
    fc.record({ offset: fc.nat(6), size: fc.integer({ min: 1, max: 40 }), mf: fc.boolean() }),
    { minLength: 1, maxLength: 8 },
  );

  it('complete only when every byte came exactly once, or in repetitions of a whole run', () => {
    fc.assert(
      fc.property(pieces, (list) => {
        const parts = new Reassembly();
        const map = new Map<number, number>();
        let end = -1;
        for (const [i, { offset, size, mf }] of list.entries()) {
          const kept = mf ? size & ~7 : size;
          const data = new Payload(new Uint8Array(size).fill(i + 1));
          const packet = new Ipv4Packet(
            ANY_V4,
            ANY_V4,
            17,
            64,
            0,
            1,
            mf ? FLAG_MF : 0,
            offset * 8,
            null,
            data,
          );
          const added = parts.add(packet);
          if (added === 'spoilt') return;
          const range = Array.from({ length: kept }, (_, j) => offset * 8 + j);
          const known = range.filter((at) => map.has(at)).length;
          // Taken bytes are new ones; a fragment that brings none is a repetition; a mixture spoils the packet.
          expect(known).toBe(added === 'duplicate' ? kept : 0);
          if (added === 'duplicate') continue;
          for (const at of range) map.set(at, i + 1);
          if (!mf) end = offset * 8 + size;
          const isWhole = end >= 0 && map.size === end;
          expect(added === 'complete').toBe(isWhole);
          if (!isWhole) continue;
          const bytes = bytesOf(parts.whole()!.payload);
          expect([...bytes]).toEqual(Array.from({ length: end }, (_, at) => map.get(at)));
          return;
        }
      }),
      runs(1000),
    );
  });
});

function shuffled<T>(items: readonly T[], choices: Iterator<number>): T[] {
  const rest = [...items];
  const order: T[] = [];
  while (rest.length > 0) order.push(...rest.splice((choices.next().value as number) % rest.length, 1));
  return order;
}
