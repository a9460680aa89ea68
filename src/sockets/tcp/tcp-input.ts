/**
 * TCP's way up: a segment or an ICMP error for this host, to the connection, TIME-WAIT record or listener that gets
 * it (rules L1-L10); a RST when nobody does. Kernel: tcp_v4_rcv, tcp_v4_err.
 */
import { flowOfPorts } from '../../network/flow-label.ts';
import type { IpPacket } from '../../network/ip-packet.ts';
import type { Arrival, IcmpErrorReport, SendOptions, TransportHandler } from '../../network/ports.ts';
import { readU16 } from '../../packet/bytes.ts';
import { Payload } from '../../packet/payload.ts';
import { DecodeError } from '../../sim/errors.ts';
import { TcpSegment } from '../../transport/tcp/header.ts';
import { resetFor } from '../../transport/tcp/reset.ts';
import { needsScope } from '../inet6.ts';
import type { Choice, SocketRules } from '../rules/socket-rules.ts';
import { timeWaitBy } from '../rules/time-wait.ts';
import { drop } from './endings.ts';
import { listenerInput } from './listener.ts';
import type { TcpLayer } from './tcp-layer.ts';
import { TcpSocket } from './tcp-socket.ts';
import type { TimeWaitEntry } from './time-wait-entry.ts';

const DSCP_MASK = 0xfc;

export class TcpInput implements TransportHandler {
  readonly #tcp: TcpLayer;

  constructor(tcp: TcpLayer) {
    this.#tcp = tcp;
  }

  onPacket(packet: IpPacket, arrival: Arrival): void {
    if (!arrival.isUnicast || !arrival.isHostFrame) {
      this.#drop('tcp.not-unicast', packet); // L1, R4
      return;
    }
    const segment = this.#parse(packet);
    if (segment !== null) this.#demultiplex(segment, packet, arrival);
  }

  onIcmpError(error: IcmpErrorReport): boolean {
    const flow = this.#tcp.find(
      error.src,
      readU16(error.quoted, 0),
      error.dst,
      readU16(error.quoted, 2),
      error.device,
    );
    if (!(flow instanceof TcpSocket)) return false; // L41: exact four-tuples only, and TIME-WAIT does not care
    const isBelieved = flow.connection!.onIcmpError(error);
    this.#tcp.transmit(flow);
    return isBelieved;
  }

  /** L2, L4, L10: the exact four-tuple, else a listener, else nobody. */
  #demultiplex(segment: TcpSegment, packet: IpPacket, arrival: Arrival): void {
    const { src, dst } = packet;
    const flow = this.#tcp.find(dst, segment.dstPort, src, segment.srcPort, arrival.device);
    if (flow === null) {
      this.#toListener(segment, packet, arrival, 0);
    } else if (!(flow instanceof TcpSocket)) {
      this.#toTimeWait(flow, segment, packet, arrival);
    } else if (flow.isForsaken) {
      drop(flow); // its listener has closed: as if it had never been (L9)
      this.#demultiplex(segment, packet, arrival);
    } else {
      this.#explain(flow, this.#words?.connection ?? 'L2: the exact four-tuple');
      flow.connection!.onSegment(segment, packet.tos);
      this.#tcp.transmit(flow);
    }
  }

  /** @param iss for a SYN that takes over a TIME-WAIT record; 0 = any @returns false when nobody listens */
  #toListener(segment: TcpSegment, packet: IpPacket, arrival: Arrival, iss: number): void {
    const found = this.#findListener(segment, packet, arrival);
    if (found === null) {
      this.#drop('tcp.no-socket', packet);
      if (arrival.isByLocalRoute) this.#reset(segment, packet, arrival, this.#tcp.layer.replyOptions);
      return;
    }
    const { socket: listener } = found;
    this.#explain(listener, found.rule);
    if (listenerInput(this.#tcp, listener, segment, packet, iss) === 'reset') {
      this.#drop('tcp.ack-for-listener', packet);
      this.#reset(segment, packet, arrival, listener.optionsTo(packet.src));
    }
  }

  /** L11, L12: most segments are answered by the record; a new SYN goes to a listener. */
  #toTimeWait(entry: TimeWaitEntry, segment: TcpSegment, packet: IpPacket, arrival: Arrival): void {
    const { record } = entry;
    const { now } = this.#tcp.layer.simulator;
    const { rules } = this.#tcp.layer;
    const verdict =
      rules === null ? record.onSegment(segment, now) : timeWaitBy(rules.profile, record, segment, now);
    const found = verdict === 'reopen' ? this.#findListener(segment, packet, arrival) : null;
    if (verdict === 'reopen' && found !== null) {
      this.#tcp.forgetTimeWait(entry);
      const rule = this.#words?.reopen ?? 'L12: a new incarnation of a connection in TIME-WAIT';
      this.#explain(found.socket, rule);
      listenerInput(this.#tcp, found.socket, segment, packet, record.reopenIss);
      return;
    }
    if (verdict === 'reopen' && rules?.profile.calls.synInTimeWait === 'freebsd') {
      this.#tcp.forgetTimeWait(entry); // F7: it is closed before anybody is looked for
      this.#toListener(segment, packet, arrival, 0);
      return;
    }
    const options = { ...this.#tcp.layer.replyOptionsOn(entry.device), flow: entry.flow };
    if (verdict === 'ack' || verdict === 'reopen') {
      const ack = record.ackSegment(this.#tcp.timestampClock);
      this.#tcp.reply(packet, ack, onLinkOf(packet, arrival, options));
    } else if (verdict === 'reset') {
      this.#reset(segment, packet, arrival, options);
    }
    if (verdict === 'reset' || verdict === 'forget') this.#tcp.forgetTimeWait(entry);
    else this.#tcp.scheduleExpiry(entry);
  }

  #findListener(segment: TcpSegment, packet: IpPacket, arrival: Arrival): Choice<TcpSocket> | null {
    const { dst, src } = packet;
    const { rules, flowHash } = this.#tcp.layer;
    if (rules === null) {
      const { listeners } = this.#tcp;
      const socket = listeners.find(dst, segment.dstPort, src, segment.srcPort, arrival.device);
      return socket === null ? null : { socket, rule: listeners.rule };
    }
    const ends = { local: dst, remote: src, remotePort: segment.srcPort, device: arrival.device };
    const draw = (count: number) => flowHash.of(dst, segment.dstPort, src, segment.srcPort) % count;
    const chosen = rules.choose(this.#tcp.ports.buckets.holders(segment.dstPort), ends, true, draw);
    const socket = chosen?.socket;
    return socket instanceof TcpSocket ? { socket, rule: chosen!.rule } : null;
  }

  /** How other systems than Linux name their rules. */
  get #words(): SocketRules['words'] | null {
    return this.#tcp.layer.rules?.words ?? null;
  }

  #reset(segment: TcpSegment, packet: IpPacket, arrival: Arrival, options: SendOptions): void {
    const reset = resetFor(segment);
    if (reset === null) return;
    // A reset goes with the DSCP of the segment, but without its ECN; kernel: ip_send_unicast_reply.
    const tos = packet.tos & DSCP_MASK;
    const ways = onLinkOf(packet, arrival, options);
    const flow = options.flow || flowOfPorts(segment.dstPort, segment.srcPort);
    this.#tcp.reply(packet, reset, { ...ways, tos, flow, pmtuDiscovery: 'do' });
  }

  #explain(socket: TcpSocket, rule: string): void {
    const { layer } = this.#tcp;
    if (layer.drops.tap !== null) layer.drops.tap.demultiplexed(layer.nameOf(socket), rule);
  }

  /** The segment as a header object; bytes are parsed and their checksum is verified. */
  #parse(packet: IpPacket): TcpSegment | null {
    const { payload } = packet;
    if (payload instanceof TcpSegment) return payload;
    try {
      if (payload instanceof Payload) return TcpSegment.parse(payload, packet);
      this.#drop('tcp.not-a-segment', packet);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#drop(`tcp.${error.reason}`, packet);
    }
    return null;
  }

  #drop(reason: string, packet: IpPacket): void {
    this.#tcp.layer.drops.drop(reason, packet);
  }
}

/**
 * An answer without a socket to an IPv6 address that only means something on one link goes back there. So does one to
 * ::1, and is lost when the segment was for an address of another device. Kernel: tcp_v6_send_response.
 */
function onLinkOf({ src }: IpPacket, { device }: Arrival, options: SendOptions): SendOptions {
  return needsScope(src) || (src.family === 6 && src.isLoopback) ? { ...options, device } : options;
}
