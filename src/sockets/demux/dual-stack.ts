/**
 * Addresses of two families in one table (rules L5, L7, L37). A socket of AF_INET6 that is bound or connected to a mapped
 * address stands in the tables under the IPv4 address; what it is shows in `domain`. Kernel: ipv6_rcv_saddr_equal,
 * ipv4_rcv_saddr_equal.
 */
import { ANY_V4, ANY_V6, type IpAddress, type IpFamily } from '../../packet/ip-address.ts';

/** A socket's local address, and which packets it means. */
export interface BoundName {
  /** The wildcard of IPv6 stands for both families unless `v6only`. */
  readonly localAddress: IpAddress;
  /** AF_INET or AF_INET6. */
  readonly domain: IpFamily;
  /** IPV6_V6ONLY, set or implied by bind() to an IPv6 address. */
  readonly v6only: boolean;
}

/** Both wildcards share a bucket, in which the newest is first whatever its family. */
export function bucketAddress(address: IpAddress): IpAddress {
  return address === ANY_V6 ? ANY_V4 : address;
}

/** Does the socket, whose address fits, take packets to this one? A bucket of the wildcards holds both families. */
export function takesFamily({ localAddress, domain, v6only }: BoundName, local: IpAddress): boolean {
  if (local.family === 4) return !v6only;
  return domain === 6 && localAddress.family === 6;
}

/** L37: one name covers a part of the other. Not symmetric in a corner: see below. */
export function namesOverlap(newcomer: BoundName, holder: BoundName): boolean {
  const a = newcomer.localAddress;
  const b = holder.localAddress;
  if (a === b) return true;
  if (a.family === b.family) return a.isUnspecified || b.isUnspecified;
  if (a.family === 6) return a.isUnspecified && !newcomer.v6only;
  // The IPv4 wildcard of AF_INET does not look at a holder's IPv6 address: one that connect() or accept() gave to a
  // dual-stack socket is held against it, one from bind() is not, since that made the socket IPv6-only.
  if (!b.isUnspecified) return newcomer.domain === 4 && a.isUnspecified && !holder.v6only;
  return !holder.v6only;
}

/** A name that got in with SO_REUSEPORT vouches for later ones that it covers: its equals, and what a wildcard holds. */
export function nameCovers(first: BoundName, later: BoundName): boolean {
  const a = first.localAddress;
  const b = later.localAddress;
  if (b.family === 4) return a === b || (a.isUnspecified && !first.v6only);
  if (a.family === 4) return first.domain === 4 && a.isUnspecified && b.isUnspecified && !later.v6only;
  return a === b || a.isUnspecified;
}
