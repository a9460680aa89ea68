/**
 * A datagram or segment arrives: who gets it, and what goes back. The answer depends on sockets only; sequence numbers
 * are not looked at, except that a SYN to TIME-WAIT says whether its own is newer.
 */
import { IpAddress } from '../../packet/ip-address.ts';
import { invariant } from '../../sim/errors.ts';
import { arrivesAs, isLoopbackDevice, isOurs, kindOf, ownerOf } from './host.ts';
import { destroy } from './moves.ts';
import { timeWaitBy, timeWaitReason } from './other-systems/endings.ts';
import type { Lookup, Oracle, SpecPacket, SpecProfile } from './profile.ts';
import { routeTo } from './route.ts';
import { because, type Reason } from './rule.ts';
import type { SpecState } from './state.ts';
import { step, take, tick } from './step.ts';

/** What the sender sees: nothing, port unreachable, or the flags of a segment. */
export type Reply = 'none' | 'unreachable' | 'SA' | 'RA' | 'R' | 'A';

export interface Delivery {
  readonly state: SpecState;
  /** ids of the sockets that get it; for a SYN the listener. */
  readonly receivers: readonly number[];
  /** All that could have been `receivers[0]`; [] when there was no choice. */
  readonly allowed: readonly number[];
  readonly stage: Lookup['stage'] | 'dropped';
  readonly reply: Reply;
  /** id in `state.requests` of the handshake this segment belongs to; -1 otherwise. */
  readonly request: number;
  /** The SYN-ACK carries a SYN cookie: nothing is remembered, the ACK will bring it back (K43). */
  readonly cookie: boolean;
  readonly reasons: readonly Reason[];
  readonly lookup: Lookup | null;
}

export function deliver(
  state: SpecState,
  packet: SpecPacket,
  profile: SpecProfile,
  oracle: Oracle,
): Delivery {
  const kind = arrivesAs(state.host, packet);
  const dropped = (reason: Reason): Delivery => ({
    state,
    receivers: [],
    allowed: [],
    stage: 'dropped',
    reply: 'none',
    request: -1,
    cookie: false,
    reasons: [reason],
    lookup: null,
  });
  const isPushed = isLoopbackDevice(state.host, packet.device);
  if (!isPushed && !isOurs(state.host, packet.dst))
    return dropped(because('R1', `${packet.dst} is no address of this host`));
  const isOwn = kindOf(state.host, packet.src) === 'local';
  if (!isPushed && !isOwn && isLoopbackAddress(packet.dst)) return dropped(because('K46'));
  if (packet.transport === 'tcp' && (kind === 'broadcast' || kind === 'multicast'))
    return dropped(because('R4'));
  const lookup = choose(profile.lookup(state, packet), packet, oracle);
  if (packet.transport === 'tcp') return segment(state, packet, lookup, profile, oracle);
  // An ICMP error goes out from the address it is about: that must be one of ours.
  const isRefused = lookup.receivers.length === 0 && kindOf(state.host, packet.dst) === 'local';
  return { ...base(state, lookup), reply: isRefused ? 'unreachable' : 'none' };
}

function isLoopbackAddress(address: string): boolean {
  return IpAddress.parse(address).isLoopback;
}

/** Puts the oracle's choice first. */
function choose(lookup: Lookup, packet: SpecPacket, oracle: Oracle): Lookup {
  if (lookup.allowed.length === 0) return lookup;
  const chosen = oracle.member(lookup.allowed, packet);
  invariant(
    lookup.allowed.includes(chosen),
    `the oracle chose socket ${chosen}, not one of ${lookup.allowed.join()}`,
  );
  return { ...lookup, receivers: [chosen] };
}

function base(state: SpecState, lookup: Lookup): Delivery {
  return {
    state,
    receivers: lookup.receivers,
    allowed: lookup.allowed,
    stage: lookup.stage,
    reply: 'none',
    request: lookup.request,
    cookie: false,
    reasons: [lookup.deciding],
    lookup,
  };
}

function segment(
  state: SpecState,
  packet: SpecPacket,
  lookup: Lookup,
  profile: SpecProfile,
  oracle: Oracle,
): Delivery {
  const found = base(state, lookup);
  switch (lookup.stage) {
    case 'time-wait':
      return timeWait(state, packet, lookup, profile, oracle);
    case 'connection':
      // A SYN on a connection is answered by an ACK (R10), except that SYN-SENT takes it (R8).
      return packet.flags === 'syn'
        ? { ...found, reply: 'A', reasons: [...found.reasons, because('R10')] }
        : found;
    case 'request':
      if (!isListening(state, lookup.receivers[0])) return orphaned(state, packet, lookup, profile, oracle);
      return packet.flags === 'syn' ? { ...found, reply: 'SA' } : found;
    case 'listener':
      return listenerGets(state, packet, lookup, profile);
    case 'datagram':
    case 'none':
      return { ...found, reply: isForeign(state, packet) ? 'none' : refusal(packet) };
  }
}

function isListening(state: SpecState, id: number | undefined): boolean {
  return state.sockets.some((one) => one.id === id && one.state === 'LISTEN');
}

/** K29: a half-open handshake whose listener is gone ends when it is touched; the segment looks for somebody else. */
function orphaned(
  state: SpecState,
  packet: SpecPacket,
  lookup: Lookup,
  profile: SpecProfile,
  oracle: Oracle,
): Delivery {
  const requests = state.requests.filter((one) => one.id !== lookup.request);
  const again = deliver({ ...state, requests }, packet, profile, oracle);
  return { ...again, reasons: [because('K29'), ...again.reasons] };
}

/** R7, K28: a listener takes SYNs while its queue has room. */
function listenerGets(state: SpecState, packet: SpecPacket, lookup: Lookup, profile: SpecProfile): Delivery {
  const found = base(state, lookup);
  if (packet.flags === 'ack') return { ...found, reply: 'R', reasons: [...found.reasons, because('R7')] };
  if (packet.flags === 'rst') return found;
  const listener = state.sockets.find((one) => one.id === lookup.receivers[0]);
  invariant(listener !== undefined, 'the lookup named a listener that is not there');
  const isLinux = profile.name === 'linux'; // elsewhere the backlog counts when a handshake is complete
  if (isLinux && listener.acceptQueue.length > listener.backlog) {
    return { ...found, reasons: [...found.reasons, because('K28')] };
  }
  const { transparent } = listener.options;
  const back = routeTo(state.host, packet.src, packet.dst, listener.device, transparent);
  if (typeof back === 'string') {
    return {
      ...found,
      reasons: [...found.reasons, because('R7', 'no route for the SYN-ACK: the SYN is dropped')],
    };
  }
  const halfOpen = state.requests.filter((one) => one.listener === listener.id).length;
  if (isLinux && halfOpen > listener.backlog) {
    return { ...found, reply: 'SA', cookie: true, reasons: [...found.reasons, because('K43')] };
  }
  const local = { address: packet.dst, port: packet.dstPort };
  const remote = { address: packet.src, port: packet.srcPort };
  const id = state.nextId;
  const opened = step(state, ({ draft }) => {
    draft.nextId += 1;
    draft.requests.push({
      id,
      listener: listener.id,
      family: listener.family,
      local,
      remote,
      device: listener.device,
      order: tick(draft),
    });
    return 0;
  });
  return { ...found, state: opened.state, reply: 'SA', request: id };
}

/** L12: a newer SYN ends the record and goes to whoever listens now; anything else gets an ACK. */
function timeWait(
  state: SpecState,
  packet: SpecPacket,
  lookup: Lookup,
  profile: SpecProfile,
  oracle: Oracle,
): Delivery {
  if (profile.name !== 'linux') return recordElsewhere(state, packet, lookup, profile, oracle);
  const found = base(state, lookup);
  const record = lookup.receivers[0]!;
  const rule = because('L12');
  const isHalf = state.sockets.some((one) => one.id === record && one.state === 'FIN-WAIT-2');
  if (isHalf && packet.flags === 'syn' && packet.isNewer) {
    // L11: the peer has not ended the old connection: a new one is refused, and the old one gone.
    const ended = without(state, record, profile);
    return { ...found, state: ended, reply: 'RA', reasons: [...found.reasons, because('L11')] };
  }
  if (packet.flags === 'rst') return { ...found, reasons: [...found.reasons, rule] };
  if (packet.flags === 'syn' && packet.isNewer) {
    const listener = choose(profile.lookupListener(state, packet), packet, oracle);
    if (listener.receivers.length > 0) {
      const freed = without(state, record, profile);
      const taken = listenerGets(freed, packet, listener, profile);
      return { ...taken, reasons: [...found.reasons, rule, ...taken.reasons] };
    }
  }
  return { ...found, reply: 'A', reasons: [...found.reasons, rule] };
}

/** R10, R12, F7: the same on systems that are not Linux. */
function recordElsewhere(
  state: SpecState,
  packet: SpecPacket,
  lookup: Lookup,
  profile: SpecProfile,
  oracle: Oracle,
): Delivery {
  const found = base(state, lookup);
  const record = lookup.receivers[0]!;
  const isHalf = state.sockets.some((one) => one.id === record && one.state === 'FIN-WAIT-2');
  const verdict = timeWaitBy(packet, isHalf, profile);
  const reasons = [...found.reasons, timeWaitReason(profile)];
  if (verdict === 'ack' || verdict === 'drop') {
    return { ...found, reply: verdict === 'ack' ? 'A' : 'none', reasons };
  }
  const listener = choose(profile.lookupListener(state, packet), packet, oracle);
  const freed = without(state, record, profile);
  if (listener.receivers.length > 0) {
    const taken = listenerGets(freed, packet, listener, profile);
    return { ...taken, reasons: [...reasons, ...taken.reasons] };
  }
  if (verdict === 'reopen-or-ack') return { ...found, reply: 'A', reasons };
  return { ...base(freed, listener), reply: 'RA', reasons };
}

/** The state without a TIME-WAIT record. */
function without(state: SpecState, record: number, profile: SpecProfile): SpecState {
  return step(state, ({ draft }) => {
    destroy(draft, profile, take(draft, record));
    return 0;
  }).state;
}

/** L10: what was pushed out of the loopback device for an address that is not there gets no RST. */
function isForeign(state: SpecState, packet: SpecPacket): boolean {
  return isLoopbackDevice(state.host, packet.device) && ownerOf(state.host, packet.dst) !== packet.device;
}

/** R6: what a segment for nobody gets. */
function refusal(packet: SpecPacket): Reply {
  if (packet.flags === 'rst') return 'none';
  return packet.flags === 'ack' ? 'R' : 'RA';
}
