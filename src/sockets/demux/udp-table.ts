/**
 * The bound UDP sockets of a host: by port, by (address, port), and the connected ones by four-tuple; with the
 * SO_REUSEPORT groups among them (rules L27, L30). Lists run from the newest socket back.
 *
 * The three orders differ, and lookups show it: by port as first bound; by address as bound or moved there by
 * connect(); by four-tuple as first connected.
 */
import type { NetDevice } from '../../link/device.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import { type BoundName, bucketAddress } from './dual-stack.ts';
import { EstablishedTable } from './established-table.ts';
import { ListNode, NewestFirst } from './newest-first.ts';
import { type GroupMember, ReusePortGroup } from './reuseport-group.ts';

/** A UDP socket as the table sees it. */
export interface UdpEntry<T extends UdpEntry<T>> extends GroupMember<T>, BoundName {
  /** 0 while the socket is not in the table; kept by the table. */
  localPort: number;
  /** The peer; the wildcard when there is none. */
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  /** The last peer of an AF_INET6 socket, :: before the first: disconnecting leaves it, and IPv6 lookups heed it. */
  readonly lastPeer: IpAddress;
  readonly device: NetDevice | null;
  readonly uid: number;
  readonly reuseAddr: boolean;
  readonly reusePort: boolean;
  seat: UdpSeat<T> | null;
}

/** A socket's places in the table. */
export interface UdpSeat<T extends UdpEntry<T>> {
  readonly port: UdpPort<T>;
  readonly inPort: ListNode<T>;
  readonly inAddress: ListNode<T>;
  /** The address that `inAddress` stands under; one for the wildcards of both families. */
  address: IpAddress;
  /** The entry among the connected ones; null before the first connect(). */
  flow: UdpFlow<T> | null;
}

/** The sockets of one port. */
export interface UdpPort<T> {
  readonly number: number;
  readonly sockets: NewestFirst<T>;
  readonly byAddress: Map<IpAddress, NewestFirst<T>>;
}

/**
 * A connected socket, filed under the four-tuple it had when it was filed: a second connect() does not file it anew,
 * so that it is then found by its address only.
 */
export interface UdpFlow<T> {
  readonly socket: T;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly remotePort: number;
  twin: UdpFlow<T> | null;
}

export class UdpTable<T extends UdpEntry<T>> {
  readonly flows: EstablishedTable<UdpFlow<T>> = new EstablishedTable();
  readonly #ports = new Map<number, UdpPort<T>>();

  /** Number of ports in use. */
  get size(): number {
    return this.#ports.size;
  }

  port(port: number): UdpPort<T> | undefined {
    return this.#ports.get(port);
  }

  /** Sockets bound to exactly this address and port, newest first. */
  bucket(address: IpAddress, port: number): NewestFirst<T> | undefined {
    return this.#ports.get(port)?.byAddress.get(bucketAddress(address));
  }

  /** The socket gets `port` at its present local address; with SO_REUSEPORT it joins or founds a group. */
  add(socket: T, port: number): void {
    let bucket = this.#ports.get(port);
    if (bucket === undefined) {
      bucket = { number: port, sockets: new NewestFirst(), byAddress: new Map() };
      this.#ports.set(port, bucket);
    }
    if (socket.reusePort) joinGroup(socket, bucket);
    socket.localPort = port;
    const seat: UdpSeat<T> = {
      port: bucket,
      inPort: new ListNode(socket),
      inAddress: new ListNode(socket),
      address: bucketAddress(socket.localAddress),
      flow: null,
    };
    socket.seat = seat;
    if (socket.reusePort && socket.domain === 6) bucket.sockets.addLast(seat.inPort);
    else bucket.sockets.addFirst(seat.inPort);
    enterAddress(seat, socket);
  }

  remove(socket: T): void {
    const seat = socket.seat;
    if (seat === null) return;
    socket.group?.remove(socket);
    this.#unfile(seat);
    seat.port.sockets.remove(seat.inPort);
    leaveAddress(seat);
    if (seat.port.sockets.size === 0) this.#ports.delete(seat.port.number);
    socket.seat = null;
    socket.localPort = 0;
  }

  /**
   * The socket's local address changed (connect() fixed it, disconnecting freed it) or its device was set: it
   * leaves its group, and moves to the front of its new address.
   */
  rehash(socket: T): void {
    const seat = socket.seat;
    if (seat === null) return;
    socket.group?.remove(socket);
    const address = bucketAddress(socket.localAddress);
    if (seat.address !== address) {
      leaveAddress(seat);
      seat.address = address;
      enterAddress(seat, socket);
    }
    if (seat.flow !== null && !isFiledRight(seat.flow)) {
      this.#unfile(seat);
      this.#file(socket, seat);
    }
  }

  /** connect() succeeded: the socket leaves its group and is filed by four-tuple, unless it was before. */
  connected(socket: T): void {
    const seat = socket.seat;
    if (seat === null || seat.flow !== null || socket.localAddress.isUnspecified) return;
    socket.group?.remove(socket);
    this.#file(socket, seat);
  }

  /** Every bound socket, ports in order, the newest of each first; for views and tests. */
  all(): T[] {
    const ports = [...this.#ports.values()].sort((a, b) => a.number - b.number);
    return ports.flatMap((port) => port.sockets.items());
  }

  #file(socket: T, seat: UdpSeat<T>): void {
    const { localAddress: local, remoteAddress: remote, remotePort } = socket;
    const flow: UdpFlow<T> = { socket, local, remote, remotePort, twin: null };
    this.flows.add(flow, local, socket.localPort, remote, remotePort);
    seat.flow = flow;
  }

  #unfile(seat: UdpSeat<T>): void {
    const { flow } = seat;
    if (flow === null) return;
    this.flows.remove(flow, flow.local, seat.port.number, flow.remote, flow.remotePort);
    seat.flow = null;
  }
}

/** The four-tuple that the socket is filed under is the one it has. */
function isFiledRight<T extends UdpEntry<T>>(flow: UdpFlow<T>): boolean {
  const { socket } = flow;
  return (
    flow.local === socket.localAddress &&
    flow.remote === socket.remoteAddress &&
    flow.remotePort === socket.remotePort
  );
}

function enterAddress<T extends UdpEntry<T>>(seat: UdpSeat<T>, socket: T): void {
  const { byAddress } = seat.port;
  let bucket = byAddress.get(seat.address);
  if (bucket === undefined) {
    bucket = new NewestFirst();
    byAddress.set(seat.address, bucket);
  }
  if (socket.reusePort && socket.domain === 6) bucket.addLast(seat.inAddress);
  else bucket.addFirst(seat.inAddress);
}

function leaveAddress<T extends UdpEntry<T>>(seat: UdpSeat<T>): void {
  const bucket = seat.inAddress.list!;
  bucket.remove(seat.inAddress);
  if (bucket.size === 0) seat.port.byAddress.delete(seat.address);
}

/** The newest socket of the same owner with SO_REUSEPORT, the same device and exactly the same address leads the group. */
function joinGroup<T extends UdpEntry<T>>(socket: T, port: UdpPort<T>): void {
  for (let node = port.sockets.head; node !== null; node = node.next) {
    const other = node.item;
    if (!other.reusePort || other.uid !== socket.uid || other.device !== socket.device) continue;
    if (other.localAddress !== socket.localAddress || other.domain !== socket.domain) continue;
    if (other.v6only !== socket.v6only) continue;
    (other.group ?? found(other)).add(socket);
    return;
  }
  found(socket);
}

function found<T extends UdpEntry<T>>(socket: T): ReusePortGroup<T> {
  const group = new ReusePortGroup<T>();
  group.add(socket);
  return group;
}
