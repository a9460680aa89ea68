/** A packet with a source route has reached a stop of it (RFC 791 3.1, RFC 1812 5.3.13.4): where it goes from here. */
import { IpAddress } from '../packet/ip-address.ts';
import { ICMP_PARAMETER_PROBLEM } from './icmp.ts';
import type { IcmpErrors } from './icmp-errors.ts';
import type { InterfaceArrival } from './interface-arrival.ts';
import type { Ipv4Packet } from './ipv4.ts';
import type { ParsedOptions } from './ipv4-options.ts';
import type { Ipv4Route } from './ipv4-route.ts';
import { routeInput } from './ipv4-route-input.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';

/** What became of the packet: its new destination and route, or why it is dropped. */
export type SourceRouted = { readonly dst: IpAddress; readonly route: Ipv4Route } | string;

/**
 * Follows the source route as far as it leads through this node itself.
 * @param packet with the options as filled in so far, for a parameter problem to quote
 */
export function followSourceRoute(
  tables: Ipv4Tables,
  errors: IcmpErrors,
  packet: Ipv4Packet,
  route: Ipv4Route,
  options: ParsedOptions,
  arrival: InterfaceArrival,
): SourceRouted {
  const { bytes, sourceRoute } = options;
  let { dst } = packet;
  if (!arrival.isHostFrame) return 'ip.source-route-group';
  if (route.kind === 'unicast') {
    if (!options.isStrict) return { dst, route };
    errors.send(packet, arrival, ICMP_PARAMETER_PROBLEM, 0, pointerTo(16));
    return 'ip.source-route-strict';
  }
  if (route.kind !== 'local') return 'ip.source-route-group';
  const length = bytes[sourceRoute + 1]!;
  let current = route;
  let slot = bytes[sourceRoute + 2]!;
  for (; slot <= length; slot += 4) {
    if (slot + 3 > length) {
      errors.send(packet, arrival, ICMP_PARAMETER_PROBLEM, 0, pointerTo(20 + sourceRoute + 2));
      return 'ip.source-route-pointer';
    }
    const hop = IpAddress.readV4(bytes, sourceRoute + slot - 1);
    const next = routeInput(tables, arrival.inbound, hop, packet.src);
    if (typeof next === 'string') return next;
    if (next.kind !== 'unicast' && next.kind !== 'local') return 'ip.source-route-unroutable';
    current = next;
    if (next.kind !== 'local') {
      options.nextSourceHop = hop;
      options.isChanged = true;
      break;
    }
    dst = hop;
    options.isChanged = true;
  }
  return { dst, route: current };
}

/** Bytes 4-7 of a parameter problem. */
function pointerTo(offset: number): number {
  return (offset << 24) >>> 0;
}
