/** INTERIM: an IP layer just good enough for the corpus until the real one is there. */
import type { NetDevice } from '../../link/device.ts';
import { EACCES, EINVAL, ENETUNREACH } from '../../network/errno.ts';
import { IcmpMessage } from '../../network/icmp.ts';
import type { IpPacket } from '../../network/ip-packet.ts';
import { Ipv4Packet } from '../../network/ipv4.ts';
import type { Arrival, IpLayer, Route, SendOptions, TransportHandler } from '../../network/ports.ts';
import { BROADCAST_V4, IpAddress, LOOPBACK_V4 } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import { bytesOf, type Pdu } from '../../packet/pdu.ts';
import type { Simulator } from '../../sim/simulator.ts';

void EACCES;
export class InterimIp implements IpLayer {
  readonly handlers = new Map<number, TransportHandler>();
  readonly #simulator: Simulator;
  readonly #place: number;
  readonly devices: NetDevice[];
  readonly #out: (device: NetDevice, packet: Ipv4Packet) => void;
  readonly nets: { device: NetDevice; prefix: string; addresses: IpAddress[]; bcast: IpAddress }[];
  readonly groups = new Map<string, number>();

  constructor(
    simulator: Simulator,
    devices: NetDevice[],
    out: (device: NetDevice, packet: Ipv4Packet) => void,
  ) {
    this.#simulator = simulator;
    this.devices = devices;
    this.#out = out;
    this.#place = simulator.addPlace('interim ip', this);
    const a = (t: string) => IpAddress.parse(t);
    this.nets = [
      {
        device: devices[1]!,
        prefix: '10.0.0.',
        addresses: [a('10.0.0.1'), a('10.0.0.2')],
        bcast: a('10.0.0.255'),
      },
      { device: devices[2]!, prefix: '10.0.1.', addresses: [a('10.0.1.1')], bcast: a('10.0.1.255') },
    ];
  }
  onEvent(_k: number, arg: unknown): void {
    this.receive(this.devices[0]!, arg as Ipv4Packet);
  }
  register(protocol: number, handler: TransportHandler): void {
    this.handlers.set(protocol, handler);
  }
  receive(device: NetDevice, packet: Ipv4Packet): void {
    const { dst } = packet;
    const isMany = dst.isMulticast || this.isBroadcast(dst);
    if (!isMany && !this.isLocal(dst)) return;
    if (dst.isMulticast && !device.isLoopback && !this.groups.get(`${dst}/${device.name}`)) return;
    if (packet.payload instanceof IcmpMessage || packet.protocol === 1) {
      const m = packet.payload as IcmpMessage;
      if (m.type !== 3) return;
      const quote = Ipv4Packet.parseQuote(m.payload as Payload);
      const q = quote.payload as Payload;
      this.handlers.get(quote.protocol)?.onIcmpError({
        from: packet.src,
        type: m.type,
        code: m.code,
        info: m.rest & 0xffff,
        src: quote.src,
        dst: quote.dst,
        quoted: q.view().slice(),
        device,
      });
      return;
    }
    this.handlers.get(packet.protocol)?.onPacket(packet, { device, isUnicast: !isMany, isHostFrame: true });
  }
  route(dst: IpAddress, source: IpAddress | null, options: SendOptions): Route | number {
    const text = dst.toString();
    const make = (device: NetDevice, kind: Route['kind'], src: IpAddress): Route => ({
      device,
      nextHop: dst,
      source: source ?? src,
      kind,
      mtu: device.isLoopback ? 65536 : 1500,
    });
    if (source !== null && !options.foreignSource && !this.isLocal(source)) return -EINVAL;
    const lo = this.devices[0]!;
    if (dst.isMulticast || dst.isLimitedBroadcast) {
      if (options.device !== null) {
        const net = this.nets.find((n) => n.device === options.device);
        return make(
          options.device,
          dst.isMulticast ? 'multicast' : 'broadcast',
          net?.addresses[0] ?? LOOPBACK_V4,
        );
      }
      if (source !== null) {
        const net = this.nets.find((n) => n.addresses.includes(source));
        if (net) return make(net.device, dst.isMulticast ? 'multicast' : 'broadcast', source);
      }
      return -ENETUNREACH;
    }
    if (this.isLocal(dst)) return make(lo, 'local', dst);
    const net = this.nets.find((n) => text.startsWith(n.prefix));
    if (net && (options.device === null || options.device === net.device))
      return make(net.device, dst === net.bcast ? 'broadcast' : 'unicast', net.addresses[0]!);
    if (options.device !== null) {
      const own = this.nets.find((n) => n.device === options.device);
      return make(options.device, 'unicast', own?.addresses[0] ?? LOOPBACK_V4);
    }
    return -ENETUNREACH;
  }
  send(src: IpAddress, dst: IpAddress, protocol: number, payload: Pdu, options: SendOptions): number {
    const route = this.route(dst, src, options);
    if (typeof route === 'number') return route;
    const packet = new Ipv4Packet(src, dst, protocol, 64, options.tos, 0, 2, 0, null, payload);
    if (route.device.isLoopback || route.kind === 'broadcast')
      this.#simulator.after(0, this.#place, 0, packet);
    const known =
      route.device.name === 'eth0' ? ['10.0.0.10', '10.0.0.11', '10.0.0.12'] : ['10.0.1.10', '10.0.1.11'];
    if (!route.device.isLoopback && (route.kind !== 'unicast' || known.includes(dst.toString())))
      this.#out(route.device, packet);
    return 0;
  }
  reply(packet: IpPacket, protocol: number, payload: Pdu, options: SendOptions): number {
    return this.send(packet.dst, packet.src, protocol, payload, options);
  }
  addRaw(): void {}
  removeRaw(): void {}
  isLocal(address: IpAddress): boolean {
    return address.isLoopback || this.nets.some((n) => n.addresses.includes(address));
  }
  isBroadcast(address: IpAddress): boolean {
    return (
      address === BROADCAST_V4 ||
      this.nets.some((n) => n.bcast === address) ||
      address.toString() === '127.255.255.255'
    );
  }
  joinGroup(group: IpAddress, device: NetDevice): void {
    const k = `${group}/${device.name}`;
    this.groups.set(k, (this.groups.get(k) ?? 0) + 1);
  }
  leaveGroup(group: IpAddress, device: NetDevice): void {
    const k = `${group}/${device.name}`;
    this.groups.set(k, (this.groups.get(k) ?? 0) - 1);
  }
  deviceByName(name: string): NetDevice | null {
    return this.devices.find((d) => d.name === name) ?? null;
  }
  deviceByIndex(index: number): NetDevice | null {
    return this.devices.find((d) => d.index === index) ?? null;
  }
  deviceByAddress(address: IpAddress): NetDevice | null {
    if (address.isLoopback) return this.devices[0]!;
    return this.nets.find((n) => n.addresses.includes(address))?.device ?? null;
  }
  sendPortUnreachable(packet: IpPacket, _arrival: Arrival): void {
    const quote = new Payload(bytesOf(packet).subarray(0, 28));
    this.send(packet.dst, packet.src, 1, new IcmpMessage(3, 3, 0, quote), {
      ttl: 0,
      tos: 0,
      pmtuDiscovery: 'want',
      device: null,
      dontRoute: false,
      multicastLoop: true,
      foreignSource: true,
      ipOptions: null,
    });
  }
}
