/** What the values of IP_MTU_DISCOVER mean for a packet (ip(7), as Linux does it). */
import type { PmtuDiscovery } from './ports.ts';

/** The device's MTU counts, whatever was heard of the path (ip_sk_use_pmtu). */
export function ignoresPathMtu(mode: PmtuDiscovery): boolean {
  return mode === 'probe' || mode === 'interface' || mode === 'omit';
}

/** The sender itself may cut packets that are too large (ip_sk_ignore_df). */
export function mayCutPackets(mode: PmtuDiscovery): boolean {
  return mode === 'dont' || mode === 'want' || mode === 'omit';
}
