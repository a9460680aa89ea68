/**
 * Laws that hold after any program of socket calls, for every profile as far as it defines the question: who gets a
 * packet, what explain says of it, what closing leaves behind.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/conformance/sockets/case.ts';
import { SpecCase } from '../../../src/conformance/sockets/spec-case.ts';
import type { IpFamily } from '../../../src/packet/ip-address.ts';
import { UndefinedByProfile } from '../../../src/sockets/profile.ts';
import { isAny } from '../../../src/sockets/spec/address.ts';
import { close } from '../../../src/sockets/spec/close.ts';
import { type Counterfactual, counterfactuals, winnersOf } from '../../../src/sockets/spec/counterfactual.ts';
import { deliver } from '../../../src/sockets/spec/deliver.ts';
import { explain } from '../../../src/sockets/spec/explain.ts';
import { formatExplanation } from '../../../src/sockets/spec/explain-text.ts';
import { stateFrom } from '../../../src/sockets/spec/from-snapshot.ts';
import { isOurs, kindOf } from '../../../src/sockets/spec/host.ts';
import { listen } from '../../../src/sockets/spec/listen.ts';
import { setOption } from '../../../src/sockets/spec/options.ts';
import type { SpecPacket, SpecProfile } from '../../../src/sockets/spec/profile.ts';
import { freebsd } from '../../../src/sockets/spec/profiles/freebsd.ts';
import { linux } from '../../../src/sockets/spec/profiles/linux.ts';
import { rfc } from '../../../src/sockets/spec/profiles/rfc.ts';
import { windows } from '../../../src/sockets/spec/profiles/windows.ts';
import { RULES } from '../../../src/sockets/spec/rules.ts';
import { type SpecSocket, type SpecState, socketById } from '../../../src/sockets/spec/state.ts';
import { tcpEvent } from '../../../src/sockets/spec/tcp-events.ts';
import { runs } from '../../support/property.ts';
import { programs } from '../../support/socket-programs.ts';
import { LOWEST, playSpec, snapshotOf } from '../../support/spec.ts';

const PROFILES = [linux, freebsd, windows, rfc] as const;

/** Other systems than Linux say nothing of IPv6 sockets. */
function familiesOf({ name }: SpecProfile): readonly IpFamily[] {
  return name === 'linux' ? [4, 6] : [4];
}

const ENDS = {
  4: fc.record({
    src: fc.constantFrom('10.0.0.10', '10.0.0.11', '10.0.1.10'),
    dst: fc.constantFrom('10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.1.1', '127.0.0.1', '10.0.0.255'),
  }),
  6: fc.record({
    src: fc.constantFrom('fd00::10', 'fd00::11', 'fd01::10'),
    dst: fc.constantFrom('fd00::1', 'fd00::1', 'fd00::2', 'fd01::1', '::1', 'ff02::1'),
  }),
};

function packets(families: readonly IpFamily[]): fc.Arbitrary<SpecPacket> {
  const rest = fc.record({
    transport: fc.constantFrom('udp', 'tcp'),
    srcPort: fc.constantFrom(1111, 7000, 7100),
    dstPort: fc.constantFrom(5000, 5000, 5001, 80),
    device: fc.constantFrom('eth0', 'eth0', 'eth1', 'lo'),
    flags: fc.constantFrom('syn', 'syn', 'ack', 'rst'),
    isNewer: fc.boolean(),
  });
  const ends = fc.oneof(...families.map((family) => ENDS[family]));
  return fc.tuple(rest, ends).map(([one, { src, dst }]) => ({ ...one, src, dst }));
}

describe.each(PROFILES.map((profile) => [profile.name, profile] as const))('profile %s', (_, profile) => {
  it('gives a unicast packet to one socket at most, and a connection to its own', () => {
    check(profile, 400, (state, packet) => {
      const found = deliver(state, packet, profile, LOWEST);
      if (kindOf(state.host, packet.dst) !== 'local') return;
      expect(found.receivers.length).toBeLessThanOrEqual(1);
      const own = state.sockets.filter((one) => isConnectionOf(one, packet));
      if (own.length > 0) expect(own.map((one) => one.id)).toContain(found.receivers[0]);
    });
  });

  it('gives a packet only to sockets that it is for', () => {
    check(profile, 400, (state, packet) => {
      for (const id of deliver(state, packet, profile, LOWEST).receivers) {
        const socket = socketById(state, id)!;
        expect(socket.transport).toBe(packet.transport);
        const request = state.requests.some((one) => one.listener === id);
        if (!request) expect(['0.0.0.0', '::', packet.dst]).toContain(socket.local.address);
        expect([0, packet.dstPort]).toContain(request ? packet.dstPort : socket.local.port);
      }
    });
  });

  it('explains what happens: the winner gets it, every loser has a rule with a source', () => {
    check(profile, 300, (state, packet) => {
      const told = explain(state, packet, profile);
      const { receivers } = deliver(state, packet, profile, LOWEST);
      if (told.isChoice) expect(told.winners).toContain(receivers[0]);
      else expect(told.winners).toEqual(receivers);
      for (const one of told.candidates) {
        expect(one.verdict === 'rejected').toBe(!told.winners.includes(one.id));
        if (one.verdict !== 'rejected') continue;
        expect(RULES).toHaveProperty(one.reason!.rule);
        expect(one.reason!.text.length).toBeGreaterThan(0);
      }
      expect(formatExplanation(told)).not.toMatch(/undefined|null/);
    });
  });

  it('explains a snapshot as it explains the sockets themselves', () => {
    check(profile, 200, (state, packet) => {
      const copy = stateFrom(JSON.parse(JSON.stringify(snapshotOf(state, profile))));
      expect(winnersOf(copy, packet, profile)).toEqual(winnersOf(state, packet, profile));
    });
  });

  it('says truly what would change the outcome', () => {
    check(profile, 300, (state, packet) => {
      const now = winnersOf(state, packet, profile).winners;
      for (const one of counterfactuals(state, packet, profile)) {
        expect(one.winners).not.toEqual(now);
        const done = carriedOut(state, packet, one, profile);
        if (done !== null) expect(winnersOf(done.state, done.packet, profile).winners).toEqual(one.winners);
      }
    });
  });

  it('has nothing left when everything is closed', () => {
    fc.assert(
      fc.property(programs({ families: familiesOf(profile) }), (operations) => {
        const left = closeAll(playSpec(operations, profile).world.state, profile);
        expect(left).toMatchObject({ sockets: [], groups: {}, ports: {} });
      }),
      runs(200),
    );
  });
});

describe('a specific address', () => {
  it.each([
    ['linux', linux],
    ['freebsd', freebsd],
  ] as const)('is not lost to the wildcard (%s)', (_, profile) => {
    check(profile, 500, (state, packet) => {
      if (kindOf(state.host, packet.dst) !== 'local') return;
      const { receivers, stage } = deliver(state, packet, profile, LOWEST);
      const winner = receivers[0] === undefined ? undefined : socketById(state, receivers[0]);
      if (
        winner === undefined ||
        !isAny(winner.local.address) ||
        (stage !== 'datagram' && stage !== 'listener')
      )
        return;
      const better = state.sockets.filter(
        (one) => isWaitingAt(one, packet) && one.local.address === packet.dst,
      );
      expect(better).toEqual([]);
    });
  });
});

describe('unrelated calls', () => {
  it('may be made in any order: a TCP and a UDP program side by side do what each does alone', () => {
    const interleaved = fc.tuple(
      programs({ udp: false }),
      programs({ tcp: false }),
      fc.infiniteStream(fc.boolean()),
    );
    fc.assert(
      fc.property(interleaved, ([tcp, udp, turns]) => {
        const { tcpResults, udpResults } = playBoth(tcp, udp, turns);
        expect(tcpResults).toEqual(playAlone(tcp));
        expect(udpResults).toEqual(playAlone(udp));
      }),
      runs(300),
    );
  });
});

/** Runs `law` after random programs on random packets; questions that the profile leaves open are passed over. */
function check(
  profile: SpecProfile,
  count: number,
  law: (state: SpecState, packet: SpecPacket) => void,
): void {
  const families = familiesOf(profile);
  fc.assert(
    fc.property(programs({ families }), packets(families), (operations, packet) => {
      const { state } = playSpec(operations, profile).world;
      if (!isOurs(state.host, packet.dst)) return;
      try {
        law(state, packet);
      } catch (error) {
        if (!(error instanceof UndefinedByProfile)) throw error;
      }
    }),
    runs(count),
  );
}

function isConnectionOf(one: SpecSocket, packet: SpecPacket): boolean {
  return (
    one.transport === packet.transport &&
    (one.transport === 'udp' ? one.state === 'ESTABLISHED' : one.order.connected > 0) &&
    one.local.address === packet.dst &&
    one.local.port === packet.dstPort &&
    one.remote?.address === packet.src &&
    one.remote.port === packet.srcPort &&
    (one.device === null || one.device === packet.device)
  );
}

/** Takes packets from anybody on its port and device. */
function isWaitingAt(one: SpecSocket, packet: SpecPacket): boolean {
  return (
    one.transport === packet.transport &&
    one.local.port === packet.dstPort &&
    one.order.listed !== 0 &&
    (one.transport === 'udp' ? one.state === 'CLOSED' : one.state === 'LISTEN') &&
    (one.device === null || one.device === packet.device)
  );
}

/** A counterfactual done for real, by calls where there are calls; null for what no call can do afterwards. */
function carriedOut(
  state: SpecState,
  packet: SpecPacket,
  { change }: Counterfactual,
  profile: SpecProfile,
): { state: SpecState; packet: SpecPacket } | null {
  if (change.kind === 'packet') return { state, packet: { ...packet, [change.field]: change.to } };
  const { socket } = change;
  switch (change.field) {
    case 'device':
      return {
        state: setOption(state, { socket, name: 'BINDTODEVICE', value: change.to?.toString() ?? '' }, profile)
          .state,
        packet,
      };
    case 'reusePort':
      return {
        state: setOption(state, { socket, name: 'REUSEPORT', value: change.to === true ? 1 : 0 }, profile)
          .state,
        packet,
      };
    case 'open':
      return { state: close(state, { socket }, profile).state, packet };
    case 'listening': {
      const done = listen(state, { socket, backlog: 5 }, profile, LOWEST);
      return done.outcome === 0 ? { state: done.state, packet } : null;
    }
    case 'address':
    case 'v6Only':
      return null;
  }
}

/** Closes every descriptor, then lets every timer run out. */
function closeAll(start: SpecState, profile: SpecProfile): SpecState {
  let state = start;
  for (const { id, life } of start.sockets) {
    if (life === 'open') state = close(state, { socket: id }, profile).state;
  }
  for (const { id } of state.sockets) {
    if (socketById(state, id) !== undefined)
      state = tcpEvent(state, { socket: id, event: 'expired' }, profile).state;
  }
  return state;
}

function playAlone(operations: readonly Operation[]): unknown[] {
  const made = new SpecCase({ id: '', sysctls: {}, ports: {}, operations, results: [] }, linux);
  return operations.map((operation) => made.step(operation, 0));
}

/** Merges two programs, giving sockets their numbers in the merged one, and results the numbers of their own. */
function playBoth(
  tcp: readonly Operation[],
  udp: readonly Operation[],
  turns: Iterator<boolean>,
): { tcpResults: unknown[]; udpResults: unknown[] } {
  const made = new SpecCase({ id: '', sysctls: {}, ports: {}, operations: [], results: [] }, linux);
  const sides = [tcp, udp].map((operations) => ({
    rest: [...operations],
    numbers: [] as number[],
    results: [] as unknown[],
  }));
  let total = 0;
  while (sides.some((side) => side.rest.length > 0)) {
    const first = turns.next().value === true ? 0 : 1;
    const side = sides[first]!.rest.length > 0 ? sides[first]! : sides[1 - first]!;
    const operation = side.rest.shift()!;
    const [name, which, ...others] = operation;
    const isOwn = typeof which === 'number' && !['udp', 'hs', 'pfin', 'prst'].includes(name);
    const merged: Operation = isOwn ? [name, side.numbers[which] ?? 999, ...others] : operation;
    if (name === 'socket' || name === 'accept') side.numbers.push(total++);
    side.results.push(ownNumbers(made.step(merged, 0), side.numbers, name));
  }
  return { tcpResults: sides[0]!.results, udpResults: sides[1]!.results };
}

/** Socket numbers in a result, back to those of the program alone. */
function ownNumbers(result: unknown, numbers: readonly number[], name: string): unknown {
  if (typeof result !== 'object' || result === null) return result;
  const own = (number: unknown) => numbers.indexOf(number as number);
  const copy = { ...(result as Record<string, unknown>) };
  if ((name === 'socket' || name === 'accept') && typeof copy['r'] === 'number') copy['r'] = own(copy['r']);
  for (const key of ['q', 'err']) {
    if (Array.isArray(copy[key])) copy[key] = (copy[key] as unknown[]).map(own);
  }
  for (const key of ['rx', 'ts']) {
    if (Array.isArray(copy[key]))
      copy[key] = (copy[key] as unknown[][]).map(([first, ...rest]) => [own(first), ...rest]);
  }
  return copy;
}
