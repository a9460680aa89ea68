/** A hub: one collision domain, CSMA/CD between its stations. Times at 10 Mb/s: a byte is 800 ns. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PPP_FRAMING } from '../../../src/link/framing.ts';
import { backoffSlots } from '../../../src/link/hub/csma-cd.ts';
import { Hub, type HubOptions } from '../../../src/link/hub/hub.ts';
import { ConfigError } from '../../../src/sim/errors.ts';
import { RandomStreams } from '../../../src/sim/random.ts';
import { Simulator } from '../../../src/sim/simulator.ts';
import { runs } from '../../support/property.ts';
import { frame, numberedFrame, numberOf, Station } from '../support.ts';

const BYTE = 800;
const GAP = 9_600;

class World {
  readonly simulator = new Simulator();
  readonly hub: Hub;
  readonly stations: Station[];

  constructor(delays: readonly number[], options: HubOptions = {}) {
    this.hub = new Hub(this.simulator, 'hub', { random: new RandomStreams(3), ...options });
    this.stations = delays.map((delayNs, n) => {
      const station = new Station(this.simulator, n);
      this.hub.connect(station.device, { delayNs });
      return station;
    });
  }

  send(from: number, payloadSize = 46): void {
    this.stations[from]!.device.send(frame(from, 9, payloadSize));
  }

  get collisions(): number[] {
    return this.hub.stations.map((station) => station.collisions);
  }
}

describe('a hub', () => {
  it('repeats every frame to every other station after the delays of both cables', () => {
    const world = new World([100, 200, 300]);
    world.send(1, 500);
    world.simulator.run();
    expect(world.stations.map(({ times }) => times)).toEqual([[518 * BYTE + 300], [], [518 * BYTE + 500]]);
  });

  it('leaves a gap of 96 bit times behind every frame', () => {
    const world = new World([0, 0]);
    world.send(0);
    world.send(0);
    world.simulator.run();
    expect(world.stations[1]!.times).toEqual([64 * BYTE, 64 * BYTE + GAP + 64 * BYTE]);
  });

  it('makes a station wait that hears another', () => {
    const world = new World([0, 0, 0]);
    world.send(0, 1000);
    world.simulator.run({ until: 50_000 });
    world.send(1);
    world.simulator.run();
    expect(world.stations[2]!.times).toEqual([1018 * BYTE, 1018 * BYTE + GAP + 64 * BYTE]);
    expect(world.collisions).toEqual([0, 0, 0]);
  });

  it('lets stations that begin at once collide, and both get through afterwards', () => {
    const world = new World([0, 0, 0]);
    world.send(0);
    world.send(1);
    world.simulator.run();
    expect(world.collisions[0]).toBeGreaterThan(0);
    expect(world.collisions[0]).toBe(world.collisions[1]);
    expect(world.stations[2]!.received.map((got) => got.frame.src.low).sort()).toEqual([0, 1]);
    expect(world.stations.map(({ received }) => received.length)).toEqual([1, 1, 2]);
  });

  it('tries again after a gap when it draws no slots to wait', () => {
    const starts = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const world = new World([0, 0, 0], { random: new RandomStreams(seed) });
      world.send(0);
      world.send(1);
      world.simulator.run();
      const endOfJam = 32 * 100;
      if (world.collisions[0] === 1) starts.add(world.stations[2]!.times[0]! - 64 * BYTE - endOfJam);
    }
    expect(starts).toEqual(new Set([GAP])); // one of the two drew 0 slots, the other 1
  });

  it('lets a distant station begin before it hears the first: both notice', () => {
    const world = new World([5000, 5000, 0]);
    world.send(0, 1000);
    world.simulator.run({ until: 9_999 });
    world.send(1, 1000); // the signal is still on its way
    world.simulator.run();
    expect(world.collisions[0]).toBeGreaterThan(0);
    expect(world.collisions[1]).toBe(world.collisions[0]);
    expect(world.stations[2]!.received.length).toBe(2);
  });

  it('gives a frame up after sixteen collisions', () => {
    // Two stations that draw the same numbers never part.
    const random = new RandomStreams(1);
    const same = Object.assign(Object.create(random) as RandomStreams, {
      stream: () => random.stream('same'),
    });
    const world = new World([0, 0], { random: same });
    world.send(0);
    world.send(1);
    world.simulator.run();
    expect(world.stations.map(({ device }) => device.drops.entries())).toEqual([
      [['link.excessive-collisions', 1]],
      [['link.excessive-collisions', 1]],
    ]);
    expect(world.collisions).toEqual([16, 16]);
  });

  it('has room for as many frames as a station may queue', () => {
    const simulator = new Simulator();
    const hub = new Hub(simulator, 'hub');
    const [a, b] = [new Station(simulator, 0), new Station(simulator, 1)];
    hub.connect(a.device, { queue: { packets: 2 } });
    hub.connect(b.device);
    for (let i = 0; i < 5; i++) a.device.send(frame(0, 1));
    simulator.run();
    expect(b.received.length).toBe(3);
    expect(a.device.drops.entries()).toEqual([['link.queue-full', 2]]);
  });

  it('takes everything with it when it is switched off, and works again afterwards', () => {
    const world = new World([10, 10, 10]);
    world.send(0);
    world.send(0);
    world.simulator.run({ until: 1000 });
    world.hub.setUp(false);
    expect(world.stations[1]!.carrier).toEqual([true, false]);
    world.send(1);
    world.hub.setUp(true);
    world.send(2);
    world.simulator.run();
    expect(world.stations.map(({ received }) => received.length)).toEqual([1, 1, 0]);
    expect(world.stations[0]!.device.drops.entries()).toEqual([['link.down', 2]]);
    expect(world.stations[1]!.device.drops.entries()).toEqual([['link.no-carrier', 1]]);
  });

  it('frees the segment when a station that sends is pulled out', () => {
    const world = new World([0, 0, 0]);
    world.send(0, 1500);
    world.simulator.run({ until: 1000 });
    world.hub.disconnect(world.hub.stations[0]!);
    world.send(1);
    world.simulator.run();
    expect(world.stations.map(({ received }) => received.length)).toEqual([0, 0, 1]);
  });

  it('refuses segments that are too long or too fast, and frames shorter than a slot', () => {
    expect(() => new World([13_000, 12_600])).toThrow(ConfigError);
    expect(() => new World([0], { rateBps: 1e9 })).toThrow(ConfigError);
    expect(() => new World([0], { framing: PPP_FRAMING })).toThrow(ConfigError);
    expect(() => new World([-1])).toThrow(ConfigError);
  });

  it('delivers or counts every frame, in order for each sender, in wire mode as without', () => {
    const traffic = fc.array(
      fc.record({
        from: fc.nat({ max: 3 }),
        size: fc.integer({ min: 4, max: 300 }),
        wait: fc.oneof(fc.constant(0), fc.nat({ max: 200_000 })),
      }),
      { maxLength: 40 },
    );
    const delays = fc.array(fc.nat({ max: 12_000 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(delays, traffic, (cables, sendings) => {
        const fingerprints = [false, true].map((wire) => {
          const world = new World(cables, { wire });
          const sent: number[] = [0, 0, 0, 0];
          sendings.forEach(({ from, size, wait }, n) => {
            world.simulator.run({ until: world.simulator.now + wait });
            const numbered = numberedFrame(n, size);
            world.stations[from]!.device.send(numbered);
            sent[from]!++;
          });
          world.simulator.run();
          const givenUp = world.stations.map(({ device }) => device.drops.total);
          const all = sent.reduce((sum, count, n) => sum + count - givenUp[n]!);
          world.stations.forEach((station, n) => {
            expect(station.received.length).toBe(all - (sent[n]! - givenUp[n]!));
            for (let from = 0; from < 4; from++) {
              const own = sendings.flatMap((sending, index) => (sending.from === from ? [index] : []));
              const got = station.received
                .map((received) => numberOf(received.frame))
                .filter((x) => own.includes(x));
              expect(got).toEqual(got.toSorted((x, y) => x - y));
            }
          });
          return world.simulator.fingerprint.toString();
        });
        expect(fingerprints[1]).toBe(fingerprints[0]);
      }),
      runs(100),
    );
  });
});

describe('the backoff', () => {
  it('draws from 0 to 2^min(attempts, 10) - 1 slots', () => {
    const random = new RandomStreams(1).stream('backoff');
    for (const [attempts, most] of [
      [1, 1],
      [3, 7],
      [10, 1023],
      [15, 1023],
    ] as const) {
      const drawn = Array.from({ length: 20_000 }, () => backoffSlots(attempts, random));
      expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([0, most]);
    }
  });
});
