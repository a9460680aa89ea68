/**
 * What the parameters of one interface come to: Linux combines `conf.all` and `conf.DEVICE` for each parameter in one
 * of four ways (both, either, the larger, the device's alone). Read once and again on change.
 */
import { MILLISECOND, type Nanos, SECOND } from '../sim/time.ts';
import type { Sysctls } from './sysctls.ts';

/** `net.ipv4.conf.*` of one interface. */
export class InterfaceConfig {
  forwarding = false;
  acceptLocal = false;
  acceptRedirects = false;
  acceptSourceRoute = false;
  /** 0 = never create entries from unsolicited messages, 1 = do, 2 = for neighbours of our subnets. */
  arpAccept = 0;
  arpAnnounce = 0;
  arpFilter = false;
  arpIgnore = 0;
  arpNotify = false;
  bcForwarding = false;
  dropGratuitousArp = false;
  dropUnicastInL2Multicast = false;
  forceIgmpVersion = 0;
  promoteSecondaries = false;
  proxyArp = false;
  routeLocalnet = false;
  /** 0 = off, 1 = strict, 2 = loose (RFC 3704). */
  rpFilter = 0;
  secureRedirects = false;
  sendRedirects = false;
  sharedMedia = false;

  readonly #sysctls: Sysctls;
  readonly #device: string;

  constructor(sysctls: Sysctls, device: string) {
    this.#sysctls = sysctls;
    this.#device = device;
  }

  read(): void {
    this.forwarding = this.#own('forwarding') !== 0;
    this.acceptLocal = this.#either('accept_local');
    this.acceptRedirects = this.forwarding
      ? this.#both('accept_redirects')
      : this.#either('accept_redirects');
    this.acceptSourceRoute = this.#both('accept_source_route');
    this.arpAccept = this.#larger('arp_accept');
    this.arpAnnounce = this.#larger('arp_announce');
    this.arpFilter = this.#either('arp_filter');
    this.arpIgnore = this.#larger('arp_ignore');
    this.arpNotify = this.#larger('arp_notify') !== 0;
    this.bcForwarding = this.#both('bc_forwarding');
    this.dropGratuitousArp = this.#either('drop_gratuitous_arp');
    this.dropUnicastInL2Multicast = this.#either('drop_unicast_in_l2_multicast');
    this.forceIgmpVersion = this.#all('force_igmp_version') || this.#own('force_igmp_version');
    this.promoteSecondaries = this.#either('promote_secondaries');
    this.proxyArp = this.#either('proxy_arp');
    this.routeLocalnet = this.#either('route_localnet');
    this.rpFilter = this.#larger('rp_filter');
    this.secureRedirects = this.#either('secure_redirects');
    this.sendRedirects = this.#either('send_redirects');
    this.sharedMedia = this.#either('shared_media');
  }

  #all(key: string): number {
    return this.#sysctls.number(`net.ipv4.conf.all.${key}`);
  }

  #own(key: string): number {
    return this.#sysctls.number(`net.ipv4.conf.${this.#device}.${key}`);
  }

  #both(key: string): boolean {
    return this.#all(key) !== 0 && this.#own(key) !== 0;
  }

  #either(key: string): boolean {
    return this.#all(key) !== 0 || this.#own(key) !== 0;
  }

  #larger(key: string): number {
    return Math.max(this.#all(key), this.#own(key));
  }
}

/** `net.ipv4.neigh.*` or `net.ipv6.neigh.*` of one interface, times in ns. */
export class NeighbourConfig {
  appSolicit = 0;
  baseReachableTime: Nanos = 0;
  delayFirstProbeTime: Nanos = 0;
  gcStaleTime: Nanos = 0;
  locktime: Nanos = 0;
  mcastResolicit = 0;
  mcastSolicit = 0;
  proxyDelay: Nanos = 0;
  proxyQlen = 0;
  retransTime: Nanos = 0;
  ucastSolicit = 0;
  unresQlenBytes = 0;

  readonly #sysctls: Sysctls;
  readonly #folder: string;

  constructor(sysctls: Sysctls, family: 'ipv4' | 'ipv6', device: string) {
    this.#sysctls = sysctls;
    this.#folder = `net.${family}.neigh.${device}.`;
  }

  read(): void {
    this.appSolicit = this.#value('app_solicit');
    this.baseReachableTime = this.#value('base_reachable_time_ms') * MILLISECOND;
    this.delayFirstProbeTime = this.#value('delay_first_probe_time') * SECOND;
    this.gcStaleTime = this.#value('gc_stale_time') * SECOND;
    this.locktime = (this.#value('locktime') * SECOND) / 100;
    this.mcastResolicit = this.#value('mcast_resolicit');
    this.mcastSolicit = this.#value('mcast_solicit');
    this.proxyDelay = (this.#value('proxy_delay') * SECOND) / 100;
    this.proxyQlen = this.#value('proxy_qlen');
    this.retransTime = this.#value('retrans_time_ms') * MILLISECOND;
    this.ucastSolicit = this.#value('ucast_solicit');
    this.unresQlenBytes = this.#value('unres_qlen_bytes');
  }

  #value(key: string): number {
    return this.#sysctls.number(this.#folder + key);
  }
}
