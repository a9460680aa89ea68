/**
 * The machine and the specification agree for the other profiles, too, and leave the same questions open. Of TCP only
 * what these profiles speak of: names, listening, incoming connections; how a connection is opened and ended is Linux's.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runAgainstSpec } from '../../../src/conformance/sockets/against-spec.ts';
import type { Operation, Result } from '../../../src/conformance/sockets/case.ts';
import { Driver } from '../../../src/conformance/sockets/driver.ts';
import { SpecCase } from '../../../src/conformance/sockets/spec-case.ts';
import { MICROSECOND } from '../../../src/sim/time.ts';
import { UndefinedByProfile } from '../../../src/sockets/profile.ts';
import { specProfile } from '../../../src/sockets/spec/profiles/by-name.ts';
import { runs } from '../../support/property.ts';
import { corpusLine, programs } from '../../support/socket-programs.ts';

const LINUX_ONLY = ['connect', 'disconnect', 'sendto'];

describe.each(['freebsd', 'windows', 'rfc'] as const)('profile %s', (name) => {
  it('is the same on the machine and in the specification', () => {
    fc.assert(
      fc.property(programs({ families: [4] }).map(spokenOf), (operations) => {
        expect(disagreement(operations, name)).toBeNull();
      }),
      runs(700),
    );
  });

  it('refuses IPv6 sockets, of which its documents say nothing', () => {
    const open = () => new Driver({}, 1, name).step(['socket', 'tcp6'], null);
    expect(open).toThrow(UndefinedByProfile);
    const recorded = { id: 'P.1', sysctls: {}, ports: {}, operations: [], results: [] };
    const inSpec = () => new SpecCase(recorded, specProfile(name)).step(['socket', 'tcp6'], 0);
    expect(inSpec).toThrow('does not define IPv6 sockets');
  });
});

/** Without devices, which these systems cannot bind to, and without what they say nothing of. */
function spokenOf(operations: readonly Operation[]): Operation[] {
  const kinds: string[] = [];
  return operations.filter(([name, which, option]) => {
    if (name === 'socket') kinds.push(String(which));
    if (name === 'accept') kinds.push('tcp');
    const isTcp = kinds[which as number] === 'tcp';
    return (
      option !== 'BINDTODEVICE' &&
      name !== 'shutdown' &&
      !(isTcp && LINUX_ONLY.includes(name)) &&
      !name.startsWith('p')
    );
  });
}

function disagreement(operations: readonly Operation[], name: 'freebsd' | 'windows' | 'rfc'): string | null {
  const driver = new Driver({}, 1, name);
  const results: Result[] = [];
  const isOpen = answers(() => {
    for (const operation of operations) {
      results.push(driver.step(operation, null));
      driver.pass(20 * MICROSECOND);
    }
  });
  const ports = Object.fromEntries(driver.ports);
  const defined = operations.slice(0, results.length);
  const program = { id: 'P.1', sysctls: {}, ports, operations: defined, results };
  let difference: ReturnType<typeof runAgainstSpec>['difference'] = null;
  const isSpecOpen = answers(() => {
    difference = runAgainstSpec(program, specProfile(name)).difference;
  });
  if (isSpecOpen) return `only the specification leaves it open\n${corpusLine(defined, results)}`;
  if (difference !== null) return `${JSON.stringify(difference)}\n${corpusLine(defined, results)}`;
  if (!isOpen) return null;
  const next = { ...program, operations: operations.slice(0, results.length + 1), results: [...results, 0] };
  const isOpenThere = answers(() => runAgainstSpec(next, specProfile(name)));
  return isOpenThere ? null : `only the machine leaves it open\n${corpusLine(next.operations, next.results)}`;
}

/** Does it come to a question that the profile leaves open? */
function answers(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (error) {
    if (error instanceof UndefinedByProfile) return true;
    throw error;
  }
}
