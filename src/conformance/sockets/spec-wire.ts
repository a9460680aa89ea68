/**
 * The wire between the executable specification and the peer of the recordings: what a call emits is carried at once,
 * answered as the recordings' driver answered, and comes back as events. Segments exist only as far as the
 * specification knows them: SYN, the ACK that completes a handshake, data, FIN, RST.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { isLoopbackDevice } from '../../sockets/spec/host.ts';
import { portUnreachable } from '../../sockets/spec/icmp.ts';
import { routeTo } from '../../sockets/spec/route.ts';
import type { SpecEndpoint } from '../../sockets/spec/state.ts';
import type { Emission } from '../../sockets/spec/step.ts';
import { requestEnds } from '../../sockets/spec/tcp-events.ts';
import { packetOf, type Segment, tuple } from './spec-packets.ts';
import { PEER_ISS, Peer, peerPort, reachesPeer } from './spec-peer.ts';

import { SpecSegments } from './spec-segments.ts';

/** What is sent from ::1 to elsewhere gets no answer: none that comes by a link is let in (K46). */
const LOOPBACK_V6 = '::1';

export class SpecWire extends SpecSegments {
  readonly peer = new Peer();

  /** A close() that lingers waits for seconds: the timers of half-open handshakes find their listeners gone. */
  protected waitForTimers(): void {
    const listening = new Set(
      this.state.sockets.filter((one) => one.state === 'LISTEN').map((one) => one.id),
    );
    for (const { id, listener } of this.state.requests) {
      if (!listening.has(listener)) this.take(requestEnds(this.state, { request: id }));
    }
  }

  protected override emit(packet: Emission): void {
    const { from, to, device } = packet;
    if (packet.kind === 'datagram') {
      this.#emitDatagram(packet);
      return;
    }
    if (packet.route === 'local') {
      this.#emitLocal(packet);
      return;
    }
    if (!reachesPeer(device, to.address)) return;
    if (packet.kind === 'syn') this.#peerGetsSyn(packet);
    else if (packet.kind === 'fin') this.#peerGetsFin(from, to);
  }

  #emitDatagram({ from, to, device, route, size }: Emission): void {
    if (route !== 'unicast') {
      const found = this.arrive({ transport: 'udp', device, from, to, flags: 'ack', size });
      if (found.reply === 'unreachable') this.#icmpRefused(from, to, 'lo');
    }
    const refused = reachesPeer(device, to.address) && peerPort(to.port) === 'refuses';
    if (refused && from.address !== LOOPBACK_V6) this.#icmpRefused(from, to, device);
  }

  /** Port unreachable about our datagram: to the socket that the reversed addresses find, if it is connected (L40). */
  #icmpRefused(from: SpecEndpoint, to: SpecEndpoint, device: string): void {
    const packet = packetOf({ transport: 'udp', device, from: to, to: from, flags: 'ack' });
    const { sockets, errno } = portUnreachable(this.state, packet, this.profile);
    for (const id of sockets) this.#pendingError(id, errno);
  }

  #pendingError(id: number, errno: ErrnoName): void {
    this.state = {
      ...this.state,
      sockets: this.state.sockets.map((one) => (one.id === id ? { ...one, error: errno } : one)),
    };
  }

  #peerGetsSyn({ from, to, device, socket }: Emission): void {
    this.lastHandshake += 1;
    const acks = this.lastHandshake;
    this.handshakes.set(socket, acks);
    const made = { device, next: PEER_ISS, acks, sawFin: false, completes: false };
    const behaviour = peerPort(to.port);
    this.peer.open(to.address, to.port, from.address, from.port, made);
    if (behaviour === 'refuses') {
      const refusal = { sequence: -1, size: 0, acksFin: false, acks } as const;
      this.segment({ ...refusal, device, from: to, to: from, kind: 'refusal' });
    }
    if (behaviour !== 'accepts') return;
    made.next += 1;
    this.expected.set(tuple(to, from), made.next);
    this.segment({
      device,
      from: to,
      to: from,
      kind: 'syn-ack',
      sequence: PEER_ISS,
      size: 0,
      acksFin: false,
      acks: -1,
    });
  }

  #peerGetsFin(from: SpecEndpoint, to: SpecEndpoint): void {
    const peer = this.peer.find(to.address, to.port, from.address, from.port);
    if (peer === undefined) return;
    peer.sawFin = true;
    if (!this.peer.acknowledges) return;
    this.segment({
      device: peer.device,
      from: to,
      to: from,
      kind: 'ack',
      sequence: peer.next,
      size: 0,
      acksFin: true,
      acks: -1,
    });
  }

  /**
   * Both ends on this host. A lookup sees an answer come by the interface that owns the address it is for. A FIN is
   * acknowledged by what its receiver sends next: the ACK of its own is delayed beyond the end of a case.
   */
  #emitLocal({ kind, size, from, to, device, socket }: Emission): void {
    if (kind === 'datagram') return;
    const target = this.found(to, from, device);
    const route = routeTo(this.state.host, from.address, to.address, target?.device ?? null);
    const local = { sequence: -1, size: 0, acksFin: false, acks: -1 };
    const own = this.socket(socket)?.state ?? 'CLOSED';
    const hadFin = own === 'LAST-ACK' || own === 'CLOSE-WAIT';
    const before = target?.state;
    const reply = this.segment({ ...local, size, device, from, to, kind, acksFin: hadFin });
    // A receiver bound to another device sends its answer out there, where nobody takes it.
    if (typeof route === 'string' || route.kind !== 'local') return;
    const back = route.device;
    if (kind === 'syn' && reply === 'SA') {
      const answer = this.segment({ ...local, device: back, from: to, to: from, kind: 'syn-ack' });
      this.segment({ ...local, device, from, to, kind: answer === 'A' ? 'ack' : 'rst' });
    } else if (reply === 'RA' || reply === 'R') {
      // A RST to ::1 must leave by the interface that the segment came by, and no way leads there.
      if (from.address === LOOPBACK_V6 && !isLoopbackDevice(this.state.host, device)) return;
      this.segment({ ...local, device: back, from: to, to: from, kind: kind === 'syn' ? 'refusal' : 'rst' });
    } else if (kind === 'fin' && (before === 'FIN-WAIT-1' || before === 'FIN-WAIT-2' || hadFin)) {
      this.segment({ ...local, device: back, from: to, to: from, kind: 'ack', acksFin: true });
    }
  }

  protected override peerGetsSynAck({ from, to, sequence }: Segment, request: number): void {
    const peer = this.peer.find(from.address, from.port, to.address, to.port);
    if (peer === undefined) return;
    peer.acks = request;
    peer.sawFin = false;
    if (!peer.completes) return;
    peer.completes = false;
    const route = routeTo(this.state.host, from.address, to.address, null);
    const device = typeof route === 'string' ? peer.device : route.device;
    this.segment({
      device,
      from,
      to,
      kind: 'ack',
      sequence: sequence + 1,
      size: 0,
      acksFin: false,
      acks: request,
    });
  }

  /** Does an answer from `source` get to the peer's `address`? It goes by the routes, not by where the packet came from. */
  override answerReaches(source: string, address: string, device: string | null): boolean {
    const route = routeTo(this.state.host, address, source, device);
    return typeof route !== 'string' && reachesPeer(route.device, address);
  }
}
