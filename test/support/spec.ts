/** The specification in tests: the host of the recorded cases, programs played on it, snapshots of it. */
import type { Operation } from '../../src/conformance/sockets/case.ts';
import { SpecCase } from '../../src/conformance/sockets/spec-case.ts';
import { UndefinedByProfile } from '../../src/sockets/profile.ts';
import { makeHost, type SpecHost } from '../../src/sockets/spec/host.ts';
import type { Oracle, SpecProfile } from '../../src/sockets/spec/profile.ts';
import { linux } from '../../src/sockets/spec/profiles/linux.ts';
import type { HostSnapshot, SocketSnapshot } from '../../src/sockets/spec/snapshot.ts';
import type { SpecSocket, SpecState } from '../../src/sockets/spec/state.ts';

/** lo, eth0 with two addresses, eth1 with one. */
export function corpusHost(rest: Partial<SpecHost> = {}): SpecHost {
  return makeHost(
    [
      { name: 'lo', loopback: true, addresses: ['127.0.0.1/8', '::1/128'] },
      {
        name: 'eth0',
        loopback: false,
        addresses: ['10.0.0.1/24', '10.0.0.2/24', 'fd00::2/64', 'fd00::1/64'],
      },
      { name: 'eth1', loopback: false, addresses: ['10.0.1.1/24', 'fd01::1/64'] },
    ],
    rest,
  );
}

/** The lowest port, the first member. */
export const LOWEST: Oracle = {
  port: (allowed) => allowed.lowest() ?? 0,
  member: (allowed) => allowed[0]!,
};

/** Runs a program on the specification, up to the first call that the profile does not define. */
export function playSpec(operations: readonly Operation[], profile: SpecProfile = linux): SpecCase {
  const made = new SpecCase({ id: '', sysctls: {}, ports: {}, operations, results: [] }, profile);
  try {
    for (const operation of operations) made.step(operation, 0);
  } catch (error) {
    if (!(error instanceof UndefinedByProfile)) throw error;
  }
  return made;
}

/** What a machine with these sockets would show of itself. */
export function snapshotOf(state: SpecState, profile: SpecProfile = linux): HostSnapshot {
  return {
    host: 'dut',
    profile: profile.name,
    interfaces: state.host.interfaces.map(({ name, loopback, addresses }) => ({
      name,
      loopback,
      addresses: addresses.map((one) => `${one.address}/${one.length}`),
    })),
    sockets: state.sockets.map((one) => snapshotOfSocket(state, one)),
    handshakes: state.requests,
  };
}

function snapshotOfSocket(state: SpecState, one: SpecSocket): SocketSnapshot {
  const group = state.groups[one.group];
  return {
    id: one.id,
    process: one.process,
    fd: one.fd,
    kind: one.family === 6 ? `${one.transport}6` : one.transport,
    life: one.life,
    state: one.state,
    local: one.local,
    remote: one.remote,
    lastPeer: one.lastPeer,
    device: one.device,
    uid: one.uid,
    reuseAddr: one.options.reuseAddr,
    reusePort: one.options.reusePort,
    reusePortLb: one.options.reusePortLb,
    broadcast: one.options.broadcast,
    multicastAll: one.options.multicastAll,
    multicastAll6: one.options.multicastAll6,
    v6Only: one.v6Only,
    memberships: one.memberships,
    reusePortGroup:
      group === undefined
        ? null
        : { group: one.group, index: group.members.indexOf(one.id), hasConnections: group.hasConnections },
    boundAddress: one.named.address,
    boundPort: one.named.port,
    filedAs: filedAs(one.quadSlot),
    order: { bound: one.order.listed, listening: one.order.listening, connected: one.order.connected },
    backlog: one.backlog,
    acceptQueue: one.acceptQueue.length,
    synQueue: 0,
    listener: one.listener,
  };
}

/** The two ends in a quadKey. */
function filedAs(quadSlot: string): SocketSnapshot['filedAs'] {
  if (quadSlot === '') return null;
  const [local, remote] = quadSlot.split(' ').map((text) => {
    const colon = text.lastIndexOf(':');
    return { address: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
  });
  return { local: local!, remote: remote! };
}
