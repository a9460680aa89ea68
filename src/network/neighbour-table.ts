/**
 * The neighbour state machine (RFC 4861 7.3 as Linux runs it for ARP, too): when to ask, when to ask again, what a
 * message changes, what waits meanwhile. Which messages are sent and what an unreachable neighbour means to a packet
 * is the protocol's: {@link NeighbourProtocol}.
 */
import { EthernetFrame } from '../link/frame.ts';
import type { DropCounters } from '../packet/drops.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import type { MacAddress } from '../packet/mac-address.ts';
import type { RandomStream } from '../sim/random.ts';
import type { EventHandler, Simulator } from '../sim/simulator.ts';
import { type Nanos, NEVER, SECOND } from '../sim/time.ts';
import { EINVAL, ENOBUFS } from './errno.ts';
import type { Interface } from './interface.ts';
import type { NeighbourConfig } from './interface-config.ts';
import type { IpPacket } from './ip-packet.ts';
import { kernelExpiry } from './kernel-timer.ts';
import {
  Neighbour,
  NUD_CONNECTED,
  NUD_DELAY,
  NUD_FAILED,
  NUD_IN_TIMER,
  NUD_INCOMPLETE,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
  NUD_VALID,
} from './neighbour.ts';
import { expired, isIdle, surplus } from './neighbour-gc.ts';
import { emptied, enqueue, tell } from './neighbour-queue.ts';
import type { PacketOrigin } from './packet-origin.ts';

/** What ARP (or neighbour discovery) does for the table. */
export interface NeighbourProtocol {
  readonly etherType: number;
  /** Its parameters on an interface. */
  configOf(iface: Interface): NeighbourConfig;
  /** The MAC of an address that nobody need be asked for (multicast, broadcast), or null. */
  fixedMac(address: IpAddress, iface: Interface): MacAddress | null;
  /** Asks who has the address: everybody, or `to` alone. @param packet the newest one that waits, or null */
  solicit(neighbour: Neighbour, to: MacAddress | null, packet: IpPacket | null): void;
  /** Nobody answered: what becomes of a packet that waited. */
  unreachable(packet: IpPacket, origin: PacketOrigin): void;
  /** The limits of the table: three thresholds, as `gc_thresh1` to `3`. */
  readonly gcThresholds: readonly [number, number, number];
}

/** Of {@link NeighbourTable.update}: another MAC may replace a good one; a person said so. */
export interface UpdateOptions {
  readonly override: boolean;
  readonly isAdmin?: boolean;
  /** Another MAC that may not replace a good one makes it doubtful at least (RFC 4861 7.2.5). */
  readonly castsDoubt?: boolean;
}

const TIMER = 0;
/** How long a drawn reachable time holds. */
const REDRAW = 300 * SECOND;

export class NeighbourTable implements EventHandler {
  readonly #simulator: Simulator;
  readonly #place: number;
  readonly #random: RandomStream;
  readonly #drops: DropCounters;
  readonly #protocol: NeighbourProtocol;
  readonly #entries = new Map<Interface, Map<IpAddress, Neighbour>>();
  readonly #reachable = new Map<Interface, { time: Nanos; base: Nanos; drawn: Nanos }>();
  #size = 0;
  #lastGc: Nanos = 0;

  /** @param place how people find it among the simulator's places: `host1/arp` */
  constructor(
    simulator: Simulator,
    place: string,
    random: RandomStream,
    drops: DropCounters,
    protocol: NeighbourProtocol,
  ) {
    this.#simulator = simulator;
    this.#place = simulator.addPlace(place, this);
    this.#random = random;
    this.#drops = drops;
    this.#protocol = protocol;
  }

  find(address: IpAddress, iface: Interface): Neighbour | null {
    return this.#entries.get(iface)?.get(address) ?? null;
  }

  /** The entry, made when there is none; null when the table is full. */
  findOrCreate(address: IpAddress, iface: Interface): Neighbour | null {
    const known = this.find(address, iface);
    if (known !== null) return known;
    if (!this.#makeRoom()) return null;
    let entries = this.#entries.get(iface);
    if (entries === undefined) {
      entries = new Map();
      this.#entries.set(iface, entries);
    }
    const made = new Neighbour(address, iface, this.#protocol.configOf(iface), this.#simulator.now);
    const mac = this.#protocol.fixedMac(address, iface);
    if (mac !== null) {
      made.mac = mac;
      made.setState(NUD_NOARP);
    }
    entries.set(address, made);
    this.#size++;
    return made;
  }

  /** All entries of all interfaces, in the order of creation. */
  all(): Neighbour[] {
    return [...this.#entries.values()].flatMap((entries) => [...entries.values()]);
  }

  /** A person sets the entry, as `ip neigh replace` does. @returns 0, -ENOBUFS or -EINVAL */
  set(address: IpAddress, iface: Interface, mac: MacAddress | null, state: number): number {
    const neighbour = this.findOrCreate(address, iface);
    if (neighbour === null) return -ENOBUFS;
    return this.update(neighbour, mac, state, { override: true, isAdmin: true }) ? 0 : -EINVAL;
  }

  /** Takes the entry out; packets that wait for it are told that nobody answered. */
  remove(neighbour: Neighbour): void {
    this.update(neighbour, null, NUD_FAILED, { override: true, isAdmin: true });
    this.#forget(neighbour);
  }

  /** The interface lost its carrier or is going away: what was learned there is void. */
  flush(iface: Interface, permanentToo: boolean): void {
    for (const neighbour of [...(this.#entries.get(iface)?.values() ?? [])]) {
      if ((neighbour.state & NUD_PERMANENT) !== 0 && !permanentToo) continue;
      const waited = emptied(neighbour);
      for (const { packet } of waited) this.#drops.drop('neighbour.flushed', packet);
      tell(waited);
      this.#forget(neighbour);
    }
  }

  /** Sends a packet to the neighbour, now or when its MAC is known. */
  output(neighbour: Neighbour, packet: IpPacket, origin: PacketOrigin): void {
    if (!neighbour.isConnected) {
      neighbour.used = this.#simulator.now;
      if ((neighbour.state & (NUD_DELAY | NUD_PROBE)) === 0 && !this.#mayTransmit(neighbour, packet, origin))
        return;
    }
    const { device } = neighbour.iface;
    device.send(new EthernetFrame(neighbour.mac, device.mac, this.#protocol.etherType, packet));
  }

  /** Begins to resolve an address without a packet to send. */
  resolve(neighbour: Neighbour): void {
    neighbour.used = this.#simulator.now;
    if ((neighbour.state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE)) === 0)
      this.#mayTransmit(neighbour, null, null);
  }

  /** A layer above had an answer from there: the MAC must be right. */
  confirm(neighbour: Neighbour): void {
    neighbour.confirmed = this.#simulator.now;
  }

  /**
   * A message (or a person) says something about the neighbour.
   * @param mac null = nothing new @param state the state that the message justifies
   * @returns false when it is not believed
   */
  update(neighbour: Neighbour, mac: MacAddress | null, state: number, options: UpdateOptions): boolean {
    const old = neighbour.state;
    const isAdmin = options.isAdmin === true;
    if (neighbour.isDead || (!isAdmin && (old & (NUD_NOARP | NUD_PERMANENT)) !== 0)) return false;
    if ((state & NUD_VALID) === 0) {
      this.#invalidate(neighbour, state);
      return true;
    }
    if (mac === null && (old & NUD_VALID) === 0) return false;
    let newMac = mac ?? neighbour.mac;
    const isSame = (old & NUD_VALID) !== 0 && newMac === neighbour.mac;
    const now = this.#simulator.now;
    if ((state & NUD_CONNECTED) !== 0) neighbour.confirmed = now;
    let next = state;
    if ((old & NUD_VALID) !== 0) {
      if (!isSame && !options.override) {
        if (options.castsDoubt !== true || (old & NUD_CONNECTED) === 0) return true;
        newMac = neighbour.mac;
        next = NUD_STALE;
      } else if (isSame && state === NUD_STALE && !isAdmin) next = old;
    }
    const macChanges = newMac !== neighbour.mac;
    if (next !== old || macChanges) neighbour.updated = now;
    if (next !== old) this.#enter(neighbour, next);
    if (macChanges) {
      neighbour.mac = newMac;
      if ((next & NUD_CONNECTED) === 0) neighbour.confirmed = now - 2 * neighbour.config.baseReachableTime;
    }
    if ((old & NUD_VALID) === 0) this.#release(neighbour);
    return true;
  }

  onEvent(_kind: number, arg: unknown): void {
    const neighbour = arg as Neighbour;
    const now = this.#simulator.now;
    if (now !== neighbour.queuedAt) return; // an earlier deadline has overtaken this event
    neighbour.queuedAt = NEVER;
    if (neighbour.deadline > now) {
      if (neighbour.deadline !== NEVER) this.#queue(neighbour);
      return;
    }
    neighbour.deadline = NEVER;
    this.#expire(neighbour, now);
  }

  /** How long an answer is good on this interface: half to one and a half of the base, drawn anew now and then. */
  reachableTime(iface: Interface): Nanos {
    const base = this.#protocol.configOf(iface).baseReachableTime;
    const now = this.#simulator.now;
    const drawn = this.#reachable.get(iface);
    if (drawn !== undefined && drawn.base === base && now - drawn.drawn < REDRAW) return drawn.time;
    const time = base === 0 ? 0 : Math.floor(base / 2) + this.#random.int(0, base - 1);
    this.#reachable.set(iface, { time, base, drawn: now });
    return time;
  }

  /** @returns true when the packet may go out at once; else it waits, or nobody will answer */
  #mayTransmit(neighbour: Neighbour, packet: IpPacket | null, origin: PacketOrigin | null): boolean {
    const { config } = neighbour;
    const now = this.#simulator.now;
    let asksNow = false;
    if (neighbour.state === NUD_STALE) {
      neighbour.setState(NUD_DELAY);
      neighbour.updated = now;
      this.#setTimer(neighbour, now + config.delayFirstProbeTime);
    } else if (neighbour.state !== NUD_INCOMPLETE) {
      if (config.mcastSolicit + config.appSolicit === 0) {
        neighbour.setState(NUD_FAILED);
        neighbour.updated = now;
        this.#drops.drop('neighbour.failed', packet);
        return false;
      }
      neighbour.probes = config.ucastSolicit;
      neighbour.setState(NUD_INCOMPLETE);
      neighbour.updated = now;
      this.#setTimer(neighbour, now + this.#retransTime(neighbour));
      asksNow = true;
    }
    if (neighbour.state !== NUD_INCOMPLETE) return true;
    if (packet !== null && origin !== null)
      for (const lost of enqueue(neighbour, packet, origin)) this.#drops.drop('neighbour.queue-full', lost);
    if (asksNow) this.#probe(neighbour);
    return false;
  }

  #enter(neighbour: Neighbour, state: number): void {
    if ((state & NUD_PROBE) !== 0) neighbour.probes = 0;
    neighbour.deadline = NEVER;
    neighbour.setState(state);
    if ((state & NUD_IN_TIMER) === 0) return;
    const delay = (state & NUD_REACHABLE) !== 0 ? this.reachableTime(neighbour.iface) : 0;
    this.#setTimer(neighbour, this.#simulator.now + delay);
  }

  #expire(neighbour: Neighbour, now: Nanos): void {
    const { state, iface, config } = neighbour;
    if ((state & NUD_IN_TIMER) === 0 || neighbour.isDead) return;
    const { delayFirstProbeTime } = config;
    let next = now + this.#retransTime(neighbour);
    if (state === NUD_REACHABLE) {
      const goodUntil = neighbour.confirmed + this.reachableTime(iface);
      if (now <= goodUntil) next = goodUntil;
      else if (now <= neighbour.used + delayFirstProbeTime) {
        this.#changeTo(neighbour, NUD_DELAY, now);
        next = now + delayFirstProbeTime;
      } else this.#changeTo(neighbour, NUD_STALE, now);
    } else if (state === NUD_DELAY) {
      if (now <= neighbour.confirmed + delayFirstProbeTime) {
        this.#changeTo(neighbour, NUD_REACHABLE, now);
        next = neighbour.confirmed + this.reachableTime(iface);
      } else {
        this.#changeTo(neighbour, NUD_PROBE, now);
        neighbour.probes = 0;
      }
    }
    const isAsking = (neighbour.state & (NUD_INCOMPLETE | NUD_PROBE)) !== 0;
    if (isAsking && neighbour.probes >= this.#maxProbes(neighbour)) {
      neighbour.setState(NUD_FAILED);
      this.#giveUp(neighbour);
      return;
    }
    if ((neighbour.state & NUD_IN_TIMER) !== 0) this.#setTimer(neighbour, Math.max(next, now + SECOND / 100));
    if (isAsking) this.#probe(neighbour);
  }

  #changeTo(neighbour: Neighbour, state: number, now: Nanos): void {
    neighbour.setState(state);
    neighbour.updated = now;
  }

  #retransTime(neighbour: Neighbour): Nanos {
    return Math.max(neighbour.config.retransTime, SECOND / 100);
  }

  #maxProbes({ config, state }: Neighbour): number {
    const { ucastSolicit, appSolicit, mcastSolicit, mcastResolicit } = config;
    return ucastSolicit + appSolicit + (state === NUD_PROBE ? mcastResolicit : mcastSolicit);
  }

  #probe(neighbour: Neighbour): void {
    const { ucastSolicit, appSolicit } = neighbour.config;
    const newest = neighbour.queue.at(-1)?.packet ?? null;
    const beyondUnicast = neighbour.probes - ucastSolicit;
    neighbour.probes++;
    if (beyondUnicast < 0) this.#protocol.solicit(neighbour, neighbour.mac, newest);
    else if (beyondUnicast >= appSolicit) this.#protocol.solicit(neighbour, null, newest);
  }

  /** The message (or a person) says that there is no usable MAC. */
  #invalidate(neighbour: Neighbour, state: number): void {
    const old = neighbour.state;
    neighbour.deadline = NEVER;
    neighbour.setState(state);
    if ((old & (NUD_INCOMPLETE | NUD_PROBE)) !== 0 && (state & NUD_FAILED) !== 0) this.#giveUp(neighbour);
  }

  #giveUp(neighbour: Neighbour): void {
    neighbour.updated = this.#simulator.now;
    neighbour.deadline = NEVER;
    const waited = emptied(neighbour);
    for (const { packet, origin } of waited) {
      this.#drops.drop('neighbour.failed', packet);
      this.#protocol.unreachable(packet, origin);
    }
    tell(waited);
  }

  /** The MAC is known: what waited goes out in order. */
  #release(neighbour: Neighbour): void {
    const waited = emptied(neighbour);
    for (const { packet, origin } of waited) this.output(neighbour, packet, origin);
    tell(waited);
  }

  /** @param wanted not before this instant */
  #setTimer(neighbour: Neighbour, wanted: Nanos): void {
    const { now } = this.#simulator;
    neighbour.deadline = kernelExpiry(now, wanted - now);
    this.#queue(neighbour);
  }

  #queue(neighbour: Neighbour): void {
    const { deadline } = neighbour;
    if (deadline >= neighbour.queuedAt) return;
    neighbour.queuedAt = deadline;
    this.#simulator.at(deadline, this.#place, TIMER, neighbour);
  }

  #forget(neighbour: Neighbour): void {
    if (neighbour.isDead) return;
    neighbour.isDead = true;
    neighbour.isConnected = false;
    neighbour.deadline = NEVER;
    this.#entries.get(neighbour.iface)?.delete(neighbour.address);
    this.#size--;
  }

  /** Collects garbage as the thresholds ask. @returns false when the table stays full */
  #makeRoom(): boolean {
    const [idleBelow, pressure, full] = this.#protocol.gcThresholds;
    if (this.#size < idleBelow) return true;
    const now = this.#simulator.now;
    if (this.#size >= full || (this.#size >= pressure && now - this.#lastGc > 5 * SECOND)) {
      this.#lastGc = now;
      for (const neighbour of surplus(this.all(), this.#size - pressure, now)) this.#forget(neighbour);
      if (this.#size >= full) {
        this.#drops.drop('neighbour.table-full', null);
        return false;
      }
    } else if (now - this.#lastGc > 15 * SECOND) {
      this.#lastGc = now;
      for (const neighbour of this.all())
        if (isIdle(neighbour) && expired(neighbour, now)) this.#forget(neighbour);
    }
    return true;
  }
}
