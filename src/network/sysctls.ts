/**
 * Kernel parameters of one host, under the kernel's names (`net.ipv4.ip_default_ttl`). Each floor brings a table of
 * its parameters with Linux's defaults; a name that no table has is refused. Values that a packet's path needs are
 * read once and again on change, not looked up per packet.
 */
import { ConfigError } from '../sim/errors.ts';
import { nearest } from '../sim/nearest.ts';

/** Numbers, or text where the kernel has several numbers or a word: `'4096 131072 6291456'`, `'cubic'`. */
export type SysctlValue = number | string;
/** A parameter that is one of several words. */
export interface SysctlWord {
  readonly word: string;
  readonly of: readonly string[];
}
export type SysctlTable = Readonly<Record<string, SysctlValue | SysctlWord>>;

/** As the kernel reads numbers: decimal, or hexadecimal behind 0x. */
const INTEGER = /^(-?\d+|0x[0-9a-f]+)$/i;

export class Sysctls {
  /** Defaults, shared by all hosts; a name is looked for in the first table first. */
  readonly #tables: readonly SysctlTable[];
  /**
   * Defaults that came later, by what their names begin with (`net.ipv4.conf.eth0`): those of interfaces, of which a
   * router may have hundreds. Hosts with interfaces of the same name share the tables.
   */
  readonly #defined = new Map<string, readonly SysctlTable[]>();
  /** What this host has otherwise. */
  readonly #values = new Map<string, SysctlValue>();
  readonly #watchers: (() => void)[] = [];
  #isTelling = false;
  #isStale = false;

  /** @param tables no two of which have the same parameter; they are kept, not copied */
  constructor(tables: readonly SysctlTable[]) {
    this.#tables = tables;
  }

  /** Adds parameters of something that appears later, such as an interface; those that are there keep their values. */
  define(table: SysctlTable): void {
    for (const beginning of beginningsOf(table)) {
      const known = this.#defined.get(beginning) ?? [];
      if (!known.includes(table)) this.#defined.set(beginning, [...known, table]);
    }
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

  /** Sets a parameter; both `net.ipv4.x` and `net/ipv4/x` are understood. @throws ConfigError for an unknown name, and for a value of another kind than the default's */
  set(name: string, value: SysctlValue): void {
    const dotted = name.replaceAll('/', '.');
    const isNumeric = typeof this.#known(dotted) === 'number';
    checkKind(dotted, this.#default(dotted), String(value).trim());
    this.#values.set(dotted, isNumeric ? Number(value) : String(value));
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
    if (typeof value === 'object') return value.word;
    if (value === undefined) {
      const like = nearest(name, [...this.#tables, ...this.#defined.values()].flat().flatMap(Object.keys));
      throw new ConfigError(
        `unknown sysctl '${name}'`,
        [],
        like === null ? undefined : `did you mean '${like}'?`,
      );
    }
    return value;
  }

  #default(name: string): SysctlValue | SysctlWord | undefined {
    for (const table of this.#tables) if (Object.hasOwn(table, name)) return table[name];
    for (const table of this.#defined.get(beginningOf(name)) ?? [])
      if (Object.hasOwn(table, name)) return table[name];
    return undefined;
  }
}

/** All but the last word of a name. */
function beginningOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')));
}

/** What the names of a table begin with, each once; most tables are the parameters of one interface. */
function beginningsOf(table: SysctlTable): readonly string[] {
  let beginnings = knownBeginnings.get(table);
  if (beginnings === undefined) {
    beginnings = [...new Set(Object.keys(table).map(beginningOf))];
    knownBeginnings.set(table, beginnings);
  }
  return beginnings;
}

const knownBeginnings = new WeakMap<SysctlTable, readonly string[]>();

/** As the kernel does: a number for a number, as many numbers as there were, one of the words that are known. */
function checkKind(name: string, standard: SysctlValue | SysctlWord | undefined, text: string): void {
  if (typeof standard === 'object') {
    if (standard.of.includes(text)) return;
    const like = nearest(text, standard.of);
    const expected = like === null ? `one of ${standard.of.join(', ')}` : `did you mean '${like}'?`;
    throw new ConfigError(`sysctl ${name} has no choice '${text}'`, [], expected);
  }
  if (typeof standard === 'number') {
    if (!INTEGER.test(text)) throw new ConfigError(`sysctl ${name} takes a number, not '${text}'`);
    return;
  }
  const numbers = standard?.split(/\s+/) ?? [];
  if (!numbers.every((number) => INTEGER.test(number))) return;
  const given = text.split(/\s+/);
  if (given.length !== numbers.length || !given.every((number) => INTEGER.test(number)))
    throw new ConfigError(`sysctl ${name} takes ${numbers.length} numbers, not '${text}'`);
}
