/** The socket table as rows: what netstat(8) and ss(8) print, one row per socket, connection or TIME-WAIT record. */
import type { IpAddress, IpFamily } from '../packet/ip-address.ts';
import type { TcpState } from '../transport/tcp/state.ts';
import type { InetSocket } from './inet-socket.ts';
import { TcpSocket } from './tcp/tcp-socket.ts';
import type { TimeWaitEntry } from './tcp/time-wait-entry.ts';
import type { UdpSocket } from './udp/udp-socket.ts';

export interface SocketRow {
  /** Unique on the host. */
  readonly id: number;
  readonly protocol: 'tcp' | 'udp';
  /** AF_INET or AF_INET6. Addresses of an AF_INET6 socket are IPv6 ones, IPv4 mapped. */
  readonly domain: IpFamily;
  /** IPV6_V6ONLY */
  readonly v6only: boolean;
  /** UDP: 'ESTABLISHED' when connected, else 'CLOSED', as ss shows it (UNCONN). */
  readonly state: TcpState;
  /** Bytes that wait to be read; of a listener the connections that wait for accept(); of UDP the datagrams. */
  readonly recvQueue: number;
  /** Sequence numbers not yet acknowledged, SYN and FIN included; of a listener its backlog. */
  readonly sendQueue: number;
  readonly localAddress: IpAddress;
  readonly localPort: number;
  /** The wildcard and 0 without a peer. */
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  /** SO_BINDTODEVICE */
  readonly device: string | null;
  readonly uid: number;
  /** Process name and pid; null for queued connections, orphans and TIME-WAIT. */
  readonly process: string | null;
  readonly pid: number;
  /** -1 without one. */
  readonly fd: number;
  /** It holds its port: false for a fresh socket, or one whose port was taken back. */
  readonly holdsPort: boolean;
  /** Open in a process; in a listener's queues; closed but still ending; or a TIME-WAIT record. */
  readonly life: 'open' | 'queued' | 'orphan' | 'time-wait';
}

/** Our SYN or FIN is not acknowledged yet. */
const OWN_MARK_UNDER_WAY: readonly TcpState[] = ['SYN-SENT', 'FIN-WAIT-1', 'CLOSING', 'LAST-ACK'];

export function rowOf(socket: InetSocket): SocketRow {
  const name = socket.localName();
  return {
    id: socket.id,
    protocol: socket instanceof TcpSocket ? 'tcp' : 'udp',
    domain: socket.domain,
    v6only: socket.v6only,
    ...queuesOf(socket),
    localAddress: name.address,
    localPort: name.port,
    remoteAddress: socket.shown(socket.remoteAddress),
    remotePort: socket.remotePort,
    device: socket.device?.name ?? null,
    uid: socket.uid,
    process: socket.owner?.name ?? null,
    pid: socket.owner?.pid ?? 0,
    fd: socket.fd,
    holdsPort: socket.localPort !== 0,
    life: lifeOf(socket),
  };
}

export function timeWaitRow(entry: TimeWaitEntry): SocketRow {
  const isIpv6 = entry.domain === 6;
  return {
    id: entry.id,
    protocol: 'tcp',
    domain: entry.domain,
    v6only: entry.v6only,
    state: entry.record.substate,
    recvQueue: 0,
    sendQueue: 0,
    localAddress: isIpv6 ? entry.localAddress.mapped() : entry.localAddress,
    localPort: entry.localPort,
    remoteAddress: isIpv6 ? entry.remoteAddress.mapped() : entry.remoteAddress,
    remotePort: entry.remotePort,
    device: entry.device?.name ?? null,
    uid: entry.uid,
    process: null,
    pid: 0,
    fd: -1,
    holdsPort: true,
    life: 'time-wait',
  };
}

function queuesOf(socket: InetSocket): Pick<SocketRow, 'state' | 'recvQueue' | 'sendQueue'> {
  if (socket instanceof TcpSocket) {
    const { state, queue, connection } = socket;
    if (queue !== null) return { state, recvQueue: queue.waiting, sendQueue: queue.backlog };
    const unacknowledged = (connection?.unacknowledged ?? 0) + (OWN_MARK_UNDER_WAY.includes(state) ? 1 : 0);
    return { state, recvQueue: connection?.readable ?? 0, sendQueue: unacknowledged };
  }
  const udp = socket as UdpSocket;
  return { state: udp.isConnected ? 'ESTABLISHED' : 'CLOSED', recvQueue: udp.queued, sendQueue: 0 };
}

/** Who holds the socket. */
export function lifeOf(socket: InetSocket): SocketRow['life'] {
  if (socket.fd >= 0) return 'open';
  if (socket instanceof TcpSocket && (socket.halfOpenOf !== null || !socket.isOrphan)) return 'queued';
  return 'orphan';
}
