/** What the child of a listener gets: its two ends from the SYN, everything else from the listener when it is completed. */
import type { IpPacket } from '../../network/ip-packet.ts';
import type { TcpSegment } from '../../transport/tcp/header.ts';
import type { TcpSocket } from './tcp-socket.ts';

/** The child of `listener` begins. */
export function startAsChild(
  child: TcpSocket,
  listener: TcpSocket,
  packet: IpPacket,
  segment: TcpSegment,
): void {
  child.localAddress = packet.dst;
  child.sourceAddress = packet.dst;
  child.localPort = segment.dstPort;
  child.shownPort = segment.dstPort;
  child.remoteAddress = packet.src;
  child.remotePort = segment.srcPort;
  child.v6only = listener.v6only;
  child.device = listener.device;
  Object.assign(child.sendOptions, listener.sendOptions);
  Object.assign(child.v6Options, listener.v6Options);
  child.parentId = listener.id;
  child.isOrphan = true;
}

/** The child is completed: it has the listener's options as they are now, and waits for accept(). */
export function inheritFrom(child: TcpSocket, listener: TcpSocket): void {
  listener.queue!.halfOpen--;
  child.halfOpenOf = null;
  child.isOrphan = false;
  child.uid = listener.uid;
  child.shut = listener.shut;
  child.reuseAddr = listener.reuseAddr;
  child.reusePort = listener.reusePort;
  child.reusePortLb = listener.reusePortLb;
  child.exclusive = listener.exclusive;
  child.broadcast = listener.broadcast;
  child.linger = listener.linger;
  child.bindNoPort = listener.bindNoPort;
  child.ownPortRange = listener.ownPortRange;
  child.freebind = listener.freebind;
  child.transparent = listener.transparent;
  child.isAddressBound = listener.isAddressBound;
  child.device = listener.device;
  Object.assign(child.sendOptions, listener.sendOptions);
  Object.assign(child.v6Options, listener.v6Options);
}
