/** `net.ipv4.*` of one host, cached for the packet path, and what setting `ip_forward` sets besides. */
import { type Nanos, SECOND } from '../sim/time.ts';
import type { Sysctls } from './sysctls.ts';

/** The kernel's clock tick (HZ = 250): the unit of the `net.ipv4.route.*` budgets. */
export const JIFFY: Nanos = 4_000_000;

export class Ipv4Config {
  defaultTtl = 64;
  forwardUsePmtu = false;
  noPmtuDiscovery = 0;
  echoIgnoreAll = false;
  echoIgnoreBroadcasts = true;
  errorsUseInboundAddress = false;
  ignoreBogusErrors = true;
  /** ms between two ICMP messages of one type to one destination. */
  icmpRatelimit = 1000;
  /** Bit n: messages of type n are rate limited. */
  icmpRatemask = 0;
  icmpMessagesPerSecond = 0;
  icmpBurst = 0;
  fragmentTime: Nanos = 0;
  fragmentMaxDistance = 64;
  fragmentHighThreshold = 0;
  /** Jiffies, as the kernel counts them. */
  errorBurst = 0;
  errorCost = 0;
  redirectLoad = 0;
  redirectNumber = 0;
  redirectSilence = 0;
  redirectTimeout: Nanos = 0;
  minPmtu = 552;
  pmtuExpires: Nanos = 0;
  igmpRobustness = 2;
  gcThresholds: [number, number, number] = [128, 512, 1024];

  readonly #sysctls: Sysctls;
  #forwarding = 0;

  constructor(sysctls: Sysctls) {
    this.#sysctls = sysctls;
  }

  /** @param devices names of the interfaces, which `ip_forward` switches along with itself */
  read(devices: readonly string[]): void {
    const value = (key: string): number => this.#sysctls.number(`net.ipv4.${key}`);
    this.defaultTtl = value('ip_default_ttl');
    this.forwardUsePmtu = value('ip_forward_use_pmtu') !== 0;
    this.noPmtuDiscovery = value('ip_no_pmtu_disc');
    this.echoIgnoreAll = value('icmp_echo_ignore_all') !== 0;
    this.echoIgnoreBroadcasts = value('icmp_echo_ignore_broadcasts') !== 0;
    this.errorsUseInboundAddress = value('icmp_errors_use_inbound_ifaddr') !== 0;
    this.ignoreBogusErrors = value('icmp_ignore_bogus_error_responses') !== 0;
    this.icmpRatelimit = value('icmp_ratelimit');
    this.icmpRatemask = value('icmp_ratemask');
    this.icmpMessagesPerSecond = value('icmp_msgs_per_sec');
    this.icmpBurst = value('icmp_msgs_burst');
    this.fragmentTime = value('ipfrag_time') * SECOND;
    this.fragmentMaxDistance = value('ipfrag_max_dist');
    this.fragmentHighThreshold = value('ipfrag_high_thresh');
    this.errorBurst = value('route.error_burst');
    this.errorCost = value('route.error_cost');
    this.redirectLoad = value('route.redirect_load');
    this.redirectNumber = value('route.redirect_number');
    this.redirectSilence = value('route.redirect_silence');
    this.redirectTimeout = value('route.gc_timeout') * SECOND;
    this.minPmtu = value('route.min_pmtu');
    this.pmtuExpires = value('route.mtu_expires') * SECOND;
    this.igmpRobustness = value('igmp_qrv');
    this.gcThresholds = [
      value('neigh.default.gc_thresh1'),
      value('neigh.default.gc_thresh2'),
      value('neigh.default.gc_thresh3'),
    ];
    this.#followForwarding(value('ip_forward'), value('conf.all.forwarding'), devices);
  }

  /** `ip_forward` and `conf.all.forwarding` are one switch; it turns every interface and, inversely, `accept_redirects`. */
  #followForwarding(ipForward: number, allForwarding: number, devices: readonly string[]): void {
    const wanted = ipForward !== this.#forwarding ? ipForward : allForwarding;
    if (wanted === this.#forwarding) return;
    this.#forwarding = wanted;
    const set = (key: string, value: number): void => this.#sysctls.set(`net.ipv4.${key}`, value);
    set('ip_forward', wanted);
    set('conf.all.forwarding', wanted);
    set('conf.all.accept_redirects', wanted === 0 ? 1 : 0);
    set('conf.default.forwarding', wanted);
    for (const device of devices) set(`conf.${device}.forwarding`, wanted);
  }
}
