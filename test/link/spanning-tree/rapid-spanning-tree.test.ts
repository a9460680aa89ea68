/** Rapid spanning tree: networks with loops do not melt, heal after failures, and stations stay reachable. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EthernetDevice } from '../../../src/link/ethernet-device.ts';
import { EthernetFrame } from '../../../src/link/frame.ts';
import { Hub } from '../../../src/link/hub/hub.ts';
import { connect, type Link } from '../../../src/link/link.ts';
import {
  RapidSpanningTree,
  type SpanningTreeOptions,
} from '../../../src/link/spanning-tree/rapid-spanning-tree.ts';
import { LearningSwitch } from '../../../src/link/switch/learning-switch.ts';
import { BROADCAST_MAC } from '../../../src/packet/mac-address.ts';
import { Payload } from '../../../src/packet/payload.ts';
import { ConfigError } from '../../../src/sim/errors.ts';
import { Simulator } from '../../../src/sim/simulator.ts';
import { MILLISECOND, SECOND } from '../../../src/sim/time.ts';
import { runs } from '../../support/property.ts';
import { mac, Station, TEST_TYPE } from '../support.ts';

type Cable = readonly [number, number];

/** Switches joined by cables, each with one station on a port of its own. */
class World {
  readonly simulator = new Simulator();
  readonly switches: LearningSwitch[] = [];
  readonly trees: RapidSpanningTree[] = [];
  readonly stations: Station[] = [];
  readonly links: Link[];

  constructor(
    count: number,
    cables: readonly Cable[],
    options: readonly SpanningTreeOptions[] = [],
    wire = false,
  ) {
    const link = { rateBps: 1e9, delayNs: 1000, wire };
    const ports = cables.map((ends) => ends.map((end) => this.#port(this.#switch(end, count))));
    this.links = ports.map(([a, b]) => connect(this.simulator, a!, b!, link));
    for (let n = 0; n < count; n++) {
      const station = new Station(this.simulator, 1000 + n);
      connect(this.simulator, station.device, this.#port(this.#switch(n, count)), link);
      this.stations.push(station);
    }
    for (const [n, bridge] of this.switches.entries()) {
      const edgePorts = [bridge.ports.length - 1];
      this.trees.push(new RapidSpanningTree(this.simulator, bridge, { edgePorts, ...options[n] }));
    }
  }

  #switch(n: number, count: number): LearningSwitch {
    while (this.switches.length < count)
      this.switches.push(new LearningSwitch(this.simulator, `sw${this.switches.length}`));
    return this.switches[n]!;
  }

  #port(bridge: LearningSwitch): EthernetDevice {
    const n = bridge.ports.length;
    const number = this.switches.indexOf(bridge);
    const device = new EthernetDevice({ name: `p${n}`, index: n + 1, mac: mac((number + 1) * 256 + n) });
    bridge.addPort(device);
    return device;
  }

  wait(span: number): void {
    this.simulator.run({ until: this.simulator.now + span, maxEvents: 100_000 });
  }

  /** How many copies of a broadcast from one station each of the others gets. */
  broadcast(from: number): number[] {
    for (const station of this.stations) station.received.length = 0;
    const payload = Payload.zeros(100);
    this.stations[from]!.device.send(new EthernetFrame(BROADCAST_MAC, mac(1000 + from), TEST_TYPE, payload));
    this.wait(10 * MILLISECOND);
    return this.stations.map(
      (station) => station.received.filter(({ frame }) => frame.etherType === TEST_TYPE).length,
    );
  }

  get roles(): string[][] {
    return this.trees.map((tree) => tree.ports.map(({ role }) => role));
  }
}

const TRIANGLE: readonly Cable[] = [
  [0, 1],
  [1, 2],
  [2, 0],
];

describe('rapid spanning tree', () => {
  it('blocks one port of a triangle: a broadcast reaches everybody once', () => {
    const world = new World(3, TRIANGLE);
    world.wait(100 * MILLISECOND);
    expect(world.trees.map(({ root }) => root.mac)).toEqual([mac(256), mac(256), mac(256)]);
    expect(world.roles).toEqual([
      ['designated', 'designated', 'designated'],
      ['root', 'designated', 'designated'],
      ['alternate', 'root', 'designated'],
    ]);
    expect(world.broadcast(0)).toEqual([0, 1, 1]);
    expect(world.broadcast(2)).toEqual([1, 1, 0]);
  });

  it('would melt without it', () => {
    const world = new World(3, TRIANGLE);
    for (const bridge of world.switches) {
      bridge.bridgeProtocol = null;
      for (const port of bridge.ports) port.state = 'forwarding';
    }
    world.stations[0]!.device.send(
      new EthernetFrame(BROADCAST_MAC, mac(1000), TEST_TYPE, Payload.zeros(100)),
    );
    expect(world.simulator.run({ until: SECOND, maxEvents: 20_000 })).toBe('limit');
  });

  it('makes the bridge of the least priority the root', () => {
    const world = new World(3, TRIANGLE, [{}, { priority: 4096 }]);
    world.wait(100 * MILLISECOND);
    expect(world.trees[0]!.root).toEqual({ priority: 4096, mac: mac(512) });
    expect(world.trees[0]!.rootPathCost).toBe(20_000);
  });

  it('opens the alternate port at once when the root port fails, and stations stay reachable', () => {
    const world = new World(3, TRIANGLE);
    world.wait(5 * SECOND);
    world.broadcast(2); // everybody has learned where station 2 is
    world.links[2]!.setUp(false); // between the root and switch 2
    world.wait(100 * MILLISECOND);
    expect(world.roles[2]).toEqual(['root', 'disabled', 'designated']);
    world.stations[0]!.device.send(new EthernetFrame(mac(1002), mac(1000), TEST_TYPE, Payload.zeros(50)));
    world.wait(10 * MILLISECOND);
    expect(world.stations[2]!.received.some(({ frame }) => frame.dst === mac(1002))).toBe(true);
    world.links[2]!.setUp(true);
    world.wait(5 * SECOND);
    expect(world.broadcast(1)).toEqual([1, 0, 1]);
  });

  it('finds a new root when the old one falls silent', () => {
    const world = new World(3, TRIANGLE);
    world.wait(SECOND);
    for (const link of [world.links[0]!, world.links[2]!]) {
      link.aToB.impair({ rule: 'partition' });
      link.bToA.impair({ rule: 'partition' });
    }
    world.wait(7 * SECOND); // three hello times
    expect(world.trees[2]!.root.mac).toBe(mac(512));
    expect(world.roles[2]![1]).toBe('designated');
    expect(world.broadcast(1)).toEqual([0, 0, 1]);
  });

  it('takes a port without bridges beyond for an edge after three seconds', () => {
    const world = new World(2, [[0, 1]], [{ edgePorts: [] }, { edgePorts: [] }]);
    world.wait(2900 * MILLISECOND);
    expect(world.broadcast(0)).toEqual([0, 0]);
    world.wait(SECOND);
    expect(world.broadcast(0)).toEqual([0, 1]);
  });

  it('blocks one of two ports on the same hub as a backup', () => {
    const simulator = new Simulator();
    const hub = new Hub(simulator, 'hub');
    const bridge = new LearningSwitch(simulator, 'sw');
    for (let n = 0; n < 2; n++) {
      const device = new EthernetDevice({ name: `p${n}`, index: n + 1, mac: mac(256 + n) });
      bridge.addPort(device);
      hub.connect(device);
    }
    const tree = new RapidSpanningTree(simulator, bridge);
    simulator.run({ until: 40 * SECOND });
    expect(tree.ports.map(({ role }) => role)).toEqual(['designated', 'backup']);
    expect(bridge.ports.map(({ state }) => state)).toEqual(['forwarding', 'discarding']);
  });

  it('counts what is no BPDU', () => {
    const world = new World(1, []);
    const bogus = new EthernetFrame(world.switches[0]!.ports[0]!.device.mac, mac(5), 38, Payload.zeros(38));
    world.stations[0]!.device.send(
      new EthernetFrame(world.trees[0]!.id.mac, mac(5), 38, Payload.zeros(38)), // not to the group: no BPDU
    );
    world.trees[0]!.onBpdu(world.switches[0]!.ports[0]!, bogus);
    expect(world.switches[0]!.drops.entries()).toEqual([['switch.short-bpdu', 1]]);
  });

  it.each<SpanningTreeOptions>([{ priority: 5 }, { priority: 65536 }, { edgePorts: [9] }])(
    'refuses %j',
    (options) => {
      expect(() => new World(1, [], [options])).toThrow(ConfigError);
    },
  );

  it('leaves a spanning tree of any network: one copy of a broadcast everywhere, also in wire mode', () => {
    const networks = fc.integer({ min: 2, max: 6 }).chain((count) => {
      const end = fc.nat({ max: count - 1 });
      const joined = Array.from({ length: count - 1 }, (_, n) =>
        fc.tuple(fc.constant(n + 1), fc.nat({ max: n })),
      );
      const extra = fc.array(
        fc.tuple(end, end).filter(([a, b]) => a !== b),
        { maxLength: 5 },
      );
      return fc.tuple(
        fc.constant(count),
        fc.tuple(...joined),
        extra,
        fc.array(fc.nat({ max: 9 }), { maxLength: 2 }),
      );
    });
    fc.assert(
      fc.property(networks, ([count, joined, extra, failing]) => {
        const fingerprints = [false, true].map((wire) => {
          const world = new World(count, [...joined, ...extra], [], wire);
          world.wait(10 * SECOND);
          expect(world.broadcast(0)).toEqual(world.stations.map((_, n) => (n === 0 ? 0 : 1)));
          // Extra cables may fail: the rest still joins everything.
          for (const n of failing)
            if (extra.length > 0) world.links[joined.length + (n % extra.length)]!.setUp(false);
          world.wait(10 * SECOND);
          expect(world.broadcast(count - 1)).toEqual(world.stations.map((_, n) => (n === count - 1 ? 0 : 1)));
          return world.simulator.fingerprint.toString();
        });
        expect(fingerprints[1]).toBe(fingerprints[0]);
      }),
      runs(60),
    );
  });
});
