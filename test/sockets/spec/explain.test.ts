/** Explanations as people read them. */
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/conformance/sockets/case.ts';
import { UndefinedByProfile } from '../../../src/sockets/profile.ts';
import { explainText } from '../../../src/sockets/spec/explain.ts';
import { formatExplanation, whyLine } from '../../../src/sockets/spec/explain-text.ts';
import { playSpec, snapshotOf } from '../../support/spec.ts';

const SHARED: Operation[] = [
  ['socket', 'udp'],
  ['opt', 0, 'REUSEADDR', 1],
  ['bind', 0, '0.0.0.0', 5000],
  ['socket', 'udp'],
  ['opt', 1, 'REUSEADDR', 1],
  ['bind', 1, '10.0.0.1', 5000],
  ['socket', 'udp'],
  ['opt', 2, 'REUSEADDR', 1],
  ['bind', 2, '0.0.0.0', 5000],
  ['connect', 2, '10.0.0.10', 7000],
];

describe('an explanation', () => {
  const snapshot = snapshotOf(playSpec(SHARED).world.state);

  it('names the winner, every loser with its rule, and what would change it', () => {
    const text = formatExplanation(explainText(snapshot, 'udp 10.0.0.10:1111 > 10.0.0.1:5000'));
    expect(text.split('\n')).toEqual([
      'udp 10.0.0.10:1111 > 10.0.0.1:5000 dev eth0 at dut (profile linux)',
      '',
      '  #2 fd 2 (10.0.0.1:5000) gets it',
      '  L28: it is the only socket bound to 10.0.0.1 that matches  [Linux 6.18, udp.c compute_score]',
      '',
      '  socket   state      local          remote          options  score  gets it?',
      '  #2 fd 2             10.0.0.1:5000  -               RA       2      receives',
      '  #1 fd 1             *:5000         -               RA       2      no, L27: #2 (10.0.0.1:5000) is bound to 10.0.0.1 itself; sockets on any address are asked after those',
      '  #3 fd 3  connected  10.0.0.1:5000  10.0.0.10:7000  RA       -      no, L28: it is connected to port 7000, not 1111',
      '',
      '  If the packet came from port 7000 instead of 1111, #3 fd 3 (10.0.0.1:5000) would get it (L27).',
      '  If the packet were for address 10.0.0.2 instead of 10.0.0.1, #1 fd 1 (*:5000) would get it (L28).',
      '  If #2 fd 2 (10.0.0.1:5000) were closed, #1 fd 1 (*:5000) would get it (L28).',
    ]);
  });

  it('fits into one line', () => {
    const explanation = explainText(snapshot, 'udp 10.0.0.10:7000 > 10.0.0.1:5000');
    expect(whyLine(explanation)).toBe('to #3 fd 3 (10.0.0.1:5000) by L27: it is connected to 10.0.0.10:7000');
    const nobody = explainText(snapshot, 'udp 10.0.0.10:7000 > 10.0.0.1:53');
    expect(whyLine(nobody)).toBe('to no socket by L33: no socket: ICMP port unreachable');
  });

  it('says so when a hash decides', () => {
    const group = playSpec(
      [0, 1].flatMap((i): Operation[] => [
        ['socket', 'tcp'],
        ['opt', i, 'REUSEPORT', 1],
        ['bind', i, '0.0.0.0', 80],
        ['listen', i, 5],
      ]),
    );
    const explanation = explainText(snapshotOf(group.world.state), 'tcp 10.0.0.10:1 > 10.0.0.1:80');
    expect(explanation).toMatchObject({ isChoice: true, winners: [1, 2], deciding: { rule: 'L8' } });
    expect(formatExplanation(explanation)).toContain('one of these gets it: #1 fd 1 (*:80), #2 fd 2 (*:80)');
  });

  it('differs between systems, and refuses what a system does not define', () => {
    const packet = 'udp 10.0.0.10:1111 > 10.0.0.1:5000';
    expect(explainText({ ...snapshot, profile: 'freebsd' }, packet).deciding.rule).toBe('F3');
    expect(explainText({ ...snapshot, profile: 'windows' }, packet).deciding.rule).toBe('N3');
    expect(() => explainText({ ...snapshot, profile: 'rfc' }, packet)).toThrow(UndefinedByProfile);
    expect(() => explainText({ ...snapshot, profile: 'rfc' }, packet)).toThrow(
      /profile 'rfc' does not define which of 2/,
    );
  });
});
