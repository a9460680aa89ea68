/**
 * Group membership on every interface, and telling routers of it (RFC 3810 as a host): changes of one interface travel
 * together in one report, which is repeated; queries are answered after a random while. A router that asks in version 1
 * is told in version 1 (RFC 3810 8.2), a message for each group, for as long as it may ask again.
 */
import { ANY_V6, type IpAddress } from '../packet/ip-address.ts';
import type { RandomStream } from '../sim/random.ts';
import type { EventHandler } from '../sim/simulator.ts';
import { MILLISECOND, type Nanos, SECOND } from '../sim/time.ts';
import { CHANGE_TO_EXCLUDE, CHANGE_TO_INCLUDE, MODE_IS_EXCLUDE } from './igmp.ts';
import type { Interface } from './interface.ts';
import { PROTOCOL_ICMPV6 } from './ip-packet.ts';
import { JIFFY } from './ipv4-config.ts';
import { Ipv6Packet } from './ipv6.ts';
import { EXTENSION_HOP_BY_HOP, Ipv6Extension } from './ipv6-extension.ts';
import { ROUTER_ALERT_HEADER } from './ipv6-options.ts';
import { ALL_NODES, ALL_ROUTERS_V6, MLDV2_ROUTERS, SCOPE_V6_INTERFACE, scopeOf } from './ipv6-scope.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';
import { MLDV1_DONE, MLDV1_REPORT, type MldQuery, MldReport, MldV1Message } from './mld.ts';
import { sendToGroup } from './ndp-protocol.ts';

/** Changes that happen within this time travel together. */
const GATHERING = 2 * JIFFY;
/** Between repetitions at most (RFC 3810 9.11). */
const UNSOLICITED = SECOND;
const ROUTER_ALERT = new Ipv6Extension(EXTENSION_HOP_BY_HOP, ROUTER_ALERT_HEADER);

/** What is to be told of a group, and how many times yet. */
interface Change {
  readonly kind: number;
  left: number;
}

/** Listener discovery's state on one interface. An event whose time is not the noted one has been overtaken. */
class Link {
  readonly iface: Interface;
  readonly changes = new Map<IpAddress, Change>();
  changesAt: Nanos = -1;
  answerAt: Nanos = -1;
  /** Until when a router of version 1 counts as present. */
  version1Until: Nanos = -1;
  /** The group that the answer is about; null = all. */
  asked: IpAddress | null = null;

  constructor(iface: Interface) {
    this.iface = iface;
  }
}

const CHANGES = 0;
const ANSWER = 1;

export class MldMembership implements EventHandler {
  readonly #tables: Ipv6Tables;
  readonly #random: RandomStream;
  readonly #place: number;
  readonly #links = new Map<Interface, Link>();

  constructor(tables: Ipv6Tables, place: string, random: RandomStream) {
    this.#tables = tables;
    this.#random = random;
    this.#place = tables.simulator.addPlace(place, this);
  }

  /**
   * Counted: only the first join of a group on an interface is told.
   * @param isTold false for what was so before the run began
   */
  join(group: IpAddress, iface: Interface, isTold: boolean = true): void {
    const { groups } = iface.v6!;
    const members = groups.get(group) ?? 0;
    groups.set(group, members + 1);
    if (members > 0) return;
    this.#tables.version++;
    if (isTold) this.#change(iface, group, CHANGE_TO_EXCLUDE);
  }

  leave(group: IpAddress, iface: Interface): void {
    const { groups } = iface.v6!;
    const members = groups.get(group) ?? 0;
    if (members > 1) groups.set(group, members - 1);
    if (members !== 1) return;
    groups.delete(group);
    this.#tables.version++;
    this.#change(iface, group, CHANGE_TO_INCLUDE);
  }

  /** The interface was switched off, and has nothing to say any more, or on, and tells its groups anew. */
  deviceChanged(iface: Interface): void {
    const link = this.#linkOf(iface);
    link.changes.clear();
    link.changesAt = -1;
    link.answerAt = -1;
    if (iface.device.isEnabled)
      for (const group of iface.v6!.groups.keys()) this.#change(iface, group, CHANGE_TO_EXCLUDE);
  }

  onQuery({ maxResponse, group, isVersion1 }: MldQuery, iface: Interface): void {
    const link = this.#linkOf(iface);
    const { simulator, config } = this.#tables;
    const within = isVersion1 ? Math.max(1, maxResponse) * MILLISECOND : responseTime(maxResponse);
    if (isVersion1) {
      link.version1Until = simulator.now + (config.mldRobustness + 1) * within;
      link.changes.clear(); // their repetitions would be of version 2
    }
    const at = simulator.now + this.#random.int(0, within);
    const asked = group === ANY_V6 ? null : group;
    if (asked !== null && !iface.v6!.groups.has(asked)) return;
    // One answer is under way at a time; one to a wider question answers the narrower one, too.
    link.asked = link.answerAt >= 0 && link.asked !== asked ? null : asked;
    if (link.answerAt >= 0 && link.answerAt <= at) return;
    link.answerAt = at;
    simulator.at(at, this.#place, ANSWER, link);
  }

  onEvent(kind: number, arg: unknown): void {
    const link = arg as Link;
    const { now } = this.#tables.simulator;
    if (kind === CHANGES && link.changesAt === now) this.#tellChanges(link);
    if (kind === ANSWER && link.answerAt === now) {
      link.answerAt = -1;
      const groups = [...link.iface.v6!.groups.keys()].filter(isReported);
      const asked = link.asked === null ? groups : groups.filter((group) => group === link.asked);
      this.#tell(
        link,
        asked.map((group) => [group, MODE_IS_EXCLUDE]),
      );
    }
  }

  #change(iface: Interface, group: IpAddress, kind: number): void {
    if (!isReported(group) || iface.device.isLoopback) return;
    const link = this.#linkOf(iface);
    link.changes.delete(group);
    link.changes.set(group, { kind, left: this.#tables.config.mldRobustness });
    this.#schedule(link, GATHERING);
  }

  /** Each change is told as often as the robustness variable says. */
  #tellChanges(link: Link): void {
    this.#tell(
      link,
      [...link.changes].map(([group, { kind }]) => [group, kind]),
    );
    for (const [group, change] of link.changes) if (--change.left === 0) link.changes.delete(group);
    link.changesAt = -1;
    if (link.changes.size > 0) this.#schedule(link, this.#random.int(1, UNSOLICITED));
  }

  /** From a link-local address, or from :: while there is none (RFC 3810 5.2.13). */
  #tell({ iface, version1Until }: Link, rows: readonly (readonly [IpAddress, number])[]): void {
    if (rows.length === 0 || !iface.device.isUp) return;
    if (this.#tables.simulator.now <= version1Until) {
      for (const [group, kind] of rows) this.#tellVersion1(iface, group, kind);
      return;
    }
    const report = new MldReport(rows.map(([group, kind]) => ({ kind, group })));
    this.#send(iface, MLDV2_ROUTERS, report);
  }

  /** A report goes to the group itself, a done to the routers. */
  #tellVersion1(iface: Interface, group: IpAddress, kind: number): void {
    if (kind === CHANGE_TO_INCLUDE) this.#send(iface, ALL_ROUTERS_V6, new MldV1Message(MLDV1_DONE, group));
    else this.#send(iface, group, new MldV1Message(MLDV1_REPORT, group));
  }

  #send(iface: Interface, dst: IpAddress, message: MldReport | MldV1Message): void {
    const src = iface.v6!.linkLocal() ?? ANY_V6;
    sendToGroup(iface, new Ipv6Packet(src, dst, PROTOCOL_ICMPV6, 1, 0, 0, [ROUTER_ALERT], message));
  }

  #schedule(link: Link, delay: Nanos): void {
    const { simulator } = this.#tables;
    link.changesAt = simulator.now + delay;
    simulator.at(link.changesAt, this.#place, CHANGES, link);
  }

  #linkOf(iface: Interface): Link {
    let link = this.#links.get(iface);
    if (link === undefined) {
      link = new Link(iface);
      this.#links.set(iface, link);
    }
    return link;
  }
}

/** Neither all nodes nor what stays on the interface is ever reported (RFC 3810 6). */
function isReported(group: IpAddress): boolean {
  return group !== ALL_NODES && scopeOf(group) > SCOPE_V6_INTERFACE;
}

function responseTime(code: number): Nanos {
  const ms = code < 32768 ? code : ((code & 0xfff) | 0x1000) << (((code >>> 12) & 7) + 3);
  return Math.max(1, ms) * MILLISECOND;
}
