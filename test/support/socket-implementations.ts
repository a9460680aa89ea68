/** The two of them: the executable specification and the socket machine, driven by the same operations. */
import type { Operation, Result } from '../../src/conformance/sockets/case.ts';
import { Driver } from '../../src/conformance/sockets/driver.ts';
import { NOT_COVERED, SpecCase } from '../../src/conformance/sockets/spec-case.ts';
import { invariant } from '../../src/sim/errors.ts';
import { MICROSECOND } from '../../src/sim/time.ts';
import { linux } from '../../src/sockets/spec/profiles/linux.ts';

export const IMPLEMENTATIONS = ['specification', 'machine'] as const;
export type Implementation = (typeof IMPLEMENTATIONS)[number];

export interface UnderTest {
  step(operation: Operation): Result;
  /** The number behind a port as results show it. */
  port(shown: number | string): number;
}

export function underTest(name: Implementation, sysctls: Readonly<Record<string, string>> = {}): UnderTest {
  return name === 'machine' ? machine(sysctls) : specification(sysctls);
}

function machine(sysctls: Readonly<Record<string, string>>): UnderTest {
  const driver = new Driver(sysctls);
  return {
    step: (operation) => {
      const result = driver.step(named(operation, driver), null);
      driver.pass(20 * MICROSECOND);
      return result;
    },
    port: (shown) => (typeof shown === 'number' ? shown : new Map(driver.ports).get(shown)!),
  };
}

/** The driver takes ports it has shown by their symbol only. */
function named(operation: Operation, driver: Driver): Operation {
  const names = new Map(driver.ports.map(([name, port]) => [port, name]));
  const [name, ...operands] = operation;
  return [
    name,
    ...operands.map((one) => (typeof one === 'number' && one >= 32768 ? (names.get(one) ?? one) : one)),
  ];
}

function specification(sysctls: Readonly<Record<string, string>>): UnderTest {
  const made = new SpecCase({ id: '', sysctls, ports: {}, operations: [], results: [] }, linux);
  return {
    step: (operation) => {
      if (operation[0] === 'diag') {
        made.step(operation, 0);
        return made.diag();
      }
      const observed = made.step(operation, 0);
      invariant(observed !== NOT_COVERED, `the specification does not cover ${operation[0]}`);
      return Object.keys(observed).length === 1 ? observed.r : (observed as Result);
    },
    port: (shown) => Number(shown),
  };
}
