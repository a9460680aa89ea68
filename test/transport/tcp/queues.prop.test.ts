/** The queues of a connection against plain arrays. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteQueue } from '../../../src/transport/tcp/byte-queue.ts';
import { Reassembly } from '../../../src/transport/tcp/reassembly.ts';
import {
  Q_JOINED,
  Q_LOST,
  Q_RETRANS,
  Q_SACKED,
  RetransmissionQueue,
} from '../../../src/transport/tcp/retransmission-queue.ts';
import { seqAdd } from '../../../src/transport/tcp/seq.ts';
import { runs } from '../../support/property.ts';
import { pattern } from './pair.ts';

describe('the byte queue', () => {
  it('gives any slice of what was appended and not dropped', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), size: fc.nat(300) }),
      fc.record({ kind: fc.constant('drop' as const), size: fc.nat(400) }),
      fc.record({ kind: fc.constant('slice' as const), from: fc.nat(2000), size: fc.nat(600) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new ByteQueue();
        let start = 0;
        let end = 0;
        for (const s of steps) {
          if (s.kind === 'append') {
            queue.append(pattern(s.size, end));
            end += s.size;
          } else if (s.kind === 'drop') {
            const count = Math.min(s.size, end - start);
            queue.drop(count);
            start += count;
          } else {
            const from = Math.min(s.from, end - start);
            const size = Math.min(s.size, end - start - from);
            expect(queue.slice(from, size).view()).toEqual(pattern(size, start + from).view());
          }
          expect(queue.size).toBe(end - start);
        }
      }),
      runs(200),
    );
  });
});

describe('reassembly', () => {
  it('gives every byte once and in order, however segments overlap', () => {
    const total = 400;
    const piece = fc.record({ at: fc.nat(total - 1), size: fc.integer({ min: 1, max: 120 }) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(0xffffffff), (pieces, isn) => {
        const queue = new Reassembly();
        const seen = new Uint8Array(total + 1);
        let next = 0;
        const got: number[] = [];
        let charge = 0;
        for (const { at, size } of [...pieces, { at: 0, size: 1 }]) {
          const from = Math.max(at, next);
          const end = Math.min(at + size, total);
          if (end <= from) continue;
          seen.fill(1, from, end);
          charge += queue.insert(seqAdd(isn, from), pattern(end - from, from), end === total, end - from, 0);
          const nextSeq = queue.take(seqAdd(isn, next), (payload, _isFin, share) => {
            charge -= share;
            got.push(...payload.view());
          });
          next = (nextSeq - isn) >>> 0;
          if (queue.isEmpty) expect(charge).toBe(0);
        }
        const due = seen.indexOf(0);
        expect(got).toEqual([...pattern(Math.min(due, total)).view()]);
        expect(next).toBe(due === total ? total + 1 : due); // the FIN counts
      }),
      runs(300),
    );
  });
});

interface Entry {
  seq: number;
  end: number;
  marks: number;
  sentAt: number;
}

describe('the retransmission queue', () => {
  const step = fc.record({
    kind: fc.constantFrom('push', 'shift', 'mark', 'unmark', 'resent', 'split', 'merge', 'find'),
    at: fc.nat(40),
    size: fc.integer({ min: 2, max: 50 }),
    marks: fc.constantFrom(Q_SACKED, Q_LOST, Q_RETRANS, Q_LOST | Q_RETRANS, Q_JOINED),
  });

  it('does what an array of entries does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.nat(0xffffffff), (steps, iss) => {
        const queue = new RetransmissionQueue();
        let model: Entry[] = [];
        let next = iss;
        let now = 0;
        for (const { kind, at: position, size, marks } of steps) {
          now++;
          const at = model.length === 0 ? 0 : position % model.length;
          const entry = model[at];
          if (kind === 'push') {
            queue.push(next, seqAdd(next, size), 0, now);
            model.push({ seq: next, end: seqAdd(next, size), marks: 0, sentAt: now });
            next = seqAdd(next, size);
          } else if (entry === undefined) continue;
          else if (kind === 'shift') {
            queue.shift();
            model = model.slice(1);
          } else if (kind === 'mark') {
            queue.mark(at, marks);
            entry.marks |= marks;
          } else if (kind === 'unmark') {
            queue.unmark(at, marks);
            entry.marks &= ~marks;
          } else if (kind === 'resent') {
            queue.resent(at, now);
            entry.sentAt = now;
          } else if (kind === 'split' && queue.len(at) > 1) {
            const middle = seqAdd(entry.seq, 1);
            queue.split(at, middle);
            const second = { ...entry, seq: middle };
            entry.end = middle;
            entry.marks &= ~Q_JOINED;
            model.splice(at + 1, 0, second);
          } else if (kind === 'merge' && at + 1 < model.length) {
            queue.merge(at);
            const [second] = model.splice(at + 1, 1);
            entry.end = second!.end;
            entry.marks = (entry.marks & ~Q_JOINED) | (second!.marks & Q_JOINED);
          } else if (kind === 'find') {
            const seq = seqAdd(entry.seq, size % Math.max(1, queue.len(at)));
            expect(queue.find(seq)).toBe(at);
          }
          compare(queue, model);
        }
      }),
      runs(300),
    );
  });
});

function compare(queue: RetransmissionQueue, model: readonly Entry[]): void {
  const count = (mark: number) => model.filter((entry) => (entry.marks & mark) !== 0).length;
  expect(queue.size).toBe(model.length);
  expect([queue.sacked, queue.lost, queue.retransmitted, queue.joined]).toEqual(
    [Q_SACKED, Q_LOST, Q_RETRANS, Q_JOINED].map(count),
  );
  model.forEach((entry, at) => {
    expect([queue.seq(at), queue.end(at), queue.sentAt(at)]).toEqual([entry.seq, entry.end, entry.sentAt]);
    expect(queue.marks(at) & (Q_SACKED | Q_LOST | Q_RETRANS | Q_JOINED)).toBe(entry.marks);
  });
  // The time-ordered chain never goes back, and holds no entry twice.
  const chain: number[] = [];
  for (let at = queue.oldest; at >= 0; at = queue.laterThan(at)) {
    chain.push(at);
    expect(chain.length).toBeLessThanOrEqual(model.length);
  }
  const times = chain.map((at) => model[at]!.sentAt);
  expect(times).toEqual([...times].sort((a, b) => a - b));
}
