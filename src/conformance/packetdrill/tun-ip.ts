/**
 * The network floor of the host under test: one address, one tunnel, one route to everywhere else with its metrics
 * (`ip route change`), and path MTUs as ICMP teaches them. What RFC 1122 and 1191 ask of a host that never forwards.
 */
import type { NetDevice } from '../../link/device.ts';
import { ENETUNREACH, ENOBUFS } from '../../network/errno.ts';
import {
  ICMP_REDIRECT,
  ICMP_UNREACHABLE,
  IcmpMessage,
  UNREACHABLE_FRAGMENTATION,
} from '../../network/icmp.ts';
import { type IpPacket, PROTOCOL_ICMP } from '../../network/ip-packet.ts';
import { FLAG_DF, Ipv4Packet } from '../../network/ipv4.ts';
import type { Arrival, IpLayer, Route, SendOptions, TransportHandler } from '../../network/ports.ts';
import { BROADCAST_V4, type IpAddress } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import type { Pdu } from '../../packet/pdu.ts';
import { DecodeError } from '../../sim/errors.ts';
import type { HostAddresses } from './host-under-test.ts';
import type { RouteChange } from './shell/host.ts';
import type { TunDevice } from './tun-device.ts';

const DEFAULT_TTL = 64;
/** net.ipv4.route.min_pmtu */
const MIN_PMTU = 552;
const QUOTED_TRANSPORT = 8;

export class TunIp implements IpLayer {
  readonly device: TunDevice;
  readonly #addresses: HostAddresses;
  readonly #handlers = new Map<number, TransportHandler>();
  readonly #arrival: Arrival;
  #metrics: Omit<RouteChange, 'destination'> = {};
  /** Learnt by ICMP; 0 = none. */
  #pathMtu = 0;
  #lastId = 0;

  constructor(device: TunDevice, addresses: HostAddresses) {
    this.device = device;
    this.#addresses = addresses;
    this.#arrival = { device, isUnicast: true, isHostFrame: true };
  }

  register(protocol: number, handler: TransportHandler): void {
    this.#handlers.set(protocol, handler);
  }

  /** `ip route change`: the new metrics replace the old ones. */
  changeRoute({ destination: _, ...metrics }: RouteChange): void {
    this.#metrics = metrics;
    this.#pathMtu = 0;
  }

  route(dst: IpAddress, _source: IpAddress | null, _options: SendOptions): Route | number {
    if (dst.isLoopback) return -ENETUNREACH;
    const { advmss, initcwnd, initrwnd, mtuLocked } = this.#metrics;
    return {
      device: this.device,
      nextHop: this.#addresses.gateway,
      source: this.#addresses.local,
      kind: this.isLocal(dst) ? 'local' : 'unicast',
      mtu: this.#mtu,
      metrics: {
        advmss: advmss ?? 0,
        initcwnd: initcwnd ?? 0,
        initrwnd: initrwnd ?? 0,
        isMtuLocked: mtuLocked ?? false,
      },
    };
  }

  get #mtu(): number {
    const most = this.#metrics.mtu ?? this.device.mtu;
    return this.#pathMtu === 0 ? most : Math.min(most, this.#pathMtu);
  }

  send(src: IpAddress, dst: IpAddress, protocol: number, payload: Pdu, options: SendOptions): number {
    const ttl = options.ttl === 0 ? DEFAULT_TTL : options.ttl;
    this.#lastId = (this.#lastId + 1) & 0xffff;
    const flags = options.pmtuDiscovery === 'dont' ? 0 : FLAG_DF;
    const packet = new Ipv4Packet(
      src,
      dst,
      protocol,
      ttl,
      options.tos,
      this.#lastId,
      flags,
      0,
      options.ipOptions,
      payload,
    );
    return this.device.transmit(packet) ? 0 : -ENOBUFS;
  }

  reply(packet: IpPacket, protocol: number, payload: Pdu, options: SendOptions): number {
    return this.send(packet.dst, packet.src, protocol, payload, { ...options, ipOptions: null });
  }

  /** An IP packet arrives from the tunnel. */
  receive(bytes: Uint8Array, _segmentSize: number): void {
    let packet: Ipv4Packet;
    try {
      packet = Ipv4Packet.parse(new Payload(bytes));
      if (packet.protocol === PROTOCOL_ICMP) this.#onIcmp(packet);
    } catch (error) {
      if (error instanceof DecodeError) return;
      throw error;
    }
    if (packet.dst === this.#addresses.local)
      this.#handlers.get(packet.protocol)?.onPacket(packet, this.#arrival);
  }

  #onIcmp(packet: Ipv4Packet): void {
    const message = IcmpMessage.parse(packet.payload as Payload);
    if (!message.isError || message.type === ICMP_REDIRECT) return;
    const quoted = Ipv4Packet.parseQuote(message.payload as Payload);
    const transport = (quoted.payload as Payload).view();
    if (transport.length < QUOTED_TRANSPORT) return;
    const isTooBig = message.type === ICMP_UNREACHABLE && message.code === UNREACHABLE_FRAGMENTATION;
    const mtu = message.rest & 0xffff;
    this.#handlers.get(quoted.protocol)?.onIcmpError({
      from: packet.src,
      type: message.type,
      code: message.code,
      info: isTooBig ? mtu : message.rest,
      src: quoted.src,
      dst: quoted.dst,
      quoted: transport,
      device: this.device,
    });
  }

  /** A transport protocol believed a report that packets to the other end must be smaller. */
  lowerPathMtu(mtu: number): void {
    this.#pathMtu = Math.max(mtu, MIN_PMTU);
  }

  addRaw(): void {}

  removeRaw(): void {}

  isLocal(address: IpAddress): boolean {
    return address === this.#addresses.local || address.isLoopback;
  }

  isBroadcast(address: IpAddress): boolean {
    return address === BROADCAST_V4;
  }

  joinGroup(): void {}

  leaveGroup(): void {}

  deviceByName(name: string): NetDevice | null {
    return name === this.device.name ? this.device : null;
  }

  deviceByIndex(index: number): NetDevice | null {
    return index === this.device.index ? this.device : null;
  }

  deviceByAddress(address: IpAddress): NetDevice | null {
    return address === this.#addresses.local ? this.device : null;
  }

  sendPortUnreachable(): void {}
}
