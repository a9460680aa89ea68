/** Ports that the machine chose are named `$e1`, `$e2`, ... in the order in which they come to sight. */
import type { IpAddress } from '../../packet/ip-address.ts';
import type { Port, Value } from './case.ts';

export class PortSymbols {
  readonly #low: number;
  readonly #high: number;
  readonly #names = new Map<number, string>();
  readonly #ports = new Map<string, number>();

  /** Ports from `low` to `high` are the machine's to choose. */
  constructor(low: number, high: number) {
    this.#low = low;
    this.#high = high;
  }

  /** How a port is reported. */
  show(port: number): Port {
    if (port < this.#low || port > this.#high) return port;
    const known = this.#names.get(port);
    if (known !== undefined) return known;
    const name = `$e${this.#names.size + 1}`;
    this.#names.set(port, name);
    this.#ports.set(name, port);
    return name;
  }

  showEndpoint(address: IpAddress, port: number): Value {
    return [address.toString(), this.show(port)];
  }

  /** The number of a port in an operation; null for a symbol that does not exist yet. */
  resolve(port: Port): number | null {
    return typeof port === 'number' ? port : (this.#ports.get(port) ?? null);
  }

  /** All symbols with their numbers. */
  entries(): [name: string, port: number][] {
    return [...this.#ports];
  }
}
