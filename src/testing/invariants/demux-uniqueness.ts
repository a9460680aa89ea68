/**
 * A segment or unicast datagram reaches one socket at most, and what can get it is never in doubt: no two connections of a
 * host have one four-tuple (RFC 9293 3.4.1), and every connection is found by its own.
 */
import type { Host } from '../../node/host.ts';
import { TcpSocket } from '../../sockets/tcp/tcp-socket.ts';
import type { Invariant } from '../invariant.ts';
import type { SeenPacket } from '../run/seen-packet.ts';
import type { TestRun } from '../run/test-run.ts';
import { InvariantViolation } from './violation.ts';

const NAME = 'demux uniqueness';

export const DEMUX_UNIQUENESS: Invariant = {
  name: NAME,
  check: (run) => {
    for (const packet of run.packets) checkDelivery(run, packet);
    for (const host of run.network.hosts) checkTable(run, host);
  },
};

function checkDelivery(run: TestRun, { node: host, time, ip, socket, text }: SeenPacket): void {
  if (ip === null || socket === null || !socket.includes('; ')) return;
  if (!run.network.host(host).addresses.some(({ address }) => address === ip.dst)) return;
  throw new InvariantViolation(NAME, { time, host, connection: socket }, `several sockets got ${text}`);
}

function checkTable(run: TestRun, host: Host): void {
  const names = new Set<string>();
  for (const socket of host.sockets.sockets) {
    if (!(socket instanceof TcpSocket) || !socket.isFiled) continue;
    const { localAddress, localPort, remoteAddress, remotePort, device } = socket;
    const connection = `${localAddress}:${localPort} <-> ${remoteAddress}:${remotePort}`;
    const scene = { time: run.now, host: host.name, connection };
    const key = `${connection} ${device?.name ?? '*'}`;
    if (names.has(key)) throw new InvariantViolation(NAME, scene, 'two connections have this four-tuple');
    names.add(key);
    const found = host.sockets.tcp.find(localAddress, localPort, remoteAddress, remotePort, device);
    if (found !== socket)
      throw new InvariantViolation(NAME, scene, 'the connection is not found by its four-tuple');
  }
}
