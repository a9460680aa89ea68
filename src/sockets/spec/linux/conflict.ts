/**
 * Linux: which sockets stand in the way of a bind. L15 to L17 for TCP with the port's memory (K6) before it, L25
 * for UDP with the scan that ends early (K8).
 */
import { isAny } from '../address.ts';
import type { PortVerdict } from '../profile.ts';
import { because, type Reason } from '../rule.ts';
import {
  ANY,
  boundName,
  devicesMeet,
  endpointText,
  holdersOf,
  type SpecSocket,
  type SpecState,
} from '../state.ts';
import { isListedAt, L37Overlap } from './dual-stack.ts';
import { K6CachedReusePort } from './port-cache.ts';

/** More sockets than this on one port, and Linux's UDP asks the lists by address instead of the one by port. */
const CROWD = 10;

const FREE: PortVerdict = { refusal: null, reasons: [] };

/** bind() and listen() of a TCP socket to a given port. `socket.local` is what it would be. */
export function mayBindTcp(state: SpecState, socket: SpecSocket, listening: boolean): PortVerdict {
  const cache = state.ports[socket.local.port];
  if (cache === undefined) return FREE;
  const remembered = K6CachedReusePort(cache, socket);
  if (remembered !== null) return { refusal: null, reasons: [remembered] };
  const reasons: Reason[] = [];
  for (const holder of holdersOf(state, 'tcp', socket.local.port)) {
    if (holder.id === socket.id) continue;
    const { conflict, reason } = L15Conflict(socket, holder);
    if (conflict) {
      const why = listening ? [because('L17'), reason] : [reason];
      return { refusal: { errno: 'EADDRINUSE', reasons: why }, reasons: [] };
    }
    reasons.push(reason);
  }
  return { refusal: null, reasons };
}

export interface Weighed {
  readonly conflict: boolean;
  readonly reason: Reason;
}

/**
 * L15: the binder against one holder of the port, options as they are now.
 * @param sharing bind(0) shares a port by no option (L18)
 */
export function L15Conflict(binder: SpecSocket, holder: SpecSocket, sharing: boolean = true): Weighed {
  const apart = keptApart(binder, holder);
  if (apart !== null) return { conflict: false, reason: because('L15', apart) };
  const name = `#${holder.id} (${endpointText(holder.local)}, ${describe(holder)})`;
  const bothReuseAddr = binder.options.reuseAddr && holder.options.reuseAddr;
  if (bothReuseAddr && holder.state !== 'LISTEN') {
    return {
      conflict: !sharing,
      reason: because('L15', `${name}: SO_REUSEADDR on both, and it does not listen`),
    };
  }
  const bothReusePort = binder.options.reusePort && holder.options.reusePort;
  if (bothReusePort && (holder.life === 'time-wait' || holder.uid === binder.uid)) {
    return { conflict: !sharing, reason: because('L15', `${name}: SO_REUSEPORT on both, and one owner`) };
  }
  return { conflict: true, reason: because('L15', `${name} stands in the way: ${whyNot(binder, holder)}`) };
}

/** bind() of a UDP socket to a given port. */
export function mayBindUdp(state: SpecState, socket: SpecSocket): PortVerdict {
  const holders = holdersOf(state, 'udp', socket.local.port).filter((one) => one.id !== socket.id);
  const newestFirst = (of: (one: SpecSocket) => number) => (a: SpecSocket, b: SpecSocket) => of(b) - of(a);
  // A wildcard newcomer, which overlaps all addresses, is held against all of them (inet_use_hash2_on_bind).
  if (holders.length <= CROWD || isAny(socket.local.address)) {
    return K8Scan(socket, holders.sort(newestFirst((one) => one.order.bound)));
  }
  const listed = holders.sort(newestFirst((one) => one.order.listed));
  const at = (address: string) => listed.filter((one) => isListedAt(one, address));
  // A crowded port: by the sockets of the same address, then those of any; unless the address list is the longer one.
  if (at(socket.local.address).length > holders.length) {
    return K8Scan(socket, holders.sort(newestFirst((one) => one.order.bound)));
  }
  const first = K8Scan(socket, at(socket.local.address));
  if (first.refusal !== null) return first;
  return K8Scan(socket, at(ANY));
}

/** K8: newest first; the first that shares by SO_REUSEPORT ends the scan with success, any other in the way with failure. */
function K8Scan(binder: SpecSocket, holders: readonly SpecSocket[]): PortVerdict {
  for (const holder of holders) {
    const weighed = L25Conflict(binder, holder);
    if (weighed === null) continue;
    if (weighed.conflict) return { refusal: { errno: 'EADDRINUSE', reasons: [weighed.reason] }, reasons: [] };
    return { refusal: null, reasons: [because('K8'), weighed.reason] };
  }
  return FREE;
}

/** L25: the binder against one holder. @returns null when the holder is none of its business */
export function L25Conflict(binder: SpecSocket, holder: SpecSocket): Weighed | null {
  if (keptApart(binder, holder) !== null) return null;
  if (binder.options.reuseAddr && holder.options.reuseAddr) return null;
  const name = `#${holder.id} (${endpointText(holder.local)})`;
  const bothReusePort = binder.options.reusePort && holder.options.reusePort;
  if (bothReusePort && binder.group === 0 && holder.uid === binder.uid) {
    return { conflict: false, reason: because('L25', `${name}: SO_REUSEPORT on both, and one owner`) };
  }
  return { conflict: true, reason: because('L25', `${name} stands in the way: ${whyNot(binder, holder)}`) };
}

/** Different devices or different addresses: no packet could be for both. */
function keptApart(binder: SpecSocket, holder: SpecSocket): string | null {
  if (!devicesMeet(binder.device, holder.device)) return `#${holder.id} is bound to another device`;
  if (!L37Overlap(boundName(binder), boundName(holder))) return `#${holder.id} has another address`;
  return null;
}

function describe(holder: SpecSocket): string {
  return holder.life === 'time-wait' ? 'TIME-WAIT' : holder.state;
}

function whyNot(binder: SpecSocket, holder: SpecSocket): string {
  const a = binder.options;
  const b = holder.options;
  if (a.reuseAddr && b.reuseAddr) return 'it listens, and that ends SO_REUSEADDR';
  if (a.reusePort && b.reusePort) return `it belongs to user ${holder.uid}, not ${binder.uid}`;
  const some = a.reuseAddr || a.reusePort || b.reuseAddr || b.reusePort;
  return some ? 'an option on one side only does not help' : 'neither has an option to share';
}
