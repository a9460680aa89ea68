/**
 * What this host has learned about single destinations: a smaller path MTU (RFC 1191, with Linux's floor `min_pmtu`
 * and lifetime `mtu_expires`), or another gateway (RFC 1122 3.2.2.2). Exceptions hang on the route that they except.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import type { Nanos } from '../sim/time.ts';
import type { FibRoute, RouteException } from './fib.ts';
import type { Ipv4Route } from './ipv4-route.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';

/** What is known about `dst` now, or null. */
export function exceptionFor(fib: FibRoute, dst: IpAddress, now: Nanos): RouteException | null {
  const exception = fib.exceptions.get(dst);
  if (exception === undefined) return null;
  if (now <= exception.expires) return exception;
  fib.exceptions.delete(dst);
  return null;
}

/** A router says that packets to `dst` may not be larger than `mtu`. */
export function lowerPathMtu(tables: Ipv4Tables, route: Ipv4Route, dst: IpAddress, mtu: number): void {
  const { minPmtu, pmtuExpires } = tables.config;
  if (route.fib === null || route.metrics?.isMtuLocked === true || route.isMtuLocked || route.mtu < mtu)
    return;
  const isBelowFloor = mtu < minPmtu;
  const exception = except(tables, route.fib, dst, pmtuExpires);
  exception.pmtu = isBelowFloor ? Math.min(route.mtu, minPmtu) : mtu;
  exception.isMtuLocked = isBelowFloor;
}

/** Packets to `dst` go to another gateway from now on. */
export function redirectTo(tables: Ipv4Tables, fib: FibRoute, dst: IpAddress, gateway: IpAddress): void {
  except(tables, fib, dst, tables.config.redirectTimeout).gateway = gateway;
}

function except(tables: Ipv4Tables, fib: FibRoute, dst: IpAddress, lifetime: Nanos): RouteException {
  const now = tables.simulator.now;
  let exception = exceptionFor(fib, dst, now);
  if (exception === null) {
    exception = { gateway: null, pmtu: 0, isMtuLocked: false, expires: now };
    fib.exceptions.set(dst, exception);
  }
  exception.expires = now + lifetime;
  tables.version++;
  return exception;
}
