/** Never two leaders at a time, whatever is cut off and whoever loses power. */
import assert from 'node:assert/strict';
import { formatDuration, parseDuration } from 'fivetuple';
import { type NetworkProperty, network, networkProperty } from 'fivetuple/testing';
import { arbiter, candidate, type Disk, type Reign } from './protocol.ts';

const PORT = 7000;

function lease(name: string, grace: string): NetworkProperty<null> {
  return networkProperty({
    name,
    module: import.meta.url,
    until: '2s',
    network: network({
      hosts: ['arbiter', 'a', 'b'],
      routers: 0,
      impairments: false,
      events: {
        kinds: ['partition', 'crash'],
        hosts: ['arbiter'],
        mends: 'sometimes',
        within: 1000,
        lasting: 500,
      },
    }),
    play: (stage) => {
      const reigns: Reign[] = [];
      const disk: Disk = { hasRun: false };
      const to = stage.endpoint('arbiter', PORT);
      stage.start('arbiter', arbiter(stage.any(PORT), disk, parseDuration(grace)));
      stage.start('a', candidate('a', to, reigns), { at: '1ms' });
      stage.start('b', candidate('b', to, reigns), { at: '50ms' });
      return () => {
        for (const one of reigns)
          for (const other of reigns)
            assert.ok(
              one.node === other.node || one.to <= other.from || other.to <= one.from,
              `${text(one)}, and ${text(other)}`,
            );
      };
    },
  });
}

/** Does not hold: the arbiter is open again before the leases that it has forgotten are over. */
export const oneLeader = lease('there is never more than one leader', '400ms');

export const oneLeaderMended = lease('with a grace as long as a lease there is one leader', '1s');

function text({ node, from, to }: Reign): string {
  return `${node} leads from ${formatDuration(from)} to ${formatDuration(to)}`;
}
