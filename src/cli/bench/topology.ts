/** What the networks of the benchmarks are made of: addresses, routes, sockets. */
import type { RouteOptions } from '../../node/options.ts';
import { IpAddress } from '../../packet/ip-address.ts';
import type { Prefix } from '../../packet/prefix.ts';
import { invariant } from '../../sim/errors.ts';
import type { Process, Socket, SocketKind } from '../../sockets/api.ts';

/** `a.b.c.d/length` */
export function prefix(a: number, b: number, c: number, d: number, length: number): Prefix {
  return { address: IpAddress.v4(((a << 24) | (b << 16) | (c << 8) | d) >>> 0), length };
}

export function defaultRoute(via: Prefix): RouteOptions {
  return { to: prefix(0, 0, 0, 0, 0), via: via.address };
}

export function openSocket(process: Process, kind: SocketKind): Socket {
  const socket = process.socket(kind);
  invariant(typeof socket !== 'number', 'a fresh process has descriptors to give');
  return socket;
}
