/**
 * Names of kernel-chosen ports in recorded cases (`$e1`, `$e2`, …). The recording says which results show the same
 * port, not which number; the specification works with numbers. This table learns the pairs as results are compared.
 */

export type PortName = number | string;

export class PortSymbols {
  readonly #numbers = new Map<string, number>();
  readonly #names = new Map<number, string>();
  /** True numbers, for cases whose narrow range made the choice a rule. */
  readonly #given: Readonly<Record<string, number>>;

  constructor(given: Readonly<Record<string, number>> = {}) {
    this.#given = given;
  }

  /** The number of a port in an operation; null for a symbol that does not exist yet. */
  number(port: PortName): number | null {
    if (typeof port === 'number') return port;
    return this.#numbers.get(port) ?? null;
  }

  /** The number a symbol has or must get: known, or given with the case. */
  expected(name: PortName): number | null {
    return this.number(name) ?? this.#given[name] ?? null;
  }

  /** Is the number known under another name than a new one? */
  isNamed(port: number): boolean {
    return this.#names.has(port);
  }

  /** Does our port appear in the recording as `name`? A new name is learnt. */
  matches(port: number, name: PortName): boolean {
    if (typeof name === 'number') return port === name;
    const number = this.#numbers.get(name);
    if (number !== undefined) return number === port;
    if (this.#names.has(port)) return false;
    this.#numbers.set(name, port);
    this.#names.set(port, name);
    return true;
  }

  /** Our port as the recording would show it, as far as known. */
  show(port: number): PortName {
    return this.#names.get(port) ?? port;
  }
}
