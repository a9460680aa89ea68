/** `net.ipv6.*` of one host and of one interface, cached for the packet path; and what setting `forwarding` sets besides. */
import { type Nanos, SECOND } from '../sim/time.ts';
import type { Sysctls } from './sysctls.ts';

export class Ipv6Config {
  /** Packets get a flow label without being asked for one. */
  labelsFlows = true;
  echoIgnoreAll = false;
  echoIgnoreMulticast = false;
  /** ms between two ICMPv6 messages to one destination. */
  icmpRatelimit = 1000;
  fragmentTime: Nanos = 0;
  fragmentHighThreshold = 0;
  maxDestinationOptions = 8;
  maxHopByHopOptions = 8;
  mldRobustness = 2;
  pmtuExpires: Nanos = 0;
  gcThresholds: [number, number, number] = [128, 512, 1024];
  /** Types of ICMPv6 messages that are rate limited: first and last of each range. */
  #limited: readonly (readonly [number, number])[] = [];
  #forwarding = 0;
  readonly #sysctls: Sysctls;

  constructor(sysctls: Sysctls) {
    this.#sysctls = sysctls;
  }

  isLimited(type: number): boolean {
    return this.#limited.some(([first, last]) => type >= first && type <= last);
  }

  /** @param devices names of the interfaces, which `conf.all.forwarding` switches along with itself */
  read(devices: readonly string[]): void {
    const value = (key: string): number => this.#sysctls.number(`net.ipv6.${key}`);
    this.labelsFlows = (value('auto_flowlabels') & 1) === 1; // 1 unless, 3 even if a socket wants none
    this.echoIgnoreAll = value('icmp.echo_ignore_all') !== 0;
    this.echoIgnoreMulticast = value('icmp.echo_ignore_multicast') !== 0;
    this.icmpRatelimit = value('icmp.ratelimit');
    this.#limited = readRanges(this.#sysctls.text('net.ipv6.icmp.ratemask'));
    this.fragmentTime = value('ip6frag_time') * SECOND;
    this.fragmentHighThreshold = value('ip6frag_high_thresh');
    this.maxDestinationOptions = value('max_dst_opts_number');
    this.maxHopByHopOptions = value('max_hbh_opts_number');
    this.mldRobustness = value('mld_qrv');
    this.pmtuExpires = value('route.mtu_expires') * SECOND;
    this.gcThresholds = [
      value('neigh.default.gc_thresh1'),
      value('neigh.default.gc_thresh2'),
      value('neigh.default.gc_thresh3'),
    ];
    this.#followForwarding(value('conf.all.forwarding'), devices);
  }

  #followForwarding(wanted: number, devices: readonly string[]): void {
    if (wanted === this.#forwarding) return;
    this.#forwarding = wanted;
    for (const device of ['default', ...devices])
      this.#sysctls.set(`net.ipv6.conf.${device}.forwarding`, wanted);
  }
}

/** `net.ipv6.conf.*` of one interface. */
export class Ipv6InterfaceConfig {
  /** Duplicate address detection: neighbour solicitations to send, 0 = none. */
  dadTransmits = 1;
  acceptRa = false;
  acceptRaDefaultRouter = false;
  acceptRaMtu = false;
  acceptRaPrefixes = false;
  /** Interfaces make up a link-local address. */
  generatesLinkLocal = true;
  autoconf = false;
  isDisabled = false;
  dropUnsolicitedAdvertisements = false;
  forceMldVersion = 0;
  forwarding = false;
  hopLimit = 64;
  solicitationDelay: Nanos = 0;
  solicitationInterval: Nanos = 0;
  solicitations = 0;
  readonly #sysctls: Sysctls;
  readonly #device: string;

  constructor(sysctls: Sysctls, device: string) {
    this.#sysctls = sysctls;
    this.#device = device;
  }

  read(): void {
    const detects = this.#all('accept_dad') > 0 || this.#own('accept_dad') > 0;
    this.dadTransmits = detects ? this.#own('dad_transmits') : 0;
    this.forwarding = this.#own('forwarding') !== 0;
    const acceptRa = this.#own('accept_ra');
    this.acceptRa = acceptRa === 2 || (acceptRa === 1 && !this.forwarding);
    this.acceptRaDefaultRouter = this.#own('accept_ra_defrtr') !== 0;
    this.acceptRaMtu = this.#own('accept_ra_mtu') !== 0;
    this.acceptRaPrefixes = this.#own('accept_ra_pinfo') !== 0;
    this.generatesLinkLocal = this.#own('addr_gen_mode') !== 1;
    this.autoconf = this.#own('autoconf') !== 0;
    this.isDisabled = this.#all('disable_ipv6') !== 0 || this.#own('disable_ipv6') !== 0;
    this.dropUnsolicitedAdvertisements =
      this.#all('drop_unsolicited_na') + this.#own('drop_unsolicited_na') > 0;
    this.forceMldVersion = this.#all('force_mld_version') || this.#own('force_mld_version');
    this.hopLimit = this.#own('hop_limit');
    this.solicitationDelay = this.#own('router_solicitation_delay') * SECOND;
    this.solicitationInterval = this.#own('router_solicitation_interval') * SECOND;
    this.solicitations = this.#own('router_solicitations');
  }

  #all(key: string): number {
    return this.#sysctls.number(`net.ipv6.conf.all.${key}`);
  }

  #own(key: string): number {
    return this.#sysctls.number(`net.ipv6.conf.${this.#device}.${key}`);
  }
}

/** `0-1,3-127`; what is no range is passed over. */
function readRanges(text: string): (readonly [number, number])[] {
  return text
    .split(',')
    .map((range) => range.trim().split('-').map(Number))
    .filter((range) => range.length <= 2 && range.every((number) => Number.isInteger(number)))
    .map(([first, last]) => [first!, last ?? first!] as const);
}
