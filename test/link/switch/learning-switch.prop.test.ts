/** A switch against a model: where must a frame come out, and with which tag? */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EthernetFrame } from '../../../src/link/frame.ts';
import type { PortVlans } from '../../../src/link/switch/vlans.ts';
import { BROADCAST_MAC } from '../../../src/packet/mac-address.ts';
import { Payload } from '../../../src/packet/payload.ts';
import { runs } from '../../support/property.ts';
import { mac, TEST_TYPE } from '../support.ts';
import { SwitchWorld } from './switch-world.ts';

const vid = fc.integer({ min: 1, max: 4 });
const portVlans: fc.Arbitrary<PortVlans> = fc.oneof(
  fc.record({ access: vid }),
  fc
    .uniqueArray(vid, { minLength: 1 })
    .chain((trunk) => fc.record({ trunk: fc.constant(trunk), native: fc.constantFrom(null, ...trunk) })),
  fc.constant<PortVlans>({ trunk: 'all', native: null }),
);
const ports = fc.oneof(fc.array(portVlans, { minLength: 2, maxLength: 5 }), fc.integer({ min: 2, max: 5 }));
const frames = fc.array(
  fc.record({
    port: fc.nat({ max: 4 }),
    src: fc.integer({ min: 1, max: 4 }),
    dst: fc.integer({ min: 0, max: 5 }), // 0 = everybody, 5 = never seen
    tag: fc.option(fc.record({ priority: fc.nat({ max: 7 }), vid: fc.nat({ max: 5 }) }), { nil: null }),
  }),
  { maxLength: 30 },
);

/** The VLAN of a frame, or null when the port does not admit it: 802.1Q in set notation. */
function vlanOf(rules: PortVlans, tagged: number | null): number | null {
  const native = 'access' in rules ? rules.access : rules.native;
  if (tagged === null || tagged === 0) return native;
  return carries(rules, tagged) ? tagged : null;
}

function carries(rules: PortVlans, vlan: number): boolean {
  if ('access' in rules) return rules.access === vlan;
  return rules.trunk === 'all' || rules.trunk.includes(vlan);
}

describe('a switch', () => {
  it('delivers to every port it must and to no other, never back', () => {
    fc.assert(
      fc.property(ports, frames, (setUp, sequence) => {
        const world = new SwitchWorld(setUp);
        const rules = typeof setUp === 'number' ? null : setUp;
        const count = world.stations.length;
        const home = new Map<string, number>();
        for (const { port: drawn, src, dst, tag } of sequence) {
          const port = drawn % count;
          const tci = tag === null ? -1 : (tag.priority << 13) | tag.vid;
          const destination = dst === 0 ? BROADCAST_MAC : mac(dst);
          const out = world.exchange(
            port,
            new EthernetFrame(destination, mac(src), TEST_TYPE, Payload.zeros(50), tci),
          );

          const vlan = rules === null ? 0 : vlanOf(rules[port]!, tag === null ? null : tag.vid);
          const expected = new Map<number, number>();
          if (vlan !== null) {
            home.set(`${vlan} ${src}`, port);
            const known = home.get(`${vlan} ${dst}`);
            for (let to = 0; to < count; to++) {
              if (to === port || (known !== undefined && known !== to)) continue;
              if (rules !== null && !carries(rules[to]!, vlan)) continue;
              const there = rules?.[to];
              const untagged = there === undefined ? null : 'access' in there ? there.access : there.native;
              const priority = tag === null ? 0 : tag.priority << 13;
              expected.set(to, there === undefined ? tci : untagged === vlan ? -1 : priority | vlan);
            }
          }
          expect(new Map([...out].map(([to, frame]) => [to, frame.tci]))).toEqual(expected);
        }
      }),
      runs(300),
    );
  });
});
