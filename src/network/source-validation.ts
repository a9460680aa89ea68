/**
 * May a packet with this source arrive here? Martian sources and the reverse path filter (RFC 3704), in Linux's order
 * (`rp_filter` 1 strict, 2 loose; `accept_local`). Also tells whether the source is a neighbour on the link, which is
 * what makes a redirect worth sending.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import { type Interface, SCOPE_UNIVERSE } from './interface.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';

export type SourceVerdict = 'martian' | 'good' | 'good-neighbour';

/** @param out where the packet will leave again, or null when it is for this node */
export function validateSource(
  tables: Ipv4Tables,
  src: IpAddress,
  inbound: Interface,
  out: Interface | null,
): SourceVerdict {
  const { config } = inbound;
  if (config.rpFilter === 0 && (inbound !== out || !config.sendRedirects)) {
    const isOwn = !config.acceptLocal && tables.ownerOf(src) !== null;
    return isOwn ? 'martian' : 'good';
  }
  const back = tables.fib.lookup(src.w3, SCOPE_UNIVERSE, null);
  const lastResort: SourceVerdict = config.rpFilter === 0 ? 'good' : 'martian';
  if (typeof back === 'number') return lastResort;
  if (back.type !== 'unicast' && (back.type !== 'local' || !config.acceptLocal)) return 'martian';
  if (back.iface === inbound) return back.gateway === null ? 'good-neighbour' : 'good';
  if (inbound.addresses.length === 0) return lastResort;
  if (config.rpFilter === 1) return 'martian';
  const direct = tables.fib.lookup(src.w3, SCOPE_UNIVERSE, inbound);
  const isNeighbour = typeof direct !== 'number' && direct.type === 'unicast' && direct.gateway === null;
  return isNeighbour ? 'good-neighbour' : 'good';
}
