/**
 * Default address selection (RFC 6724): which of its addresses a node sends from (section 5, rules 1 to 8; there are no
 * home and no temporary addresses here), and in which order destinations are tried (section 6).
 */
import { IpAddress } from '../packet/ip-address.ts';
import { commonPrefixLength, type Prefix, prefixContains } from '../packet/prefix.ts';
import type { Nanos } from '../sim/time.ts';
import type { Ipv6Address, Ipv6Interface } from './ipv6-interface.ts';
import { SCOPE_V6_LINK, scopeOf } from './ipv6-scope.ts';

interface Policy {
  readonly prefix: Prefix;
  readonly precedence: number;
  readonly label: number;
}

/** The default policy table (RFC 6724 2.1), longest prefixes first. */
const POLICIES: readonly Policy[] = [
  policy([0, 0, 0, 1], 128, 50, 0),
  policy([0, 0, 0xffff, 0], 96, 35, 4),
  policy([0, 0, 0, 0], 96, 1, 3),
  policy([0x20010000, 0, 0, 0], 32, 5, 5),
  policy([0x20020000, 0, 0, 0], 16, 30, 2),
  policy([0x3ffe0000, 0, 0, 0], 16, 1, 12),
  policy([0xfec00000, 0, 0, 0], 10, 1, 11),
  policy([0xfc000000, 0, 0, 0], 7, 3, 13),
  policy([0, 0, 0, 0], 0, 40, 1),
];

/**
 * A source for packets to `dst` out of `out`.
 * @returns null when this node has no address that would do
 */
export function selectIpv6Source(
  interfaces: readonly Ipv6Interface[],
  out: Ipv6Interface,
  dst: IpAddress,
  now: Nanos,
): IpAddress | null {
  // Multicast and link-local destinations are spoken to only from addresses of their link (section 4).
  const isBoundToLink = dst.isMulticast || scopeOf(dst) <= SCOPE_V6_LINK;
  let best: Ipv6Address | null = null;
  let bestIface: Ipv6Interface | null = null;
  for (const iface of isBoundToLink && !dst.isLoopback ? [out] : interfaces) {
    for (const own of iface.addresses) {
      if (own.state !== 'assigned' || own.validUntil < now) continue;
      if (best === null || prefers(own, iface, best, bestIface!, out, dst, now)) {
        best = own;
        bestIface = iface;
      }
    }
  }
  return best === null ? null : best.address;
}

/** Is `a` better than `b`, by the first rule that decides? What no rule decides stays as it is. */
function prefers(
  a: Ipv6Address,
  onA: Ipv6Interface,
  b: Ipv6Address,
  onB: Ipv6Interface,
  out: Ipv6Interface,
  dst: IpAddress,
  now: Nanos,
): boolean {
  if (a.address === dst || b.address === dst) return a.address === dst && b.address !== dst; // 1: same
  if (a.scope !== b.scope) {
    const scope = scopeOf(dst); // 2: appropriate scope
    return a.scope < b.scope ? a.scope >= scope : b.scope < scope;
  }
  const isFresh = a.preferredUntil >= now;
  if (isFresh !== b.preferredUntil >= now) return isFresh; // 3: not deprecated
  if ((onA === out) !== (onB === out)) return onA === out; // 5: of the outgoing interface
  const label = labelOf(dst);
  const fits = labelOf(a.address) === label;
  if (fits !== (labelOf(b.address) === label)) return fits; // 6: matching label
  return sharedBits(a, dst) > sharedBits(b, dst); // 8: longest matching prefix
}

function sharedBits({ address, length }: Ipv6Address, dst: IpAddress): number {
  return Math.min(commonPrefixLength(address, dst), length);
}

/** A destination and the source that would be used towards it; null = it cannot be reached. */
export interface Candidate {
  readonly dst: IpAddress;
  readonly source: IpAddress | null;
}

/** Destinations in the order in which getaddrinfo(3) gives them (section 6); IPv4 ones count as mapped. */
export function orderDestinations(candidates: readonly Candidate[]): readonly Candidate[] {
  return [...candidates].sort(compareDestinations);
}

function compareDestinations(a: Candidate, b: Candidate): number {
  if (a.source === null || b.source === null) return Number(a.source === null) - Number(b.source === null);
  const byScope = Number(matchesScope(b)) - Number(matchesScope(a)); // 2
  if (byScope !== 0) return byScope;
  const byLabel = Number(matchesLabel(b)) - Number(matchesLabel(a)); // 5
  if (byLabel !== 0) return byLabel;
  const byPrecedence = policyOf(b.dst).precedence - policyOf(a.dst).precedence; // 6
  if (byPrecedence !== 0) return byPrecedence;
  const byReach = scopeOf(a.dst) - scopeOf(b.dst); // 8
  if (byReach !== 0 || a.dst.family !== b.dst.family || a.dst.family === 4) return byReach;
  return commonPrefixLength(b.dst, b.source) - commonPrefixLength(a.dst, a.source); // 9
}

function matchesScope({ dst, source }: Candidate): boolean {
  return scopeOf(dst) === scopeOf(source!);
}

function matchesLabel({ dst, source }: Candidate): boolean {
  return labelOf(dst) === labelOf(source!);
}

function labelOf(address: IpAddress): number {
  return policyOf(address).label;
}

function policyOf(address: IpAddress): Policy {
  const mapped = address.mapped();
  return POLICIES.find(({ prefix }) => prefixContains(prefix, mapped))!;
}

function policy(
  words: readonly [number, number, number, number],
  length: number,
  precedence: number,
  label: number,
): Policy {
  return { prefix: { address: IpAddress.v6(...words), length }, precedence, label };
}
