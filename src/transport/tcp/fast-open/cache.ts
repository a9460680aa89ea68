/** What a client remembers about the servers that it opened connections to fast (RFC 7413 4.1.3; tcp_metrics). One per host. */
import type { IpAddress } from '../../../packet/ip-address.ts';

export interface FastOpenMemory {
  /** The cookie of the server; null = none yet. */
  readonly cookie: Uint8Array | null;
  /** It came in, or should be asked for in, the experimental option. */
  readonly isExperimental: boolean;
  /** The server's MSS option, bytes. */
  readonly mss: number;
}

export class FastOpenCache {
  readonly #servers = new Map<IpAddress, FastOpenMemory>();

  get(server: IpAddress): FastOpenMemory | null {
    return this.#servers.get(server) ?? null;
  }

  set(server: IpAddress, memory: FastOpenMemory): void {
    this.#servers.set(server, memory);
  }

  /** `ip tcp_metrics flush all` */
  clear(): void {
    this.#servers.clear();
  }
}
