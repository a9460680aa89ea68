/**
 * FreeBSD: which sockets stand in the way of a bind (in_pcbbind_setup, in_pcblookup_local). F9 asks who owns the port,
 * F10 whether the two may share it. What the holder has set matters only for SO_REUSEPORT and SO_REUSEPORT_LB.
 */
import { kindOf } from '../host.ts';
import type { PortVerdict } from '../profile.ts';
import { because, type Reason } from '../rule.ts';
import { ANY, endpointText, holdersOf, overlap, type SpecSocket, type SpecState } from '../state.ts';

/** bind() of either transport to a given port. `socket.local` is what it would be. */
export function mayBindFreebsd(state: SpecState, socket: SpecSocket): PortVerdict {
  const holders = holdersOf(state, socket.transport, socket.local.port).filter((one) => one.id !== socket.id);
  const isGroup = kindOf(state.host, socket.local.address) === 'multicast';
  const refused = (isGroup ? null : F9Owner(socket, holders)) ?? F10Share(socket, holders, isGroup);
  if (refused === null) return { refusal: null, reasons: [because('F10')] };
  return { refusal: { errno: 'EADDRINUSE', reasons: [refused] }, reasons: [] };
}

/** Any of the three options: the wildcard is then not in the way of a specific address, nor the other way round. */
export function sharesAtAll(socket: SpecSocket): boolean {
  const { reuseAddr, reusePort, reusePortLb } = socket.options;
  return reuseAddr || reusePort || reusePortLb;
}

/** The holder that in_pcblookup_local finds: exact and unconnected before wildcards and connections. */
export function bestHolder(
  socket: SpecSocket,
  holders: readonly SpecSocket[],
  wildcards: boolean,
): SpecSocket | null {
  const newestFirst = [...holders].sort((a, b) => b.order.bound - a.order.bound);
  if (!wildcards) {
    const exact = newestFirst.find((one) => isUnconnected(one) && one.local.address === socket.local.address);
    return exact ?? null;
  }
  const distance = (one: SpecSocket) =>
    (isUnconnected(one) ? 0 : 1) + (one.local.address === socket.local.address ? 0 : 1);
  const meeting = newestFirst.filter((one) => overlap(one.local.address, socket.local.address));
  return meeting.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

/** F9: another user's port. Root (uid 0) may. */
function F9Owner(socket: SpecSocket, holders: readonly SpecSocket[]): Reason | null {
  if (socket.uid === 0) return null;
  const holder = bestHolder(socket, holders, true);
  if (holder === null || holder.uid === socket.uid) return null;
  if (socket.transport === 'tcp' && !isUnconnected(holder)) return null;
  const bothAny = holder.local.address === ANY && socket.local.address === ANY;
  if (bothAny && holder.options.reusePortLb && !holder.options.reusePort) return null;
  return because('F9', `#${holder.id} (${endpointText(holder.local)}) belongs to user ${holder.uid}`);
}

/** F10: with an option, only an unconnected holder of the very address counts, and sharing needs the same option on both. */
function F10Share(socket: SpecSocket, holders: readonly SpecSocket[], isGroup: boolean): Reason | null {
  const shares = sharesAtAll(socket);
  const holder = bestHolder(socket, holders, !shares);
  if (holder === null) return null;
  const name = `#${holder.id} (${endpointText(holder.local)})`;
  if (!shares) return because('F10', `${name} overlaps, and the new socket has no option to share`);
  const reusePort = socket.options.reusePort || (isGroup && socket.options.reuseAddr);
  const holderReusePort = holder.options.reusePort || (isGroup && holder.options.reuseAddr);
  if (reusePort && holderReusePort) return null;
  if (socket.options.reusePortLb && holder.options.reusePortLb) return null;
  return because('F10', `${name} has the very address, and not both have SO_REUSEPORT or SO_REUSEPORT_LB`);
}

export function isUnconnected(socket: SpecSocket): boolean {
  return socket.remote === null || socket.remote.port === 0;
}
