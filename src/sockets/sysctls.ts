/** The kernel parameters of the socket floor, with Linux's names and defaults (ip-sysctl in the kernel's documentation). */
import type { SysctlTable } from '../network/sysctls.ts';

export const SOCKET_SYSCTLS: SysctlTable = {
  /** Ports that bind(0), connect() and sendto() choose from, both included. */
  'net.ipv4.ip_local_port_range': '32768 60999',
  /** Ports that are never chosen, as in '8080,9000-9010'; naming one in bind() is allowed. */
  'net.ipv4.ip_local_reserved_ports': '',
  /** The first port that an ordinary user may bind. */
  'net.ipv4.ip_unprivileged_port_start': 1024,
  /** 1 lets any socket bind to addresses that the host does not have. */
  'net.ipv4.ip_nonlocal_bind': 0,
  'net.ipv6.ip_nonlocal_bind': 0,
  /** 1 makes new IPv6 sockets start with IPV6_V6ONLY. */
  'net.ipv6.bindv6only': 0,
  /** 1 lets bind(0) share a port among SO_REUSEADDR sockets when no port is free. */
  'net.ipv4.ip_autobind_reuse': 0,
  /** Upper bound of a listen() backlog. */
  'net.core.somaxconn': 4096,
  /** Receive and send buffers of UDP sockets, bytes, and what SO_RCVBUF and SO_SNDBUF may ask for. */
  'net.core.rmem_default': 212992,
  'net.core.rmem_max': 212992,
  'net.core.wmem_default': 212992,
  'net.core.wmem_max': 212992,
  /** IP_ADD_MEMBERSHIP: groups per socket. */
  'net.ipv4.igmp_max_memberships': 20,
};
