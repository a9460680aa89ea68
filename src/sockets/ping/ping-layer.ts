/**
 * The host's ping sockets (icmp(7), SOCK_DGRAM with IPPROTO_ICMP or IPPROTO_ICMPV6): which one gets an echo reply, or an
 * error about an echo request. The identifier of the request plays the part of a port, one for both families. Kernel:
 * net/ipv4/ping.c, net/ipv6/ping.c.
 */
import type { IpPacket } from '../../network/ip-packet.ts';
import type { IcmpErrorReport, RawListener } from '../../network/ports.ts';
import { readU16 } from '../../packet/bytes.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import { icmpErrorMeaning, icmpv6ErrorMeaning } from '../../transport/icmp-errors.ts';
import type { SocketLayer } from '../socket-layer.ts';
import { echoReplyIn, echoRequestType } from './echo.ts';
import type { PingSocket } from './ping-socket.ts';

const HIGHEST_IDENTIFIER = 65535;

export class PingLayer implements RawListener {
  readonly #layer: SocketLayer;
  readonly #byIdentifier = new Map<number, PingSocket>();
  #lastIdentifier = 0;

  constructor(layer: SocketLayer) {
    this.#layer = layer;
  }

  /** Takes an identifier for the socket; 0 asks for the next free one. @returns false when there is none */
  claim(socket: PingSocket, wanted: number): boolean {
    const identifier = wanted === 0 ? this.#nextFree() : wanted;
    if (identifier === 0 || this.#byIdentifier.has(identifier)) return false;
    this.#byIdentifier.set(identifier, socket);
    socket.localPort = identifier;
    return true;
  }

  release(socket: PingSocket): void {
    if (this.#byIdentifier.get(socket.localPort) === socket) this.#byIdentifier.delete(socket.localPort);
  }

  /** Takes echo replies to requests of its sockets; the network floor counts what nobody wants. */
  onPacket(packet: IpPacket): boolean {
    const message = echoReplyIn(packet);
    if (message === null) return false;
    const socket = this.#find(packet.dst, message.rest >>> 16, packet.src);
    if (socket === null) return false;
    const { tap } = this.#layer.drops;
    if (tap !== null)
      tap.demultiplexed(`${socket.kind} id ${socket.localPort} fd ${socket.fd}`, 'identifier of the request');
    const bytes = new Uint8Array(message.size);
    message.emit(bytes, 0, packet);
    if (!socket.enqueue(new Payload(bytes), packet.src, packet.ttl)) {
      this.#layer.drops.drop('icmp.buffer-full', packet);
    }
    return true;
  }

  onIcmpError(error: IcmpErrorReport): boolean {
    const isIpv6 = error.src.family === 6;
    if (error.quoted[0] !== echoRequestType(error.src.family)) return false;
    const socket = this.#find(error.src, readU16(error.quoted, 4), error.dst);
    const meaning = (isIpv6 ? icmpv6ErrorMeaning : icmpErrorMeaning)(error.type, error.code);
    if (socket === null) return false;
    if (meaning === null) return true;
    if (isIpv6 ? socket.recverr6 : socket.recverr) {
      socket.reportError(meaning.errno, {
        data: new Payload(error.quoted),
        to: { address: error.dst, port: 0 },
        extended: { errno: meaning.errno, type: error.type, code: error.code, offender: error.from },
      });
    } else if (socket.isConnected && meaning.isFatal) {
      socket.reportError(meaning.errno, null);
    }
    return true;
  }

  #find(local: IpAddress, identifier: number, remote: IpAddress): PingSocket | null {
    const socket = this.#byIdentifier.get(identifier);
    if (socket === undefined || socket.domain !== local.family) return null;
    if (!socket.localAddress.isUnspecified && socket.localAddress !== local) return null;
    return socket.isConnected && socket.remoteAddress !== remote ? null : socket;
  }

  #nextFree(): number {
    for (let tried = 0; tried < HIGHEST_IDENTIFIER; tried++) {
      this.#lastIdentifier = (this.#lastIdentifier % HIGHEST_IDENTIFIER) + 1;
      if (!this.#byIdentifier.has(this.#lastIdentifier)) return this.#lastIdentifier;
    }
    return 0;
  }
}
