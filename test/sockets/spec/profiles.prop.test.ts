/**
 * The machine and the specification agree for the other profiles, too, in every call and every delivery, and leave the
 * same questions open.
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
import { corpusLine, programs, wordsOf } from '../../support/socket-programs.ts';

type Name = 'freebsd' | 'windows' | 'rfc';

describe.each<Name>(['freebsd', 'windows', 'rfc'])('profile %s', (name) => {
  it('is the same on the machine and in the specification', () => {
    fc.assert(
      fc.property(programs({ families: [4] }), (operations) => {
        expect(disagreement(operations.map(wordsOf(name)), name)).toBeNull();
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

/** null when they agree; what the profile leaves open is left out of the program, and the rest is held against it. */
function disagreement(given: readonly Operation[], name: Name): string | null {
  let operations = [...given];
  for (;;) {
    const driver = new Driver({}, 1, name);
    const results: Result[] = [];
    const isOpen = answers(() => {
      for (const operation of operations) {
        results.push(driver.step(operation, null));
        driver.pass(20 * MICROSECOND);
      }
    });
    const told = difference(operations, results, Object.fromEntries(driver.ports), isOpen, name);
    if (told !== null || !isOpen) return told;
    operations = operations.filter((_, at) => at !== results.length);
  }
}

function difference(
  operations: readonly Operation[],
  results: readonly Result[],
  ports: Record<string, number>,
  isOpen: boolean,
  name: Name,
): string | null {
  const done = operations.slice(0, results.length);
  const program = { id: 'P.1', sysctls: {}, ports, operations: done, results: [...results] };
  let found: ReturnType<typeof runAgainstSpec>['difference'] = null;
  const isSpecOpen = answers(() => {
    found = runAgainstSpec(program, specProfile(name)).difference;
  });
  if (isSpecOpen) return `only the specification leaves it open\n${corpusLine(done, results)}`;
  if (found !== null) return `${JSON.stringify(found)}\n${corpusLine(done, results)}`;
  if (!isOpen) return null;
  const next = { ...program, operations: operations.slice(0, results.length + 1) };
  // The listener whose queue is full may be one of several, and the choice among them is free.
  const choices = operations.map((_, socket): Result => ({ r: 0, q: [socket] }));
  const isOpenThere = [0, ...choices].some((result) =>
    answers(() => runAgainstSpec({ ...next, results: [...results, result] }, specProfile(name))),
  );
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
