/** Rules L8, L30 and the arithmetic of a rehash: which flows move when a group changes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import { RandomStreams } from '../../../src/sim/random.ts';
import { FlowHash } from '../../../src/sockets/demux/flow-hash.ts';
import { ReusePortGroup } from '../../../src/sockets/demux/reuseport-group.ts';
import { runs } from '../../support/property.ts';

class Member {
  readonly name: number;
  isConnected = false;
  group: ReusePortGroup<Member> | null = null;

  constructor(name: number) {
    this.name = name;
  }
}

function groupOf(size: number): { group: ReusePortGroup<Member>; members: Member[] } {
  const group = new ReusePortGroup<Member>();
  const members = Array.from({ length: size }, (_, name) => new Member(name));
  for (const member of members) group.add(member);
  return { group, members };
}

const SERVER = IpAddress.parse('10.0.0.1');
const hash = new FlowHash(new RandomStreams(7).stream('test'));
const FLOWS = Array.from({ length: 4000 }, (_, i) =>
  hash.of(SERVER, 5000, IpAddress.v4(0xc0000200 + (i >> 4)), 1024 + (i & 15) * 7),
);

describe('a SO_REUSEPORT group', () => {
  it('takes the member at floor(hash * n / 2^32), and the next one that is not connected', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 0xffffffff }),
        (connected, value) => {
          const { group, members } = groupOf(connected.length);
          for (const [i, isConnected] of connected.entries()) members[i]!.isConnected = isConnected;
          const start = Number((BigInt(value) * BigInt(connected.length)) >> 32n);
          const order = connected.map((_, k) => (start + k) % connected.length);
          const expected = order.find((i) => !connected[i]);
          expect(group.select(value, null)?.name).toBe(expected);
        },
      ),
      runs(300),
    );
  });

  it('fills a hole with the last member', () => {
    const { group, members } = groupOf(5);
    group.remove(members[1]!);
    expect(group.members.map((member) => member.name)).toEqual([0, 4, 2, 3]);
    group.remove(members[3]!);
    expect(group.members.map((member) => member.name)).toEqual([0, 4, 2]);
    expect(members[3]!.group).toBeNull();
  });

  it('spreads flows evenly (chi-square, 0.999 quantile)', () => {
    for (const [size, limit] of [
      [2, 10.83],
      [4, 16.27],
      [8, 24.32],
    ] as const) {
      const { group } = groupOf(size);
      const counts = new Array<number>(size).fill(0);
      for (const flow of FLOWS) counts[group.select(flow, null)!.name]!++;
      const mean = FLOWS.length / size;
      const chiSquare = counts.reduce((sum, count) => sum + ((count - mean) * (count - mean)) / mean, 0);
      expect(chiSquare).toBeLessThan(limit);
    }
  });

  it('keeps the fractions of flows that the index rule implies when members come and go', () => {
    for (const k of [2, 4, 8]) expect(kept(k, (group) => group.add(new Member(k)))).toBeCloseTo(0.5, 1);
    const removed = (k: number, r: number) => kept(k, (group, members) => group.remove(members[r]!));
    expect(removed(4, 0)).toBeCloseTo(0.25, 1);
    expect(removed(4, 1)).toBeCloseTo(1 / 3, 1);
    expect(removed(4, 2)).toBeCloseTo(2 / 3, 1);
    expect(removed(4, 3)).toBeCloseTo(0.5, 1);
    expect(removed(3, 0)).toBeCloseTo(1 / 6, 1);
    expect(removed(8, 0)).toBeCloseTo(0.375, 1);
  });

  it('is sticky: a flow keeps its member while the group stands', () => {
    const { group } = groupOf(5);
    const before = FLOWS.map((flow) => group.select(flow, null)!.name);
    expect(FLOWS.map((flow) => group.select(flow, null)!.name)).toEqual(before);
  });
});

/** The fraction of flows that keep their member when a group of `size` is changed. */
function kept(size: number, change: (group: ReusePortGroup<Member>, members: Member[]) => void): number {
  const { group, members } = groupOf(size);
  const before = FLOWS.map((flow) => group.select(flow, null));
  change(group, members);
  const same = FLOWS.filter((flow, i) => group.select(flow, null) === before[i]);
  return same.length / FLOWS.length;
}
