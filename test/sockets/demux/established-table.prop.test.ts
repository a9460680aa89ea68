import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import { EstablishedTable } from '../../../src/sockets/demux/established-table.ts';
import { runs } from '../../support/property.ts';

interface Entry {
  readonly name: number;
  twin: Entry | null;
}

/** Few addresses and ports, so that the same four-tuple comes back and slots collide. */
const tuple = fc.record({
  local: fc.integer({ min: 0, max: 3 }).map((n) => IpAddress.v4(0x0a000000 + n)),
  localPort: fc.constantFrom(0, 1, 80, 32768, 65535),
  remote: fc.integer({ min: 0, max: 9 }).map((n) => IpAddress.v4(0xc0000200 + n)),
  remotePort: fc.constantFrom(0, 1, 40000, 40001, 65535),
});
type Tuple = typeof tuple extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), tuple }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), nth: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('find' as const), tuple }) },
);

function keyOf({ local, localPort, remote, remotePort }: Tuple): string {
  return `${local}:${localPort}>${remote}:${remotePort}`;
}

describe('the table of connections', () => {
  it('finds what a map of lists would find, the newest of equal four-tuples first', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const table = new EstablishedTable<Entry>(4);
        const model = new Map<string, Entry[]>();
        const present: { entry: Entry; tuple: Tuple }[] = [];
        for (const [name, action] of steps.entries()) {
          if (action.kind === 'add') {
            const entry = { name, twin: null };
            const { local, localPort, remote, remotePort } = action.tuple;
            table.add(entry, local, localPort, remote, remotePort);
            model.set(keyOf(action.tuple), [entry, ...(model.get(keyOf(action.tuple)) ?? [])]);
            present.push({ entry, tuple: action.tuple });
          } else if (action.kind === 'remove' && present.length > 0) {
            const [gone] = present.splice(action.nth % present.length, 1);
            const { entry, tuple: where } = gone!;
            table.remove(entry, where.local, where.localPort, where.remote, where.remotePort);
            model.set(
              keyOf(where),
              model.get(keyOf(where))!.filter((other) => other !== entry),
            );
          } else if (action.kind === 'find') {
            expect(chain(table, action.tuple)).toEqual(names(model.get(keyOf(action.tuple)) ?? []));
          }
          expect(table.size).toBe(present.length);
        }
        for (const { tuple: where } of present) {
          expect(chain(table, where)).toEqual(names(model.get(keyOf(where))!));
        }
      }),
      runs(200),
    );
  });

  it('does not mistake a local end for a remote one', () => {
    const table = new EstablishedTable<Entry>();
    const a = IpAddress.parse('10.0.0.1');
    const b = IpAddress.parse('10.0.0.2');
    table.add({ name: 1, twin: null }, a, 80, b, 4000);
    expect(table.find(b, 4000, a, 80)).toBeNull();
    expect(table.find(a, 4000, b, 80)).toBeNull();
    expect(table.find(a, 80, b, 4000)?.name).toBe(1);
  });
});

function chain(table: EstablishedTable<Entry>, { local, localPort, remote, remotePort }: Tuple): number[] {
  const found: number[] = [];
  for (let entry = table.find(local, localPort, remote, remotePort); entry !== null; entry = entry.twin)
    found.push(entry.name);
  return found;
}

function names(entries: readonly Entry[]): number[] {
  return entries.map((entry) => entry.name);
}
