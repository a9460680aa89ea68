/**
 * ICMP messages for this node (RFC 1122 3.2.2, Linux's checks): echo and timestamp are answered, errors go to the
 * owner of the flow that they quote and, if there is one, change path MTU or route; the rest is discarded.
 */

import { writeU32 } from '../packet/bytes.ts';
import { Payload } from '../packet/payload.ts';
import { bytesOf } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';
import {
  EXCEEDED_REASSEMBLY,
  ICMP_ADDRESS_MASK,
  ICMP_ADDRESS_MASK_REPLY,
  ICMP_ECHO,
  ICMP_ECHO_REPLY,
  ICMP_HIGHEST_TYPE,
  ICMP_PARAMETER_PROBLEM,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  ICMP_TIMESTAMP,
  ICMP_TIMESTAMP_REPLY,
  ICMP_UNREACHABLE,
  IcmpMessage,
  UNREACHABLE_FRAGMENTATION,
} from './icmp.ts';
import type { InterfaceArrival } from './interface-arrival.ts';
import { PROTOCOL_ICMP } from './ip-packet.ts';
import { Ipv4Packet } from './ipv4.ts';
import { echoOptions } from './ipv4-options.ts';
import { controlFields, type Ipv4Output } from './ipv4-output.ts';
import { routeOutput, UNCONSTRAINED } from './ipv4-route-output.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import { optionsNodeFor, specificDestination } from './own-address.ts';
import type { IcmpErrorReport } from './ports.ts';
import type { Protocols } from './protocols.ts';
import type { Redirects } from './redirects.ts';
import { lowerPathMtu } from './route-exceptions.ts';

/** Highest code of destination unreachable. */
const HIGHEST_UNREACHABLE = 15;

export class IcmpInput {
  readonly #tables: Ipv4Tables;
  readonly #output: Ipv4Output;
  readonly #protocols: Protocols<Ipv4Packet>;
  readonly #redirects: Redirects;

  constructor(
    tables: Ipv4Tables,
    output: Ipv4Output,
    protocols: Protocols<Ipv4Packet>,
    redirects: Redirects,
  ) {
    this.#tables = tables;
    this.#output = output;
    this.#protocols = protocols;
    this.#redirects = redirects;
  }

  onPacket(packet: Ipv4Packet, arrival: InterfaceArrival): void {
    const message = this.#messageOf(packet);
    if (message === null) return;
    const { config } = this.#tables;
    const { type } = message;
    if (type > ICMP_HIGHEST_TYPE) {
      this.#drop('icmp.unknown-type', packet);
      return;
    }
    if (arrival.isGroup && !answersGroups(type, config.echoIgnoreBroadcasts)) {
      this.#drop('icmp.to-broadcast', packet);
      return;
    }
    switch (type) {
      case ICMP_ECHO:
        if (config.echoIgnoreAll) this.#drop('icmp.echo-ignored', packet);
        else
          this.#reply(
            packet,
            arrival,
            new IcmpMessage(ICMP_ECHO_REPLY, message.code, message.rest, message.payload),
          );
        break;
      case ICMP_TIMESTAMP:
        this.#answerTimestamp(packet, arrival, message);
        break;
      case ICMP_UNREACHABLE:
      case ICMP_SOURCE_QUENCH:
      case ICMP_TIME_EXCEEDED:
      case ICMP_PARAMETER_PROBLEM:
      case ICMP_REDIRECT:
        this.#onError(packet, arrival, message);
        break;
      case ICMP_ECHO_REPLY: {
        const { flags, offset, options } = packet;
        const parsed =
          packet.payload === message ? packet : packet.withPayload(message, flags, offset, options);
        this.#protocols.handlerOf(PROTOCOL_ICMP)?.onPacket(parsed, arrival);
        break;
      }
      default: // other replies are for raw listeners only, who have had them
    }
  }

  #messageOf(packet: Ipv4Packet): IcmpMessage | null {
    const { payload } = packet;
    if (payload instanceof IcmpMessage) return payload;
    try {
      return IcmpMessage.parse(payload instanceof Payload ? payload : new Payload(bytesOf(payload, packet)));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#drop(`icmp.${error.reason}`, packet);
      return null;
    }
  }

  /** Times of receipt and transmission are the same moment (RFC 792); a request too short to hold one is dropped. */
  #answerTimestamp(packet: Ipv4Packet, arrival: InterfaceArrival, message: IcmpMessage): void {
    if (message.payload.size < 4) {
      this.#drop('icmp.short-timestamp', packet);
      return;
    }
    const times = new Uint8Array(12);
    times.set(bytesOf(message.payload).subarray(0, 4));
    writeU32(times, 4, this.#tables.timestamp());
    writeU32(times, 8, this.#tables.timestamp());
    this.#reply(packet, arrival, new IcmpMessage(ICMP_TIMESTAMP_REPLY, 0, message.rest, new Payload(times)));
  }

  #reply(packet: Ipv4Packet, arrival: InterfaceArrival, reply: IcmpMessage): void {
    const tables = this.#tables;
    const options =
      arrival.options === null
        ? null
        : echoOptions(arrival.options, packet.src, optionsNodeFor(tables, packet, arrival));
    if (options === 'impossible') return;
    const source = specificDestination(tables, packet, arrival);
    const route = routeOutput(tables, options?.firstHop ?? packet.src, source, UNCONSTRAINED);
    if (typeof route === 'number') {
      this.#drop('icmp.no-route', packet);
      return;
    }
    const fields = controlFields(packet.tos);
    this.#output.answer(route, source, packet.src, PROTOCOL_ICMP, reply, fields, options);
  }

  #onError(packet: Ipv4Packet, arrival: InterfaceArrival, message: IcmpMessage): void {
    const { payload, type, code } = message;
    let quoted: Ipv4Packet;
    try {
      quoted = Ipv4Packet.parseQuote(payload instanceof Payload ? payload : new Payload(bytesOf(payload)));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#drop(`icmp.${error.reason}`, packet);
      return;
    }
    const info = this.#infoOf(message);
    if (info < 0 || (type === ICMP_TIME_EXCEEDED && code === EXCEEDED_REASSEMBLY)) {
      this.#drop('icmp.error-ignored', packet);
      return;
    }
    if (
      type !== ICMP_REDIRECT &&
      !this.#tables.config.ignoreBogusErrors &&
      this.#tables.typeOf(quoted.dst) === 'broadcast'
    ) {
      this.#drop('icmp.bogus-error', packet);
      return;
    }
    if (quoted.payload.size < 8) {
      this.#drop('icmp.short-quote', packet);
      return;
    }
    const report: IcmpErrorReport = {
      from: packet.src,
      type,
      code,
      info,
      src: quoted.src,
      dst: quoted.dst,
      quoted: bytesOf(quoted.payload),
      device: arrival.device,
      entered: arrival.entered,
    };
    if (!this.#protocols.report(quoted.protocol, report)) {
      this.#drop('icmp.error-for-nobody', packet);
      return;
    }
    if (type === ICMP_REDIRECT) this.#redirects.accept(report, arrival.inbound);
    else if (type === ICMP_UNREACHABLE && code === UNREACHABLE_FRAGMENTATION) this.#lowerMtu(report);
  }

  /** MTU, pointer or gateway; -1 when the message is to be ignored. */
  #infoOf({ type, code, rest }: IcmpMessage): number {
    if (type === ICMP_REDIRECT) return rest;
    if (type === ICMP_PARAMETER_PROBLEM) return rest >>> 24;
    if (type !== ICMP_UNREACHABLE) return 0;
    if (code > HIGHEST_UNREACHABLE) return -1;
    if (code !== UNREACHABLE_FRAGMENTATION) return 0;
    if (this.#tables.config.noPmtuDiscovery >= 2) return -1;
    return this.#tables.config.noPmtuDiscovery === 0 ? rest & 0xffff : 0;
  }

  #lowerMtu(report: IcmpErrorReport): void {
    const route = routeOutput(this.#tables, report.dst, report.src, UNCONSTRAINED);
    if (typeof route !== 'number') lowerPathMtu(this.#tables, route, report.dst, report.info);
  }

  #drop(reason: string, packet: Ipv4Packet): void {
    this.#tables.drops.drop(reason, packet);
  }
}

/** What is answered when it was sent to a broadcast address or a group (RFC 1122 3.2.2.6, 3.2.2.8). */
function answersGroups(type: number, ignoresBroadcasts: boolean): boolean {
  if (type === ICMP_ECHO || type === ICMP_TIMESTAMP) return !ignoresBroadcasts;
  return type === ICMP_ADDRESS_MASK || type === ICMP_ADDRESS_MASK_REPLY;
}
