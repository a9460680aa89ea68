/** A switch as a node: its options reach the machine inside. */
import { describe, expect, it } from 'vitest';
import { Network } from '../../src/node/network.ts';
import { SECOND } from '../../src/sim/time.ts';

describe('a switch', () => {
  it('runs a spanning tree when asked to: two cables between two switches are no loop', () => {
    const network = new Network();
    const ports = [{}, {}, { edge: true }];
    const a = network.addSwitch('a', { ports, spanningTree: { priority: 4096 } });
    const b = network.addSwitch('b', { ports, spanningTree: {} });
    for (const port of ['port1', 'port2'])
      network.connect({
        ends: [
          { node: 'a', device: port },
          { node: 'b', device: port },
        ],
      });
    network.run({ until: SECOND });
    expect(a.spanningTree!.root).toEqual(a.spanningTree!.id);
    expect(b.spanningTree!.root).toEqual(a.spanningTree!.id);
    expect(b.bridge.ports.map(({ state }) => state)).toEqual(['forwarding', 'discarding', 'discarding']);
    expect(network.addSwitch('c', { ports }).spanningTree).toBe(null);
  });
});
