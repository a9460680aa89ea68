/**
 * The running sockets of a host as a snapshot, for `explain` and for people. The machine keeps orders as positions in
 * its lists; here they become numbers, larger for newer, that count within one list only.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import type { NewestFirst } from './demux/newest-first.ts';
import type { UdpFlow } from './demux/udp-table.ts';
import type { InetSocket } from './inet-socket.ts';
import { lifeOf } from './rows.ts';
import type { SocketLayer } from './socket-layer.ts';
import type {
  EndpointSnapshot,
  HandshakeSnapshot,
  HostSnapshot,
  InterfaceSnapshot,
  ReusePortMembership,
  SocketSnapshot,
} from './spec/snapshot.ts';
import { TcpSocket } from './tcp/tcp-socket.ts';
import type { TimeWaitEntry } from './tcp/time-wait-entry.ts';
import { UdpSocket } from './udp/udp-socket.ts';

/** @param interfaces of the host: the socket floor does not know their addresses */
export function snapshotOf(layer: SocketLayer, interfaces: readonly InterfaceSnapshot[]): HostSnapshot {
  const groups = new Map<object, number>();
  const inet = layer.sockets.filter((one) => one instanceof TcpSocket || one instanceof UdpSocket);
  const halfOpen = inet.filter(
    (one): one is TcpSocket => one instanceof TcpSocket && one.halfOpenOf !== null,
  );
  const whole = inet.filter((one) => !halfOpen.includes(one as TcpSocket));
  return {
    host: layer.hostName,
    profile: layer.profile,
    interfaces,
    sockets: [
      ...whole.map((one) => socketSnapshot(one, groups)),
      ...[...layer.tcp.timeWaits].map(timeWaitSnapshot),
    ],
    handshakes: halfOpen.map(handshakeSnapshot),
  };
}

function socketSnapshot(socket: InetSocket, groups: Map<object, number>): SocketSnapshot {
  const tcp = socket instanceof TcpSocket ? socket : null;
  const udp = socket instanceof UdpSocket ? socket : null;
  const flow = udp?.seat?.flow ?? null;
  return {
    id: socket.id,
    process: socket.owner?.name ?? '',
    fd: socket.fd,
    kind: socket.kind,
    life: lifeOf(socket),
    state: tcp?.state ?? (udp?.isConnected === true ? 'ESTABLISHED' : 'CLOSED'),
    local: endpoint(socket.localAddress, socket.localPort),
    remote: remoteOf(socket.remoteAddress, socket.remotePort),
    lastPeer: udp?.lastPeer.toString() ?? '::',
    device: socket.device?.name ?? null,
    uid: socket.uid,
    reuseAddr: socket.reuseAddr,
    reusePort: socket.reusePort,
    reusePortLb: socket.reusePortLb,
    broadcast: socket.broadcast,
    multicastAll: socket.multicastAll,
    multicastAll6: socket.multicastAll6,
    v6Only: socket.v6only,
    memberships: socket.memberships.map((one) => ({ group: one.group.toString(), device: one.device.name })),
    reusePortGroup: membershipOf(socket, groups),
    boundAddress: socket.isAddressBound,
    boundPort: socket.isPortBound,
    filedAs:
      flow === null
        ? null
        : { local: endpoint(flow.local, socket.localPort), remote: endpoint(flow.remote, flow.remotePort) },
    order: {
      bound: boundRank(socket),
      listening: tcp?.listenSeat == null ? 0 : rankIn(tcp.listenSeat.list, socket),
      connected: tcp?.isFiled === true ? chainLength(tcp) : flow === null ? 0 : chainLength(flow),
    },
    backlog: tcp?.queue?.backlog ?? 0,
    acceptQueue: tcp?.queue?.waiting ?? 0,
    synQueue: tcp?.queue?.halfOpen ?? 0,
    listener: tcp?.parentId ?? -1,
  };
}

function timeWaitSnapshot(entry: TimeWaitEntry): SocketSnapshot {
  return {
    id: entry.id,
    process: '',
    fd: -1,
    kind: entry.domain === 6 ? 'tcp6' : 'tcp',
    life: 'time-wait',
    state: entry.record.substate,
    local: endpoint(entry.localAddress, entry.localPort),
    remote: remoteOf(entry.remoteAddress, entry.remotePort),
    lastPeer: '::',
    device: entry.device?.name ?? null,
    uid: entry.uid,
    reuseAddr: entry.reuseAddr,
    reusePort: entry.reusePort,
    reusePortLb: entry.reusePortLb,
    broadcast: false,
    multicastAll: true,
    multicastAll6: true,
    v6Only: entry.v6only,
    memberships: [],
    reusePortGroup: null,
    boundAddress: true,
    boundPort: !entry.boundByConnect,
    filedAs: null,
    order: { bound: entry.id, listening: 0, connected: chainLength(entry) },
    backlog: 0,
    acceptQueue: 0,
    synQueue: 0,
    listener: -1,
  };
}

function handshakeSnapshot(child: TcpSocket): HandshakeSnapshot {
  return {
    listener: child.halfOpenOf?.id ?? -1,
    local: endpoint(child.localAddress, child.localPort),
    remote: endpoint(child.remoteAddress, child.remotePort),
    device: child.device?.name ?? null,
    order: chainLength(child),
  };
}

function membershipOf(socket: InetSocket, groups: Map<object, number>): ReusePortMembership | null {
  const group = socket instanceof TcpSocket || socket instanceof UdpSocket ? socket.group : null;
  if (group === null) return null;
  const number = groups.get(group) ?? groups.size + 1;
  groups.set(group, number);
  const index = (group.members as readonly InetSocket[]).indexOf(socket);
  return { group: number, index, hasConnections: group.hasConnections };
}

/** When it came to its name; 0 = it has none. Linux keeps UDP sockets by address, others ask all of a port. */
function boundRank(socket: InetSocket): number {
  const isLinux = socket.layer.rules === null;
  if (socket.isHidden || socket.localPort === 0) return 0;
  const seat = socket instanceof UdpSocket ? socket.seat : null;
  if (seat !== null) return rankIn((isLinux ? seat.inAddress : seat.inPort).list, socket);
  const order = socket instanceof TcpSocket ? (socket.seat?.order ?? 0) : 0;
  return isLinux || order === 0 ? socket.id : order;
}

function endpoint(address: IpAddress, port: number): EndpointSnapshot {
  return { address: address.toString(), port };
}

function remoteOf(address: IpAddress, port: number): EndpointSnapshot | null {
  return port === 0 && address.isUnspecified ? null : endpoint(address, port);
}

/** 1 for the oldest of a list. */
function rankIn<T>(list: NewestFirst<T> | null, item: unknown): number {
  const items = list?.items() ?? [];
  return items.length - items.indexOf(item as T);
}

/** How many of the same four-tuple are older, and itself: twins are chained from the newest on. */
function chainLength(entry: { readonly twin: unknown } | UdpFlow<UdpSocket>): number {
  let length = 0;
  for (
    let one: { readonly twin: unknown } | null = entry;
    one !== null;
    one = one.twin as { readonly twin: unknown } | null
  )
    length++;
  return length;
}
