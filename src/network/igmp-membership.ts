/**
 * Group membership on every interface, and telling routers of it (RFC 3376 as a host, RFC 2236 and RFC 1112 where an
 * older querier speaks). Changes of one interface travel together in one report, which is repeated; queries are
 * answered after a random while.
 */
import { IpAddress } from '../packet/ip-address.ts';
import { Payload } from '../packet/payload.ts';
import { bytesOf, type Pdu } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';
import type { RandomStream } from '../sim/random.ts';
import type { EventHandler } from '../sim/simulator.ts';
import { MILLISECOND, type Nanos, SECOND } from '../sim/time.ts';
import {
  CHANGE_TO_EXCLUDE,
  CHANGE_TO_INCLUDE,
  IGMP_QUERY,
  IGMP_V1_REPORT,
  IGMP_V2_LEAVE,
  IGMP_V2_REPORT,
  IgmpMessage,
  IgmpReport,
  MODE_IS_EXCLUDE,
} from './igmp.ts';
import type { Interface } from './interface.ts';
import type { InterfaceArrival } from './interface-arrival.ts';
import { PROTOCOL_IGMP } from './ip-packet.ts';
import type { Ipv4Packet } from './ipv4.ts';
import { JIFFY } from './ipv4-config.ts';
import type { Ipv4Output } from './ipv4-output.ts';
import { routeOutput } from './ipv4-route-output.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';

export const ALL_HOSTS: IpAddress = IpAddress.v4(0xe0000001);
const ALL_ROUTERS = IpAddress.v4(0xe0000002);
const V3_ROUTERS = IpAddress.v4(0xe0000016);
/** Every IGMP message carries a router alert (RFC 2113). */
const ROUTER_ALERT = new Uint8Array([148, 4, 0, 0]);
const TOS_CONTROL = 0xc0;
/** Changes that happen within this time travel together. */
const GATHERING = 2 * JIFFY;
/** Between repetitions at most (RFC 3376 8.11, RFC 2236 8.10). */
const UNSOLICITED_V3 = SECOND;
const UNSOLICITED_V2 = 10 * SECOND;
/** How long a host goes on with an older version after an older query (RFC 3376 8.12). */
const QUERY_INTERVAL = 125 * SECOND;

/** What is to be told of a group, and how many times yet. */
interface Change {
  readonly kind: number;
  left: number;
}

/** IGMP's state on one interface. Events carry it; one whose time is not the noted one has been overtaken. */
class Link {
  readonly iface: Interface;
  readonly changes = new Map<IpAddress, Change>();
  /** Groups of which we were the last to tell (version 2 tells only then that it leaves). */
  readonly reported = new Set<IpAddress>();
  v1Until: Nanos = 0;
  v2Until: Nanos = 0;
  changesAt: Nanos = -1;
  generalAt: Nanos = -1;
  readonly answersAt = new Map<IpAddress, Nanos>();

  constructor(iface: Interface) {
    this.iface = iface;
  }
}

const CHANGES = 0;
const GENERAL_ANSWER = 1;
const GROUP_ANSWERS = 2;

export class IgmpMembership implements EventHandler {
  readonly #tables: Ipv4Tables;
  readonly #output: Ipv4Output;
  readonly #random: RandomStream;
  readonly #place: number;
  readonly #links = new Map<Interface, Link>();

  constructor(tables: Ipv4Tables, place: string, output: Ipv4Output, random: RandomStream) {
    this.#tables = tables;
    this.#output = output;
    this.#random = random;
    this.#place = tables.simulator.addPlace(place, this);
  }

  /** Counted: only the first join of a group on an interface is told. */
  join(group: IpAddress, iface: Interface): void {
    const members = iface.groups.get(group) ?? 0;
    iface.groups.set(group, members + 1);
    if (members > 0) return;
    this.#tables.version++;
    this.#change(iface, group, CHANGE_TO_EXCLUDE);
  }

  leave(group: IpAddress, iface: Interface): void {
    const members = iface.groups.get(group) ?? 0;
    if (members > 1) {
      iface.groups.set(group, members - 1);
      return;
    }
    if (members === 0) return;
    iface.groups.delete(group);
    this.#tables.version++;
    const link = this.#linkOf(iface);
    link.answersAt.delete(group);
    link.changes.delete(group);
    const version = this.#version(link);
    if (version === 3) this.#change(iface, group, CHANGE_TO_INCLUDE);
    else if (version === 2 && link.reported.delete(group))
      this.#send(iface, ALL_ROUTERS, new IgmpMessage(IGMP_V2_LEAVE, 0, group));
  }

  /** The interface was switched off, and has nothing to say any more, or on, and tells its groups anew. */
  deviceChanged(iface: Interface): void {
    const link = this.#linkOf(iface);
    link.changes.clear();
    link.answersAt.clear();
    link.generalAt = -1;
    if (iface.device.isEnabled)
      for (const group of iface.groups.keys()) this.#change(iface, group, CHANGE_TO_EXCLUDE);
    else link.changesAt = -1;
  }

  onPacket(packet: Ipv4Packet, { inbound }: InterfaceArrival): void {
    const { payload } = packet;
    if (payload instanceof IgmpReport) return;
    let message: IgmpMessage;
    try {
      const bytes = payload instanceof Payload ? payload : new Payload(bytesOf(payload, packet));
      message = payload instanceof IgmpMessage ? payload : IgmpMessage.parse(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#tables.drops.drop(`igmp.${error.reason}`, packet);
      return;
    }
    const link = this.#linkOf(inbound);
    if (message.type === IGMP_QUERY) this.#onQuery(message, link);
    else if (message.type === IGMP_V2_REPORT || message.type === IGMP_V1_REPORT) {
      link.answersAt.delete(message.group); // somebody else has told
      link.changes.delete(message.group);
      link.reported.delete(message.group);
    }
  }

  onEvent(kind: number, arg: unknown): void {
    const link = arg as Link;
    const { now } = this.#tables.simulator;
    if (kind === CHANGES) {
      if (link.changesAt === now) this.#tellChanges(link);
    } else if (kind === GENERAL_ANSWER) {
      if (link.generalAt === now) this.#answerGeneral(link);
    } else
      for (const [group, at] of [...link.answersAt]) {
        if (at !== now) continue;
        link.answersAt.delete(group);
        this.#tell(link, [[group, MODE_IS_EXCLUDE]]);
      }
  }

  #change(iface: Interface, group: IpAddress, kind: number): void {
    if (group === ALL_HOSTS || iface.device.isLoopback) return;
    const link = this.#linkOf(iface);
    link.changes.delete(group);
    link.changes.set(group, { kind, left: this.#tables.config.igmpRobustness });
    link.changesAt = this.#schedule(link, CHANGES, GATHERING);
  }

  /** Leavings come first. Each change is told as often as the robustness variable says. */
  #tellChanges(link: Link): void {
    const rows = [...link.changes].map(([group, { kind }]): [IpAddress, number] => [group, kind]);
    rows.sort(([, a], [, b]) => a - b);
    this.#tell(link, rows);
    for (const [group, change] of link.changes) if (--change.left === 0) link.changes.delete(group);
    link.changesAt = -1;
    if (link.changes.size === 0) return;
    const longest = this.#version(link) === 3 ? UNSOLICITED_V3 : UNSOLICITED_V2;
    link.changesAt = this.#schedule(link, CHANGES, this.#random.int(1, longest));
  }

  #onQuery(query: IgmpMessage, link: Link): void {
    const { simulator, config } = this.#tables;
    let longest = responseTime(query);
    if (query.size < 12) {
      const until = simulator.now + config.igmpRobustness * QUERY_INTERVAL + longest;
      if (query.maxResponse === 0) {
        link.v1Until = until;
        longest = 10 * SECOND;
      } else link.v2Until = until;
      link.changes.clear(); // what was to be told in version 3 is not told in an older one
    } else if (query.group.isUnspecified) {
      const at = simulator.now + this.#random.int(1, longest);
      if (link.generalAt < 0 || at < link.generalAt)
        link.generalAt = this.#schedule(link, GENERAL_ANSWER, at - simulator.now);
      return;
    }
    for (const group of link.iface.groups.keys()) {
      const isAsked = query.group.isUnspecified || query.group === group;
      if (!isAsked || group === ALL_HOSTS) continue;
      const at = simulator.now + this.#random.int(1, longest);
      if (at < (link.answersAt.get(group) ?? Number.POSITIVE_INFINITY))
        link.answersAt.set(group, this.#schedule(link, GROUP_ANSWERS, at - simulator.now));
    }
  }

  #answerGeneral(link: Link): void {
    link.generalAt = -1;
    const groups = [...link.iface.groups.keys()].filter((group) => group !== ALL_HOSTS);
    this.#tell(
      link,
      groups.map((group) => [group, MODE_IS_EXCLUDE]),
    );
  }

  /** In the version of the querier: one report for all, or one for each group that is not being left. */
  #tell(link: Link, rows: readonly (readonly [IpAddress, number])[]): void {
    if (rows.length === 0) return;
    const { iface, reported } = link;
    const version = this.#version(link);
    if (version === 3) {
      this.#send(iface, V3_ROUTERS, new IgmpReport(rows.map(([group, kind]) => ({ kind, group }))));
      return;
    }
    const type = version === 2 ? IGMP_V2_REPORT : IGMP_V1_REPORT;
    for (const [group, kind] of rows) {
      if (kind === CHANGE_TO_INCLUDE) continue;
      reported.add(group);
      this.#send(iface, group, new IgmpMessage(type, 0, group));
    }
  }

  #version(link: Link): number {
    const { now } = this.#tables.simulator;
    const { forceIgmpVersion } = link.iface.config;
    if (forceIgmpVersion !== 0) return forceIgmpVersion;
    if (link.v1Until > now) return 1;
    return link.v2Until > now ? 2 : 3;
  }

  #linkOf(iface: Interface): Link {
    let link = this.#links.get(iface);
    if (link === undefined) {
      link = new Link(iface);
      this.#links.set(iface, link);
    }
    return link;
  }

  #schedule(link: Link, kind: number, delay: Nanos): Nanos {
    const { simulator } = this.#tables;
    simulator.after(delay, this.#place, kind, link);
    return simulator.now + delay;
  }

  #send(iface: Interface, dst: IpAddress, message: Pdu): void {
    const constraints = { out: iface, onLinkOnly: false, foreignSource: true };
    const route = routeOutput(this.#tables, dst, null, constraints);
    if (typeof route === 'number') return;
    this.#output.originate(route, route.source, dst, PROTOCOL_IGMP, message, {
      ttl: 1,
      tos: TOS_CONTROL,
      pmtuDiscovery: 'do',
      ipOptions: ROUTER_ALERT,
      multicastLoop: false,
    });
  }
}

/** Of a version 3 query above 12.8 s it is a floating point number (RFC 3376 4.1.1). */
function responseTime({ maxResponse, size }: IgmpMessage): Nanos {
  const isCoded = size >= 12 && maxResponse >= 128;
  const tenths = isCoded ? ((maxResponse & 15) | 16) << (((maxResponse >>> 4) & 7) + 3) : maxResponse;
  return Math.max(1, tenths) * 100 * MILLISECOND;
}
