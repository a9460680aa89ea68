/**
 * Kernel parameters of IPv4 and its neighbours with Linux's names and defaults (ip-sysctl.rst of the kernel's manual).
 * Every interface has its own `net.ipv4.conf.NAME.*` and `net.ipv4.neigh.NAME.*`, begun as copies of `default`.
 */
import type { Sysctls, SysctlTable } from './sysctls.ts';

/** `net.ipv4.conf.*.X`: of `all`, and of `default` where it differs. */
const CONF_ALL: SysctlTable = {
  accept_local: 0,
  accept_redirects: 1,
  accept_source_route: 0,
  arp_accept: 0,
  arp_announce: 0,
  arp_filter: 0,
  arp_ignore: 0,
  arp_notify: 0,
  bc_forwarding: 0,
  drop_gratuitous_arp: 0,
  drop_unicast_in_l2_multicast: 0,
  force_igmp_version: 0,
  forwarding: 0,
  promote_secondaries: 0,
  proxy_arp: 0,
  route_localnet: 0,
  rp_filter: 0,
  secure_redirects: 1,
  send_redirects: 1,
  shared_media: 1,
};
const CONF_DEFAULT: SysctlTable = { ...CONF_ALL, accept_source_route: 1 };

/** `net.ipv4.neigh.*.X`. Times in the unit that the name says; locktime and proxy_delay in 1/100 s. */
const NEIGH_DEFAULT: SysctlTable = {
  app_solicit: 0,
  base_reachable_time_ms: 30000,
  delay_first_probe_time: 5,
  gc_stale_time: 60,
  locktime: 100,
  mcast_resolicit: 0,
  mcast_solicit: 3,
  proxy_delay: 80,
  proxy_qlen: 64,
  retrans_time_ms: 1000,
  ucast_solicit: 3,
  unres_qlen_bytes: 212992,
};

/** What a host has before it has interfaces. */
export const IPV4_SYSCTLS: SysctlTable = {
  'net.ipv4.fwmark_reflect': 0,
  'net.ipv4.icmp_echo_enable_probe': 0,
  'net.ipv4.icmp_echo_ignore_all': 0,
  'net.ipv4.icmp_echo_ignore_broadcasts': 1,
  'net.ipv4.icmp_errors_use_inbound_ifaddr': 0,
  'net.ipv4.icmp_ignore_bogus_error_responses': 1,
  'net.ipv4.icmp_msgs_burst': 10000,
  'net.ipv4.icmp_msgs_per_sec': 10000,
  'net.ipv4.icmp_ratelimit': 1000,
  'net.ipv4.icmp_ratemask': 6168,
  'net.ipv4.igmp_max_memberships': 20,
  'net.ipv4.igmp_qrv': 2,
  'net.ipv4.ip_default_ttl': 64,
  'net.ipv4.ip_forward': 0,
  'net.ipv4.ip_forward_use_pmtu': 0,
  'net.ipv4.ip_no_pmtu_disc': 0,
  'net.ipv4.ipfrag_high_thresh': 4194304,
  'net.ipv4.ipfrag_max_dist': 64,
  'net.ipv4.ipfrag_time': 30,
  'net.ipv4.neigh.default.gc_thresh1': 128,
  'net.ipv4.neigh.default.gc_thresh2': 512,
  'net.ipv4.neigh.default.gc_thresh3': 1024,
  // Times of net.ipv4.route.* count jiffies of 4 ms, except where they are seconds.
  'net.ipv4.route.error_burst': 1250,
  'net.ipv4.route.error_cost': 250,
  'net.ipv4.route.gc_timeout': 300,
  'net.ipv4.route.min_pmtu': 552,
  'net.ipv4.route.mtu_expires': 600,
  'net.ipv4.route.redirect_load': 5,
  'net.ipv4.route.redirect_number': 9,
  'net.ipv4.route.redirect_silence': 5120,
  ...named('net.ipv4.conf.all.', CONF_ALL),
  ...named('net.ipv4.conf.default.', CONF_DEFAULT),
  ...named('net.ipv4.neigh.default.', NEIGH_DEFAULT),
};

/** Gives the interface `device` parameters of its own, as `default` has them now. */
export function defineInterfaceSysctls(sysctls: Sysctls, device: string): void {
  sysctls.define(interfaceTable(device));
  for (const [folder, table] of INTERFACE_FOLDERS) {
    for (const [key, usual] of Object.entries(table)) {
      const value = sysctls.number(`net.ipv4.${folder}.default.${key}`);
      if (value !== usual) sysctls.set(`net.ipv4.${folder}.${device}.${key}`, value);
    }
  }
}

const INTERFACE_FOLDERS = [
  ['conf', CONF_DEFAULT],
  ['neigh', NEIGH_DEFAULT],
] as const;

/** Tables of interfaces with the usual defaults, by name: all hosts share them. */
const interfaceTables = new Map<string, SysctlTable>();

function interfaceTable(device: string): SysctlTable {
  let table = interfaceTables.get(device);
  if (table === undefined) {
    table = Object.assign(
      {},
      ...INTERFACE_FOLDERS.map(([folder, usual]) => named(`net.ipv4.${folder}.${device}.`, usual)),
    );
    interfaceTables.set(device, table!);
  }
  return table!;
}

function named(prefix: string, table: SysctlTable): SysctlTable {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [prefix + key, value]));
}
