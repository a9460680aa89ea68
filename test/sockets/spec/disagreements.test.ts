/**
 * Programs on which machine and specification once disagreed, shrunk, or which random ones seldom come to: each beside
 * the rule that settles it. The property is in `agreement.prop.test.ts`.
 */
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/conformance/sockets/case.ts';
import { disagreement } from '../../support/agreement.ts';

const PEER = '10.0.0.10';

/** A socket with SO_REUSEPORT, bound. */
function shared(number: number, kind: 'tcp' | 'udp', address: string): Operation[] {
  return [
    ['socket', kind],
    ['opt', number, 'REUSEPORT', 1],
    ['bind', number, address, 5000],
  ];
}

const SETTLED: readonly (readonly [rule: string, Operation[]])[] = [
  [
    'L27: a second connect() leaves a socket filed under its first peer, and newer members of a group do not change that',
    [
      ...[0, 1, 2].flatMap((number) => shared(number, 'udp', '0.0.0.0')),
      ['connect', 1, PEER, 1111],
      ['disconnect', 1],
      ['connect', 1, PEER, 1111],
      ...[3, 4, 5].flatMap((number) => shared(number, 'udp', '10.0.0.1')),
      ['udp', 'eth0', PEER, 1111, '10.0.0.1', 5000],
    ],
  ],
  [
    'L27: the same with the first socket of the group connected',
    [
      ...[0, 1, 2].flatMap((number) => shared(number, 'udp', '0.0.0.0')),
      ['connect', 0, PEER, 1111],
      ['disconnect', 0],
      ['connect', 0, PEER, 1111],
      ...[3, 4, 5].flatMap((number) => shared(number, 'udp', '10.0.0.1')),
      ['udp', 'eth0', PEER, 1111, '10.0.0.1', 5000],
    ],
  ],
  [
    'K44: an accepted connection belongs to whoever accepts it, not to the owner of the listener',
    [
      ...shared(0, 'tcp', '10.0.0.1'),
      ['listen', 0, 5],
      ['user', 0, 1000],
      ['hs', 'eth0', PEER, 1111, '10.0.0.1', 5000],
      ['accept', 0],
      ['close', 0],
      ...shared(2, 'tcp', '0.0.0.0'),
      ['user', 2, 1000],
      ...shared(3, 'tcp', '0.0.0.0'),
    ],
  ],
  [
    'K43, K28: data that returns a SYN cookie to a full accept queue is dropped',
    [
      ['socket', 'tcp'],
      ['bind', 0, '10.0.0.1', 5000],
      ['listen', 0, 0],
      ['syn', 'eth0', PEER, 1111, '10.0.0.1', 5000],
      ['syn', 'eth0', PEER, 1112, '10.0.0.1', 5000],
      ['pdata', PEER, 1111, '10.0.0.1', 5000, 3],
      ['pdata', PEER, 1112, '10.0.0.1', 5000, 3],
      ['accept', 0],
      ['pfin', PEER, 1112, '10.0.0.1', 5000],
      ['diag'],
    ],
  ],
  [
    'K43: a listener that was shut down since takes no cookie back',
    [
      ['socket', 'tcp'],
      ['bind', 0, '10.0.0.1', 5000],
      ['listen', 0, 0],
      ['syn', 'eth0', PEER, 1111, '10.0.0.1', 5000],
      ['syn', 'eth0', PEER, 1112, '10.0.0.1', 5000],
      ['shutdown', 0, 'rd'],
      ['listen', 0, 0],
      ['pdata', PEER, 1112, '10.0.0.1', 5000, 3],
    ],
  ],
  [
    'L23: sendto() to 0.0.0.0 stays on the host whatever the device and the source',
    [
      ['socket', 'udp6'],
      ['opt', 0, 'BINDTODEVICE', 'eth0'],
      ['bind', 0, '::ffff:127.0.0.1', 5000],
      ['sendto', 0, 3, '::ffff:0.0.0.0', 5000],
    ],
  ],
  [
    'L7: an AF_INET listener scores as much as an AF_INET6 one on the device, and comes first',
    [
      ...shared(0, 'tcp', '0.0.0.0'),
      ['listen', 0, 5],
      ['socket', 'tcp6'],
      ['opt', 1, 'REUSEPORT', 1],
      ['opt', 1, 'BINDTODEVICE', 'eth0'],
      ['bind', 1, '::', 5000],
      ['listen', 1, 5],
      ['opt', 0, 'REUSEPORT', 0],
      ['hs', 'eth0', PEER, 1111, '10.0.0.1', 5000],
    ],
  ],
];

describe('machine and specification agree', () => {
  it.each(SETTLED)('%s', (_, operations) => {
    expect(disagreement(operations)).toBeNull();
  });
});
