/** A host loses its power: nothing is said, nothing is answered, and after a restart nothing is remembered. */
import { describe, expect, it } from 'vitest';
import { echoServer } from '../../src/apps/echo-server.ts';
import { lineClient } from '../../src/apps/line-client.ts';
import { ping } from '../../src/apps/ping.ts';
import type { Network } from '../../src/node/network.ts';
import { SECOND } from '../../src/sim/time.ts';
import { endpoint, line, linesOf, pair, record, start } from '../support/lan.ts';

const to = endpoint('10.0.0.2:7');

function at(network: Network, time: number, act: () => void): void {
  const place = network.simulator.addPlace('script', { onEvent: act });
  network.simulator.at(time, place, 0, null);
}

describe('a crash', () => {
  it('ends programs and connections in silence', () => {
    const network = pair();
    const recorder = record(network);
    const server = start(network, 'b', echoServer, {});
    start(network, 'a', lineClient, { to, lines: ['one', 'two', 'three'], interval: SECOND });
    at(network, 1.5 * SECOND, () => network.host('b').crash());
    network.run({ until: 30 * SECOND });
    expect(server.task).toMatchObject({ state: 'killed', endedAt: 1.5 * SECOND });
    expect(recorder.frames.filter(({ node, time }) => node === 'b' && time > 1.5 * SECOND)).toEqual([]);
    expect(network.host('b').sockets.rows()).toEqual([]);
    expect(
      network
        .host('a')
        .sockets.rows()
        .some(({ state }) => state === 'FIN-WAIT-1'),
    ).toBe(true);
  });

  it('is forgotten: the restarted host answers an old connection with a reset, and new ones with pleasure', () => {
    const network = pair();
    const host = network.host('b');
    start(network, 'b', echoServer, {});
    start(network, 'a', lineClient, { to, lines: ['one', 'two', 'three'], interval: SECOND });
    at(network, 1.5 * SECOND, () => host.crash());
    at(network, 1.7 * SECOND, () => {
      host.restart();
      start(network, 'b', echoServer, {}, network.simulator.now);
    });
    const later = start(network, 'a', lineClient, { to, lines: ['again'] }, 10 * SECOND);
    network.run({ until: 30 * SECOND });
    expect(linesOf(network, 'a')).toEqual(['one', 'two', 'recv: ECONNRESET', 'again']);
    expect(later.statistics).toMatchObject({ sent: 1, received: 1 });
    expect(host.tasks.map(({ state }) => state)).toEqual(['killed', 'running']);
  });

  it('of a router stops what goes through it, and a restart brings its routes back', () => {
    const network = line(1);
    const router = network.host('r1');
    at(network, 2.5 * SECOND, () => router.crash());
    at(network, 4.5 * SECOND, () => router.restart());
    const pinging = start(network, 'client', ping, { to: endpoint('192.168.1.5:0').address, count: 8 });
    network.run({ until: 30 * SECOND });
    expect(pinging.statistics).toMatchObject({ sent: 8, received: 6 });
    expect(network.conservation().inFlight).toBe(0);
  });

  it('twice, or a restart of a running host, does nothing', () => {
    const network = pair();
    const host = network.host('b');
    host.restart();
    host.crash();
    host.crash();
    expect(host.isCrashed).toBe(true);
    host.restart();
    host.restart();
    const pinging = start(network, 'a', ping, { to: to.address, count: 1 });
    network.run({ until: 5 * SECOND });
    expect(pinging.statistics.received).toBe(1);
  });
});
