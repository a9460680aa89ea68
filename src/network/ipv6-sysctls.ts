/**
 * Kernel parameters of IPv6 with Linux's names and defaults (ip-sysctl.rst of the kernel's manual), those that are
 * obeyed. One default differs: `router_solicitations` is RFC 4861's 3 and not Linux's -1, which means for ever, so that
 * a network without a router comes to rest.
 */
import type { Sysctls, SysctlTable } from './sysctls.ts';

/** `net.ipv6.conf.*.X` */
const CONF: SysctlTable = {
  accept_dad: 1,
  accept_ra: 1,
  accept_ra_defrtr: 1,
  accept_ra_mtu: 1,
  accept_ra_pinfo: 1,
  addr_gen_mode: 0,
  autoconf: 1,
  dad_transmits: 1,
  disable_ipv6: 0,
  drop_unsolicited_na: 0,
  force_mld_version: 0,
  forwarding: 0,
  hop_limit: 64,
  router_solicitation_delay: 1,
  router_solicitation_interval: 4,
  router_solicitations: 3,
};
/** `net.ipv6.conf.all.X`: what nobody reads there is left out of the defaults of interfaces only by its value. */
const CONF_ALL: SysctlTable = { ...CONF, accept_dad: 0 };

/** `net.ipv6.neigh.*.X`. Times in the unit that the name says; locktime and proxy_delay in 1/100 s. */
const NEIGH: SysctlTable = {
  app_solicit: 0,
  base_reachable_time_ms: 30000,
  delay_first_probe_time: 5,
  gc_stale_time: 60,
  locktime: 0,
  mcast_resolicit: 0,
  mcast_solicit: 3,
  proxy_delay: 80,
  proxy_qlen: 64,
  retrans_time_ms: 1000,
  ucast_solicit: 3,
  unres_qlen_bytes: 212992,
};

export const IPV6_SYSCTLS: SysctlTable = {
  'net.ipv6.auto_flowlabels': 1,
  'net.ipv6.icmp.echo_ignore_all': 0,
  'net.ipv6.icmp.echo_ignore_multicast': 0,
  'net.ipv6.icmp.ratelimit': 1000,
  'net.ipv6.icmp.ratemask': '0-1,3-127',
  'net.ipv6.ip6frag_high_thresh': 4194304,
  'net.ipv6.ip6frag_time': 60,
  'net.ipv6.max_dst_opts_number': 8,
  'net.ipv6.max_hbh_opts_number': 8,
  'net.ipv6.mld_qrv': 2,
  'net.ipv6.neigh.default.gc_thresh1': 128,
  'net.ipv6.neigh.default.gc_thresh2': 512,
  'net.ipv6.neigh.default.gc_thresh3': 1024,
  'net.ipv6.route.mtu_expires': 600,
  ...named('net.ipv6.conf.all.', CONF_ALL),
  ...named('net.ipv6.conf.default.', CONF),
  ...named('net.ipv6.neigh.default.', NEIGH),
};

/** Gives the interface `device` parameters of its own, as `default` has them now. */
export function defineIpv6InterfaceSysctls(sysctls: Sysctls, device: string): void {
  sysctls.define(interfaceTable(device));
  for (const [folder, table] of [['conf', CONF] as const, ['neigh', NEIGH] as const]) {
    for (const [key, usual] of Object.entries(table)) {
      const value = sysctls.number(`net.ipv6.${folder}.default.${key}`);
      if (value !== usual) sysctls.set(`net.ipv6.${folder}.${device}.${key}`, value);
    }
  }
}

/** Tables of interfaces with the usual defaults, by name: all hosts share them. */
const interfaceTables = new Map<string, SysctlTable>();

function interfaceTable(device: string): SysctlTable {
  let table = interfaceTables.get(device);
  if (table === undefined) {
    table = { ...named(`net.ipv6.conf.${device}.`, CONF), ...named(`net.ipv6.neigh.${device}.`, NEIGH) };
    interfaceTables.set(device, table);
  }
  return table;
}

function named(prefix: string, table: SysctlTable): SysctlTable {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [prefix + key, value]));
}
