/**
 * Segments that reach the machine under test, on the executable specification: what the sockets that get them make of
 * them, as far as states go. Segments exist only as far as the specification knows them: SYN, the ACK that completes a
 * handshake, data, FIN, RST.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { type Delivery, deliver } from '../../sockets/spec/deliver.ts';
import { isOurs, makeHost } from '../../sockets/spec/host.ts';
import type { Oracle, SpecProfile } from '../../sockets/spec/profile.ts';
import {
  emptyState,
  type SpecEndpoint,
  type SpecSocket,
  type SpecState,
  socketById,
} from '../../sockets/spec/state.ts';
import type { Emission, Step } from '../../sockets/spec/step.ts';
import {
  cookieComplete,
  handshakeComplete,
  requestEnds,
  type TcpEvent,
  tcpEvent,
} from '../../sockets/spec/tcp-events.ts';
import { CookieJar } from './spec-cookies.ts';
import { type Arrival, type Datagram, packetOf, type Segment, tuple } from './spec-packets.ts';

/** The machine of the recordings. IPv6 addresses as the kernel keeps them: the newest first. */
const INTERFACES = [
  { name: 'lo', loopback: true, addresses: ['127.0.0.1/8', '::1/128'] },
  { name: 'eth0', loopback: false, addresses: ['10.0.0.1/24', '10.0.0.2/24', 'fd00::2/64', 'fd00::1/64'] },
  { name: 'eth1', loopback: false, addresses: ['10.0.1.1/24', 'fd01::1/64'] },
];

const PEER_SIZE = 5;

/** States in which the peer may still end its side. */
const TAKES_FIN: readonly string[] = ['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2'];

export abstract class SpecSegments {
  state: SpecState;
  readonly profile: SpecProfile;
  readonly oracle: Oracle;
  /** Datagrams delivered during the current operation, in order. */
  delivered: Datagram[] = [];
  /** TCP: bytes received and not read, by socket. */
  readonly unread = new Map<number, number>();
  /** TCP: next sequence number expected from the peer, by four-tuple; absent between two local sockets. */
  protected readonly expected = new Map<string, number>();
  /** Which handshake a connection came from, by socket: what an acknowledgement must be of. */
  protected readonly handshakes = new Map<number, number>();
  protected lastHandshake = 1_000_000;
  readonly #cookies = new CookieJar();

  constructor(profile: SpecProfile, oracle: Oracle, portRange: readonly [number, number] | null) {
    this.profile = profile;
    this.oracle = oracle;
    this.state = emptyState(makeHost(INTERFACES, { portRange }));
  }

  socket(id: number): SpecSocket | undefined {
    return socketById(this.state, id);
  }

  protected take(done: Step<number | ErrnoName>): number | ErrnoName {
    this.state = done.state;
    for (const packet of done.emissions) this.emit(packet);
    this.#cookies.forget((id) => this.socket(id));
    return done.outcome;
  }

  /** The socket that a segment with these ends would find. */
  protected found(local: SpecEndpoint, remote: SpecEndpoint, device: string): SpecSocket | undefined {
    const packet = packetOf({ transport: 'tcp', device, from: remote, to: local, flags: 'ack' });
    const id = this.profile.lookup(this.state, packet).receivers[0];
    return id === undefined ? undefined : this.socket(id);
  }

  protected arrive(given: Arrival): Delivery {
    const found = deliver(this.state, packetOf(given), this.profile, this.oracle);
    this.state = found.state;
    if (given.transport === 'udp') {
      for (const socket of found.receivers)
        this.delivered.push({ socket, from: given.from, size: given.size ?? PEER_SIZE });
    }
    return found;
  }

  /** @returns flags of what goes back, as the sender sees it */
  protected segment(segment: Segment): string {
    const { device, from, to, kind } = segment;
    const expected = this.expected.get(tuple(from, to));
    const flags = kind === 'syn' || kind === 'rst' ? kind : kind === 'refusal' ? 'rst' : 'ack';
    const inHalf = this.found(to, from, device)?.state === 'FIN-WAIT-2';
    const isNewer = expected === undefined || segment.sequence + (inHalf ? 1 : 0) > expected;
    const found = this.arrive({ transport: 'tcp', device, from, to, flags, isNewer });
    const bound = this.#answersBy(found);
    const reply = this.#handle(segment, found, expected);
    const cookie = found.cookie && reply === 'SA' ? this.#newCookie(segment, found.receivers[0]!) : 0;
    if (reply === 'none' || isOurs(this.state.host, from.address)) return reply;
    if (!this.answerReaches(to.address, from.address, bound)) return 'none';
    if (reply === 'SA') {
      const handshake = this.handshakes.get(found.receivers[0] ?? -1) ?? 0;
      const token = found.cookie ? cookie : handshake;
      this.peerGetsSynAck(segment, found.request >= 0 ? found.request : token);
    }
    return reply;
  }

  /** The device that an answer is bound to leave by: a handshake's is the one its listener had when it began. */
  #answersBy({ request, receivers }: Delivery): string | null {
    const half = this.state.requests.find((one) => one.id === request);
    if (half !== undefined) return half.device;
    return this.socket(receivers[0] ?? -1)?.device ?? null;
  }

  #newCookie(segment: Segment, listener: number): number {
    this.lastHandshake += 1;
    this.#cookies.give(this.lastHandshake, segment, this.socket(listener)!);
    return this.lastHandshake;
  }

  /** K43: the ACK brings back what the listener did not keep. 'dropped': the accept queue is full (K28). */
  #cookieReturns(segment: Segment, listener: number): 'no cookie' | 'dropped' | 'connected' {
    const { from, to, acks } = segment;
    if (!this.#cookies.isGood(segment, this.socket(listener)!)) return 'no cookie';
    const made = { listener, local: to, remote: from, timestamps: false };
    const done = cookieComplete(this.state, made, this.profile);
    this.state = done.state;
    if (typeof done.outcome === 'string') return 'dropped';
    this.handshakes.set(done.outcome.socket, acks);
    if (segment.sequence >= 0) this.expected.set(tuple(from, to), segment.sequence);
    for (const packet of done.emissions) this.emit(packet);
    return 'connected';
  }

  #handle(segment: Segment, found: Delivery, expected: number | undefined): string {
    const { kind } = segment;
    const id = found.receivers[0];
    if (found.stage === 'listener' && found.reply === 'R' && id !== undefined) {
      const cookie = this.#cookieReturns(segment, id);
      if (cookie === 'no cookie') return found.reply;
      return cookie === 'dropped' || kind === 'ack' ? 'none' : this.segment(segment);
    }
    if (found.cookie) return found.reply;
    if (found.stage === 'request' || (found.stage === 'listener' && found.reply === 'SA')) {
      if (kind === 'syn') return this.#synAgain(segment, found, expected);
      return this.#requestGets(segment, found, expected);
    }
    if (found.stage === 'time-wait') return this.#recordGets(segment, id!, found, expected);
    if (found.stage !== 'connection' || id === undefined) return found.reply;
    return this.#connectionGets(segment, id, found, expected);
  }

  /** A SYN where a handshake has begun: the same one again, an old one, or one that spoils it. */
  #synAgain(segment: Segment, found: Delivery, expected: number | undefined): string {
    const { from, to, sequence } = segment;
    const isFirst = found.stage !== 'request' || expected === undefined || sequence + 1 === expected;
    if (isFirst) {
      if (sequence >= 0) this.expected.set(tuple(from, to), sequence + 1);
      return found.reply;
    }
    if (sequence < expected) return 'A';
    this.take(requestEnds(this.state, { request: found.request }));
    return 'RA';
  }

  #requestGets(segment: Segment, found: Delivery, expected: number | undefined): string {
    const { kind, acks, sequence } = segment;
    const { request } = found;
    const isOld = expected !== undefined && sequence >= 0 && sequence < expected;
    if (isOld) return kind === 'rst' ? 'none' : 'A';
    if (kind === 'rst' || kind === 'refusal') {
      this.take(requestEnds(this.state, { request }));
      return 'none';
    }
    if (acks >= 0 && acks !== request) return 'R';
    const local = isOurs(this.state.host, segment.from.address);
    const done = handshakeComplete(this.state, { request, timestamps: local }, this.profile);
    this.state = done.state;
    if (typeof done.outcome !== 'string') this.handshakes.set(done.outcome.socket, request);
    for (const packet of done.emissions) this.emit(packet);
    if (typeof done.outcome === 'string') return 'none';
    return kind === 'ack' ? 'none' : this.segment(segment);
  }

  #recordGets(segment: Segment, id: number, found: Delivery, expected: number | undefined): string {
    const { kind, sequence } = segment;
    const record = this.socket(id);
    if (record === undefined) return found.reply;
    const inOrder = expected === undefined || sequence === expected;
    if (kind === 'rst') {
      const isDeaf = this.profile.name === 'freebsd' && record.state === 'TIME-WAIT'; // F7
      if (inOrder && !isDeaf) this.#event(id, 'expired');
      return 'none';
    }
    if (record.state === 'FIN-WAIT-2' && inOrder) {
      if (kind === 'fin') {
        this.#advance(segment);
        this.#event(id, 'fin');
        return 'A';
      }
      if (kind === 'data') {
        this.#event(id, 'expired');
        return 'R';
      }
      if (kind === 'ack') return 'none';
    }
    return found.reply;
  }

  #connectionGets(segment: Segment, id: number, found: Delivery, expected: number | undefined): string {
    const socket = this.socket(id);
    if (socket === undefined) return 'none';
    if (socket.state === 'SYN-SENT') return this.#opening(segment, id);
    if (segment.kind === 'syn') return found.reply;
    if (segment.kind === 'syn-ack') return 'none';
    return this.#inConnection(segment, id, expected);
  }

  /** An active open waits for its answer; all else is ignored (RFC 9293 3.10.7.3). */
  #opening(segment: Segment, id: number): string {
    switch (segment.kind) {
      case 'syn':
        return this.#simultaneous(segment, id);
      case 'syn-ack':
        this.#event(id, 'established', isOurs(this.state.host, segment.from.address));
        return 'A';
      case 'refusal':
        this.#event(id, 'reset');
        return 'none';
      default:
        return 'none';
    }
  }

  /** RFC 9293 3.10.7.4, as far as states go: sequence, RST, ACK, data, FIN. */
  #inConnection(segment: Segment, id: number, expected: number | undefined): string {
    const { kind, size, sequence } = segment;
    const ahead = expected === undefined || sequence < 0 ? 0 : sequence - expected;
    if (ahead < 0) return this.#old(segment, id, ahead);
    if (ahead > 0 && kind === 'rst') return 'A';
    if (kind === 'rst' || kind === 'refusal') {
      this.#event(id, 'reset');
      return 'none';
    }
    const handshake = this.handshakes.get(id);
    if (segment.acks >= 0 && handshake !== undefined && segment.acks !== handshake) return 'A';
    if (this.socket(id)?.state === 'SYN-RECEIVED') this.#event(id, 'acked');
    if (segment.acksFin) this.#event(id, 'fin-acked');
    const state = this.socket(id)?.state ?? 'CLOSED';
    if (ahead > 0 || state === 'CLOSED') return 'none';
    if (kind === 'data') return this.#data(segment, id, size);
    if (kind !== 'fin' || !TAKES_FIN.includes(state)) return 'none';
    this.#advance(segment);
    this.#event(id, 'fin');
    return 'A';
  }

  /** Before what is expected: an ACK. But a RST just below a FIN counts, and data that reaches beyond a FIN ends it all. */
  #old({ kind, size }: Segment, id: number, ahead: number): string {
    const isJustBelow = ahead === -1;
    const afterFin = ['CLOSE-WAIT', 'CLOSING', 'LAST-ACK'].includes(this.socket(id)?.state ?? '');
    if (kind === 'rst') {
      if (afterFin && isJustBelow) this.#event(id, 'reset'); // K36: the sender may not have counted its FIN
      return 'none';
    }
    if (kind !== 'data' || !afterFin || ahead + size <= 0) return 'A';
    this.#event(id, 'reset');
    return 'R';
  }

  #data(segment: Segment, id: number, size: number): string {
    const socket = this.socket(id);
    if (socket === undefined || socket.life === 'orphan' || socket.life === 'time-wait') {
      if (socket !== undefined) this.#event(id, 'expired');
      return 'R';
    }
    const afterFin = ['CLOSE-WAIT', 'CLOSING', 'LAST-ACK'].includes(socket.state);
    if (afterFin) return 'A';
    const refusesData = socket.shut.read && socket.state !== 'ESTABLISHED';
    if (refusesData) {
      this.#event(id, 'reset');
      return 'R';
    }
    this.#advance(segment);
    this.unread.set(id, (this.unread.get(id) ?? 0) + size);
    return 'A';
  }

  /** R8: both ends sent a SYN; with itself the handshake completes at once. */
  #simultaneous(segment: Segment, id: number): string {
    const isSelf = tuple(segment.from, segment.to) === tuple(segment.to, segment.from);
    if (isSelf) {
      this.#event(id, 'established', true);
      this.#event(id, 'acked');
      return 'none';
    }
    this.#event(id, 'simultaneous-syn');
    this.expected.set(tuple(segment.from, segment.to), segment.sequence + 1);
    return 'SA';
  }

  #advance({ from, to, size, kind }: Segment): void {
    const expected = this.expected.get(tuple(from, to));
    if (expected !== undefined)
      this.expected.set(tuple(from, to), expected + size + (kind === 'fin' ? 1 : 0));
  }

  #event(socket: number, event: TcpEvent, timestamps: boolean = false): void {
    if (this.socket(socket) === undefined) return;
    this.take(tcpEvent(this.state, { socket, event, timestamps }, this.profile));
  }

  /** A packet that a call or an event sends. */
  protected abstract emit(packet: Emission): void;

  /** A SYN-ACK arrives at the peer. */
  protected abstract peerGetsSynAck(segment: Segment, request: number): void;

  /** Does an answer from `source` get to the peer's `address`, by the routes or by the device? */
  abstract answerReaches(source: string, address: string, device: string | null): boolean;
}
