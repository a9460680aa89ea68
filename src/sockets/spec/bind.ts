/**
 * bind(2): the checks in the profile's order, then the conflict with those who hold the port, or the choice of a free
 * one. L14, L18, L19; F8.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { exhausted } from '../profile.ts';
import { anyOf, familyOf, isAny, unmapped } from './address.ts';
import { kindOf } from './host.ts';
import { type OddAddress, sockaddrOf } from './inet6.ts';
import { moveTo, takePort } from './moves.ts';
import type { BindRequest, Oracle, SpecProfile } from './profile.ts';
import { because } from './rule.ts';
import type { SpecSocket, SpecState } from './state.ts';
import { known, type Step, step, take, type Work } from './step.ts';

export interface BindCall extends OddAddress {
  readonly socket: number;
  readonly address: string;
  readonly port: number;
  /** Effective user id; 0 (everything allowed) unless given. */
  readonly uid?: number;
}

export function bind(state: SpecState, call: BindCall, profile: SpecProfile, oracle: Oracle): Step {
  return step(state, (work) => {
    const socket = known(state, call.socket);
    const request: BindRequest = { uid: 0, ...sockaddrOf(call.address), ...call, socket };
    const checks = socket.family === 6 ? (profile.bindChecks6 ?? []) : profile.bindChecks;
    for (const check of checks) {
      const refusal = check(state, request);
      if (refusal === null) continue;
      work.reasons.push(...refusal.reasons);
      return refusal.errno;
    }
    const address = unmapped(call.address);
    const v6Only = socket.v6Only || (familyOf(address) === 6 && !isAny(address)); // L38
    const named = { ...socket, v6Only, local: { address, port: call.port } };
    const port = portFor(work, state, named, profile, oracle);
    if (typeof port === 'number') return commit(work, state, named, port, profile);
    const refused = take(work.draft, socket.id);
    refused.local.address = anyOf(socket.family);
    refused.source = anyOf(socket.family);
    return port;
  });
}

/** A port for a socket without one; `named.local` has the address it is, or will be, bound to. */
export function choosePort(
  work: Work,
  state: SpecState,
  named: SpecSocket,
  profile: SpecProfile,
  oracle: Oracle,
): number | null {
  const { choice, reason } = profile.freePorts(state, named);
  work.reasons.push(reason);
  return choice.lowest() === null ? null : oracle.port(choice, named);
}

function portFor(
  work: Work,
  state: SpecState,
  named: SpecSocket,
  profile: SpecProfile,
  oracle: Oracle,
): number | ErrnoName {
  if (named.local.port === 0) {
    if (named.options.bindAddressNoPort) {
      work.reasons.push(because('L19'));
      return 0;
    }
    const port = choosePort(work, state, named, profile, oracle);
    return port ?? exhausted(profile, 'bindExhausted');
  }
  const verdict = profile.mayBind(state, named, false);
  work.reasons.push(...verdict.reasons);
  if (verdict.refusal === null) return named.local.port;
  work.reasons.push(...verdict.refusal.reasons);
  return verdict.refusal.errno;
}

/** @param named the socket with the name that it asked for */
function commit(work: Work, state: SpecState, named: SpecSocket, port: number, profile: SpecProfile): 0 {
  const socket = take(work.draft, named.id);
  const { address, port: wanted } = named.local;
  socket.v6Only = named.v6Only;
  moveTo(work.draft, profile, socket, address);
  socket.source = canSend(state, named) ? address : anyOf(named.family);
  if (port !== 0) takePort(work.draft, profile, socket, port, 'bind');
  socket.shownPort = port;
  if (address !== anyOf(named.family)) socket.named.address = true; // ::ffff:0.0.0.0 is a name
  if (wanted !== 0) socket.named.port = true;
  // AF_INET6 does not forget whom TCP once aimed at.
  const aimed = socket.family === 6 && socket.transport === 'tcp' ? socket.remote : null;
  socket.remote = aimed === null ? null : { ...aimed, port: 0 };
  return 0;
}

/** Nobody sends from a broadcast or group address; but one that was given mapped stays the source. */
function canSend({ host }: SpecState, { family, local }: SpecSocket): boolean {
  const kind = kindOf(host, local.address);
  const isMany = kind === 'broadcast' || kind === 'multicast';
  return !isMany || familyOf(local.address) !== family;
}
