/**
 * LISTEN: what a listening socket does with a segment (rules R7, L10), half-open children, SYN cookies, the backlog.
 * Kernel: tcp_rcv_state_process (LISTEN), tcp_conn_request, tcp_v4_syn_recv_sock.
 */
import type { IpPacket } from '../../network/ip-packet.ts';
import { PROTOCOL_TCP } from '../../network/ip-packet.ts';
import { ACK, FIN, RST, SYN, type TcpSegment } from '../../transport/tcp/header.ts';
import { inheritFrom, startAsChild } from './child.ts';
import { drop } from './endings.ts';
import { checkBacklog } from './other-systems.ts';
import { SynCookies, stampOf } from './syn-cookies.ts';
import type { TcpLayer } from './tcp-layer.ts';
import { TcpSocket } from './tcp-socket.ts';

const SYNCOOKIES_ALWAYS = 2;

/**
 * A segment for a listener.
 * @param iss for a SYN that takes over a TIME-WAIT record; 0 = any
 * @returns 'reset' when the sender is to get a RST, else 'done'
 */
export function listenerInput(
  tcp: TcpLayer,
  listener: TcpSocket,
  segment: TcpSegment,
  packet: IpPacket,
  iss: number,
): 'reset' | 'done' {
  if (segment.has(ACK)) {
    return !segment.has(SYN) && acceptCookie(tcp, listener, segment, packet) ? 'done' : 'reset';
  }
  if (segment.has(RST) || !segment.has(SYN) || segment.has(FIN)) {
    tcp.layer.drops.drop('tcp.no-syn', packet);
    return 'done';
  }
  request(tcp, listener, segment, packet, iss);
  return 'done';
}

/**
 * The ACK of a child's SYN,ACK has come. With room in the accept queue the child becomes a socket of its own: it
 * takes over the listener's options as they are now, and holds the port.
 */
export function completeChild(
  tcp: TcpLayer,
  child: TcpSocket,
  listener: TcpSocket,
): 'yes' | 'drop' | 'reset' {
  const { queue } = listener;
  const { rules } = tcp.layer;
  if (rules !== null && queue !== null) checkBacklog(rules.profile, queue.waiting, queue.backlog);
  if (queue === null || queue.isFull) {
    tcp.layer.drops.drop('tcp.accept-queue-full', null);
    return tcp.layer.tcpHost.config.abortOnOverflow ? 'reset' : 'drop';
  }
  inheritFrom(child, listener);
  tcp.ports.inherit(child, listener);
  listener.enqueueChild(child);
  return 'yes';
}

/** A SYN: a half-open child and its SYN,ACK; or a cookie; or nothing at all when connections wait to be accepted. */
function request(tcp: TcpLayer, listener: TcpSocket, syn: TcpSegment, packet: IpPacket, iss: number): void {
  const queue = listener.queue!;
  const { syncookies } = tcp.layer.tcpHost.config;
  const isOfLinux = tcp.layer.rules === null; // the backlog of others is no bound for half-open connections
  const needsCookie = isOfLinux && (syncookies === SYNCOOKIES_ALWAYS || queue.isSynQueueFull) && iss === 0;
  if (needsCookie && syncookies === 0) {
    tcp.layer.drops.drop('tcp.syn-queue-full', packet);
    return;
  }
  if (isOfLinux && queue.isFull) {
    tcp.layer.drops.drop('tcp.accept-queue-full', packet);
    return;
  }
  const child = newChild(tcp, listener, syn, packet);
  if (child === null) return;
  if (needsCookie) {
    answerWithCookie(tcp, listener, child, syn, packet);
    return;
  }
  tcp.fileFlow(child);
  child.halfOpenOf = listener;
  queue.halfOpen++;
  child.connection!.openPassive(syn, packet.tos, iss);
  tcp.transmit(child);
}

/** A child in no table yet, with a connection that was not opened yet; null when the SYN's sender cannot be reached. */
function newChild(
  tcp: TcpLayer,
  listener: TcpSocket,
  segment: TcpSegment,
  packet: IpPacket,
): TcpSocket | null {
  const { layer } = tcp;
  const route = layer.ip.route(packet.src, packet.dst, listener.optionsTo(packet.src));
  if (typeof route === 'number') {
    layer.drops.drop('tcp.no-route-back', packet);
    return null;
  }
  const child = new TcpSocket(layer, listener.uid, listener.domain, listener.settings.clone());
  startAsChild(child, listener, packet, segment);
  child.connection = tcp.newConnection(child, route);
  layer.opened(child);
  return child;
}

/** The SYN,ACK goes out, the child is forgotten: all that is to be known comes back with the ACK. */
function answerWithCookie(
  tcp: TcpLayer,
  listener: TcpSocket,
  child: TcpSocket,
  syn: TcpSegment,
  packet: IpPacket,
): void {
  const cookie = tcp.cookies.make(stampOf(listener), packet.dst, packet.src, syn, tcp.layer.simulator.now);
  child.connection!.openPassive(SynCookies.withoutOptions(syn), packet.tos, cookie);
  const synAck = child.connection!.pollTransmit();
  if (synAck === null) return;
  tcp.layer.ip.send(packet.dst, packet.src, PROTOCOL_TCP, synAck, child.optionsTo(packet.src));
  drop(child);
}

/** An ACK that returns a cookie completes a connection that nobody knew of. @returns whether it was one */
function acceptCookie(tcp: TcpLayer, listener: TcpSocket, ack: TcpSegment, packet: IpPacket): boolean {
  if (ack.has(RST) || tcp.layer.tcpHost.config.syncookies === 0 || tcp.layer.rules !== null) return false;
  const syn = tcp.cookies.check(stampOf(listener), packet.dst, packet.src, ack, tcp.layer.simulator.now);
  if (syn === null) return false;
  if (listener.queue!.isFull) return true;
  const child = newChild(tcp, listener, ack, packet);
  if (child === null) return true;
  const connection = child.connection!;
  connection.openPassive(syn, packet.tos, (ack.ack - 1) >>> 0);
  connection.pollTransmit(); // the SYN,ACK has long been sent
  tcp.fileFlow(child);
  child.halfOpenOf = listener;
  listener.queue!.halfOpen++;
  connection.onSegment(ack, packet.tos);
  tcp.transmit(child);
  return true;
}
