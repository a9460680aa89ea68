/**
 * listen(2) and accept(2). L17: Linux repeats the conflict check, so that of two that may bind only one may listen; F11:
 * FreeBSD does not.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { defined, exhausted } from '../profile.ts';
import { choosePort } from './bind.ts';
import { L5Place, takePort } from './moves.ts';
import { acceptReset, backlogBy, mayNotListen } from './other-systems/listen.ts';
import type { Oracle, SpecProfile } from './profile.ts';
import { because } from './rule.ts';
import type { SpecState } from './state.ts';
import { known, type Step, step, take, type Work } from './step.ts';

export interface ListenCall {
  readonly socket: number;
  readonly backlog: number;
}

export function listen(state: SpecState, call: ListenCall, profile: SpecProfile, oracle: Oracle): Step {
  return step(state, (work) => {
    const before = known(state, call.socket);
    if (before.transport === 'udp') return 'EOPNOTSUPP';
    const isLinux = profile.name === 'linux';
    const refused = isLinux ? null : mayNotListen(before, profile);
    if (refused !== null) return refused;
    const mayListen =
      before.phase === 'unconnected' && (before.state === 'CLOSED' || before.state === 'LISTEN');
    if (!mayListen) return 'EINVAL';
    const socket = take(work.draft, call.socket);
    // A negative backlog is a very large one.
    const wanted = call.backlog < 0 ? state.host.maxBacklog : call.backlog;
    const most = state.host.maxBacklog;
    socket.backlog = isLinux ? Math.min(wanted, most) : backlogBy(call.backlog, most, profile);
    if (before.state === 'LISTEN') return 0;
    if (before.local.port === 0) return listenUnbound(work, state, call, profile, oracle);
    if (defined(profile, profile.listenChecksAgain, 'whether listen() may be refused a bound port')) {
      const verdict = profile.mayBind(state, before, true);
      work.reasons.push(...verdict.reasons);
      if (verdict.refusal !== null) {
        work.reasons.push(...verdict.refusal.reasons);
        return verdict.refusal.errno;
      }
    } else work.reasons.push(because('F11'));
    return begin(work, call.socket, profile);
  });
}

export interface Accepted {
  /** The child: open from now on. */
  readonly socket: number;
}

export interface AcceptCall {
  readonly socket: number;
  /** Effective user id; 0 unless given. */
  readonly uid?: number;
}

/** The oldest completed connection. K44: it belongs to whoever accepts it. */
export function accept(state: SpecState, call: AcceptCall, profile: SpecProfile): Step<Accepted> {
  return step<Accepted>(state, (work) => {
    const listener = take(work.draft, call.socket);
    if (listener.transport === 'udp') return profile.calls.acceptOnUdp;
    if (listener.state !== 'LISTEN') return 'EINVAL';
    const id = listener.acceptQueue.shift();
    if (id === undefined) return 'EAGAIN';
    const reset = profile.name === 'linux' ? null : acceptReset(work, id, profile);
    if (reset !== null) return reset;
    const child = take(work.draft, id);
    child.life = 'open';
    child.uid = call.uid ?? 0;
    child.phase = 'connected';
    return { socket: id };
  });
}

function listenUnbound(
  work: Work,
  state: SpecState,
  call: ListenCall,
  profile: SpecProfile,
  oracle: Oracle,
): 0 | ErrnoName {
  const mode = defined(profile, profile.listenUnbound, 'listen() on an unbound socket');
  if (mode !== 'autobind') return mode;
  const port = choosePort(work, state, known(state, call.socket), profile, oracle);
  if (port === null) return profile.name === 'linux' ? 'EADDRINUSE' : exhausted(profile, 'bindExhausted');
  takePort(work.draft, profile, take(work.draft, call.socket), port, 'listen');
  return begin(work, call.socket, profile);
}

function begin(work: Work, id: number, profile: SpecProfile): 0 {
  const socket = take(work.draft, id);
  socket.state = 'LISTEN';
  socket.shownPort = socket.local.port;
  socket.order.listening = L5Place(work.draft, socket);
  socket.acceptQueue = [];
  profile.startedListening(work.draft, socket);
  return 0;
}
