/**
 * Which connection a script speaks about. A socket() call switches to a new one; an inbound packet that finds a
 * listener, or nothing at all, begins the passive one that accept() later gives a descriptor.
 */
import type { Socket } from '../../sockets/api.ts';
import type { TcpPacket } from './ast.ts';
import { Flow } from './flow.ts';
import type { HostUnderTest } from './host-under-test.ts';
import type { ScriptSettings } from './options.ts';
import { SYN, type WireSegment } from './wire.ts';

/** Ports of our side for connections that we open. */
const FIRST_REMOTE_PORT = 40001;

export class FlowTracker {
  /** The connection under test; null before there is one. */
  current: Flow | null = null;
  readonly #host: HostUnderTest;
  readonly #settings: ScriptSettings;
  readonly #passive: Flow[] = [];
  #nextRemotePort = FIRST_REMOTE_PORT;
  #boundPort: number;

  constructor(host: HostUnderTest, settings: ScriptSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#boundPort = settings.bindPort;
  }

  onSocket(socket: Socket): void {
    this.current = this.#newFlow('fresh', socket);
  }

  onBind(port: number): void {
    if (port !== 0) this.#boundPort = port;
  }

  onListen(socket: Socket): void {
    if (this.current?.socket === socket) this.current.phase = 'listening';
  }

  /** connect(), or a send that connects: the next SYN to that port shows our port. */
  onConnect(socket: Socket, port: number): void {
    const flow = this.current;
    if (flow?.socket !== socket || (flow.phase !== 'fresh' && flow.phase !== 'connecting')) return;
    flow.phase = 'connecting';
    flow.remotePort = port;
  }

  onAccept(socket: Socket): void {
    const peer = socket.peerName();
    const port = typeof peer === 'number' ? 0 : peer.port;
    const flow = this.#passive.findLast(
      (candidate) => candidate.socket === null && (port === 0 || candidate.remotePort === port),
    );
    if (flow !== undefined) flow.socket = socket;
  }

  /** The connection that an inbound packet belongs to, or null when there can be none. */
  forInbound(packet: TcpPacket): Flow | null {
    if (this.current === null || this.current.phase === 'listening') {
      const flow = this.#newFlow('passive', null);
      flow.remotePort = this.#nextRemotePort++;
      flow.localPort = this.#boundPort;
      flow.sequence.remoteIsn = packet.seq;
      this.#passive.push(flow);
      this.current = flow;
    }
    const flow = this.current;
    if (flow.phase === 'active' && (packet.flags & SYN) !== 0 && !flow.isRemoteKnown) {
      flow.sequence.remoteIsn = packet.seq;
      flow.isRemoteKnown = true;
    }
    return flow.phase === 'active' || flow.phase === 'passive' ? flow : null;
  }

  /** An outbound SYN to where the socket under test connects tells its port. */
  observe(segment: WireSegment): void {
    const flow = this.current;
    if (flow === null || flow.phase !== 'connecting' || (segment.flags & SYN) === 0) return;
    if (segment.dst !== flow.remote || segment.dstPort !== flow.remotePort) return;
    flow.localPort = segment.srcPort;
    flow.phase = 'active';
  }

  #newFlow(phase: Flow['phase'], socket: Socket | null): Flow {
    return new Flow(this.#host.local, this.#host.remote, phase, socket, this.#settings.timestamps);
  }
}
