/** The socket floor's kernel parameters as numbers, kept up to date with the host's sysctls. */
import type { Sysctls } from '../network/sysctls.ts';

export class SocketLimits {
  nonlocalBind = false;
  nonlocalBind6 = false;
  /** New IPv6 sockets do not serve IPv4. */
  v6only = false;
  autobindReuse = false;
  unprivilegedPortStart = 0;
  somaxconn = 0;
  maxMemberships = 0;
  /** Records in TIME-WAIT at a time. */
  maxTimeWaits = 0;
  defaultTtl = 0;
  /** New sockets discover the path MTU unless ip_no_pmtu_disc says otherwise. */
  discoversMtu = true;
  rmemDefault = 0;
  rmemMax = 0;
  wmemDefault = 0;
  wmemMax = 0;

  constructor(sysctls: Sysctls) {
    sysctls.watch(() => {
      this.nonlocalBind = sysctls.number('net.ipv4.ip_nonlocal_bind') !== 0;
      this.nonlocalBind6 = sysctls.number('net.ipv6.ip_nonlocal_bind') !== 0;
      this.v6only = sysctls.number('net.ipv6.bindv6only') !== 0;
      this.autobindReuse = sysctls.number('net.ipv4.ip_autobind_reuse') !== 0;
      this.unprivilegedPortStart = sysctls.number('net.ipv4.ip_unprivileged_port_start');
      this.somaxconn = sysctls.number('net.core.somaxconn');
      this.maxMemberships = sysctls.number('net.ipv4.igmp_max_memberships');
      this.maxTimeWaits = sysctls.number('net.ipv4.tcp_max_tw_buckets');
      this.discoversMtu = sysctls.number('net.ipv4.ip_no_pmtu_disc') === 0;
      this.defaultTtl = sysctls.number('net.ipv4.ip_default_ttl');
      this.rmemDefault = sysctls.number('net.core.rmem_default');
      this.rmemMax = sysctls.number('net.core.rmem_max');
      this.wmemDefault = sysctls.number('net.core.wmem_default');
      this.wmemMax = sysctls.number('net.core.wmem_max');
    });
  }
}
