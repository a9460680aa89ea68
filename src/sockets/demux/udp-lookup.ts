/**
 * Which UDP socket gets a unicast datagram (rules L27-L30, L32). Kernel: __udp4_lib_lookup, udp4_lib_lookup2.
 *
 * In order: the newest socket on the exact address if it is connected to the sender (early demultiplexing, which
 * the host's own packets do not undergo); sockets filed by four-tuple; the best score on the exact address; the best score on the wildcard.
 */
import type { NetDevice } from '../../link/device.ts';
import { ANY_V4, type IpAddress } from '../../packet/ip-address.ts';
import { takesFamily } from './dual-stack.ts';
import type { FlowHash } from './flow-hash.ts';
import type { NewestFirst } from './newest-first.ts';
import type { GroupChooser, ReusePortGroup } from './reuseport-group.ts';
import type { UdpEntry, UdpTable } from './udp-table.ts';

export class UdpLookup<T extends UdpEntry<T>> {
  /** Why the last lookup ended as it did, for the tap. */
  rule = '';
  /** Replaces the hash in SO_REUSEPORT groups. */
  chooser: GroupChooser<T> | null = null;
  readonly #table: UdpTable<T>;
  readonly #hash: FlowHash;
  readonly #isOwn: (address: IpAddress) => boolean;

  /** @param isOwn is it an address of this host? */
  constructor(table: UdpTable<T>, hash: FlowHash, isOwn: (address: IpAddress) => boolean) {
    this.#table = table;
    this.#hash = hash;
    this.#isOwn = isOwn;
  }

  /**
   * @param local destination of the datagram @param remote its source
   * @param device where it arrived @returns null when nobody gets it
   */
  find(
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    device: NetDevice,
  ): T | null {
    const port = this.#table.port(localPort);
    if (port === undefined) {
      this.rule = 'L33: no socket has the port';
      return null;
    }
    const exact = port.byAddress.get(local);
    if (exact !== undefined) {
      const first = exact.head!.item;
      const flow = this.#byFlow(local, localPort, remote, remotePort, device);
      if (flow !== first && isConnectedTo(first, remote, remotePort, device) && !this.#isOwn(remote)) {
        this.rule = 'L32: the newest socket on the address is connected to the sender';
        return first;
      }
      if (flow !== null) return flow;
      const specific = this.#best(exact, local, localPort, remote, remotePort, device);
      if (specific !== null) return specific;
    }
    const any = port.byAddress.get(ANY_V4);
    return any === undefined ? null : this.#best(any, local, localPort, remote, remotePort, device);
  }

  /** L30: the member for this flow; null when all are connected. */
  chooseFrom(
    group: ReusePortGroup<T>,
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
  ): T | null {
    return group.select(this.#hash.of(local, localPort, remote, remotePort), this.chooser);
  }

  /** L27a: sockets that were connected, by four-tuple; the one filed last first. */
  #byFlow(
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    device: NetDevice,
  ): T | null {
    let flow = this.#table.flows.find(local, localPort, remote, remotePort);
    for (; flow !== null; flow = flow.twin) {
      if (!isConnectedTo(flow.socket, remote, remotePort, device)) continue;
      this.rule = 'L27: connected to the sender';
      return flow.socket;
    }
    return null;
  }

  /** L28 over one bucket: a strictly higher score replaces, so among equals the newest wins; groups choose by hash. */
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
      const score = scoreOf(socket, remote, remotePort, device);
      if (score <= bestScore) continue;
      bestScore = score;
      best = socket;
      this.rule = RULES[score] ?? 'L28: best score';
      if (socket.isConnected || !socket.reusePort || socket.group === null) continue;
      const { group } = socket;
      const chosen = this.chooseFrom(group, local, localPort, remote, remotePort);
      if (chosen === null) continue;
      best = chosen;
      this.rule = 'L30: chosen by hash from the SO_REUSEPORT group';
      if (!group.hasConnections) return chosen;
      bestScore = Math.max(bestScore, scoreOf(chosen, remote, remotePort, device));
    }
    return best;
  }
}

/**
 * L28: 2 for AF_INET, 1 for AF_INET6 (IPv6 packets have no choice), 4 each for a matching peer address, a matching peer port, and a matching device.
 * @returns -1 when the socket does not take the datagram; its local address and port are known to match
 */
export function scoreOf<T extends UdpEntry<T>>(
  socket: T,
  remote: IpAddress,
  remotePort: number,
  device: NetDevice,
): number {
  let score = socket.domain === 4 ? 2 : 1;
  const peer = remote.family === 6 ? socket.lastPeer : socket.remoteAddress;
  if (!peer.isUnspecified) {
    if (peer !== remote) return -1;
    score += 4;
  }
  if (socket.remotePort !== 0) {
    if (socket.remotePort !== remotePort) return -1;
    score += 4;
  }
  if (socket.device !== null) {
    if (socket.device !== device) return -1;
    score += 4;
  }
  return score;
}

const RULES: Readonly<Record<number, string>> = {
  1: 'L28: score 1, AF_INET6, the newest socket on the address',
  5: 'L28: score 5, AF_INET6, bound to the device',
  9: 'L28: score 9, AF_INET6, connected to the sender',
  13: 'L28: score 13, AF_INET6, connected to the sender and bound to the device',
  2: 'L28: score 2, the newest socket on the address',
  6: 'L28: score 6, bound to the device',
  10: 'L28: score 10, connected to the sender',
  14: 'L28: score 14, connected to the sender and bound to the device',
};

function isConnectedTo<T extends UdpEntry<T>>(
  socket: T,
  remote: IpAddress,
  remotePort: number,
  device: NetDevice,
): boolean {
  return (
    socket.remoteAddress === remote &&
    socket.remotePort === remotePort &&
    (socket.device === null || socket.device === device)
  );
}
