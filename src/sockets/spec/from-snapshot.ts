/**
 * A snapshot of running sockets as a state of the specification: enough to look up and to change one thing, not to go
 * on calling as the host would (what Linux's TCP remembers of a port, K6, is not in a snapshot).
 */
import { familyOf } from './address.ts';
import { makeHost } from './host.ts';
import type { HostSnapshot, SocketSnapshot } from './snapshot.ts';
import {
  emptyState,
  NO_OPTIONS,
  newSocket,
  type PortCache,
  quadKey,
  type SpecGroup,
  type SpecSocket,
  type SpecState,
} from './state.ts';

export function stateFrom(snapshot: HostSnapshot): SpecState {
  const sockets = snapshot.sockets.filter((one) => /^(tcp|udp)6?$/.test(one.kind)).map(socketFrom);
  const ids = snapshot.sockets.map((one) => one.id);
  const requests = (snapshot.handshakes ?? []).map((one, index) => ({
    ...one,
    id: -1 - index,
    family: familyOf(one.local.address),
  }));
  return {
    // A packet came from somewhere: what answers it is taken to find its way back.
    ...emptyState(makeHost(snapshot.interfaces, { defaultDevice: firstLink(snapshot) })),
    sockets,
    requests,
    groups: groupsFrom(snapshot.sockets),
    ports: portsFrom(sockets),
    nextId: Math.max(0, ...ids) + 1,
    clock: Math.max(
      0,
      ...snapshot.sockets.flatMap(({ order }) => [order.bound, order.listening, order.connected]),
    ),
  };
}

function firstLink({ interfaces }: HostSnapshot): string | null {
  return interfaces.find((one) => !one.loopback)?.name ?? null;
}

function socketFrom(one: SocketSnapshot): SpecSocket {
  const transport = one.kind.startsWith('udp') ? 'udp' : 'tcp';
  return {
    ...newSocket(one.id, transport, one.uid, one.kind.endsWith('6') ? 6 : 4),
    v6Only: one.v6Only,
    lastPeer: one.lastPeer,
    process: one.process,
    fd: one.fd,
    life: one.life,
    state: one.state,
    options: {
      ...NO_OPTIONS,
      reuseAddr: one.reuseAddr,
      reusePort: one.reusePort,
      reusePortLb: one.reusePortLb,
      broadcast: one.broadcast,
      multicastAll: one.multicastAll,
      multicastAll6: one.multicastAll6,
    },
    device: one.device,
    local: one.local,
    source: one.local.address,
    shownPort: one.local.port,
    remote: one.remote,
    named: { address: one.boundAddress, port: one.boundPort, byConnect: !one.boundPort },
    memberships: one.memberships,
    backlog: one.backlog,
    acceptQueue: [],
    listener: one.listener,
    order: { ...one.order, listed: one.order.bound },
    group: one.reusePortGroup?.group ?? 0,
    quadSlot: one.filedAs === null ? '' : quadKey(one.filedAs.local, one.filedAs.remote),
  };
}

/** The holders of TCP ports, as Linux would file them; what the ports remember of sockets gone by is lost. */
function portsFrom(sockets: readonly SpecSocket[]): Record<number, PortCache> {
  const ports: Record<number, PortCache> = {};
  for (const { transport, local, named } of sockets) {
    if (transport !== 'tcp' || local.port === 0) continue;
    const known = ports[local.port] ?? { reusePort: null, connectOnly: true, addresses: {} };
    const connectOnly = named.byConnect && (known.addresses[local.address] ?? true);
    ports[local.port] = {
      reusePort: null,
      connectOnly: known.connectOnly && connectOnly,
      addresses: { ...known.addresses, [local.address]: connectOnly },
    };
  }
  return ports;
}

function groupsFrom(sockets: readonly SocketSnapshot[]): Record<number, SpecGroup> {
  const groups: Record<number, SpecGroup> = {};
  const members = sockets.filter((one) => one.reusePortGroup !== null);
  for (const { reusePortGroup } of members) {
    if (reusePortGroup === null || groups[reusePortGroup.group] !== undefined) continue;
    const own = members.filter((one) => one.reusePortGroup?.group === reusePortGroup.group);
    own.sort((a, b) => (a.reusePortGroup?.index ?? 0) - (b.reusePortGroup?.index ?? 0));
    const hasConnections = own.some((one) => one.reusePortGroup?.hasConnections === true);
    groups[reusePortGroup.group] = { members: own.map((one) => one.id), hasConnections };
  }
  return groups;
}
