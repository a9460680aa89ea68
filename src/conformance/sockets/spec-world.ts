/**
 * A recorded case's operations carried out on the executable specification: the calls of the socket API, and what the
 * peer sends on its own account.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { bind } from '../../sockets/spec/bind.ts';
import { close, disconnect, shutdown } from '../../sockets/spec/close.ts';
import { connect } from '../../sockets/spec/connect.ts';
import { sendUdp } from '../../sockets/spec/datagram.ts';
import { accept, listen } from '../../sockets/spec/listen.ts';
import { openSocket, setOption, setOwner, takeError } from '../../sockets/spec/options.ts';
import type { SpecEndpoint } from '../../sockets/spec/state.ts';
import { receiveTcp, sendTcp } from '../../sockets/spec/stream.ts';
import { SpecWire } from './spec-wire.ts';

export class SpecWorld extends SpecWire {
  // ---------------------------------------------------------------- the socket API

  open(transport: 'tcp' | 'udp', family: 4 | 6): number {
    const made = openSocket(this.state, { transport, family }, this.profile);
    this.state = made.state;
    return made.outcome as number;
  }

  option(
    socket: number,
    name: string,
    value: number | string | readonly [string, string],
  ): number | ErrnoName {
    return this.take(setOption(this.state, { socket, name, value }, this.profile));
  }

  owner(socket: number, uid: number): number | ErrnoName {
    return this.take(setOwner(this.state, { socket, uid }));
  }

  error(socket: number): number | ErrnoName {
    return this.take(takeError(this.state, { socket }));
  }

  bind(call: Parameters<typeof bind>[1]): number | ErrnoName {
    return this.take(bind(this.state, call, this.profile, this.oracle));
  }

  listen(socket: number, backlog: number): number | ErrnoName {
    return this.take(listen(this.state, { socket, backlog }, this.profile, this.oracle));
  }

  /** @returns the child's id */
  accept(socket: number): number | ErrnoName {
    const done = accept(this.state, { socket }, this.profile);
    this.state = done.state;
    return typeof done.outcome === 'string' ? done.outcome : done.outcome.socket;
  }

  connect(call: Parameters<typeof connect>[1]): number | ErrnoName {
    const before = this.socket(call.socket)?.phase;
    const outcome = this.take(connect(this.state, call, this.profile, this.oracle));
    // A connect() that tells of a failure makes the socket a new one.
    const isAnew = before === 'connecting' && this.socket(call.socket)?.phase === 'unconnected';
    if (isAnew) this.unread.delete(call.socket);
    return outcome;
  }

  disconnect(socket: number): number | ErrnoName {
    this.unread.delete(socket);
    return this.take(disconnect(this.state, { socket }, this.profile));
  }

  shutdown(socket: number, read: boolean, write: boolean): number | ErrnoName {
    return this.take(shutdown(this.state, { socket, read, write }, this.profile));
  }

  close(socket: number): number | ErrnoName {
    const unread = (this.unread.get(socket) ?? 0) > 0;
    if ((this.socket(socket)?.options.linger ?? 0) > 0) this.waitForTimers();
    return this.take(close(this.state, { socket, unread }, this.profile));
  }

  sendUdp(socket: number, size: number, to: SpecEndpoint | null): number | ErrnoName {
    return this.take(sendUdp(this.state, { socket, size, to }, this.profile, this.oracle));
  }

  sendTcp(socket: number, size: number): number | ErrnoName {
    return this.take(sendTcp(this.state, { socket, size }, this.profile));
  }

  /** Connected to itself. */
  isOwnPeer(id: number): boolean {
    const socket = this.socket(id);
    if (socket === undefined || socket.order.connected === 0) return false;
    const { local, remote } = socket;
    return remote !== null && remote.address === local.address && remote.port === local.port;
  }

  /** The queues of UDP sockets are empty: the recordings' driver drains them after every operation. */
  recv(id: number, size: number): number | ErrnoName {
    const socket = this.socket(id);
    if (socket?.transport === 'udp') {
      const errno = this.error(id);
      return errno === 0 ? 'EAGAIN' : errno;
    }
    const unread = this.unread.get(id) ?? 0;
    const got = this.take(receiveTcp(this.state, { socket: id, size, unread }, this.profile));
    if (typeof got === 'number') this.unread.set(id, unread - got);
    return got;
  }

  // ---------------------------------------------------------------- the peer

  /** @returns what came back: `unreach` or `none` */
  udp(device: string, from: SpecEndpoint, to: SpecEndpoint): 'unreach' | 'none' {
    const found = this.arrive({ transport: 'udp', device, from, to, flags: 'ack' });
    const refused = found.reply === 'unreachable' && this.answerReaches(to.address, from.address, null);
    return refused ? 'unreach' : 'none';
  }

  /** A SYN; `completes`: with the rest of the handshake. @returns flags of what came back */
  syn(device: string, from: SpecEndpoint, to: SpecEndpoint, completes: boolean, sequence: number): string {
    const old = this.peer.find(from.address, from.port, to.address, to.port);
    const made = {
      device,
      next: sequence + 1,
      acks: old?.acks ?? 0,
      sawFin: old?.sawFin ?? false,
      completes,
    };
    this.peer.open(from.address, from.port, to.address, to.port, made);
    return this.segment({ device, from, to, kind: 'syn', sequence, size: 0, acksFin: false, acks: -1 });
  }

  /** The next segment in sequence of a connection the peer knows. @returns 0 or `noconn` */
  inSequence(kind: 'data' | 'fin' | 'rst', from: SpecEndpoint, to: SpecEndpoint, size: number): 0 | 'noconn' {
    const peer = this.peer.find(from.address, from.port, to.address, to.port);
    if (peer === undefined || peer.acks === 0) return 'noconn';
    const sequence = peer.next;
    peer.next += size + (kind === 'fin' ? 1 : 0);
    this.segment({
      device: peer.device,
      from,
      to,
      kind,
      sequence,
      size,
      acksFin: kind !== 'rst' && peer.sawFin,
      acks: peer.acks,
    });
    return 0;
  }
}
