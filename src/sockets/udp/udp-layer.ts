/**
 * UDP's way up: a packet or an ICMP error for this host, to the socket that gets it (rules L27-L33, L39, L40).
 * Kernel: __udp4_lib_rcv, __udp4_lib_err.
 */
import type { NetDevice } from '../../link/device.ts';
import type { IpPacket } from '../../network/ip-packet.ts';
import type { Arrival, IcmpErrorReport, TransportHandler } from '../../network/ports.ts';
import { readU16 } from '../../packet/bytes.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import { DecodeError } from '../../sim/errors.ts';
import {
  ICMP_DEST_UNREACHABLE,
  ICMP_FRAGMENTATION_NEEDED,
  ICMPV6_PACKET_TOO_BIG,
  icmpErrorMeaning,
  icmpv6ErrorMeaning,
} from '../../transport/icmp-errors.ts';
import { UDP_HEADER_SIZE, UdpDatagram } from '../../transport/udp.ts';
import { chosenForOnlyTaker, deliverToMany } from '../demux/multicast-delivery.ts';
import { UdpLookup } from '../demux/udp-lookup.ts';
import { UdpTable } from '../demux/udp-table.ts';
import { UdpPorts } from '../ports/udp-ports.ts';
import { icmpErrorBy } from '../rules/icmp-errors.ts';
import type { Choice } from '../rules/socket-rules.ts';
import type { SocketLayer } from '../socket-layer.ts';
import type { UdpSocket } from './udp-socket.ts';

export class UdpLayer implements TransportHandler {
  readonly table: UdpTable<UdpSocket> = new UdpTable();
  readonly lookup: UdpLookup<UdpSocket>;
  readonly ports: UdpPorts<UdpSocket>;
  readonly #layer: SocketLayer;

  constructor(layer: SocketLayer) {
    this.#layer = layer;
    this.lookup = new UdpLookup(this.table, layer.flowHash, (address) => layer.ip.isLocal(address));
    this.ports = new UdpPorts(this.table, layer.localPorts, layer.random, layer.rules);
  }

  onPacket(packet: IpPacket, arrival: Arrival): void {
    const datagram = this.#parse(packet);
    if (datagram === null) return;
    if (arrival.isUnicast) this.#toOne(packet, datagram, arrival);
    else this.#toMany(packet, datagram, arrival);
  }

  onIcmpError(error: IcmpErrorReport): boolean {
    const { rules } = this.#layer;
    if (rules !== null) return icmpErrorBy(rules, this.table, error);
    const localPort = readU16(error.quoted, 0);
    const remotePort = readU16(error.quoted, 2);
    // The device that the error really came through counts here, unlike for datagrams (L40).
    const isIpv6 = error.src.family === 6;
    const meaning = (isIpv6 ? icmpv6ErrorMeaning : icmpErrorMeaning)(error.type, error.code);
    const socket = this.lookup.find(error.src, localPort, error.dst, remotePort, error.entered);
    if (socket === null) return false;
    if (meaning === null) return true;
    const isTooBig = isIpv6
      ? error.type === ICMPV6_PACKET_TOO_BIG
      : error.type === ICMP_DEST_UNREACHABLE && error.code === ICMP_FRAGMENTATION_NEEDED;
    if (isTooBig && socket.optionsTo(error.dst).pmtuDiscovery === 'dont') return true;
    if (isIpv6 ? socket.recverr6 : socket.recverr) {
      socket.reportError(meaning.errno, {
        data: new Payload(error.quoted, UDP_HEADER_SIZE),
        to: { address: socket.shown(error.dst), port: remotePort },
        extended: {
          errno: meaning.errno,
          type: error.type,
          code: error.code,
          offender: socket.shown(error.from),
        },
      });
    } else if (socket.isConnected && (meaning.isFatal || isTooBig)) {
      socket.reportError(meaning.errno, null);
    }
    return true;
  }

  /** Linux's lookup, or the profile's. */
  #find(
    local: IpAddress,
    port: number,
    remote: IpAddress,
    remotePort: number,
    device: NetDevice,
  ): Choice<UdpSocket> | null {
    const { rules, flowHash } = this.#layer;
    if (rules === null) {
      const socket = this.lookup.find(local, port, remote, remotePort, device);
      return socket === null ? null : { socket, rule: this.lookup.rule };
    }
    const holders = this.table.port(port)?.sockets.items() ?? [];
    const draw = (count: number) => flowHash.of(local, port, remote, remotePort) % count;
    return rules.choose(holders, { local, remote, remotePort, device }, false, draw);
  }

  #toOne(packet: IpPacket, datagram: UdpDatagram, arrival: Arrival): void {
    const { dst, src } = packet;
    const found = this.#find(dst, datagram.dstPort, src, datagram.srcPort, arrival.device);
    if (found === null) {
      this.#layer.drops.drop('udp.no-socket', packet);
      this.#layer.ip.sendPortUnreachable(packet, arrival, datagram.size);
      return;
    }
    this.#deliver(found.socket, packet, datagram, found.rule);
  }

  #toMany(packet: IpPacket, datagram: UdpDatagram, arrival: Arrival): void {
    const { src, dst } = packet;
    const port = this.table.port(datagram.dstPort);
    const { rules } = this.#layer;
    if (rules !== null) {
      const ends = { local: dst, remote: src, remotePort: datagram.srcPort, device: arrival.device };
      const takers = rules.copies(port?.sockets.items() ?? [], ends);
      for (const socket of takers) this.#deliver(socket, packet, datagram, rules.words.copies);
      if (takers.length === 0) this.#layer.drops.drop('udp.no-socket', packet);
      return;
    }
    const chosen =
      port === undefined || !dst.isMulticast || dst.family === 6 || this.#layer.ip.isLocal(src)
        ? null
        : chosenForOnlyTaker(port, packet, datagram.srcPort, arrival.device, this.lookup);
    if (chosen !== null) {
      this.#deliver(chosen, packet, datagram, ONLY_TAKER_RULE);
      return;
    }
    const copies =
      port === undefined
        ? 0
        : deliverToMany(port, dst, src, datagram.srcPort, arrival.device, (socket) =>
            this.#deliver(socket, packet, datagram, COPY_RULE),
          );
    if (copies === 0) this.#layer.drops.drop('udp.no-socket', packet);
  }

  #deliver(socket: UdpSocket, packet: IpPacket, datagram: UdpDatagram, rule: string): void {
    const { tap } = this.#layer.drops;
    if (tap !== null) tap.demultiplexed(this.#layer.nameOf(socket), rule);
    const from = { address: socket.shown(packet.src), port: datagram.srcPort };
    if (!socket.enqueue(dataOf(datagram), from)) this.#layer.drops.drop('udp.buffer-full', packet);
  }

  /** The datagram as a header object; bytes are parsed and their checksum is verified. */
  #parse(packet: IpPacket): UdpDatagram | null {
    const { payload } = packet;
    if (payload instanceof UdpDatagram) return payload;
    try {
      if (payload instanceof Payload) return UdpDatagram.parse(payload, packet);
      this.#layer.drops.drop('udp.not-a-datagram', packet);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#layer.drops.drop(`udp.${error.reason}`, packet);
    }
    return null;
  }
}

const ONLY_TAKER_RULE = 'L32: one socket takes it, and its SO_REUSEPORT group chooses by hash';
const COPY_RULE = 'L31: a copy to every socket that takes the broadcast or group';

/** The bytes that the program gets. */
function dataOf(datagram: UdpDatagram): Payload {
  const { payload } = datagram;
  if (payload instanceof Payload) return payload;
  const bytes = new Uint8Array(payload.size);
  payload.emit(bytes, 0, null);
  return new Payload(bytes);
}
