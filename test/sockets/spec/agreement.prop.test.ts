/**
 * The socket machine and the executable specification say the same: every result of every call, every name, every
 * delivery, every pending error, over random programs. Where the kernel may choose, the machine's choice must be one
 * that the specification allows. A failure prints the line of a corpus that repeats it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/conformance/sockets/case.ts';
import { disagreement } from '../../support/agreement.ts';
import { runs } from '../../support/property.ts';
import { programs } from '../../support/socket-programs.ts';

describe('the machine agrees with the specification', () => {
  it.each([
    ['UDP', { tcp: false }, 3000],
    ['TCP', { udp: false }, 4000],
    ['both', {}, 3000],
  ] as const)('on random programs of %s', (_, kinds, count) => {
    fc.assert(
      fc.property(programs(kinds), (operations) => {
        expect(disagreement(operations)).toBeNull();
      }),
      runs(count),
    );
  });

  it('on programs that fill a range of four ports', () => {
    const narrow = { 'net.ipv4.ip_local_port_range': '40000 40003' };
    const unnamed = programs().map((operations) =>
      operations.map((op): Operation => (op[0] === 'bind' ? ['bind', op[1]!, op[2]!, 0] : op)),
    );
    fc.assert(
      fc.property(unnamed, (operations) => {
        expect(disagreement(operations, narrow)).toBeNull();
      }),
      runs(500),
    );
  });
});
