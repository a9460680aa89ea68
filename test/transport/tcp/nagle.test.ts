/** Nagle's algorithm in Minshall's form (RFC 9293 3.7.4): which small segments wait, and what sets them free. */
import { describe, expect, it } from 'vitest';
import { type EndOptions, Pair, pattern } from './pair.ts';

/** What the client sends for writes of these sizes, all made at once and before any ACK. */
function sizesSent(sizes: readonly number[], client: EndOptions = {}): number[] {
  const pair = new Pair({ client }).establish();
  const since = pair.sent.length;
  pair.do(() => {
    for (const size of sizes) pair.client.connection.write(pattern(size));
  });
  return pair.sent.slice(since).map(({ segment }) => segment.payload.size);
}

describe('small writes', () => {
  it('wait while a small segment is under way', () => {
    expect(sizesSent([10, 20, 30])).toEqual([10]);
  });

  it('leave together when it is acknowledged', () => {
    const pair = new Pair().establish();
    const since = pair.sent.length;
    pair.do(() => [10, 20, 30].map((size) => pair.client.connection.write(pattern(size))));
    pair.run(500);
    expect(pair.log('client', since).slice(0, 2)).toEqual(['P. 1:11(10) ack 1', 'P. 11:61(50) ack 1']);
  });

  it('do not wait for full segments, as Minshall has it', () => {
    expect(sizesSent([1448, 20])).toEqual([1448, 20]);
  });

  it('never wait with TCP_NODELAY', () => {
    expect(sizesSent([10, 20, 30], { settings: { nodelay: true } })).toEqual([10, 20, 30]);
  });

  it('wait for a full segment with TCP_CORK, even when nothing is under way', () => {
    expect(sizesSent([10, 20], { settings: { cork: true } })).toEqual([]);
    expect(sizesSent([1000, 1000], { settings: { cork: true } })).toEqual([1448]);
  });
});
