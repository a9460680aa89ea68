/**
 * Kernel parameters of one host, under the kernel's names (`net.ipv4.ip_default_ttl`). Each floor brings a table of
 * its parameters with Linux's defaults; a name that no table has is refused. Values that a packet's path needs are
 * read once and again on change, not looked up per packet.
 */
import { ConfigError } from '../sim/errors.ts';
import { nearest } from '../sim/nearest.ts';

/** Numbers, or text where the kernel has several numbers or a word: `'4096 131072 6291456'`, `'cubic'`. */
export type SysctlValue = number | string;
export type SysctlTable = Readonly<Record<string, SysctlValue>>;

export class Sysctls {
  /** Defaults, shared by all hosts; a name is looked for in the first table first. */
  readonly #tables: SysctlTable[];
  /** What this host has otherwise. */
  readonly #values = new Map<string, SysctlValue>();
  readonly #watchers: (() => void)[] = [];
  #isTelling = false;
  #isStale = false;

  /** @param tables no two of which have the same parameter; they are kept, not copied */
  constructor(tables: readonly SysctlTable[]) {
    this.#tables = [...tables];
  }

  /** Adds parameters of something that appears later, such as an interface; those that are there keep their values. */
  define(table: SysctlTable): void {
    this.#tables.push(table);
  }

  /** @throws ConfigError when there is no such parameter, or it is not one number */
  number(name: string): number {
    const value = Number(this.#known(name));
    if (Number.isNaN(value)) throw new ConfigError(`sysctl ${name} is not a single number`);
    return value;
  }

  /** The numbers of a parameter such as `net.ipv4.tcp_rmem`. */
  numbers(name: string): number[] {
    return String(this.#known(name)).trim().split(/\s+/).map(Number);
  }

  text(name: string): string {
    return String(this.#known(name));
  }

  /** Sets a parameter; both `net.ipv4.x` and `net/ipv4/x` are understood. @throws ConfigError for an unknown name or a word where a number belongs */
  set(name: string, value: SysctlValue): void {
    const dotted = name.replaceAll('/', '.');
    const isNumeric = typeof this.#known(dotted) === 'number';
    const number = Number(value);
    if (isNumeric && (Number.isNaN(number) || String(value).trim() === '')) {
      throw new ConfigError(`sysctl ${dotted} takes a number, not '${value}'`);
    }
    this.#values.set(dotted, isNumeric ? number : String(value));
    this.#tellWatchers();
  }

  /** Calls `changed` now and after every change: for copies of values on hot paths. */
  watch(changed: () => void): void {
    this.#watchers.push(changed);
    changed();
  }

  /** What watchers set in turn is told once all of them have been told of the first change. */
  #tellWatchers(): void {
    this.#isStale = true;
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        for (const changed of this.#watchers) changed();
      }
    } finally {
      this.#isTelling = false;
    }
  }

  #known(name: string): SysctlValue {
    const value = this.#values.get(name) ?? this.#default(name);
    if (value === undefined) {
      const like = nearest(name, this.#tables.flatMap(Object.keys));
      throw new ConfigError(
        `unknown sysctl '${name}'`,
        [],
        like === null ? undefined : `did you mean '${like}'?`,
      );
    }
    return value;
  }

  #default(name: string): SysctlValue | undefined {
    for (const table of this.#tables) if (Object.hasOwn(table, name)) return table[name];
    return undefined;
  }
}
