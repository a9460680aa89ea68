/** Any bytes into a switch, with VLANs or without, with a spanning tree or without: frames come out, or a drop is counted. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deliverBytes } from '../../../src/link/wire-mode.ts';
import { Network } from '../../../src/node/network.ts';
import { runs } from '../../support/property.ts';

const GROUP = [0x01, 0x80, 0xc2, 0, 0, 0];
const addresses = fc.oneof(
  fc.constantFrom(GROUP, [255, 255, 255, 255, 255, 255], [2, 0, 0, 0, 0, 1], [2, 1, 0, 0, 0, 1]),
  fc.array(fc.nat({ max: 255 }), { minLength: 6, maxLength: 6 }),
);
const types = fc.constantFrom([0x81, 0], [0x08, 0], [0, 38], [0x88, 0xa8]);
const frames = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc
    .tuple(addresses, addresses, types, fc.uint8Array({ maxLength: 80 }))
    .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part]))),
);

describe('any bytes into a switch', () => {
  it('end in frames that leave elsewhere, or in a counted drop, never in an exception', () => {
    fc.assert(
      fc.property(
        fc.array(frames, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        (list, hasVlans, hasTree) => {
          const network = new Network();
          const ports = [
            {},
            hasVlans ? { vlan: 5, tagged: [1, 2] } : {},
            hasVlans ? { vlan: null, tagged: [5] } : {},
          ];
          const spanningTree = hasTree ? {} : null;
          const node = network.addSwitch('s', { ports, spanningTree });
          const out = [0, 0, 0];
          for (const [i, port] of node.ports.entries())
            port.attach({
              hasCarrier: true,
              rateBps: Number.POSITIVE_INFINITY,
              isPointToPoint: true,
              transmit: () => out[i]!++,
            });
          if (hasTree) network.run({ until: 10e9 });
          const [first] = node.ports;
          for (const bytes of list) {
            out.fill(0);
            const before = sum(node.dropped());
            const hellos = first!.txFrames;
            deliverBytes(bytes, false, first!);
            const isBpdu = hasTree && bytes.slice(0, 6).every((byte, i) => byte === GROUP[i]);
            if (isBpdu) continue; // the protocol's own business
            expect(out[0]).toBe(0);
            expect(first!.txFrames).toBe(hellos);
            expect(out[1]! + out[2]! + sum(node.dropped()) - before).toBeGreaterThan(0);
          }
          network.run({ until: 20e9, maxEvents: 10_000 });
        },
      ),
      runs(200),
    );
  });
});

function sum(drops: readonly (readonly [string, number])[]): number {
  return drops.reduce((total, [, count]) => total + count, 0);
}
