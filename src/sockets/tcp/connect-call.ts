/**
 * connect(2) on a TCP socket: the steps of a non-blocking connect, and the start of a connection (rules L20-L23).
 * Kernel: __inet_stream_connect, tcp_v4_connect.
 */
import {
  EALREADY,
  ECONNABORTED,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  EOPNOTSUPP,
} from '../../network/errno.ts';
import type { Payload } from '../../packet/payload.ts';
import type { Endpoint } from '../api.ts';
import { routeToPeer } from '../peer-route.ts';
import { clearAddress, releasePort, reset } from './endings.ts';
import type { TcpSocket } from './tcp-socket.ts';

/** Bit of tcp_fastopen: data in the SYN of a client. */
const FAST_OPEN_CLIENT = 1;

/**
 * What connect() says before it looks at the address: EALREADY while it is under way, then 0 once, then EISCONN. A
 * failure is told once, and then the socket may connect anew.
 * @returns null when a connection is to be started
 */
export function continueConnect(socket: TcpSocket): number | null {
  const { phase, state } = socket;
  if (phase === 'disconnecting') return -EINVAL;
  if (phase === 'connected') return -EISCONN;
  if (state === 'LISTEN') return -EISCONN;
  if (phase === 'unconnected') return state === 'CLOSED' ? null : -EISCONN;
  if (state === 'SYN-SENT' || state === 'SYN-RECEIVED') return -EALREADY;
  if (state !== 'CLOSED') {
    socket.phase = 'connected';
    return 0;
  }
  const error = socket.takeHardError();
  socket.phase = 'unconnected';
  reset(socket);
  return error === 0 ? -ECONNABORTED : -error;
}

/** connect() on a socket without a connection. @returns -EINPROGRESS; 0 when TCP_FASTOPEN_CONNECT puts the SYN off; or why it cannot be */
export function startConnect(socket: TcpSocket, remote: Endpoint): number {
  const result = open(socket, remote, null);
  return result === 0 && !socket.connection!.isDeferred ? -EINPROGRESS : result;
}

/** send(2) with MSG_FASTOPEN: connect() and as much data as the SYN takes (RFC 7413 4.2.1). */
export function sendWithConnect(socket: TcpSocket, data: Payload, to: Endpoint): number {
  if ((socket.layer.tcpHost.config.fastOpen & FAST_OPEN_CLIENT) === 0) return -EOPNOTSUPP;
  if (socket.phase === 'connecting') return -EALREADY;
  if (socket.state !== 'CLOSED' || socket.queue !== null) return -EISCONN;
  const target = socket.peerMeant(to);
  return typeof target === 'number' ? target : open(socket, target, data) || -EINPROGRESS;
}

/**
 * Fixes both ends, finds a port if need be, and sends the SYN.
 * @param data for the SYN (MSG_FASTOPEN), or null @returns the bytes that the SYN carries, or minus an errno
 */
function open(socket: TcpSocket, remote: Endpoint, data: Payload | null): number {
  const { tcp } = socket.layer;
  const asked = remote.address;
  const found = routeToPeer(socket, asked, socket.boundSourceTo(asked), socket.optionsTo(asked));
  if (typeof found === 'number') return found;
  const { route, address } = found;
  if (route.kind === 'broadcast' || route.kind === 'multicast') return -ENETUNREACH;
  const { localAddress, sourceAddress } = socket;
  if (sourceAddress.isUnspecified) socket.sourceAddress = route.source;
  socket.localAddress = socket.sourceAddress;
  tcp.ports.buckets.moved(socket);
  socket.aimAt(address);
  socket.remotePort = remote.port;
  socket.state = 'SYN-SENT';
  const iss = tcp.claimFlow(socket);
  if (iss < 0) {
    socket.state = 'CLOSED';
    socket.remotePort = 0;
    if (socket.layer.rules === null) {
      releasePort(socket);
      clearAddress(socket);
    } else {
      Object.assign(socket, { localAddress, sourceAddress, remoteAddress: socket.any });
      tcp.ports.buckets.moved(socket);
    }
    return iss;
  }
  socket.shownPort = socket.localPort;
  socket.phase = 'connecting';
  socket.past.error = 0;
  if (socket.domain === 6 && address.family === 4) {
    socket.mappedFlow = { localAddress: socket.localAddress, remoteAddress: address };
  }
  socket.connection = tcp.newConnection(socket, route);
  const first = iss === 0 ? socket.past.nextIss : iss;
  const taken = data === null ? 0 : socket.connection.openFast(data, first);
  if (data === null) socket.connection.openActive(first);
  tcp.transmit(socket);
  return taken;
}
