/**
 * Listening TCP sockets by exact local address and port, and which of them gets a SYN (rules L4-L8).
 * Kernel: inet_lhash2_lookup, compute_score, inet_reuseport_add_sock.
 */
import type { NetDevice } from '../../link/device.ts';
import { ANY_V4, type IpAddress } from '../../packet/ip-address.ts';
import { type BoundName, bucketAddress, takesFamily } from './dual-stack.ts';
import type { FlowHash } from './flow-hash.ts';
import { ListNode, NewestFirst } from './newest-first.ts';
import { type GroupChooser, type GroupMember, ReusePortGroup } from './reuseport-group.ts';

/** A listening socket as the table sees it. */
export interface ListenerEntry<T extends ListenerEntry<T>> extends GroupMember<T>, BoundName {
  readonly localPort: number;
  readonly device: NetDevice | null;
  readonly uid: number;
  readonly reusePort: boolean;
  listenSeat: ListNode<T> | null;
}

export class ListenerTable<T extends ListenerEntry<T>> {
  /** Why the last lookup ended as it did, for the tap. */
  rule = '';
  /** Replaces the hash in SO_REUSEPORT groups. */
  chooser: GroupChooser<T> | null = null;
  readonly #buckets = new Map<number, NewestFirst<T>>();
  readonly #hash: FlowHash;

  constructor(hash: FlowHash) {
    this.#hash = hash;
  }

  /** Number of (address, port) pairs that somebody listens on. */
  get size(): number {
    return this.#buckets.size;
  }

  /** listen() succeeded: the socket is the newest of its bucket, and with SO_REUSEPORT joins or founds a group. */
  add(socket: T): void {
    const key = keyOf(socket.localAddress, socket.localPort);
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new NewestFirst();
      this.#buckets.set(key, bucket);
    }
    if (socket.reusePort) joinGroup(socket, bucket);
    const node = new ListNode(socket);
    socket.listenSeat = node;
    if (socket.reusePort && socket.domain === 6) bucket.addLast(node);
    else bucket.addFirst(node);
  }

  /** The socket stops listening. */
  remove(socket: T): void {
    const node = socket.listenSeat;
    if (node === null) return;
    const bucket = node.list!;
    bucket.remove(node);
    socket.listenSeat = null;
    socket.group?.remove(socket);
    if (bucket.size === 0) this.#buckets.delete(keyOf(socket.localAddress, socket.localPort));
  }

  /** Sockets that listen on exactly this address and port, newest first. */
  bucket(address: IpAddress, port: number): NewestFirst<T> | undefined {
    return this.#buckets.get(keyOf(address, port));
  }

  /**
   * The listener for a segment: on its destination address; only if there is none, on the wildcard (L4).
   * @returns null when nobody listens
   */
  find(
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    device: NetDevice,
  ): T | null {
    const exact = this.bucket(local, localPort);
    if (exact !== undefined) {
      const specific = this.#best(exact, local, localPort, remote, remotePort, device);
      if (specific !== null) return specific;
    }
    const any = this.bucket(ANY_V4, localPort);
    return any === undefined ? null : this.#best(any, local, localPort, remote, remotePort, device);
  }

  /** L5, L6: bound to the device beats unbound, else the newest; but the first better one with a group ends the search. */
  #best(
    bucket: NewestFirst<T>,
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    device: NetDevice,
  ): T | null {
    let best: T | null = null;
    let bestScore = 0;
    for (let node = bucket.head; node !== null; node = node.next) {
      const socket = node.item;
      if (!takesFamily(socket, local)) continue;
      const score = scoreOf(socket, local, device);
      if (score <= bestScore) continue;
      if (socket.reusePort && socket.group !== null) {
        const chosen = socket.group.select(this.#hash.of(local, localPort, remote, remotePort), this.chooser);
        if (chosen !== null) {
          this.rule = 'L6: chosen by hash from the SO_REUSEPORT group';
          return chosen;
        }
      }
      best = socket;
      bestScore = score;
      this.rule =
        socket.device !== null ? 'L5: listens on the device' : 'L5: the newest listener on the address';
    }
    return best;
  }
}

function keyOf(address: IpAddress, port: number): number {
  return bucketAddress(address).id * 65536 + port;
}

/** L5, L7: bound to the device counts one, and so does AF_INET for IPv4 packets. @returns 0 when bound to another device */
function scoreOf<T extends ListenerEntry<T>>(socket: T, local: IpAddress, device: NetDevice): number {
  if (socket.device !== null && socket.device !== device) return 0;
  const base = local.family === 4 && socket.domain === 4 ? 2 : 1;
  return socket.device === null ? base : base + 1;
}

/** A group is of one user, device, family and address; the wildcard is an address of its own. */
function joinGroup<T extends ListenerEntry<T>>(socket: T, bucket: NewestFirst<T>): void {
  for (let node = bucket.head; node !== null; node = node.next) {
    const other = node.item;
    if (!other.reusePort || other.uid !== socket.uid || other.device !== socket.device) continue;
    if (other.localAddress !== socket.localAddress || other.domain !== socket.domain) continue;
    if (other.v6only !== socket.v6only) continue;
    if (other.group === null) new ReusePortGroup<T>().add(other);
    other.group!.add(socket);
    return;
  }
  new ReusePortGroup<T>().add(socket);
}
