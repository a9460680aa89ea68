/**
 * Routers and prefixes of the link (RFC 4861 6): a host asks for advertisements and makes routes, addresses (RFC 4862
 * 5.5) and parameters of them; a router that advertises answers when it is asked. Lifetimes need no timers: whoever
 * uses an address or a route looks whether it still holds.
 */
import { ANY_V6, IpAddress } from '../packet/ip-address.ts';
import { withoutHostBits } from '../packet/prefix.ts';
import type { RandomStream } from '../sim/random.ts';
import type { EventHandler } from '../sim/simulator.ts';
import { MILLISECOND, type Nanos, NEVER, SECOND } from '../sim/time.ts';
import type { Interface } from './interface.ts';
import { IPV6_MIN_MTU, type Ipv6Packet } from './ipv6.ts';
import type { Ipv6Addressing } from './ipv6-addressing.ts';
import type { Ipv6Address } from './ipv6-interface.ts';
import { ALL_NODES, ALL_ROUTERS_V6, interfaceIdOf } from './ipv6-scope.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';
import { type AdvertisedPrefix, RouterAdvertisement, type RouterFacts, RouterSolicitation } from './ndp.ts';
import { sendNdp } from './ndp-protocol.ts';
import { NUD_STALE } from './neighbour.ts';
import type { NeighbourTable } from './neighbour-table.ts';

/** Lifetimes that a router gives what it advertises, seconds (RFC 4861 6.2.1). */
const ROUTER_LIFETIME = 1800;
const VALID_LIFETIME = 2_592_000;
const PREFERRED_LIFETIME = 604_800;
const FOR_EVER = 0xffffffff;
/** A lifetime may be cut by a stranger to this and not below (RFC 4862 5.5.3 e). */
const TWO_HOURS = 7200 * SECOND;
/** A router answers after a while, so that one answer serves many (RFC 4861 6.2.6). */
const LONGEST_ANSWER_DELAY = 500 * MILLISECOND;

const SOLICIT = 0;
const ADVERTISE = 1;

/** What a host knows of its asking on one interface. */
interface Asking {
  readonly iface: Interface;
  left: number;
}

export class RouterDiscovery implements EventHandler {
  readonly #tables: Ipv6Tables;
  readonly #addressing: Ipv6Addressing;
  readonly #neighbours: NeighbourTable;
  readonly #random: RandomStream;
  readonly #place: number;
  readonly #addAutomatic: (iface: Interface, address: IpAddress) => Ipv6Address | null;
  readonly #asking = new Map<Interface, Asking>();
  /** Interfaces that advertise, and whether an answer is due already. */
  readonly #advertising = new Map<Interface, boolean>();

  /** @param addAutomatic makes an address of an advertised prefix and begins to check it */
  constructor(
    tables: Ipv6Tables,
    place: string,
    addressing: Ipv6Addressing,
    neighbours: NeighbourTable,
    random: RandomStream,
    addAutomatic: (iface: Interface, address: IpAddress) => Ipv6Address | null,
  ) {
    this.#tables = tables;
    this.#addressing = addressing;
    this.#neighbours = neighbours;
    this.#random = random;
    this.#place = tables.simulator.addPlace(place, this);
    this.#addAutomatic = addAutomatic;
  }

  /** A host begins to look for routers. */
  solicit(iface: Interface): void {
    const { solicitations, solicitationDelay, acceptRa } = iface.v6!.config;
    if (!acceptRa || solicitations === 0 || this.#asking.has(iface)) return;
    const asking: Asking = { iface, left: solicitations };
    this.#asking.set(iface, asking);
    this.#tables.simulator.after(this.#random.int(0, solicitationDelay), this.#place, SOLICIT, asking);
  }

  /** The interface was switched: what was under way is off, and a host that looked for routers begins anew. */
  deviceChanged(iface: Interface): void {
    const asking = this.#asking.get(iface);
    if (asking !== undefined) {
      asking.left = 0;
      this.#asking.delete(iface);
      if (iface.device.isEnabled) this.solicit(iface);
    }
    if (this.#advertising.has(iface)) this.#advertising.set(iface, false);
  }

  /** A router answers solicitations on this interface from now on. */
  advertise(iface: Interface): void {
    this.#advertising.set(iface, false);
  }

  onSolicitation(packet: Ipv6Packet, { mac }: RouterSolicitation, iface: Interface): void {
    const { src } = packet;
    const { drops, simulator } = this.#tables;
    const isDue = this.#advertising.get(iface);
    if (isDue === undefined || (src === ANY_V6 && mac !== null)) {
      drops.drop('ndp.not-advertising', packet);
      return;
    }
    if (src !== ANY_V6 && mac !== null) {
      const asker = this.#neighbours.findOrCreate(src, iface);
      if (asker !== null) this.#neighbours.update(asker, mac, NUD_STALE, { override: true });
    }
    if (isDue) return;
    this.#advertising.set(iface, true);
    simulator.after(this.#random.int(0, LONGEST_ANSWER_DELAY), this.#place, ADVERTISE, iface);
  }

  onAdvertisement(packet: Ipv6Packet, { facts }: RouterAdvertisement, iface: Interface): void {
    const v6 = iface.v6!;
    const { src } = packet;
    if (!src.isLinkLocal || !v6.config.acceptRa) {
      this.#tables.drops.drop('ndp.advertisement-ignored', packet);
      return;
    }
    const { now } = this.#tables.simulator;
    const asking = this.#asking.get(iface);
    if (asking !== undefined) asking.left = 0;
    if (facts.mac !== null) {
      const router = this.#neighbours.findOrCreate(src, iface);
      if (router !== null) this.#neighbours.update(router, facts.mac, NUD_STALE, { override: true });
    }
    if (facts.hopLimit !== 0) v6.advertisedHopLimit = facts.hopLimit;
    if (v6.config.acceptRaMtu && facts.mtu >= IPV6_MIN_MTU && facts.mtu <= iface.device.mtu)
      v6.advertisedMtu = facts.mtu;
    if (v6.config.acceptRaDefaultRouter)
      this.#addressing.setAdvertised(ANY_V6, 0, src, iface, now + facts.lifetime * SECOND);
    if (v6.config.acceptRaPrefixes) for (const told of facts.prefixes) this.#onPrefix(told, iface, now);
    this.#tables.version++;
  }

  onEvent(kind: number, arg: unknown): void {
    if (kind === ADVERTISE) this.#answer(arg as Interface);
    else this.#ask(arg as Asking);
  }

  #ask(asking: Asking): void {
    const { iface } = asking;
    if (asking.left === 0) return;
    asking.left--;
    const src = iface.v6!.linkLocal();
    const mac = src === null ? null : iface.device.mac;
    sendNdp(iface, src ?? ANY_V6, ALL_ROUTERS_V6, new RouterSolicitation(mac), null);
    if (asking.left === 0) return;
    const { solicitationInterval } = iface.v6!.config;
    this.#tables.simulator.after(solicitationInterval, this.#place, SOLICIT, asking);
  }

  #answer(iface: Interface): void {
    if (this.#advertising.get(iface) !== true) return;
    this.#advertising.set(iface, false);
    const v6 = iface.v6!;
    const src = v6.linkLocal();
    if (src === null) return;
    const facts: RouterFacts = {
      hopLimit: v6.config.hopLimit,
      lifetime: v6.config.forwarding ? ROUTER_LIFETIME : 0,
      mac: iface.device.mac,
      mtu: iface.device.mtu,
      prefixes: v6.addresses
        .filter(({ origin, state }) => origin === 'static' && state === 'assigned')
        .map(
          ({ address, length }): AdvertisedPrefix => ({
            prefix: { address: withoutHostBits(address, length), length },
            isOnLink: true,
            isAutonomous: length === 64,
            validLifetime: VALID_LIFETIME,
            preferredLifetime: PREFERRED_LIFETIME,
          }),
        ),
    };
    sendNdp(iface, src, ALL_NODES, new RouterAdvertisement(facts), null);
  }

  #onPrefix(told: AdvertisedPrefix, iface: Interface, now: Nanos): void {
    const { prefix, validLifetime, preferredLifetime } = told;
    const { address, length } = prefix;
    if (address.isLinkLocal || address.isMulticast || preferredLifetime > validLifetime) return;
    const network = withoutHostBits(address, length);
    const validUntil = until(now, validLifetime);
    if (told.isOnLink) this.#addressing.setAdvertised(network, length, null, iface, validUntil);
    if (!told.isAutonomous || length !== 64 || !iface.v6!.config.autoconf) return;
    const [w2, w3] = interfaceIdOf(iface.device.mac);
    const own = IpAddress.v6(network.w0, network.w1, w2, w3);
    let entry = iface.v6!.find(own);
    if (entry === null) {
      if (validLifetime === 0) return;
      entry = this.#addAutomatic(iface, own);
      if (entry === null) return;
      entry.validUntil = validUntil;
    } else if (entry.origin === 'advertised') {
      const remaining = entry.validUntil - now;
      if (validUntil - now > TWO_HOURS || validUntil > entry.validUntil) entry.validUntil = validUntil;
      else if (remaining > TWO_HOURS) entry.validUntil = now + TWO_HOURS;
    }
    entry.preferredUntil = Math.min(until(now, preferredLifetime), entry.validUntil);
  }
}

function until(now: Nanos, seconds: number): Nanos {
  return seconds === FOR_EVER ? NEVER : now + seconds * SECOND;
}
