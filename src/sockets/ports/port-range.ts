/**
 * The ports that the host chooses from: `ip_local_port_range`, narrowed by a socket's IP_LOCAL_PORT_RANGE, without
 * `ip_local_reserved_ports` (rule L18; ip(7)).
 */
import type { Sysctls } from '../../network/sysctls.ts';
import type { RandomStream } from '../../sim/random.ts';
import { SOCKET_SYSCTLS } from '../sysctls.ts';

const RANGE = 'net.ipv4.ip_local_port_range';

export interface PortRange {
  /** Both included. */
  readonly low: number;
  readonly high: number;
  /** The socket has a range of its own: connect() then walks it without regard to parity (L20). */
  readonly isOwn: boolean;
}

export class LocalPorts {
  #low = 0;
  #high = 0;
  #reserved: readonly (readonly [first: number, last: number])[] = [];

  /** @param defaults of another system, while `ip_local_port_range` is as Linux has it; null = Linux's */
  constructor(sysctls: Sysctls, defaults: { readonly first: number; readonly last: number } | null = null) {
    sysctls.watch(() => {
      const [low, high] = sysctls.numbers(RANGE);
      const isDefault = sysctls.text(RANGE) === SOCKET_SYSCTLS[RANGE];
      this.#low = isDefault && defaults !== null ? defaults.first : low!;
      this.#high = isDefault && defaults !== null ? defaults.last : high!;
      this.#reserved = parsePortList(sysctls.text('net.ipv4.ip_local_reserved_ports'));
    });
  }

  /** @param own IP_LOCAL_PORT_RANGE: the upper bound in the high 16 bits, the lower in the low ones; 0 = not set */
  range(own: number): PortRange {
    if (own === 0) return { low: this.#low, high: this.#high, isOwn: false };
    const low = own & 0xffff;
    const high = own >>> 16;
    return {
      low: this.#contains(low) ? low : this.#low,
      high: this.#contains(high) ? high : this.#high,
      isOwn: true,
    };
  }

  /** From a random start the first port that is usable, as systems without parity do; -1 when there is none. */
  random(stream: RandomStream, isUsable: (port: number) => boolean): number {
    const count = this.#high - this.#low + 1;
    const start = stream.int(0, count - 1);
    for (let tried = 0; tried < count; tried++) {
      const port = this.#low + ((start + tried) % count);
      if (isUsable(port)) return port;
    }
    return -1;
  }

  isReserved(port: number): boolean {
    for (const [first, last] of this.#reserved) if (first <= port && port <= last) return true;
    return false;
  }

  #contains(port: number): boolean {
    return this.#low <= port && port <= this.#high;
  }
}

/** Reads `8080,9000-9010`; parts that are no ports count as absent. */
function parsePortList(text: string): (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part);
    if (match !== null) ranges.push([Number(match[1]), Number(match[2] ?? match[1])]);
  }
  return ranges;
}
