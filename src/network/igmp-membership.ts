/**
 * Group membership on every interface, and telling routers of it (RFC 3376 as a host, RFC 2236 and RFC 1112 where an
 * older querier speaks): reports when joining and leaving, answers to queries after a random while.
 */
import { IpAddress as Address, type IpAddress } from '../packet/ip-address.ts';
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
import type { Ipv4Output } from './ipv4-output.ts';
import { routeOutput } from './ipv4-route-output.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';

export const ALL_HOSTS: IpAddress = Address.v4(0xe0000001);
const ALL_ROUTERS = Address.v4(0xe0000002);
const V3_ROUTERS = Address.v4(0xe0000016);
/** Every IGMP message carries a router alert (RFC 2113). */
const ROUTER_ALERT = new Uint8Array([148, 4, 0, 0]);
const TOS_CONTROL = 0xc0;
/** Between repeated unsolicited reports at most (RFC 3376 8.11, RFC 2236 8.10). */
const UNSOLICITED_V3 = SECOND;
const UNSOLICITED_V2 = 10 * SECOND;
/** How long a host goes on with an older version after an older query (RFC 3376 8.12). */
const QUERY_INTERVAL = 125 * SECOND;

/** A report that is due on an interface. */
interface Due {
  readonly iface: Interface;
  readonly group: IpAddress;
  /** Kind of the version 3 record. */
  readonly kind: number;
  /** How many more are to follow. */
  readonly repeats: number;
  isCancelled: boolean;
}

const REPORT = 0;

export class IgmpMembership implements EventHandler {
  readonly #tables: Ipv4Tables;
  readonly #output: Ipv4Output;
  readonly #random: RandomStream;
  readonly #place: number;
  /** Until when an older querier determines the version. */
  readonly #v1Until = new Map<Interface, Nanos>();
  readonly #v2Until = new Map<Interface, Nanos>();
  #due: Due[] = [];

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
    this.#schedule(iface, group, CHANGE_TO_EXCLUDE, this.#tables.config.igmpRobustness - 1, 0);
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
    this.#cancel(iface, group);
    if (this.#version(iface) === 3)
      this.#schedule(iface, group, CHANGE_TO_INCLUDE, this.#tables.config.igmpRobustness - 1, 0);
    else if (this.#version(iface) === 2 && group !== ALL_HOSTS)
      this.#send(iface, ALL_ROUTERS, new IgmpMessage(IGMP_V2_LEAVE, 0, group));
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
    if (message.type === IGMP_QUERY) this.#onQuery(message, inbound);
    else if (message.type === IGMP_V2_REPORT || message.type === IGMP_V1_REPORT)
      this.#cancel(inbound, message.group); // somebody else has told
  }

  onEvent(_kind: number, arg: unknown): void {
    const due = arg as Due;
    if (due.isCancelled) return;
    this.#due = this.#due.filter((other) => other !== due);
    this.#report(due);
    if (due.repeats > 0) {
      const longest = this.#version(due.iface) === 3 ? UNSOLICITED_V3 : UNSOLICITED_V2;
      this.#schedule(due.iface, due.group, due.kind, due.repeats - 1, longest);
    }
  }

  #onQuery(query: IgmpMessage, iface: Interface): void {
    const { now } = this.#tables.simulator;
    let longest = responseTime(query);
    if (query.size < 12) {
      const until = now + this.#tables.config.igmpRobustness * QUERY_INTERVAL + longest;
      this.#cancelAll(iface); // what was to be told in version 3 is not told in an older one
      if (query.maxResponse === 0) {
        this.#v1Until.set(iface, until);
        longest = 10 * SECOND;
      } else this.#v2Until.set(iface, until);
    }
    for (const group of iface.groups.keys()) {
      const isAsked = query.group.isUnspecified || query.group === group;
      if (isAsked && !this.#isAnswering(iface, group))
        this.#schedule(iface, group, MODE_IS_EXCLUDE, 0, longest);
    }
  }

  #schedule(iface: Interface, group: IpAddress, kind: number, repeats: number, longest: Nanos): void {
    if (group === ALL_HOSTS || iface.device.isLoopback) return;
    const due: Due = { iface, group, kind, repeats, isCancelled: false };
    this.#due.push(due);
    this.#tables.simulator.after(this.#random.int(0, longest), this.#place, REPORT, due);
  }

  #isAnswering(iface: Interface, group: IpAddress): boolean {
    return this.#due.some(
      (due) => due.iface === iface && due.group === group && due.kind === MODE_IS_EXCLUDE,
    );
  }

  #cancelAll(iface: Interface): void {
    for (const group of iface.groups.keys()) this.#cancel(iface, group);
  }

  #cancel(iface: Interface, group: IpAddress): void {
    for (const due of this.#due) if (due.iface === iface && due.group === group) due.isCancelled = true;
    this.#due = this.#due.filter((due) => !due.isCancelled);
  }

  #report({ iface, group, kind }: Due): void {
    const version = this.#version(iface);
    if (version === 3) this.#send(iface, V3_ROUTERS, new IgmpReport([{ kind, group }]));
    else this.#send(iface, group, new IgmpMessage(version === 2 ? IGMP_V2_REPORT : IGMP_V1_REPORT, 0, group));
  }

  #version(iface: Interface): number {
    const { now } = this.#tables.simulator;
    const { forceIgmpVersion } = iface.config;
    if (forceIgmpVersion !== 0) return forceIgmpVersion;
    if ((this.#v1Until.get(iface) ?? 0) > now) return 1;
    return (this.#v2Until.get(iface) ?? 0) > now ? 2 : 3;
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
