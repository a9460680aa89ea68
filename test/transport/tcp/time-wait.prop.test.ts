/** TIME-WAIT as a record: which segments end it, which revive it, and which it answers (RFC 9293 3.10.7.4, RFC 1337, RFC 6191). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../../src/sim/time.ts';
import { ACK, FIN, RST, SYN, TcpSegment } from '../../../src/transport/tcp/header.ts';
import { NO_OPTIONS, TcpOptions } from '../../../src/transport/tcp/options.ts';
import { seqAdd, seqGt } from '../../../src/transport/tcp/seq.ts';
import {
  PAWS_24_DAYS,
  TIME_WAIT_LENGTH,
  TimeWait,
  type TimeWaitFacts,
} from '../../../src/transport/tcp/time-wait.ts';
import { runs } from '../../support/property.ts';
import { pattern } from './pair.ts';

const NXT = 5000;
const FACTS: TimeWaitFacts = {
  substate: 'TIME-WAIT',
  localPort: 80,
  remotePort: 40_000,
  sndNxt: 9000,
  rcvNxt: NXT,
  rcvWnd: 10_000,
  rcvWscale: 7,
  hasTimestamps: false,
  tsRecent: 700,
  tsRecentAt: 0,
  tsOffset: 0,
  timeout: 20 * SECOND,
  rfc1337: false,
  invalidRateLimit: 500 * MILLISECOND,
};

function record(facts: Partial<TimeWaitFacts> = {}): TimeWait {
  return new TimeWait({ ...FACTS, ...facts }, 0);
}

function segment(flags: number, seq: number, size: number = 0, tsval: number = -1): TcpSegment {
  const options = tsval < 0 ? NO_OPTIONS : TcpOptions.timestamps(tsval, 1);
  return new TcpSegment(40_000, 80, seq, FACTS.sndNxt, flags, 1000, options, pattern(size));
}

describe('TIME-WAIT', () => {
  it('lasts for a minute, and for another one after each retransmitted FIN', () => {
    const record1 = record();
    expect(record1.expiresAt).toBe(TIME_WAIT_LENGTH);
    expect(record1.onSegment(segment(FIN | ACK, NXT - 1), 10 * SECOND)).toBe('ack');
    expect(record1.expiresAt).toBe(10 * SECOND + TIME_WAIT_LENGTH);
    const ack = record1.ackSegment(0);
    expect([ack.srcPort, ack.dstPort, ack.seq, ack.ack, ack.flags]).toEqual([80, 40_000, 9000, NXT, ACK]);
  });

  it('answers the same segment out of order only twice a second', () => {
    const waiting = record();
    expect(waiting.onSegment(segment(ACK, NXT - 1), 0)).toBe('ack');
    expect(waiting.onSegment(segment(ACK, NXT - 1), 499 * MILLISECOND)).toBe('drop');
    expect(waiting.onSegment(segment(ACK, NXT - 1), 500 * MILLISECOND)).toBe('ack');
  });

  it('is ended by a RST that is exactly next, unless tcp_rfc1337 protects it', () => {
    expect(record().onSegment(segment(RST, NXT), 0)).toBe('forget');
    expect(record().onSegment(segment(RST, NXT + 1), 0)).toBe('drop');
    expect(record({ rfc1337: true }).onSegment(segment(RST, NXT), 0)).toBe('drop');
  });

  it('is reopened by a SYN beyond the old sequence numbers, with an ISS beyond our own', () => {
    fc.assert(
      fc.property(fc.integer({ min: -0x7fffffff, max: 0x7fffffff }), fc.nat(0xffffffff), (offset, rcvNxt) => {
        const waiting = record({ rcvNxt });
        const verdict = waiting.onSegment(segment(SYN, seqAdd(rcvNxt, offset)), SECOND);
        expect(verdict === 'reopen').toBe(offset > 0);
      }),
      runs(200),
    );
    fc.assert(
      fc.property(fc.nat(0xffffffff), (sndNxt) => {
        const { reopenIss } = record({ sndNxt });
        expect(seqGt(reopenIss, seqAdd(sndNxt, 65535))).toBe(true);
        expect(reopenIss).not.toBe(0);
      }),
      runs(200),
    );
  });

  it('is reopened by an older number when the timestamp is newer (RFC 6191), and by none when it is older', () => {
    const facts = { hasTimestamps: true };
    expect(record(facts).onSegment(segment(SYN, NXT - 100, 0, 701), SECOND)).toBe('reopen');
    expect(record(facts).onSegment(segment(SYN, NXT - 100, 0, 700), SECOND)).toBe('ack');
    expect(record(facts).onSegment(segment(SYN, NXT + 100, 0, 699), SECOND)).toBe('ack');
    // RFC 7323 5.5: after 24 days of silence the old timestamp says nothing.
    expect(record(facts).onSegment(segment(SYN, NXT + 100, 0, 699), PAWS_24_DAYS)).toBe('reopen');
  });

  it('survives whatever else comes: any segment without RST leaves it there, and it still ends', () => {
    const any = fc.record({
      flags: fc.nat(63).filter((flags) => (flags & RST) === 0),
      seq: fc.integer({ min: NXT - 20_000, max: NXT + 20_000 }),
      size: fc.nat(1000),
      tsval: fc.integer({ min: -1, max: 2000 }),
      gap: fc.nat(70),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), fc.boolean(), (segments, hasTimestamps) => {
        const waiting = record({ hasTimestamps });
        let now = 0;
        for (const { flags, seq, size, tsval, gap } of segments) {
          now += gap * SECOND;
          if (now >= waiting.expiresAt) return;
          const verdict = waiting.onSegment(segment(flags, seq, size, tsval), now);
          expect(['drop', 'ack', 'reopen']).toContain(verdict);
          expect(waiting.expiresAt).toBeLessThanOrEqual(now + TIME_WAIT_LENGTH);
          if (verdict === 'reopen') expect(flags & (SYN | ACK)).toBe(SYN);
        }
      }),
      runs(200),
    );
  });
});

describe('an orphan in FIN-WAIT-2', () => {
  const orphan = () => record({ substate: 'FIN-WAIT-2' });

  it('waits as long as it was told to', () => {
    expect(orphan().expiresAt).toBe(20 * SECOND);
  });

  it('goes to TIME-WAIT with the FIN that is next', () => {
    const waiting = orphan();
    expect(waiting.onSegment(segment(FIN | ACK, NXT), SECOND)).toBe('ack');
    expect([waiting.substate, waiting.rcvNxt, waiting.expiresAt]).toEqual([
      'TIME-WAIT',
      NXT + 1,
      SECOND + TIME_WAIT_LENGTH,
    ]);
  });

  it('resets whoever sends data that nobody will read (RFC 1122 4.2.2.13)', () => {
    expect(orphan().onSegment(segment(ACK, NXT, 10), SECOND)).toBe('reset');
    expect(orphan().onSegment(segment(FIN | ACK, NXT, 10), SECOND)).toBe('reset');
    expect(orphan().onSegment(segment(SYN, NXT), SECOND)).toBe('reset');
    expect(orphan().onSegment(segment(ACK, NXT), SECOND)).toBe('drop');
    expect(orphan().onSegment(segment(RST, NXT), SECOND)).toBe('forget');
  });
});
