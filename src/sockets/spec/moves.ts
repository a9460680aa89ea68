/**
 * The small changes that the calls are made of: a socket takes a port, gives it back, moves to another address, enters
 * or leaves the table of connections. Each keeps the profile's side tables right.
 */
import type { SpecProfile } from './profile.ts';
import type { SpecEndpoint } from './state.ts';
import { type Draft, type DraftSocket, remove, tick } from './step.ts';

/** The port is its own from now on. */
export function takePort(
  draft: Draft,
  profile: SpecProfile,
  socket: DraftSocket,
  port: number,
  how: 'bind' | 'listen' | 'connect' | 'accept',
): void {
  socket.local.port = port;
  socket.shownPort = port;
  socket.order.bound = L5Place(draft, socket);
  socket.order.listed = socket.order.bound;
  socket.named.byConnect = how === 'connect';
  profile.portTaken(draft, socket, how);
}

/** L5, L28: a socket goes to the front of its list; an AF_INET6 one with SO_REUSEPORT to the end. Lists run from high to low. */
export function L5Place(draft: Draft, { family, options }: DraftSocket): number {
  const now = tick(draft);
  return family === 6 && options.reusePort ? -now : now;
}

/** K17: gives the port back; getsockname() goes on showing it until something writes there. */
export function releasePort(draft: Draft, profile: SpecProfile, socket: DraftSocket): void {
  const { port, address } = socket.local;
  if (port === 0) return;
  socket.local.port = 0;
  socket.order.bound = 0;
  socket.order.listed = 0;
  socket.named.byConnect = false;
  socket.quadSlot = '';
  profile.portReleased(draft, socket, port, address);
}

/** The local address that packets must match becomes another one. */
export function moveTo(draft: Draft, profile: SpecProfile, socket: DraftSocket, address: string): void {
  const from = socket.local.address;
  socket.local.address = address;
  if (from !== address && socket.local.port !== 0) profile.addressMoved(draft, socket, from);
}

/** TCP: into the table of connections. */
export function enterConnections(draft: Draft, socket: DraftSocket, remote: SpecEndpoint): void {
  socket.remote = { ...remote };
  socket.order.connected = tick(draft);
}

/**
 * TCP: the connection or listener is over (state CLOSED). A port that bind() did not name goes back, and a socket that
 * nobody holds is gone.
 */
export function becomeClosed(draft: Draft, profile: SpecProfile, socket: DraftSocket): void {
  if (socket.state === 'LISTEN') profile.stoppedListening(draft, socket);
  socket.state = 'CLOSED';
  socket.order.connected = 0;
  socket.order.listening = 0;
  // Other systems free the name with the connection, unless a failed attempt may be made anew (W2).
  const mayTryAgain = socket.phase === 'connecting' && profile.calls.connectAfterFailure === 'anew';
  if (profile.name !== 'linux' && !mayTryAgain) socket.named.port = false;
  if (!socket.named.port) releasePort(draft, profile, socket);
  if (socket.life === 'orphan' || socket.life === 'time-wait') destroy(draft, profile, socket);
}

/** The socket is no more. */
export function destroy(draft: Draft, profile: SpecProfile, socket: DraftSocket): void {
  if (socket.state === 'LISTEN') profile.stoppedListening(draft, socket);
  releasePort(draft, profile, socket);
  remove(draft, socket);
}
