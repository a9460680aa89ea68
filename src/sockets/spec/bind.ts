/**
 * bind(2): the checks in the profile's order, then the conflict with those who hold the port, or the choice of a free
 * one. L14, L18, L19; F8.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { defined } from '../profile.ts';
import { kindOf } from './host.ts';
import { moveTo, takePort } from './moves.ts';
import type { BindRequest, Oracle, SpecProfile } from './profile.ts';
import { because } from './rule.ts';
import { ANY, type SpecSocket, type SpecState } from './state.ts';
import { known, type Step, step, take, type Work } from './step.ts';

export interface BindCall {
  readonly socket: number;
  readonly address: string;
  readonly port: number;
  /** Effective user id; 0 (everything allowed) unless given. */
  readonly uid?: number;
  /** Address family and length as passed, for odd ones: 2 (AF_INET) and 16 unless given. */
  readonly family?: number;
  readonly length?: number;
}

export function bind(state: SpecState, call: BindCall, profile: SpecProfile, oracle: Oracle): Step {
  return step(state, (work) => {
    const socket = known(state, call.socket);
    const request: BindRequest = { uid: 0, family: 2, length: 16, ...call, socket };
    for (const check of profile.bindChecks) {
      const refusal = check(state, request);
      if (refusal === null) continue;
      work.reasons.push(...refusal.reasons);
      return refusal.errno;
    }
    const named = { ...socket, local: { address: call.address, port: call.port } };
    const port = portFor(work, state, named, profile, oracle);
    if (typeof port === 'number') return commit(work, state, request, port, profile);
    const refused = take(work.draft, socket.id);
    refused.local.address = ANY;
    refused.source = ANY;
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
    return port ?? defined(profile, profile.ephemeral, 'ephemeral ports').bindExhausted;
  }
  const verdict = profile.mayBind(state, named, false);
  work.reasons.push(...verdict.reasons);
  if (verdict.refusal === null) return named.local.port;
  work.reasons.push(...verdict.refusal.reasons);
  return verdict.refusal.errno;
}

function commit(work: Work, state: SpecState, request: BindRequest, port: number, profile: SpecProfile): 0 {
  const socket = take(work.draft, request.socket.id);
  const kind = kindOf(state.host, request.address);
  moveTo(work.draft, profile, socket, request.address);
  socket.source = kind === 'broadcast' || kind === 'multicast' ? ANY : request.address;
  if (port !== 0) takePort(work.draft, profile, socket, port, 'bind');
  socket.shownPort = port;
  if (kind !== 'any') socket.named.address = true;
  if (request.port !== 0) socket.named.port = true;
  socket.remote = null;
  return 0;
}
