/**
 * One step of the specification: a reducer runs on a draft of the state (immer) and says the outcome and the reasons.
 * A step that fails may still have changed something: Linux leaves an autobound port behind (K18).
 */
import { createDraft, finishDraft, type Draft as ImmerDraft } from 'immer';
import type { ErrnoName } from '../../network/errno.ts';
import { invariant } from '../../sim/errors.ts';
import type { Reason } from './rule.ts';
import type { SpecEndpoint, SpecSocket, SpecState } from './state.ts';

export type Draft = ImmerDraft<SpecState>;
export type DraftSocket = Draft['sockets'][number];

/** A packet that a step sends. The specification does not carry it anywhere: the caller plays the network. */
export interface Emission {
  readonly kind: 'syn' | 'data' | 'fin' | 'rst' | 'datagram';
  /** Bytes of `data`; else 0. */
  readonly size: number;
  readonly from: SpecEndpoint;
  readonly to: SpecEndpoint;
  /** Device it leaves by; for a packet to the host itself the one that owns the destination. */
  readonly device: string;
  readonly route: 'local' | 'unicast' | 'broadcast' | 'multicast';
  readonly socket: number;
}

export interface Step<T = number> {
  readonly state: SpecState;
  /** 0 or a value, or the name of an errno. */
  readonly outcome: T | ErrnoName;
  readonly reasons: readonly Reason[];
  readonly emissions: readonly Emission[];
}

/** What a reducer has in hand while it runs. */
export interface Work {
  readonly draft: Draft;
  readonly reasons: Reason[];
  readonly emissions: Emission[];
}

/** Runs a reducer on a draft. */
export function step<T = number>(state: SpecState, reduce: (work: Work) => T | ErrnoName): Step<T> {
  const draft = createDraft(state);
  const work: Work = { draft, reasons: [], emissions: [] };
  const outcome = reduce(work);
  return { state: finishDraft(draft), outcome, reasons: work.reasons, emissions: work.emissions };
}

/** The socket in the draft. It must exist: callers speak of sockets they were given. */
export function take(draft: Draft, id: number): DraftSocket {
  const socket = draft.sockets.find((one) => one.id === id);
  invariant(socket !== undefined, `the specification has no socket ${id}`);
  return socket;
}

export function tick(draft: Draft): number {
  draft.clock += 1;
  return draft.clock;
}

export function remove(draft: Draft, socket: SpecSocket): void {
  const at = draft.sockets.findIndex((one) => one.id === socket.id);
  draft.sockets.splice(at, 1);
}

/** The socket as it was before the step. It must exist. */
export function known(state: SpecState, id: number): SpecSocket {
  const socket = state.sockets.find((one) => one.id === id);
  invariant(socket !== undefined, `the specification has no socket ${id}`);
  return socket;
}
