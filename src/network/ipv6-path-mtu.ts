/** Path MTU discovery (RFC 8201): what Packet Too Big messages have told about single destinations. */
import type { IpAddress } from '../packet/ip-address.ts';
import type { Nanos } from '../sim/time.ts';
import { IPV6_MIN_MTU } from './ipv6.ts';
import type { Ipv6FibRoute, PathMtu } from './ipv6-fib.ts';
import type { Ipv6Route } from './ipv6-route.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';

/** What is known about `dst` now, or null. */
export function pathMtuTo({ pathMtus }: Ipv6FibRoute, dst: IpAddress, now: Nanos): PathMtu | null {
  const known = pathMtus.get(dst);
  if (known === undefined) return null;
  if (now <= known.expires) return known;
  pathMtus.delete(dst);
  return null;
}

/**
 * A router says that packets to `dst` may not be larger than `mtu`. It can only make the path narrower, and not
 * narrower than every link is (RFC 8201 4).
 */
export function lowerIpv6PathMtu(tables: Ipv6Tables, route: Ipv6Route, dst: IpAddress, mtu: number): void {
  if (route.fib === null || route.metrics?.isMtuLocked === true) return;
  if (mtu < IPV6_MIN_MTU || mtu >= route.mtu) return;
  route.fib.pathMtus.set(dst, { mtu, expires: tables.simulator.now + tables.config.pmtuExpires });
  tables.version++;
}
