/** SACKs against a plain rule: a segment is SACKed when some block so far has covered all of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACK, TcpSegment } from '../../../src/transport/tcp/header.ts';
import { TcpOptions } from '../../../src/transport/tcp/options.ts';
import { Q_SACKED } from '../../../src/transport/tcp/retransmission-queue.ts';
import { seqAdd, seqDiff, seqLe } from '../../../src/transport/tcp/seq.ts';
import { runs } from '../../support/property.ts';
import { Pair, pattern } from './pair.ts';

const FLIGHT = 40_000;
const block = fc.tuple(fc.integer({ min: 1, max: FLIGHT - 1 }), fc.integer({ min: 1, max: FLIGHT }));
const acks = fc.array(fc.array(block, { minLength: 1, maxLength: 3 }), { maxLength: 25 });

describe('the scoreboard', () => {
  it('marks what blocks have covered, in any order and however they overlap', () => {
    fc.assert(
      fc.property(acks, (lists) => {
        const pair = new Pair({
          client: { sysctls: { timestamps: 0, early_retrans: 0 }, path: { initcwnd: 100 } },
        }).establish();
        const { connection } = pair.client;
        pair.do(() => connection.write(pattern(FLIGHT)));
        const { queue, snd, rcv } = connection.tcb;
        const una = snd.una;
        const covered = new Set<number>();
        for (const list of lists) {
          const valid = list
            .map(([left, right]) => [Math.min(left, right), Math.max(left, right)] as const)
            .filter(([left, right]) => left < right);
          const isDsack = valid.length > 1 && valid[0]![0] >= valid[1]![0] && valid[0]![1] <= valid[1]![1];
          if (isDsack || valid.length === 0) continue;
          const edges = valid.flatMap(([left, right]) => [seqAdd(una, left), seqAdd(una, right)]);
          const options = new TcpOptions(0, -1, false, -1, 0, edges);
          pair.do(() => connection.onSegment(new TcpSegment(80, 40000, rcv.nxt, una, ACK, 500, options), 0));
          for (let at = 0; at < queue.size; at++) {
            const [seq, end] = [queue.seq(at), queue.end(at)];
            const isCovered = valid.some(
              ([left, right]) => seqLe(seqAdd(una, left), seq) && seqLe(end, seqAdd(una, right)),
            );
            if (isCovered) covered.add(seqDiff(seq, una));
          }
          for (let at = 0; at < queue.size; at++) {
            expect(queue.has(at, Q_SACKED)).toBe(covered.has(seqDiff(queue.seq(at), una)));
          }
        }
      }),
      runs(150),
    );
  });
});
