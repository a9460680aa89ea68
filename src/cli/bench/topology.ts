/** What the networks of the benchmarks are made of: addresses, routes, sockets. */
import type { RouteOptions } from '../../node/options.ts';
import { ANY_V4, ANY_V6, IpAddress, type IpFamily } from '../../packet/ip-address.ts';
import type { Prefix } from '../../packet/prefix.ts';
import { invariant } from '../../sim/errors.ts';
import type { Process, Socket, SocketKind } from '../../sockets/api.ts';

/** `a.b.c.d/length`; with IPv6 `fd00::a.b.c.d`, and 96 bits more. */
export function prefix(
  a: number,
  b: number,
  c: number,
  d: number,
  length: number,
  family: IpFamily = 4,
): Prefix {
  const bits = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  if (family === 4) return { address: IpAddress.v4(bits), length };
  return { address: IpAddress.v6(0xfd000000, 0, 0, bits), length: 96 + length };
}

export function defaultRoute(via: Prefix): RouteOptions {
  return { to: { address: anyOf(via.address.family), length: 0 }, via: via.address };
}

/** The wildcard of a family. */
export function anyOf(family: IpFamily): IpAddress {
  return family === 6 ? ANY_V6 : ANY_V4;
}

export function openSocket(process: Process, kind: SocketKind): Socket {
  const socket = process.socket(kind);
  invariant(typeof socket !== 'number', 'a fresh process has descriptors to give');
  return socket;
}
