/**
 * Matchers for vitest: `import 'fivetuple/testing/vitest'` in a test, or name it in `setupFiles`. Then
 * `expect(run).toHaveSent(tcp({ flags: 'RST' }), { by: 'server', times: 1 })`, and `.not` of each.
 */
import { expect } from 'vitest';
import type { Pdu } from '../packet/pdu.ts';
import {
  expectEventually,
  expectPacket,
  expectPackets,
  expectSequence,
  findPackets,
  type HowMany,
  type Packets,
  type Step,
  type Time,
} from './packets/expect-packets.ts';
import type { PacketMatcher } from './packets/matcher.ts';
import { listLines, PacketMismatch } from './packets/mismatch.ts';
import { receivedBy, sentBy } from './packets/where.ts';
import type { SeenPacket } from './run/seen-packet.ts';

/** How many, when, and at which node (`client`) or interface (`client.eth0`); default: at any. */
interface Sent extends HowMany {
  readonly by?: string;
}

interface FivetupleMatchers<R> {
  /** A packet looks so, field by field. */
  toMatchPacket(matcher: PacketMatcher): R;
  /** A run has packets that match, wherever they were seen. */
  toHavePackets(matcher: PacketMatcher, howMany?: HowMany): R;
  /** A run in which a node sent packets that match. A router sends what it forwards. */
  toHaveSent(matcher: PacketMatcher, sent?: Sent): R;
  /** A run in which packets that match arrived at a node. */
  toHaveReceived(matcher: PacketMatcher, received?: Sent): R;
  /** A run whose packets match these steps in this order. */
  toHaveSequence(steps: readonly Step[], options?: { readonly strict?: boolean }): R;
  /** A run in which a packet matches at the latest `within` after an instant or another packet. */
  toHaveEventually(
    matcher: PacketMatcher,
    options: { readonly within: Time; readonly after?: Time | SeenPacket },
  ): R;
}

declare module 'vitest' {
  interface Matchers<T> extends FivetupleMatchers<void> {}
}

expect.extend({
  toMatchPacket: (packet: SeenPacket | Pdu, matcher: PacketMatcher) =>
    verdict(`a packet other than ${matcher.text}`, () => expectPacket(packet, matcher)),

  toHavePackets: (run: Packets, matcher: PacketMatcher, howMany?: HowMany) => counted(run, matcher, howMany),

  toHaveSent: (run: Packets, matcher: PacketMatcher, { by, ...howMany }: Sent = {}) =>
    counted(run, by === undefined ? going('out', matcher) : sentBy(by, matcher), howMany),

  toHaveReceived: (run: Packets, matcher: PacketMatcher, { by, ...howMany }: Sent = {}) =>
    counted(run, by === undefined ? going('in', matcher) : receivedBy(by, matcher), howMany),

  toHaveSequence: (run: Packets, steps: readonly Step[], options?: { readonly strict?: boolean }) =>
    verdict('the steps to be broken somewhere', () => expectSequence(run, steps, options)),

  toHaveEventually: (
    run: Packets,
    matcher: PacketMatcher,
    options: { readonly within: Time; readonly after?: Time | SeenPacket },
  ) => verdict(`no ${matcher.text} in time`, () => expectEventually(run, matcher, options)),
});

interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

function counted(run: Packets, matcher: PacketMatcher, howMany?: HowMany): Verdict {
  return verdict(
    `another number of ${matcher.text}`,
    () => expectPackets(run, matcher, howMany),
    () => listLines(findPackets(run, matcher, howMany)),
  );
}

/** @param instead what `.not` wanted @param shown what it found */
function verdict(instead: string, check: () => unknown, shown: () => readonly string[] = () => []): Verdict {
  try {
    check();
    return { pass: true, message: () => [`expected ${instead}`, ...shown()].join('\n') };
  } catch (error) {
    if (!(error instanceof PacketMismatch)) throw error;
    return { pass: false, message: () => error.message };
  }
}

/** At any node, in this direction. */
function going(direction: 'in' | 'out', matcher: PacketMatcher): PacketMatcher {
  return {
    text: `${direction === 'out' ? 'sent' : 'received'}: ${matcher.text}`,
    compare: (packet) => [
      {
        field: 'direction',
        ok: packet.direction === direction,
        expected: direction,
        found: packet.direction ?? 'unknown',
      },
      ...matcher.compare(packet),
    ],
  };
}
