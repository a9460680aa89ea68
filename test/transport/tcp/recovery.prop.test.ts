/**
 * Loss recovery seen from the wire: how much leaves while a reduction goes on (PRR, RFC 6937), when RACK (RFC 8985) calls
 * a segment lost, and what reordering it forgives.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MILLISECOND } from '../../../src/sim/time.ts';
import { runs } from '../../support/property.ts';
import { Pair, type PairOptions, pattern } from './pair.ts';

const MSS = 1448;
/** The handshake's SYN and ACK come before the data. */
const FIRST_DATA = 2;

/** A flow with `cwnd` segments in flight at once, and much more to send. */
function flight(cwnd: number, options: PairOptions): Pair {
  const pair = new Pair({ delay: 50 * MILLISECOND, ...options }).establish().run(200);
  const { tcb } = pair.client.connection;
  tcb.window.cwnd = cwnd;
  tcb.window.ssthresh = cwnd;
  pair.server.whenReadable = () => pair.server.readAll();
  return pair;
}

/** Sequence numbers, in segments, of what the client sent more than once. */
function resent(pair: Pair): number[] {
  const seen = new Set<number>();
  const again: number[] = [];
  for (const { from, segment } of pair.sent) {
    if (from !== 'client' || segment.payload.size === 0) continue;
    const at = (segment.seq - pair.client.connection.tcb.snd.iss - 1) >>> 0;
    for (let i = 0; i < segment.payload.size; i += MSS) {
      const index = Math.floor((at + i) / MSS);
      if (seen.has(index)) again.push(index);
      seen.add(index);
    }
  }
  return again;
}

const single = { path: { hasSegmentationOffload: false } };

describe('proportional rate reduction', () => {
  it('sends in proportion to what is delivered, and ends at ssthresh', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 60 }),
        fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('reno', 'cubic'),
        (cwnd, holes, congestionControl) => {
          const pair = flight(cwnd, {
            client: { ...single, settings: { congestionControl, sndbuf: 2_000_000 } },
            server: { settings: { rcvbuf: 2_000_000 } },
            up: { dropped: holes.map((hole) => FIRST_DATA + hole) },
          });
          const { tcb } = pair.client.connection;
          pair.do(() => pair.client.connection.write(pattern(3 * cwnd * MSS)));
          let wasReduced = false;
          for (let i = 0; i < 400 && !(wasReduced && tcb.recovery.state === 'open'); i++) {
            const before = tcb.inFlight;
            pair.simulator.run({ maxEvents: 1 });
            if (tcb.recovery.state !== 'recovery') continue;
            wasReduced = true;
            const { prrDelivered, prrOut } = tcb.recovery;
            const { ssthresh, priorCwnd } = tcb.window;
            if (tcb.inFlight > ssthresh) {
              const share = Math.ceil((prrDelivered * ssthresh) / priorCwnd);
              expect(prrOut).toBeGreaterThanOrEqual(share - 1);
              // The fast retransmit goes even when the proportion does not yet allow it.
              expect(prrOut).toBeLessThanOrEqual(share + 1);
              expect(tcb.inFlight).toBeLessThanOrEqual(before + 1);
            }
          }
          expect(wasReduced).toBe(true);
          expect(tcb.window.cwnd).toBeLessThanOrEqual(tcb.window.ssthresh + 1);
          expect(tcb.window.ssthresh).toBe(
            Math.max(2, congestionControl === 'reno' ? cwnd >> 1 : Math.floor((cwnd * 717) / 1024)),
          );
        },
      ),
      runs(60),
    );
  });
});

describe('RACK', () => {
  it('repairs exactly the lost segments of a flight, all in one round trip', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 60 }),
        fc.uniqueArray(fc.nat(15), { minLength: 1, maxLength: 8 }),
        (cwnd, holes) => {
          const pair = flight(cwnd, {
            client: single,
            up: { dropped: holes.map((hole) => FIRST_DATA + hole) },
          });
          pair.do(() => pair.client.connection.write(pattern(cwnd * MSS)));
          const began = pair.simulator.now;
          pair.run(10_000);
          expect(resent(pair).sort((a, b) => a - b)).toEqual([...holes].sort((a, b) => a - b));
          expect(pair.client.connection.tcb.packetsOut).toBe(0);
          const last = pair.sent.findLast((entry) => entry.from === 'client');
          expect(last!.at - began).toBeLessThan(250 * MILLISECOND);
        },
      ),
      runs(60),
    );
  });

  it('forgives a segment that is late by less than a quarter of the round trip, once it has seen reordering', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 22 }), (late, ms) => {
        const pair = flight(30, { client: single, up: { delayed: [[FIRST_DATA + late, ms]] } });
        const { tcb } = pair.client.connection;
        tcb.recovery.reorderingSeen = 1;
        pair.do(() => pair.client.connection.write(pattern(30 * MSS)));
        pair.run(5000);
        expect(resent(pair)).toEqual([]);
        expect(tcb.window.ssthresh).toBe(30);
      }),
      runs(60),
    );
  });

  it('sends again what is late by more than that', () => {
    const pair = flight(30, { client: single, up: { delayed: [[FIRST_DATA + 4, 40]] } });
    pair.client.connection.tcb.recovery.reorderingSeen = 1;
    pair.do(() => pair.client.connection.write(pattern(30 * MSS)));
    pair.run(5000);
    expect(resent(pair)).toEqual([4]);
  });

  it('waits longer after a DSACK has told it so', () => {
    // The retransmission takes a number too: the second flight begins with the 34th segment.
    const up = {
      delayed: [
        [FIRST_DATA + 4, 40],
        [FIRST_DATA + 31 + 4, 40],
      ],
    } as const;
    const pair = flight(30, { client: single, up });
    const { tcb } = pair.client.connection;
    tcb.recovery.reorderingSeen = 1;
    pair.do(() => pair.client.connection.write(pattern(30 * MSS)));
    pair.run(1000);
    expect(resent(pair)).toEqual([4]);
    // The DSACK of the needless retransmission undid the reduction and widened the window.
    expect(tcb.window.cwnd).toBeGreaterThanOrEqual(30);
    pair.do(() => pair.client.connection.write(pattern(30 * MSS)));
    pair.run(1000);
    expect(tcb.rack.reoWndSteps).toBe(2);
    expect(resent(pair)).toEqual([4]);
  });

  it('finds a lost retransmission without a timeout', () => {
    // Segment 2 of the flight, and its retransmission: the first segment after the flight of twenty.
    const pair = flight(20, { client: single, up: { dropped: [FIRST_DATA + 2, FIRST_DATA + 20] } });
    pair.do(() => pair.client.connection.write(pattern(60 * MSS)));
    pair.run(5000);
    expect(resent(pair).filter((index) => index === 2)).toHaveLength(2);
    expect(pair.client.connection.tcb.host.mib.count('TcpExtTCPTimeouts')).toBe(0);
  });
});
