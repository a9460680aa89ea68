/** The route that connect() takes, and what 0.0.0.0 means as a destination: this host (L23). */
import { EAFNOSUPPORT } from '../network/errno.ts';
import type { Route, SendOptions } from '../network/ports.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import type { InetSocket } from './inet-socket.ts';

export interface PeerRoute {
  readonly route: Route;
  /** The peer's address, not 0.0.0.0. */
  readonly address: IpAddress;
}

/**
 * 0.0.0.0 is made a real address first, and that is looked up again: with a device set, the second answer may be another.
 * @param source that packets must have; null leaves it to the routes
 * @returns the route to `address`, or minus an errno
 */
export function routeToPeer(
  socket: InetSocket,
  asked: IpAddress,
  source: IpAddress | null,
  options: SendOptions,
): PeerRoute | number {
  const { ip } = socket.layer;
  const route = ip.route(asked, source, options);
  if (typeof route === 'number') return route;
  if (socket.isWrongSource(asked)) return -EAFNOSUPPORT;
  if (!asked.isUnspecified) return { route, address: asked };
  const address = realDestination(asked, route);
  const again = ip.route(address, source ?? route.source, options);
  return typeof again === 'number' ? again : { route: again, address };
}

/** The source address that the route found, or 127.0.0.1, for 0.0.0.0. */
export function realDestination(address: IpAddress, route: Route): IpAddress {
  return address.isUnspecified ? route.nextHop : address;
}
