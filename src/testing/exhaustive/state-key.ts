/**
 * What decides how a run goes on, as one text: two runs with the same text at the same time have the same future. It holds
 * what every host has sent (retransmission queues follow from that), what programs got from their calls (so they are
 * where they are), connections field by field but for counters, what waits to be read, and frames under way. Packets
 * that changed none of these, such as an ACK that comes twice, are not in it: that is what makes states meet.
 */

import { dissect } from '../../observe/dissect.ts';
import { Payload } from '../../packet/payload.ts';
import type { Pdu } from '../../packet/pdu.ts';
import type { ScenarioRun } from '../../scenario/build/run.ts';
import type { InetSocket } from '../../sockets/inet-socket.ts';
import type { SocketSnapshot } from '../../sockets/spec/snapshot.ts';
import { TcpSocket } from '../../sockets/tcp/tcp-socket.ts';
import { UdpSocket } from '../../sockets/udp/udp-socket.ts';
import { TcpSegment } from '../../transport/tcp/header.ts';
import type { Tcb } from '../../transport/tcp/tcb.ts';
import { UdpDatagram } from '../../transport/udp.ts';

/** @param calls what the calls of programs came to, in order */
export function stateKey(run: ScenarioRun, calls: readonly string[]): string {
  const { simulator, hosts } = run.network;
  return JSON.stringify([
    simulator.now,
    simulator.pending,
    simulator.nextTime(),
    calls,
    hosts.map((host) => [host.isCrashed, host.sockets.sockets.map(socketState), rowsOf(run, host.name)]),
    traffic(run),
  ]);
}

/**
 * The same where programs take turns: sockets by their holders instead of the order in which they were made, their places
 * in orders of binding, listening and connecting among those of one port, and no events (later turns are waited for).
 * @param calls of each program in its order
 */
export function stateKeyBetweenTurns(run: ScenarioRun, calls: readonly string[]): string {
  const hosts = run.network.hosts.map((host) => {
    const { sockets, handshakes = [] } = host.socketSnapshot();
    const holders = new Map(sockets.map(({ id, process, fd }) => [id, `${process}/${fd}`]));
    const rank = (one: SocketSnapshot, which: keyof SocketSnapshot['order']) =>
      sockets.filter(({ local, order }) => local.port === one.local.port && order[which] < one.order[which])
        .length;
    const rows = sockets.map(({ id, listener, order, reusePortGroup, ...rest }) => {
      const one = { id, listener, order, reusePortGroup, ...rest };
      const places = [rank(one, 'bound'), rank(one, 'listening'), rank(one, 'connected')];
      return JSON.stringify([holders.get(id), holders.get(listener), places, reusePortGroup?.index, rest]);
    });
    const live = host.sockets.sockets.map((socket) => JSON.stringify(connectionOf(socket)));
    return [host.isCrashed, rows.sort(), live.sort(), handshakes.length];
  });
  return JSON.stringify([run.network.simulator.now, [...calls].sort(), hosts, traffic(run)]);
}

/** Frames that left hosts, those that have not arrived, and arrivals that change what nobody sees from here. */
function traffic({ recorder }: ScenarioRun): unknown[] {
  const underWay = new Map<Pdu, number>();
  const sent: unknown[] = [];
  const heard: unknown[] = [];
  for (const { time, node, direction, frame, dropped } of recorder.frames) {
    if (direction === 'out') {
      sent.push(`${time} ${node} ${frameText(frame)}`);
      underWay.set(frame, (underWay.get(frame) ?? 0) + (dropped === null ? 1 : 0));
    } else {
      underWay.set(frame, (underWay.get(frame) ?? 0) - 1);
      if (!isForSocket(frame)) heard.push(`${time} ${node} ${frameText(frame)}`);
    }
  }
  const left = [...underWay]
    .filter(([, count]) => count > 0)
    .map(([frame, count]) => `${count} ${frameText(frame)}`);
  return [sent, heard, left];
}

/** What it does to a host shows in a socket; ARP, ICMP and fragments go into tables of the host. */
function isForSocket(frame: Pdu): boolean {
  const { transport } = dissect(frame);
  return transport instanceof TcpSegment || transport instanceof UdpDatagram;
}

function frameText(frame: Pdu): string {
  const { ip, transport } = dissect(frame);
  return ip === null
    ? frame.format()
    : `${ip.src} ${ip.dst} ${ip.ttl} ${(transport ?? ip).format()} ${ip.size}`;
}

function rowsOf(run: ScenarioRun, host: string): unknown[] {
  return run.network
    .host(host)
    .sockets.rows()
    .map((row) => [row.id, row.state, row.recvQueue, row.life, row.fd]);
}

function socketState(socket: InetSocket): unknown {
  if (socket instanceof TcpSocket)
    return [socket.id, socket.phase, socket.timerQueuedAt, connectionOf(socket)];
  return socket instanceof UdpSocket ? [socket.id, socket.queued] : null;
}

function connectionOf(socket: InetSocket): unknown {
  return socket instanceof TcpSocket && socket.connection !== null
    ? connectionState(socket.connection.tcb)
    : null;
}

/** What refers to others, or only counts. */
const LEFT_OUT: readonly string[] = ['host', 'config', 'user', 'path', 'quad', 'counters', 'ack'];

function connectionState(tcb: Readonly<Tcb>): unknown {
  return Object.entries(tcb).flatMap(([key, value]) =>
    LEFT_OUT.includes(key) ? [] : [[key, plain(value, 0)]],
  );
}

const DEEPEST = 3;

/** Public fields of objects; infinities, which JSON does not know, by name. */
function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? null : value;
  if (value instanceof Payload) return value.size;
  if (depth === DEEPEST) return null;
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  return Object.entries(value).map(([key, inner]) => [key, plain(inner, depth + 1)]);
}
