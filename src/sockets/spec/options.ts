/** socket(2), setsockopt(2) and ownership: what later calls and lookups read. */
import type { ErrnoName } from '../../network/errno.ts';
import type { IpFamily } from '../../packet/ip-address.ts';
import { defined, type ProfileName } from '../profile.ts';
import { isOurs, kindOf, ownerOf } from './host.ts';
import type { SpecProfile } from './profile.ts';
import { newSocket, type SpecOptions, type SpecState, type Transport } from './state.ts';
import { type DraftSocket, type Step, step, take } from './step.ts';

export interface SocketCall {
  readonly transport: Transport;
  /** AF_INET (4) unless given. */
  readonly family?: IpFamily;
  /** Owner; 0 unless given. */
  readonly uid?: number;
}

/** socket(2). @returns the id of the new socket */
export function openSocket(state: SpecState, call: SocketCall, profile: SpecProfile): Step {
  const { transport, family = 4, uid = 0 } = call;
  if (family === 6) defined(profile, profile.bindChecks6 ?? null, 'IPv6 sockets');
  return step(state, ({ draft }) => {
    const id = draft.nextId;
    draft.nextId += 1;
    draft.sockets.push(newSocket(id, transport, uid, family) as DraftSocket);
    return id;
  });
}

/** An option by the name without `SO_` or `IP_`, as in `REUSEADDR`; lists and texts for those that take them. */
export interface OptionCall {
  readonly socket: number;
  readonly name: string;
  readonly value: number | string | readonly [group: string, address: string];
}

const FLAGS: Readonly<Record<string, keyof SpecOptions>> = {
  REUSEADDR: 'reuseAddr',
  REUSEPORT: 'reusePort',
  REUSEPORT_LB: 'reusePortLb',
  EXCLUSIVEADDRUSE: 'exclusive',
  BROADCAST: 'broadcast',
  FREEBIND: 'freebind',
  TRANSPARENT: 'transparent',
  BIND_NO_PORT: 'bindAddressNoPort',
  MULTICAST_ALL: 'multicastAll',
  MULTICAST_ALL6: 'multicastAll6',
  RECVERR: 'recvErr',
};

/** Options that not every system has. */
const SYSTEMS: Readonly<Record<string, readonly ProfileName[]>> = {
  REUSEPORT: ['linux', 'freebsd'],
  REUSEPORT_LB: ['freebsd'],
  EXCLUSIVEADDRUSE: ['windows'],
  FREEBIND: ['linux'],
  TRANSPARENT: ['linux'],
  BIND_NO_PORT: ['linux'],
  MULTICAST_ALL: ['linux'],
  RECVERR: ['linux'],
  BINDTODEVICE: ['linux'],
  LOCAL_PORT_RANGE: ['linux'],
};

/** @returns 0, the errno, or ENOPROTOOPT for an option that decides nothing here */
export function setOption(state: SpecState, call: OptionCall, profile: SpecProfile): Step {
  return step(state, ({ draft }) => {
    const socket = take(draft, call.socket);
    if (!(SYSTEMS[call.name] ?? [profile.name]).includes(profile.name)) return 'ENOPROTOOPT';
    if (call.name === 'MULTICAST_ALL' && call.value !== 0 && call.value !== 1) return 'EINVAL';
    const flag = FLAGS[call.name];
    if (flag !== undefined) {
      Object.assign(socket.options, { [flag]: call.value !== 0 });
      return 0;
    }
    switch (call.name) {
      case 'LINGER':
        socket.options.linger = Number(call.value) < 0 ? null : Number(call.value);
        return 0;
      case 'BINDTODEVICE':
        if (!hasDevice(state, String(call.value))) return 'ENODEV';
        socket.device = call.value === '' ? null : String(call.value);
        if (socket.astray !== null) socket.astray.cached = false;
        profile.deviceChanged(draft, socket);
        return 0;
      case 'V6ONLY':
        return setV6Only(socket, call.value !== 0);
      case 'LOCAL_PORT_RANGE':
        return setPortRange(socket, Number(call.value));
      case 'JOIN':
        return join(state, socket, call.value);
      default:
        return 'ENOPROTOOPT';
    }
  });
}

/** fchown(2) of the descriptor: SO_REUSEPORT compares owners. */
export function setOwner(state: SpecState, call: { readonly socket: number; readonly uid: number }): Step {
  return step(state, ({ draft }) => {
    take(draft, call.socket).uid = call.uid;
    return 0;
  });
}

/** Reads and clears the pending error (SO_ERROR). */
export function takeError(state: SpecState, call: { readonly socket: number }): Step<ErrnoName | 0> {
  return step<ErrnoName | 0>(state, ({ draft }) => {
    const socket = take(draft, call.socket);
    const errno = socket.error;
    socket.error = null;
    return errno ?? 0;
  });
}

/** L38: once the socket has a port its family cannot change any more. */
function setV6Only(socket: DraftSocket, value: boolean): 0 | ErrnoName {
  if (socket.family === 4) return 'ENOPROTOOPT';
  if (socket.local.port !== 0) return 'EINVAL';
  socket.v6Only = value;
  return 0;
}

/** @param bits upper bound in the high 16 bits, lower in the low ones; 0 = none */
function setPortRange(socket: DraftSocket, bits: number): 0 | ErrnoName {
  const [low, high] = [bits & 0xffff, bits >>> 16];
  if (low !== 0 && high !== 0 && low > high) return 'EINVAL';
  socket.options.portRange = bits === 0 ? null : [low, high];
  return 0;
}

function hasDevice(state: SpecState, name: string): boolean {
  return name === '' || state.host.interfaces.some((one) => one.name === name);
}

function join(state: SpecState, socket: DraftSocket, value: OptionCall['value']): 0 | ErrnoName {
  if (socket.transport === 'tcp') return 'EPROTO';
  if (typeof value !== 'object') return 'EINVAL';
  const [group, address] = value;
  if (kindOf(state.host, group) !== 'multicast') return 'EINVAL';
  const device = isOurs(state.host, address) ? ownerOf(state.host, address) : null;
  if (device === null) return 'ENODEV';
  if (socket.memberships.some((one) => one.group === group && one.device === device)) return 'EADDRINUSE';
  socket.memberships.push({ group, device });
  return 0;
}
