/** The promise of TCP: exactly the bytes sent, once and in order, whatever finite list of faults the wire has. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTROLLER_NAMES } from '../../../src/transport/tcp/congestion/select.ts';
import { FAMILIES } from '../../support/families.ts';
import { runs } from '../../support/property.ts';
import { type Faults, Pair, type PairOptions, pattern } from './pair.ts';

const indexes = fc.array(fc.nat(60), { maxLength: 12 });
const faults: fc.Arbitrary<Faults> = fc.record({
  dropped: indexes,
  doubled: indexes,
  delayed: fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 400 })), { maxLength: 6 }),
});
const switches = fc.record({
  sack: fc.nat(1),
  timestamps: fc.nat(1),
  window_scaling: fc.nat(1),
  ecn: fc.nat(2),
  mtu_probing: fc.nat(2),
  recovery: fc.nat(1),
  early_retrans: fc.constantFrom(0, 3),
});
/** Close to the wrap, so that most streams cross it. */
const iss = fc.oneof(fc.nat(0xffffffff), fc.integer({ min: 0xffffffff - 40_000, max: 0xffffffff }));
const controller = fc.constantFrom(...CONTROLLER_NAMES);
const sndbuf = fc.constantFrom(0, 4608, 20_000);

const plan = fc.record({
  family: fc.constantFrom(...FAMILIES),
  up: faults,
  down: faults,
  client: fc.record({
    iss,
    sysctls: switches,
    settings: fc.record({ congestionControl: controller, sndbuf }),
  }),
  server: fc.record({
    iss,
    sysctls: switches,
    settings: fc.record({
      congestionControl: controller,
      sndbuf,
      rcvbuf: fc.constantFrom(0, 2304, 6000, 40000),
    }),
  }),
  sizes: fc.tuple(fc.nat(60_000), fc.nat(20_000)),
  chunk: fc.constantFrom(1000, 333, 1460, 7000, 100_000),
  readSize: fc.constantFrom(100, 1460, 65536),
});

describe('any finite list of faults', () => {
  it('leaves both streams whole', () => {
    fc.assert(
      fc.property(plan, ({ family, up, down, client, server, sizes, chunk, readSize }) => {
        const ends = { client: { ...client, family }, server: { ...server, family } };
        const pair = exchange({ up, down, ...ends }, sizes, chunk, readSize);
        expect(pair.received).toEqual({ server: sizes[0], client: sizes[1] });
        expect(pair.mistakes).toEqual([]);
      }),
      runs(150),
    );
  }, 600_000);
});

/** Both ends write their stream, read the other's, and shut down; runs until all is over. */
function exchange(options: PairOptions, sizes: readonly [number, number], chunk: number, readSize: number) {
  const pair = new Pair(options);
  const received = { client: 0, server: 0 };
  const mistakes: string[] = [];
  for (const [end, size] of [
    [pair.client, sizes[0]],
    [pair.server, sizes[1]],
  ] as const) {
    let written = 0;
    let isShut = false;
    const fill = () => {
      while (written < size) {
        const taken = end.connection.write(pattern(Math.min(chunk, size - written), written));
        if (taken <= 0) return;
        written += taken;
      }
      if (!isShut && end.connection.state !== 'SYN-SENT') {
        isShut = true;
        end.connection.shutdownWrite();
      }
    };
    end.whenWritable = fill;
    end.whenReadable = () => {
      for (;;) {
        const data = end.connection.read(readSize);
        if (typeof data === 'number' || data.size === 0) return;
        const expected = pattern(data.size, received[end.name]).view();
        if (Buffer.compare(data.view(), expected) !== 0)
          mistakes.push(`${end.name} at ${received[end.name]}`);
        received[end.name] += data.size;
      }
    };
  }
  pair.connect();
  pair.run(600_000);
  return { received, mistakes, pair };
}
