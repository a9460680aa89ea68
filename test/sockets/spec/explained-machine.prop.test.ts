/**
 * What explain says of a running host is what the host does: the explained winner gets the packet, and every change
 * that explain names does give it to whom explain says. Tried on the machine, by carrying out program, change and packet.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation, Result } from '../../../src/conformance/sockets/case.ts';
import { asObject } from '../../../src/conformance/sockets/compare.ts';
import { Driver } from '../../../src/conformance/sockets/driver.ts';
import { MICROSECOND } from '../../../src/sim/time.ts';
import { type ProfileName, UndefinedByProfile } from '../../../src/sockets/profile.ts';
import { snapshotOf } from '../../../src/sockets/snapshot-of.ts';
import type { Counterfactual } from '../../../src/sockets/spec/counterfactual.ts';
import { type Explanation, explainPacket } from '../../../src/sockets/spec/explain.ts';
import type { InterfaceSnapshot } from '../../../src/sockets/spec/snapshot.ts';
import { runs } from '../../support/property.ts';
import { corpusLine, programs, wordsOf } from '../../support/socket-programs.ts';

const INTERFACES: readonly InterfaceSnapshot[] = [
  { name: 'lo', loopback: true, addresses: ['127.0.0.1/8', '::1/128'] },
  { name: 'eth0', loopback: false, addresses: ['10.0.0.1/24', '10.0.0.2/24', 'fd00::2/64', 'fd00::1/64'] },
  { name: 'eth1', loopback: false, addresses: ['10.0.1.1/24', 'fd01::1/64'] },
];

interface Probe {
  readonly device: string;
  readonly src: string;
  readonly srcPort: number;
  readonly dst: string;
  readonly dstPort: number;
}

const ends = fc.oneof(
  fc.record({
    src: fc.constantFrom('10.0.0.10', '10.0.0.11', '10.0.1.10'),
    dst: fc.constantFrom('10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.1.1', '10.0.0.255'),
  }),
  fc.record({
    src: fc.constantFrom('fd00::10', 'fd00::11', 'fd01::10'),
    dst: fc.constantFrom('fd00::1', 'fd00::1', 'fd00::2', 'fd01::1', 'ff02::1'),
  }),
);
const rest = fc.record({
  device: fc.constantFrom('eth0', 'eth0', 'eth1'),
  srcPort: fc.constantFrom(1111, 7000),
  dstPort: fc.constantFrom(5000, 5000, 5001, 80),
});
const probes: fc.Arbitrary<Probe> = fc
  .tuple(rest, ends)
  .map(([one, addresses]) => ({ ...one, ...addresses }));

/** Other systems' rules are about IPv4 alone. */
const ipv4Probes = probes.filter(({ src }) => !src.includes(':'));

describe('on the machine', () => {
  it('the explained winner of a datagram is the socket that gets it', () => {
    fc.assert(
      fc.property(programs({ tcp: false }), probes, (operations, probe) => {
        const driver = played(operations);
        const told = explained(driver, probe);
        const got = receiversOf(driver, probe);
        const allowed = told.isChoice ? told.winners.map((id) => [id]) : [[...told.winners].sort(byNumber)];
        expect(allowed, corpusLine([...operations, datagram(probe)], [])).toContainEqual(got);
      }),
      runs(2000),
    );
  });

  it.each<ProfileName>(['freebsd', 'windows', 'rfc'])('so it is with profile %s', (profile) => {
    fc.assert(
      fc.property(programs({ tcp: false }), ipv4Probes, (operations, probe) => {
        const driver = played(operations.map(wordsOf(profile)), profile);
        const line = corpusLine([...operations, datagram(probe)], []);
        const told = unlessOpen(() => explained(driver, probe));
        const got = unlessOpen(() => receiversOf(driver, probe));
        if (told === null || got === null) {
          expect([told, got], line).toEqual([null, null]);
          return;
        }
        const allowed = told.isChoice ? told.winners.map((id) => [id]) : [[...told.winners].sort(byNumber)];
        expect(allowed, line).toContainEqual(got);
      }),
      runs(700),
    );
  });

  it('what explain says would change the outcome does change it', () => {
    fc.assert(
      fc.property(programs({ tcp: false }), probes, (operations, probe) => {
        const told = explained(played(operations), probe);
        for (const one of told.counterfactuals) {
          const driver = played(operations);
          const changed = carryOut(driver, probe, one);
          if (changed === null) continue;
          const got = receiversOf(driver, changed);
          const isBroadcast = changed.dst.endsWith('.255') || changed.dst.startsWith('ff');
          const allowed =
            isBroadcast || one.winners.length < 2 ? [[...one.winners]] : one.winners.map((id) => [id]);
          expect(
            allowed,
            `${JSON.stringify(one)} ${corpusLine([...operations, datagram(probe)], [])}`,
          ).toContainEqual(got);
        }
      }),
      runs(500),
    );
  });
});

/** @param profile calls that it leaves open are passed over */
function played(operations: readonly Operation[], profile: ProfileName = 'linux'): Driver {
  const driver = new Driver({}, 1, profile);
  for (const operation of operations) {
    unlessOpen(() => driver.step(operation, null));
    driver.pass(20 * MICROSECOND);
  }
  return driver;
}

/** null for a question that the profile leaves open. */
function unlessOpen<T>(act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    if (error instanceof UndefinedByProfile) return null;
    throw error;
  }
}

function explained(driver: Driver, probe: Probe): Explanation {
  return explainPacket(snapshotOf(driver.machine.sockets, INTERFACES), {
    transport: 'udp',
    src: { address: probe.src, port: probe.srcPort },
    dst: { address: probe.dst, port: probe.dstPort },
    device: probe.device,
    flags: '',
  });
}

function datagram({ device, src, srcPort, dst, dstPort }: Probe): Operation {
  return ['udp', device, src, srcPort, dst, dstPort];
}

/** ids of the sockets that got the datagram: the driver speaks of numbers, explain of ids. */
function receiversOf(driver: Driver, probe: Probe): number[] {
  const { rx = [] } = asObject(driver.step(datagram(probe), null) as Result);
  const numbers = rx.map((row) => row as readonly (number | string)[]).filter((row) => row.length === 3);
  return numbers.map(([number]) => driver.idOf(number as number)).sort(byNumber);
}

/** null for what cannot be done from outside: a packet by loopback, another bound address. */
function carryOut(driver: Driver, probe: Probe, { change }: Counterfactual): Probe | null {
  if (change.kind === 'packet') {
    const changed = { ...probe, [change.field]: change.to };
    return changed.device === 'lo' || isLoopback(changed.dst) ? null : changed;
  }
  const number = driver.numberOf(change.socket);
  if (number === null || ['address', 'listening', 'v6Only'].includes(change.field)) return null;
  if (change.field === 'open') driver.step(['close', number], null);
  if (change.field === 'reusePort') driver.step(['opt', number, 'REUSEPORT', 0], null);
  if (change.field === 'device')
    driver.step(['opt', number, 'BINDTODEVICE', change.to?.toString() ?? ''], null);
  return probe;
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function byNumber(a: number, b: number): number {
  return a - b;
}
