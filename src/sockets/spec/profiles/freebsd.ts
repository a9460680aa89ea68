/** FreeBSD (main, 2025): rules F1 to F14, assembled. */
import { FREEBSD } from '../../profiles.ts';
import { bestHolder, isUnconnected, mayBindFreebsd, sharesAtAll } from '../freebsd/conflict.ts';
import { lookupFreebsd, lookupFreebsdListener } from '../freebsd/lookup.ts';
import { kindOf } from '../host.ts';
import { R18Length } from '../other-systems/bind.ts';
import { portChoice } from '../port-choice.ts';
import type { BindCheck, SpecPacket, SpecProfile } from '../profile.ts';
import { because } from '../rule.ts';
import { ANY, holdersOf, overlap, type SpecSocket, type SpecState } from '../state.ts';
import { tick } from '../step.ts';

/** F8: the checks before conflicts. */
const F8Unbound: BindCheck = (_, { socket }) =>
  socket.local.port !== 0 || socket.local.address !== ANY || isSpent(socket)
    ? { errno: 'EINVAL', reasons: [because('F8', 'it is bound already')] }
    : null;

/** F14: its connection is over. */
function isSpent({ transport, phase }: SpecSocket): boolean {
  return transport === 'tcp' && phase !== 'unconnected';
}

const F8Family: BindCheck = (state, { family, address, socket }) => {
  const isGroup = kindOf(state.host, address) === 'multicast' && socket.transport === 'tcp';
  if ((family === 2 || (family === 0 && address === ANY)) && !isGroup) return null;
  return {
    errno: 'EAFNOSUPPORT',
    reasons: [because('F8', isGroup ? 'TCP and a group address' : `family ${family}`)],
  };
};

const F8Address: BindCheck = (state, { address }) =>
  kindOf(state.host, address) === 'foreign'
    ? { errno: 'EADDRNOTAVAIL', reasons: [because('F8', `${address} is no address of this host`)] }
    : null;

const F8Privilege: BindCheck = (state, { port, uid }) =>
  port !== 0 && port < state.host.unprivilegedPortStart && uid !== 0
    ? { errno: 'EACCES', reasons: [because('F8', `port ${port} needs privilege`)] }
    : null;

export const freebsd: SpecProfile = {
  ...FREEBSD,
  bindChecks: [R18Length, F8Unbound, F8Family, F8Address, F8Privilege],
  mayBind: (state, socket) => mayBindFreebsd(state, socket),
  freePorts: (state, socket) => {
    const choice = portChoice([rangeOf(state)], (port) => {
      const named = { ...socket, local: { ...socket.local, port } };
      return bestHolder(named, holdersOf(state, socket.transport, port), !sharesAtAll(socket)) === null;
    });
    return { choice, reason: because('F12') };
  },
  connectPorts: (state, socket) => {
    const usable = (port: number) =>
      holdersOf(state, socket.transport, port).every((one) => F12Spares(one, socket));
    return { choice: portChoice([rangeOf(state)], usable), reason: because('F12') };
  },
  quadHolder: (state, socket) => {
    const found = lookupFreebsd(state, incoming(socket, socket.local.port));
    return { held: found.deciding.rule === 'F1' && found.receivers[0] !== socket.id, takes: null };
  },
  lookup: lookupFreebsd,
  lookupListener: lookupFreebsdListener,
  portTaken: () => {},
  portReleased: () => {},
  addressMoved: (draft, socket) => {
    if (socket.transport === 'udp') socket.order.listed = tick(draft);
  },
  deviceChanged: () => {},
  startedListening: () => {},
  stoppedListening: () => {},
  udpConnected: (draft, socket) => {
    socket.order.listed = tick(draft);
  },
  /** F13: the address goes, the port number stays, and the socket is out of the lists until the next connect(). */
  udpDisconnected: (_, socket) => {
    socket.local.address = ANY;
    socket.source = ANY;
    socket.order.listed = 0;
  },
};

function rangeOf(state: SpecState): { first: number; step: number; count: number } {
  const [first, last] = state.host.portRange ?? [FREEBSD.ephemeral?.first ?? 0, FREEBSD.ephemeral?.last ?? 0];
  return { first, step: 1, count: last - first + 1 };
}

/** F12: connect() may share a port with connections to elsewhere, and with nobody who takes packets from anybody. */
function F12Spares(holder: SpecSocket, socket: SpecSocket): boolean {
  if (isUnconnected(holder)) return !overlap(holder.local.address, socket.local.address);
  return (
    holder.local.address !== socket.local.address ||
    holder.remote?.address !== socket.remote?.address ||
    holder.remote?.port !== socket.remote?.port
  );
}

/** The packet that a connection with this local port would receive. */
function incoming(socket: SpecSocket, port: number): SpecPacket {
  return {
    transport: socket.transport,
    src: socket.remote?.address ?? ANY,
    srcPort: socket.remote?.port ?? 0,
    dst: socket.local.address,
    dstPort: port,
    device: socket.device ?? '',
    flags: 'ack',
    isNewer: false,
  };
}
