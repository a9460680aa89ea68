/** A program on the machine and on the specification: where they first disagree. */
import { runAgainstSpec } from '../../src/conformance/sockets/against-spec.ts';
import type { CorpusCase, Operation } from '../../src/conformance/sockets/case.ts';
import { Driver } from '../../src/conformance/sockets/driver.ts';
import { MICROSECOND } from '../../src/sim/time.ts';
import { corpusLine } from './socket-programs.ts';

/** null when they agree; else what differs, and the line that repeats it. */
export function disagreement(
  operations: readonly Operation[],
  sysctls: CorpusCase['sysctls'] = {},
): string | null {
  const driver = new Driver(sysctls);
  const results = operations.map((operation) => {
    const result = driver.step(operation, null);
    driver.pass(20 * MICROSECOND);
    return result;
  });
  const ports = Object.fromEntries(driver.ports);
  const { difference } = runAgainstSpec({ id: 'P.1', sysctls, ports, operations, results });
  if (difference === null) return null;
  const { at, key, expected, got } = difference;
  const said = `machine ${JSON.stringify(expected)}, specification ${JSON.stringify(got)}`;
  return `operation ${at} ${JSON.stringify(operations[at])}: ${key}: ${said}\n${corpusLine(operations, results)}`;
}
