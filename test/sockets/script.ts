/** Scripts for tests: operations of the kernel corpus as text, one per line; results as the corpus writes them. */
import type { Operation, Result } from '../../src/conformance/sockets/case.ts';
import { asObject } from '../../src/conformance/sockets/compare.ts';
import { Driver } from '../../src/conformance/sockets/driver.ts';
import type { ProfileName } from '../../src/sockets/profile.ts';

export class Script {
  readonly driver: Driver;

  constructor(sysctls: Readonly<Record<string, string>> = {}, profile: ProfileName = 'linux') {
    this.driver = new Driver(sysctls, 1, profile);
  }

  /** Runs lines such as `bind 0 10.0.0.1 5000`. @returns the result of the last one */
  run(text: string): Result {
    let result: Result = 0;
    for (const line of text.split('\n').map((each) => each.trim())) {
      if (line !== '') result = this.driver.step(parse(line), null);
    }
    return result;
  }

  /** The sockets that got what `line` sent: receivers of data, or listeners whose queue grew. */
  winners(line: string): number[] {
    const { rx = [], q = [] } = asObject(this.run(line));
    return [...rx.map((row) => (row as readonly number[])[0]!), ...q];
  }

  /** The value of the last of `lines`. */
  value(text: string): unknown {
    return asObject(this.run(text)).r;
  }
}

export function parse(line: string): Operation {
  const [name, ...operands] = line.split(/\s+/);
  return [
    name!,
    ...operands.map((text) => (/^-?\d+$/.test(text) ? Number(text) : text === '""' ? '' : text)),
  ];
}
