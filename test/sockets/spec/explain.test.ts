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

  it('tells the families apart: whom an IPv4 packet is for, and what IPV6_V6ONLY would change', () => {
    const dual = playSpec([
      ['socket', 'udp6'],
      ['bind', 0, '::', 5000],
      ['socket', 'udp6'],
      ['opt', 1, 'V6ONLY', 1],
      ['bind', 1, '::', 53],
      ['socket', 'udp'],
      ['bind', 2, '0.0.0.0', 53],
    ]).world.state;
    const told = formatExplanation(explainText(snapshotOf(dual), 'udp 10.0.0.10:1111 > 10.0.0.1:5000'));
    expect(told.split('\n').slice(2)).toEqual([
      '  #1 fd 1 ([::]:5000) gets it',
      '  L28: it is the only socket bound to any address that matches  [Linux 6.18, udp.c compute_score]',
      '',
      '  socket   local      score  gets it?',
      '  #1 fd 1  [::]:5000  1      receives',
      '  2 udp sockets on other ports: not asked',
      '',
      '  If the packet were for port 53 instead of 5000, #3 fd 3 (*:53) would get it (L28).',
      '  If the packet were for port 5001 instead of 5000, no socket would get it (L33).',
      '  If #1 fd 1 ([::]:5000) were IPv6-only (IPV6_V6ONLY), no socket would get it (L33).',
    ]);
    const split = explainText(snapshotOf(dual), 'udp [fd00::10]:1111 > [fd00::1]:53');
    expect(split.winners).toEqual([2]);
    expect(split.candidates[1]?.reason?.rule).toBe('L7');
    const mapped = explainText(snapshotOf(dual), 'udp 10.0.0.10:1111 > 10.0.0.1:53');
    expect(mapped.winners).toEqual([3]);
    expect(mapped.candidates[1]).toMatchObject({ options: ['V6ONLY'], reason: { rule: 'L38' } });
  });

  it('is refused for a profile that says nothing of IPv6', () => {
    const snapshot6 = snapshotOf(
      playSpec([
        ['socket', 'tcp6'],
        ['bind', 0, '::', 80],
        ['listen', 0, 5],
      ]).world.state,
    );
    expect(() => explainText({ ...snapshot6, profile: 'freebsd' }, 'tcp 10.0.0.10:1 > 10.0.0.1:80')).toThrow(
      /does not define IPv6 sockets/,
    );
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
