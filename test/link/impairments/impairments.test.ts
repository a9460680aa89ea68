/** Each impairment by itself, and several in order. */
import { describe, expect, it } from 'vitest';
import { EthernetFrame } from '../../../src/link/frame.ts';
import type { ImpairmentRule } from '../../../src/link/impairments/impairment.ts';
import { connect, type Link } from '../../../src/link/link.ts';
import { Payload } from '../../../src/packet/payload.ts';
import { ConfigError } from '../../../src/sim/errors.ts';
import { RandomStreams } from '../../../src/sim/random.ts';
import { Simulator } from '../../../src/sim/simulator.ts';
import { numberedFrame, numberOf, Station } from '../support.ts';

class World {
  readonly simulator = new Simulator();
  readonly a = new Station(this.simulator, 1);
  readonly b = new Station(this.simulator, 2);
  readonly link: Link;

  /** 118-byte frames take 944 ns at 1 Gb/s; the delay is 1 µs. */
  constructor(rules: readonly ImpairmentRule[], seed = 1) {
    this.link = connect(this.simulator, this.a.device, this.b.device, {
      rateBps: 1e9,
      delayNs: 1000,
      random: new RandomStreams(seed),
    });
    for (const rule of rules) this.link.aToB.impair(rule);
  }

  /** Sends frames 0 to `count` - 1 and waits; @returns the numbers that arrived, in order */
  send(count: number): number[] {
    for (let n = 0; n < count; n++) this.a.device.send(numberedFrame(n));
    this.simulator.run();
    return this.b.received.map(({ frame }) => numberOf(frame));
  }

  get drops(): [string, number][] {
    return this.link.a.drops.entries();
  }
}

describe('loss', () => {
  it('hits the frames at the given indexes', () => {
    const world = new World([{ rule: 'loss', indexes: [0, 3] }]);
    expect(world.send(5)).toEqual([1, 2, 4]);
    expect(world.drops).toEqual([['link.lost', 2]]);
  });

  it('counts only frames that match', () => {
    const even = (frame: EthernetFrame): boolean => numberOf(frame) % 2 === 0;
    expect(new World([{ rule: 'loss', match: even, indexes: [1] }]).send(6)).toEqual([0, 1, 3, 4, 5]);
  });

  it('hits by probability, the same frames for the same seed', () => {
    const arrived = (seed: number): number[] =>
      new World([{ rule: 'loss', probability: 0.25 }], seed).send(900);
    expect(arrived(1)).toEqual(arrived(1));
    expect(arrived(1)).not.toEqual(arrived(2));
    expect(arrived(1).length).toBeGreaterThan(600);
    expect(arrived(1).length).toBeLessThan(750);
  });

  it('happens behind the transmitter: lost frames take their time on the wire', () => {
    const world = new World([{ rule: 'loss', indexes: [0] }]);
    world.send(2);
    expect(world.b.times).toEqual([2 * 944 + 1000]);
  });
});

describe('partition', () => {
  it('lets nothing through in its direction, and everything in the other', () => {
    const world = new World([{ rule: 'partition' }]);
    world.b.device.send(numberedFrame(7));
    expect(world.send(3)).toEqual([]);
    expect(world.a.received.length).toBe(1);
    expect(world.drops).toEqual([['link.partitioned', 3]]);
    expect(world.a.device.isUp).toBe(true);
  });

  it('ends when the rule is taken away', () => {
    const world = new World([]);
    const heal = world.link.aToB.impair({ rule: 'partition' });
    world.send(1);
    heal();
    expect(world.send(2)).toEqual([0, 1]);
  });
});

describe('duplication', () => {
  it('delivers copies directly behind the original', () => {
    const world = new World([{ rule: 'duplicate', indexes: [1], copies: 2 }]);
    expect(world.send(3)).toEqual([0, 1, 1, 1, 2]);
    expect(world.link.aToB.duplicated).toBe(2);
  });
});

describe('reordering', () => {
  it('holds frames back so that later ones overtake', () => {
    const world = new World([{ rule: 'reorder', indexes: [1], extraDelayNs: 1500 }]);
    expect(world.send(5)).toEqual([0, 2, 1, 3, 4]);
    expect(world.b.times[2]).toBe(2 * 944 + 1000 + 1500);
  });
});

describe('delay', () => {
  it('adds a constant', () => {
    const world = new World([{ rule: 'delay', extraDelayNs: 5000 }]);
    world.send(2);
    expect(world.b.times).toEqual([944 + 6000, 2 * 944 + 6000]);
  });

  it('keeps the order under jitter, unless it is told not to', () => {
    const jitterNs = { kind: 'exponential', mean: 10_000 } as const;
    const kept = new World([{ rule: 'delay', jitterNs }]).send(100);
    expect(kept).toEqual(kept.toSorted((x, y) => x - y));
    const mixed = new World([{ rule: 'delay', jitterNs, keepOrder: false }]).send(100);
    expect(mixed).not.toEqual(kept);
    expect(mixed.toSorted((x, y) => x - y)).toEqual(kept);
  });

  it('lets no frame overtake delayed ones when it is taken away', () => {
    const world = new World([]);
    const remove = world.link.aToB.impair({ rule: 'delay', extraDelayNs: 50_000 });
    world.a.device.send(numberedFrame(0));
    remove();
    for (let n = 1; n < 4; n++) world.a.device.send(numberedFrame(n));
    world.simulator.run({ until: 100_000 });
    world.a.device.send(numberedFrame(4));
    world.simulator.run();
    expect(world.b.received.map(({ frame }) => numberOf(frame))).toEqual([0, 1, 2, 3, 4]);
    expect(world.b.times.at(-1)).toBe(100_000 + 944 + 1000);
  });

  it('never makes a frame early', () => {
    const world = new World([{ rule: 'delay', jitterNs: { kind: 'normal', mean: -900, deviation: 1 } }]);
    world.send(1);
    expect(world.b.times).toEqual([944 + 1000]);
  });
});

describe('corruption', () => {
  const sent = new Uint8Array(100).fill(0x55);
  const corrupted = (rule: ImpairmentRule): World => {
    const world = new World([rule]);
    const frame = numberedFrame(0);
    world.a.device.send(new EthernetFrame(frame.dst, frame.src, frame.etherType, new Payload(sent)));
    world.simulator.run();
    return world;
  };

  it('is caught by the FCS and counted at the receiver', () => {
    const world = corrupted({ rule: 'corrupt', fcs: 'bad' });
    expect(world.b.received).toEqual([]);
    expect(world.b.device.drops.entries()).toEqual([['link.bad-fcs', 1]]);
  });

  it('reaches the layers above as bytes with so many flipped bits when the FCS was recomputed', () => {
    const world = corrupted({ rule: 'corrupt', fcs: 'recomputed', bits: 3, from: 14 + 90 });
    const got = (world.b.received[0]!.frame.payload as Payload).view();
    const flips = [...got].map((byte, at) => popCount(byte ^ sent[at]!));
    expect(flips.slice(0, 90).every((count) => count === 0)).toBe(true);
    expect(flips.reduce((sum, count) => sum + count)).toBe(3);
  });

  it('flips all there is and no more', () => {
    const world = corrupted({ rule: 'corrupt', fcs: 'recomputed', bits: 1000, from: 14 + 99 });
    expect((world.b.received[0]!.frame.payload as Payload).view()[99]).toBe(0xaa);
  });
});

describe('several rules', () => {
  it('apply in order: what the first lets through is what the second counts', () => {
    const rules: ImpairmentRule[] = [
      { rule: 'loss', indexes: [0] },
      { rule: 'duplicate', indexes: [0] },
      { rule: 'loss', indexes: [1] },
    ];
    expect(new World(rules).send(3)).toEqual([1, 2]);
    expect(new World(rules.toReversed()).send(3)).toEqual([0, 2]);
  });
});

describe('an impossible rule is refused', () => {
  it.each<unknown>([
    { rule: 'loss', probability: 1.5 },
    { rule: 'loss', indexes: [-1] },
    { rule: 'duplicate', copies: 0 },
    { rule: 'reorder', extraDelayNs: -5 },
    { rule: 'delay', jitterNs: { kind: 'uniform', min: 3, max: 1 } },
    { rule: 'corrupt', fcs: 'bad', bits: 0 },
    { rule: 'corrupt', fcs: 'bad', from: -1 },
    { rule: 'explode' },
  ])('%j', (rule) => {
    expect(() => new World([rule as ImpairmentRule])).toThrow(ConfigError);
  });
});

function popCount(byte: number): number {
  return byte.toString(2).replaceAll('0', '').length;
}
