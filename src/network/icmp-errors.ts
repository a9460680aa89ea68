/**
 * ICMP errors that this node sends (RFC 1122 3.2.2, RFC 1812 4.3.2): about what none is sent, from which address, how
 * much is quoted, with which TOS and options. As Linux's icmp_send decides.
 */
import { ANY_V4, IpAddress } from '../packet/ip-address.ts';
import { Payload } from '../packet/payload.ts';
import { bytesOf } from '../packet/pdu.ts';
import {
  ICMP_HEADER_SIZE,
  ICMP_UNREACHABLE,
  IcmpMessage,
  isIcmpErrorType,
  UNREACHABLE_HOST,
} from './icmp.ts';
import type { IcmpLimits } from './icmp-limits.ts';
import { SCOPE_LINK } from './interface.ts';
import { PROTOCOL_ICMP } from './ip-packet.ts';
import { IPV4_HEADER_SIZE, type Ipv4Packet } from './ipv4.ts';
import { echoOptions, ParsedOptions } from './ipv4-options.ts';
import { controlFields, type Ipv4Output } from './ipv4-output.ts';
import { routeOutput, UNCONSTRAINED } from './ipv4-route-output.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import { optionsNodeFor } from './own-address.ts';
import type { PacketOrigin } from './packet-origin.ts';

/** An error is never larger than what every host must take (RFC 1812 4.3.2.3). */
const LARGEST_ERROR = 576;
/** Internetwork control precedence, and what is kept of the offender's TOS. */
const TOS_CONTROL = 0xc0;
const TOS_KEPT = 0x1e;
/** Who speaks when there is no address to speak from (RFC 7600). */
const DUMMY_SOURCE = IpAddress.v4(0xc0000008);

export class IcmpErrors {
  readonly #tables: Ipv4Tables;
  readonly #output: Ipv4Output;
  readonly #limits: IcmpLimits;

  constructor(tables: Ipv4Tables, output: Ipv4Output, limits: IcmpLimits) {
    this.#tables = tables;
    this.#output = output;
    this.#limits = limits;
  }

  /**
   * Sends an error about `packet` to its source, if there may be one.
   * @param rest bytes 4-7 of the message: MTU, pointer << 24, gateway, or 0
   * @param size how much of the packet is left to quote, bytes
   */
  send(
    packet: Ipv4Packet,
    origin: PacketOrigin,
    type: number,
    code: number,
    rest: number,
    size: number = packet.size,
  ): void {
    if (!mayReport(packet, origin)) return;
    const tables = this.#tables;
    const { now } = tables.simulator;
    if (!this.#limits.allowsNode(type, code, now)) {
      tables.drops.drop('icmp.rate-limited', null);
      return;
    }
    const options =
      origin.options === null
        ? null
        : echoOptions(origin.options, packet.src, optionsNodeFor(tables, packet, origin));
    if (options === 'impossible') return;
    const source = this.#sourceOf(packet, origin);
    const firstHop = options?.firstHop ?? packet.src;
    const route = routeOutput(tables, firstHop, source === ANY_V4 ? null : source, UNCONSTRAINED);
    if (typeof route === 'number') {
      tables.drops.drop('icmp.no-route', null);
      return;
    }
    if (!route.device.isLoopback && !this.#limits.allowsPeer(type, code, packet.src, now)) {
      tables.drops.drop('icmp.rate-limited', null);
      return;
    }
    const optionsSize = options === null ? 0 : options.bytes.length;
    const room = Math.min(route.mtu, LARGEST_ERROR) - IPV4_HEADER_SIZE - optionsSize - ICMP_HEADER_SIZE;
    if (room <= IPV4_HEADER_SIZE) return;
    const quote = new Payload(bytesOf(packet)).slice(0, Math.min(room, size));
    const tos = TOS_CONTROL | (packet.tos & TOS_KEPT);
    const from = route.source === ANY_V4 ? DUMMY_SOURCE : route.source;
    const message = new IcmpMessage(type, code, rest, quote);
    this.#output.answer(route, from, packet.src, PROTOCOL_ICMP, message, controlFields(tos), options);
  }

  /**
   * The neighbour of a packet that waited did not answer. Its options are looked at once more, and so filled in once
   * more; a packet of our own is reported to ourselves.
   */
  sendHostUnreachable(packet: Ipv4Packet, origin: PacketOrigin): void {
    let offender = packet;
    let options: ParsedOptions | null = null;
    if (packet.options !== null) {
      options = new ParsedOptions(packet.options.slice());
      if (options.compile(optionsNodeFor(this.#tables, packet, origin)) >= 0) return;
      if (options.isChanged) offender = packet.withOptions(packet.dst, options.bytes, packet.checksumField());
    }
    const { inbound, isHostFrame, isForUs, isGroup } = origin;
    const again: PacketOrigin = { inbound, isHostFrame, isForUs, isGroup, options, waiting: null };
    this.send(offender, again, ICMP_UNREACHABLE, UNREACHABLE_HOST, 0);
  }

  /** The address that the packet was sent to, when it was ours; else what routing chooses, or the inbound interface's. */
  #sourceOf(packet: Ipv4Packet, origin: PacketOrigin): IpAddress {
    if (origin.isForUs) return packet.dst;
    if (origin.inbound === null || !this.#tables.config.errorsUseInboundAddress) return ANY_V4;
    return this.#tables.selectSource(origin.inbound, packet.src, SCOPE_LINK);
  }
}

/** RFC 1122 3.2.2: no error about broadcasts, later fragments, or errors. An ICMP type that is unknown counts as one. */
function mayReport(packet: Ipv4Packet, origin: PacketOrigin): boolean {
  if (!origin.isHostFrame || origin.isGroup || packet.offset !== 0) return false;
  if (packet.protocol !== PROTOCOL_ICMP) return true;
  const { payload } = packet;
  if (payload instanceof IcmpMessage) return !payload.isError;
  const bytes = payload instanceof Payload ? payload : new Payload(bytesOf(payload, packet));
  if (bytes.size === 0) return false;
  const type = bytes.bytes[bytes.start]!;
  return !isIcmpErrorType(type);
}
