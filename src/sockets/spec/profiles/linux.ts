/**
 * Linux 6.18: rules L1-L42 and the rules K seen in recorded behaviour, assembled. The switches are in
 * `sockets/profiles.ts`, the rules in `spec/linux`.
 */
import { LINUX } from '../../profiles.ts';
import { anyOf, isAny } from '../address.ts';
import { BIND_CHECKS } from '../linux/bind-checks.ts';
import { BIND_CHECKS6 } from '../linux/bind-checks6.ts';
import { mayBindTcp, mayBindUdp } from '../linux/conflict.ts';
import { L8Join, leaveGroup } from '../linux/groups.ts';
import { lookupListener, lookupTcp } from '../linux/lookup-tcp.ts';
import { lookupUdp } from '../linux/lookup-udp.ts';
import { forget, rememberBind, rememberChild, rememberConnect, rememberMove } from '../linux/port-cache.ts';
import { L18FreePorts, L20ConnectPorts, L22FreeQuad, L26FreePorts } from '../linux/ports.ts';
import { L5Place, releasePort } from '../moves.ts';
import type { SpecProfile } from '../profile.ts';
import { because } from '../rule.ts';
import { quadKey } from '../state.ts';
import { type Draft, type DraftSocket, tick } from '../step.ts';

export const linux: SpecProfile = {
  ...LINUX,
  bindChecks: BIND_CHECKS,
  bindChecks6: BIND_CHECKS6,
  mayBind: (state, socket, listening) =>
    socket.transport === 'tcp' ? mayBindTcp(state, socket, listening) : mayBindUdp(state, socket),
  freePorts: (state, socket) =>
    socket.transport === 'tcp'
      ? { choice: L18FreePorts(state, socket), reason: because('L18') }
      : { choice: L26FreePorts(state, socket), reason: because('L26') },
  connectPorts: (state, socket) => ({ choice: L20ConnectPorts(state, socket), reason: because('L20') }),
  quadHolder: (state, socket) => {
    const holder = L22FreeQuad(state, socket, socket.local.port);
    if (holder === null) return { held: false, takes: null };
    const givesWay = holder !== 'request' && holder.life === 'time-wait' && holder.timestamps; // L13
    return givesWay ? { held: false, takes: holder.id } : { held: true, takes: null };
  },
  lookup: (state, packet) => (packet.transport === 'udp' ? lookupUdp : lookupTcp)(state, packet),
  lookupListener,
  portTaken: (draft, socket, how) => {
    if (socket.transport === 'udp') {
      if (socket.options.reusePort) L8Join(draft, socket);
    } else if (how === 'connect') rememberConnect(draft, socket);
    else if (how === 'accept') rememberChild(draft, socket);
    else rememberBind(draft, socket);
  },
  portReleased: (draft, socket, port, address) => {
    leaveGroup(draft, socket);
    if (socket.transport === 'tcp') forget(draft, port, address);
  },
  addressMoved: (draft, socket, from) => {
    if (socket.transport === 'tcp') rememberMove(draft, socket, from);
    else {
      rehash(draft, socket);
      socket.order.listed = L5Place(draft, socket);
    }
  },
  deviceChanged: (draft, socket) => {
    if (socket.transport === 'udp' && socket.local.port !== 0) rehash(draft, socket);
  },
  startedListening: (draft, socket) => {
    rememberBind(draft, socket);
    if (socket.options.reusePort) L8Join(draft, socket);
  },
  stoppedListening: leaveGroup,
  udpConnected,
  udpDisconnected,
};

/**
 * L29, L30: a UDP socket with another address or device leaves its group for good, and the table of connected sockets
 * files it anew under the peer it has at that moment (udp_lib_rehash).
 */
function rehash(draft: Draft, socket: DraftSocket): void {
  leaveGroup(draft, socket);
  if (socket.quadSlot === '') return;
  const slot = quadKey(socket.local, socket.remote ?? { address: anyOf(socket.family), port: 0 });
  if (slot === socket.quadSlot) return;
  socket.quadSlot = slot;
  socket.order.connected = tick(draft);
}

/**
 * L27 (a), L30: into the table of connected sockets. A socket that is in it already keeps its old place even when the
 * peer is another now: it is then found by its score only.
 */
function udpConnected(draft: Draft, socket: DraftSocket): void {
  const group = draft.groups[socket.group];
  if (group !== undefined) group.hasConnections = true;
  if (socket.quadSlot !== '' || socket.remote === null || isAny(socket.local.address)) return;
  leaveGroup(draft, socket);
  socket.quadSlot = quadKey(socket.local, socket.remote);
  socket.order.connected = tick(draft);
}

/** L35: device, address and port, unless bind() named them. */
function udpDisconnected(draft: Draft, socket: DraftSocket): void {
  socket.device = null;
  if (!socket.named.address) {
    const hadAddress = !isAny(socket.local.address);
    socket.local.address = anyOf(socket.family);
    socket.source = anyOf(socket.family);
    if (socket.named.port) rehash(draft, socket);
    if (socket.named.port && hadAddress) socket.order.listed = L5Place(draft, socket);
  }
  if (socket.named.port) return;
  releasePort(draft, linux, socket);
  socket.shownPort = 0;
}
