/** The specification in tests: the host of the recorded cases, and an oracle that always takes the first choice. */
import { makeHost, type SpecHost } from '../../src/sockets/spec/host.ts';
import type { Oracle } from '../../src/sockets/spec/profile.ts';

/** lo, eth0 with two addresses, eth1 with one. */
export function corpusHost(rest: Partial<SpecHost> = {}): SpecHost {
  return makeHost(
    [
      { name: 'lo', loopback: true, addresses: ['127.0.0.1/8'] },
      { name: 'eth0', loopback: false, addresses: ['10.0.0.1/24', '10.0.0.2/24'] },
      { name: 'eth1', loopback: false, addresses: ['10.0.1.1/24'] },
    ],
    rest,
  );
}

/** The lowest port, the first member. */
export const LOWEST: Oracle = {
  port: (allowed) => allowed.lowest() ?? 0,
  member: (allowed) => allowed[0]!,
};
