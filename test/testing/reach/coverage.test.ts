/** Coverage of the protocols: what a run reaches is counted, merged, shown, and held against a goal. */
import { describe, expect, it } from 'vitest';
import { formatCoverage } from '../../../src/testing/reach/format.ts';
import { ProtocolCoverage } from '../../../src/testing/reach/protocol-coverage.ts';
import { runScenario } from '../../../src/testing/run/run-scenario.ts';
import { EXCHANGE } from '../packets/exchange.ts';
import { SHIPPED, shipped } from '../support/shipped.ts';

const coverage = new ProtocolCoverage();
const plain = runScenario(EXCHANGE);
const counted = runScenario(EXCHANGE, { coverage });
const { transitions, rules, errnos } = coverage.counts();

describe('coverage', () => {
  it('does not change the run', () => {
    expect(counted.fingerprint).toBe(plain.fingerprint);
  });

  it('counts the way of both ends through the lifecycle', () => {
    expect(transitions).toEqual({
      'CLOSED > LISTEN': 1,
      'LISTEN > CLOSED': 1,
      'CLOSED > SYN-RECEIVED': 1,
      'LISTEN > SYN-RECEIVED': 1,
      'SYN-RECEIVED > ESTABLISHED': 1,
      'CLOSED > SYN-SENT': 1,
      'SYN-SENT > ESTABLISHED': 1,
      'ESTABLISHED > FIN-WAIT-1': 1,
      'FIN-WAIT-1 > FIN-WAIT-2': 1,
      'FIN-WAIT-2 > TIME-WAIT': 1,
      'ESTABLISHED > CLOSE-WAIT': 1,
      'CLOSE-WAIT > LAST-ACK': 1,
      'LAST-ACK > CLOSED': 1,
      'TIME-WAIT > CLOSED': 1,
    });
  });

  it('counts rules of lookups and errors of calls', () => {
    expect(rules).toMatchObject({ L2: expect.any(Number), L5: 1, L33: 1 });
    expect(Object.keys(errnos)).toEqual(['EAGAIN', 'EINPROGRESS']);
  });

  it('adds up, and survives JSON', () => {
    const twice = ProtocolCoverage.of(JSON.parse(JSON.stringify(coverage.counts())));
    twice.merge(coverage.counts());
    expect(twice.counts().transitions['CLOSED > LISTEN']).toBe(2);
    expect(twice.report().percent).toBe(coverage.report().percent);
  });

  it('says what was not reached when the goal is missed', () => {
    coverage.expectAtLeast({ transitions: 50 });
    expect(() => coverage.expectAtLeast({ transitions: 90 })).toThrow(
      /^53% of the transitions were reached, 90% are the goal\n {2}transitions not reached: .*FIN-WAIT-1 > CLOSING/,
    );
    expect(() => coverage.expectAtLeast(99)).toThrow(/errnos not reached: EACCES/);
    expect(formatCoverage(coverage.report())).toMatch(
      /^transitions: 14 of 26, 53%\n {8}1 {2}CLOSED > SYN-SENT/,
    );
  });

  it('of the shipped scenarios is broad', async () => {
    const all = new ProtocolCoverage();
    for (const name of SHIPPED) runScenario(await shipped(name), { coverage: all });
    all.expectAtLeast({ transitions: 60, rules: 50, errnos: 20 });
  });
});
