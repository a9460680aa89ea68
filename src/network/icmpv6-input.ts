/**
 * ICMPv6 messages for this node (RFC 4443, Linux's checks): echo is answered, errors go to the owner of the flow that
 * they quote and, if there is one, lower the path MTU; discovery's messages go to discovery. Redirects are ignored.
 */
import { Payload } from '../packet/payload.ts';
import { bytesOf, type Pdu } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';
import {
  ICMPV6_ECHO,
  ICMPV6_ECHO_REPLY,
  ICMPV6_FIRST_INFORMATIONAL,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_TOO_BIG,
  Icmpv6Message,
  verifyIcmpv6,
} from './icmpv6.ts';
import type { Icmpv6Limits } from './icmpv6-limits.ts';
import type { InterfaceArrival } from './interface-arrival.ts';
import { PROTOCOL_ICMPV6 } from './ip-packet.ts';
import { Ipv6Packet } from './ipv6.ts';
import { type Ipv6Output, ipv6ControlFields } from './ipv6-output.ts';
import { lowerIpv6PathMtu } from './ipv6-path-mtu.ts';
import { routeIpv6Output } from './ipv6-route-output.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';
import type { IcmpErrorReport } from './ports.ts';
import type { Protocols } from './protocols.ts';

/** Gets the messages that are neither errors nor echoes: neighbour and listener discovery. */
export interface DiscoveryHandler {
  /** @param type of the message @param message a header object, or bytes whose checksum is right */
  onMessage(type: number, message: Pdu, packet: Ipv6Packet, arrival: InterfaceArrival): void;
}

export class Icmpv6Input {
  readonly #tables: Ipv6Tables;
  readonly #output: Ipv6Output;
  readonly #protocols: Protocols<Ipv6Packet>;
  readonly #limits: Icmpv6Limits;
  readonly #discovery: DiscoveryHandler;

  constructor(
    tables: Ipv6Tables,
    output: Ipv6Output,
    protocols: Protocols<Ipv6Packet>,
    limits: Icmpv6Limits,
    discovery: DiscoveryHandler,
  ) {
    this.#tables = tables;
    this.#output = output;
    this.#protocols = protocols;
    this.#limits = limits;
    this.#discovery = discovery;
  }

  onPacket(packet: Ipv6Packet, arrival: InterfaceArrival): void {
    const { payload } = packet;
    if (payload instanceof Icmpv6Message) {
      this.#onMessage(packet, payload, arrival);
      return;
    }
    if (!(payload instanceof Payload)) {
      this.#discovery.onMessage(typeOf(payload), payload, packet, arrival);
      return;
    }
    try {
      verifyIcmpv6(payload, packet);
      const type = payload.size === 0 ? -1 : payload.bytes[payload.start]!;
      if (type <= ICMPV6_ECHO_REPLY) this.#onMessage(packet, Icmpv6Message.parse(payload, null), arrival);
      else this.#discovery.onMessage(type, payload, packet, arrival);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#drop(`icmp6.${error.reason}`, packet);
    }
  }

  #onMessage(packet: Ipv6Packet, message: Icmpv6Message, arrival: InterfaceArrival): void {
    const { type } = message;
    if (type === ICMPV6_ECHO) this.#answerEcho(packet, message, arrival);
    else if (type === ICMPV6_ECHO_REPLY) {
      const { protocol, extensions } = packet;
      const parsed = packet.payload === message ? packet : packet.withPayload(protocol, extensions, message);
      this.#protocols.handlerOf(PROTOCOL_ICMPV6)?.onPacket(parsed, arrival);
    } else if (type < ICMPV6_FIRST_INFORMATIONAL) this.#onError(packet, message, arrival);
    else this.#discovery.onMessage(type, message, packet, arrival);
  }

  #answerEcho(packet: Ipv6Packet, message: Icmpv6Message, arrival: InterfaceArrival): void {
    const { config, simulator } = this.#tables;
    const { src, dst } = packet;
    if (config.echoIgnoreAll || (arrival.isGroup && config.echoIgnoreMulticast) || src.isUnspecified) {
      this.#drop('icmp6.echo-ignored', packet);
      return;
    }
    const out = src.isLinkLocal ? arrival.inbound : null;
    const source = arrival.isGroup ? null : dst;
    const route = routeIpv6Output(this.#tables, src, source, {
      out,
      onLinkOnly: false,
      foreignSource: false,
    });
    if (typeof route === 'number') {
      this.#drop('icmp6.no-route', packet);
      return;
    }
    const { now } = simulator;
    const isAllowed =
      this.#limits.allowsNode(ICMPV6_ECHO_REPLY, now) &&
      this.#limits.allowsPeer(ICMPV6_ECHO_REPLY, src, route, now);
    if (!isAllowed) {
      this.#drop('icmp6.rate-limited', packet);
      return;
    }
    const reply = new Icmpv6Message(ICMPV6_ECHO_REPLY, 0, message.rest, message.payload);
    const fields = ipv6ControlFields(0, packet.tos);
    this.#output.originate(route, route.source, src, PROTOCOL_ICMPV6, reply, fields);
  }

  #onError(packet: Ipv6Packet, message: Icmpv6Message, arrival: InterfaceArrival): void {
    const { payload, type, code, rest } = message;
    let quoted: Ipv6Packet;
    try {
      quoted = Ipv6Packet.parseQuote(payload instanceof Payload ? payload : new Payload(bytesOf(payload)));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#drop(`icmp6.${error.reason}`, packet);
      return;
    }
    if (quoted.payload.size < 8 || (quoted.fragment?.fragmentOffset ?? 0) !== 0) {
      this.#drop('icmp6.short-quote', packet);
      return;
    }
    const report: IcmpErrorReport = {
      from: packet.src,
      type,
      code,
      info: type === ICMPV6_TOO_BIG || type === ICMPV6_PARAMETER_PROBLEM ? rest : 0,
      src: quoted.src,
      dst: quoted.dst,
      quoted: bytesOf(quoted.payload),
      device: arrival.device,
      entered: arrival.entered,
    };
    if (!this.#protocols.report(quoted.protocol, report)) {
      this.#drop('icmp6.error-for-nobody', packet);
      return;
    }
    if (type !== ICMPV6_TOO_BIG) return;
    const out = report.dst.isLinkLocal ? arrival.inbound : null;
    const constraints = { out, onLinkOnly: false, foreignSource: false };
    const route = routeIpv6Output(this.#tables, report.dst, report.src, constraints);
    if (typeof route !== 'number') lowerIpv6PathMtu(this.#tables, route, report.dst, rest);
  }

  #drop(reason: string, packet: Ipv6Packet): void {
    this.#tables.drops.drop(reason, packet);
  }
}

/** Header objects of discovery say their type. */
function typeOf(message: Pdu): number {
  return 'type' in message && typeof message.type === 'number' ? message.type : -1;
}
