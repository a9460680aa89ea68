/**
 * The network floor of one host or router, composed of its machines: neighbours, routes, input, forwarding, output,
 * reassembly, ICMP, groups. IPv4 now; packets of another family would join at `FrameInput` and in the two calls that
 * look at an address family.
 */
import type { FrameHandler, NetDevice } from '../link/device.ts';
import type { EthernetFrame } from '../link/frame.ts';
import type { DropCounters } from '../packet/drops.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import type { MacAddress } from '../packet/mac-address.ts';
import type { Pdu } from '../packet/pdu.ts';
import { type Prefix, parsePrefix } from '../packet/prefix.ts';
import type { RandomStreams } from '../sim/random.ts';
import type { Simulator } from '../sim/simulator.ts';
import { Addressing, type RouteSpec } from './addressing.ts';
import { ArpProtocol } from './arp-protocol.ts';
import { ENODEV, ENOENT } from './errno.ts';
import { FrameInput } from './frame-input.ts';
import { ICMP_UNREACHABLE, UNREACHABLE_PORT } from './icmp.ts';
import { IcmpErrors } from './icmp-errors.ts';
import { IcmpInput } from './icmp-input.ts';
import { IcmpLimits } from './icmp-limits.ts';
import { ALL_HOSTS, IgmpMembership } from './igmp-membership.ts';
import { Interface } from './interface.ts';
import { InterfacePort } from './interface-port.ts';
import { type IpPacket, PROTOCOL_ICMP, PROTOCOL_IGMP } from './ip-packet.ts';
import { Ipv4Packet } from './ipv4.ts';
import { Ipv4Config } from './ipv4-config.ts';
import { Ipv4Forward } from './ipv4-forward.ts';
import { Ipv4Input } from './ipv4-input.ts';
import { echoOptions } from './ipv4-options.ts';
import { Ipv4Output } from './ipv4-output.ts';
import type { Ipv4Route } from './ipv4-route.ts';
import { routeOutput } from './ipv4-route-output.ts';
import { defineInterfaceSysctls } from './ipv4-sysctls.ts';
import { Ipv4Tables } from './ipv4-tables.ts';
import { type NeighbourState, neighbourStateBit } from './neighbour.ts';
import { NeighbourTable } from './neighbour-table.ts';
import { outgoingOptions } from './outgoing-options.ts';
import { optionsNodeFor } from './own-address.ts';
import { LOCAL_ORIGIN, type PacketOrigin } from './packet-origin.ts';
import { PeerTable } from './peers.ts';
import type { Arrival, IpLayer, RawListener, Route, SendOptions, TransportHandler } from './ports.ts';
import { Protocols } from './protocols.ts';
import { ReassemblyTable } from './reassembly-table.ts';
import { Redirects } from './redirects.ts';
import { RouteCache } from './route-cache.ts';
import type { Sysctls } from './sysctls.ts';
import { type NeighbourRow, neighbourRows, type RouteRow, routeRows } from './table-rows.ts';

export class IpStack implements IpLayer, FrameHandler {
  readonly #sysctls: Sysctls;
  readonly #tables: Ipv4Tables;
  readonly #arp: ArpProtocol;
  readonly #neighbours: NeighbourTable;
  readonly #output: Ipv4Output;
  readonly #errors: IcmpErrors;
  readonly #input: Ipv4Input;
  readonly #frames: FrameInput;
  readonly #protocols = new Protocols();
  readonly #groups: IgmpMembership;
  readonly #addressing: Addressing;
  /** Routes of sent packets that nothing but their addresses constrains. */
  readonly #routes = new RouteCache();
  readonly #byIndex: (Interface | undefined)[] = [];

  /**
   * A stack without interfaces. Then, in this order: `addDevice` for each device (the loopback device first; it gets
   * 127.0.0.1/8 by itself), sysctls of single interfaces, `addAddress`, `addRoute`; transports by `register`.
   * @param name of the node: prefix of its places and random streams
   * @param sysctls with `NETWORK_SYSCTLS` among its tables; read now and after every change. Setting `ip_forward`
   *   switches all interfaces and `accept_redirects`, as on Linux, so set those afterwards.
   */
  constructor(
    simulator: Simulator,
    name: string,
    random: RandomStreams,
    sysctls: Sysctls,
    drops: DropCounters,
  ) {
    this.#sysctls = sysctls;
    const config = new Ipv4Config(sysctls);
    const tables = new Ipv4Tables(simulator, config, drops);
    const peers = new PeerTable();
    const onUnreachable = (packet: IpPacket, origin: PacketOrigin): void => this.#unreachable(packet, origin);
    this.#tables = tables;
    this.#arp = new ArpProtocol(tables, `${name}/arp`, random.stream(`${name} arp`), onUnreachable);
    this.#neighbours = new NeighbourTable(
      simulator,
      `${name}/neighbours`,
      random.stream(`${name} neighbours`),
      drops,
      this.#arp,
    );
    this.#output = new Ipv4Output(
      tables,
      `${name}/ip`,
      this.#neighbours,
      random.stream(`${name} ip`),
      (iface, packet) => this.#input.receiveOwn(iface, packet),
    );
    const limits = new IcmpLimits(config, peers, random.stream(`${name} icmp`));
    this.#errors = new IcmpErrors(tables, this.#output, limits);
    this.#groups = new IgmpMembership(tables, `${name}/igmp`, this.#output, random.stream(`${name} igmp`));
    const forward = new Ipv4Forward(tables, this.#output, this.#errors, peers);
    const reassembly = new ReassemblyTable(tables, `${name}/reassembly`, this.#errors, peers);
    this.#input = new Ipv4Input(tables, forward, this.#errors, reassembly, this.#protocols);
    this.#frames = new FrameInput(this.#input, this.#arp, this.#neighbours, drops);
    const redirects = new Redirects(tables, this.#neighbours);
    const icmp = new IcmpInput(tables, this.#output, this.#protocols, redirects);
    this.#protocols.registerOwn(PROTOCOL_ICMP, icmp);
    this.#protocols.registerOwn(PROTOCOL_IGMP, this.#groups);
    this.#addressing = new Addressing(tables);
    sysctls.watch(() => this.#readSysctls());
  }

  // Composition: what src/node calls.

  /** Takes a device over and becomes its handler; its `net.ipv4.conf.NAME.*` exist from here on. */
  addDevice(device: NetDevice): void {
    defineInterfaceSysctls(this.#sysctls, device.name);
    const iface = new Interface(device, this.#sysctls);
    this.#byIndex[device.index] = iface;
    this.#tables.interfaces.push(iface);
    device.handler = new InterfacePort(this.#tables, iface.inputRoutes, this);
    this.#groups.join(ALL_HOSTS, iface);
    if (device.isLoopback) this.addAddress(device, parsePrefix('127.0.0.1/8'));
  }

  /** `ip address add`: the first address of a subnet is its primary one. @returns 0, -EEXIST or -ENODEV */
  addAddress(device: NetDevice, prefix: Prefix): number {
    const iface = this.#interfaceOf(device);
    if (iface === null) return -ENODEV;
    const added = this.#addressing.addAddress(iface, prefix);
    if (typeof added === 'number') return added;
    if (iface.config.arpNotify && device.isUp) this.#arp.announce(iface, added.address);
    return 0;
  }

  /** `ip address del`. @returns 0, -EADDRNOTAVAIL or -ENODEV */
  removeAddress(device: NetDevice, address: IpAddress): number {
    const iface = this.#interfaceOf(device);
    return iface === null ? -ENODEV : this.#addressing.removeAddress(iface, address);
  }

  /** `ip route add`. @returns 0, -EEXIST, -ENETUNREACH (the gateway is not on any link), -EINVAL or -ENODEV */
  addRoute(route: RouteSpec): number {
    return this.#addressing.addRoute(route, (device) => this.#interfaceOf(device));
  }

  /** `ip route del`. @returns 0 or -ESRCH */
  removeRoute(route: RouteSpec): number {
    return this.#addressing.removeRoute(route);
  }

  /** `ip neigh replace`, by default a permanent entry. @returns 0, -ENODEV or -EINVAL (no MAC, and none known) */
  setNeighbour(
    device: NetDevice,
    address: IpAddress,
    mac: MacAddress | null,
    state: NeighbourState = 'PERMANENT',
  ): number {
    const iface = this.#interfaceOf(device);
    return iface === null ? -ENODEV : this.#neighbours.set(address, iface, mac, neighbourStateBit(state));
  }

  /** `ip neigh del`. @returns 0, -ENOENT or -ENODEV */
  removeNeighbour(device: NetDevice, address: IpAddress): number {
    const iface = this.#interfaceOf(device);
    if (iface === null) return -ENODEV;
    const neighbour = this.#neighbours.find(address, iface);
    if (neighbour === null) return -ENOENT;
    this.#neighbours.remove(neighbour);
    return 0;
  }

  /** Gratuitous ARP: tells the link that `address` is at this device now. */
  announce(device: NetDevice, address: IpAddress): void {
    const iface = this.#interfaceOf(device);
    if (iface !== null) this.#arp.announce(iface, address);
  }

  /** `ip neigh`: all entries. */
  neighbours(): NeighbourRow[] {
    return neighbourRows(this.#neighbours.all());
  }

  /** `ip route`: the main table; with `all` the local table before it. */
  routes(all: boolean = false): RouteRow[] {
    const { local, main } = this.#tables.fib;
    return routeRows([...(all ? local.all() : []), ...main.all()]);
  }

  /** Addresses of a device, primary ones first. */
  addresses(device: NetDevice): Prefix[] {
    return this.#interfaceOf(device)?.addresses.map(({ address, length }) => ({ address, length })) ?? [];
  }

  // The link floor's port.

  onFrame(device: NetDevice, frame: EthernetFrame): void {
    const iface = this.#byIndex[device.index];
    if (iface !== undefined) this.#frames.receive(iface, frame);
  }

  onLinkChange(device: NetDevice): void {
    const iface = this.#interfaceOf(device);
    if (iface === null) return;
    if (!device.isUp) this.#neighbours.flush(iface, !device.isEnabled);
    if (device.isEnabled !== iface.wasEnabled) {
      iface.wasEnabled = device.isEnabled;
      this.#addressing.deviceChanged(iface);
      this.#groups.deviceChanged(iface);
    }
    if (device.isUp && iface.config.arpNotify)
      for (const { address } of iface.addresses) this.#arp.announce(iface, address);
  }

  // The port of the floors above.

  register(protocol: number, handler: TransportHandler): void {
    this.#protocols.register(protocol, handler);
  }

  addRaw(protocol: number, listener: RawListener): void {
    this.#protocols.addRaw(protocol, listener);
  }

  removeRaw(protocol: number, listener: RawListener): void {
    this.#protocols.removeRaw(protocol, listener);
  }

  route(dst: IpAddress, source: IpAddress | null, options: SendOptions): Route | number {
    const route = this.#routeFor(dst, source, options);
    return typeof route === 'number' ? route : (route as Route);
  }

  send(src: IpAddress, dst: IpAddress, protocol: number, payload: Pdu, options: SendOptions): number {
    const asked = src.isUnspecified ? null : src;
    if (options.ipOptions !== null) return this.#sendWithOptions(asked, dst, protocol, payload, options);
    const route = this.#routeFor(dst, asked, options);
    if (typeof route === 'number') return route;
    return this.#output.originate(route, asked ?? route.source, dst, protocol, payload, options);
  }

  reply(packet: IpPacket, protocol: number, payload: Pdu, options: SendOptions): number {
    const received = this.#input.optionsOf(packet);
    const echoed =
      received === null
        ? null
        : echoOptions(received, packet.src, optionsNodeFor(this.#tables, packet, LOCAL_ORIGIN));
    if (echoed === 'impossible') return 0;
    const route = this.#routeFor(echoed?.firstHop ?? packet.src, packet.dst, options);
    if (typeof route === 'number') return route;
    return this.#output.answer(route, packet.dst, packet.src, protocol, payload, options, echoed);
  }

  isLocal(address: IpAddress): boolean {
    return this.#tables.typeOf(address) === 'local';
  }

  isBroadcast(address: IpAddress): boolean {
    return this.#tables.isBroadcast(address);
  }

  joinGroup(group: IpAddress, device: NetDevice): void {
    const iface = this.#interfaceOf(device);
    if (iface !== null) this.#groups.join(group, iface);
  }

  leaveGroup(group: IpAddress, device: NetDevice): void {
    const iface = this.#interfaceOf(device);
    if (iface !== null) this.#groups.leave(group, iface);
  }

  /** A transport had an answer from `dst`: the neighbour on the way there is alive (RFC 4861 7.3.1). */
  confirm(dst: IpAddress): void {
    const route = this.#plainRoute(dst, null);
    if (typeof route !== 'number' && route.neighbour !== null) this.#neighbours.confirm(route.neighbour);
  }

  deviceByName(name: string): NetDevice | null {
    return this.#tables.interfaces.find((iface) => iface.device.name === name)?.device ?? null;
  }

  deviceByIndex(index: number): NetDevice | null {
    return this.#byIndex[index]?.device ?? null;
  }

  deviceByAddress(address: IpAddress): NetDevice | null {
    return this.#tables.ownerOf(address)?.device ?? null;
  }

  sendPortUnreachable(packet: IpPacket, arrival: Arrival, length: number = packet.payload.size): void {
    const iface = this.#interfaceOf(arrival.device);
    if (iface === null || !(packet instanceof Ipv4Packet)) return;
    const origin = this.#input.arrivalOf(iface);
    this.#errors.send(packet, origin, ICMP_UNREACHABLE, UNREACHABLE_PORT, 0, packet.headerSize + length);
  }

  #routeFor(dst: IpAddress, source: IpAddress | null, options: SendOptions): Ipv4Route | number {
    const { device, dontRoute, foreignSource } = options;
    if (device === null && !dontRoute && !foreignSource) return this.#plainRoute(dst, source);
    const out = device === null ? null : this.#interfaceOf(device);
    if (device !== null && out === null) return -ENODEV;
    return routeOutput(this.#tables, dst, source, { out, onLinkOnly: dontRoute, foreignSource });
  }

  #plainRoute(dst: IpAddress, source: IpAddress | null): Ipv4Route | number {
    const tables = this.#tables;
    const known = this.#routes.find(dst, source, tables.version, tables.simulator.now);
    if (known !== null) return known;
    const route = routeOutput(tables, dst, source, { out: null, onLinkOnly: false, foreignSource: false });
    if (typeof route !== 'number') this.#routes.store(route);
    return route;
  }

  /** IP_OPTIONS: a source route goes to its first hop, and names the destination last. */
  #sendWithOptions(
    src: IpAddress | null,
    dst: IpAddress,
    protocol: number,
    payload: Pdu,
    options: SendOptions,
  ): number {
    const outgoing = outgoingOptions(options.ipOptions!);
    if (typeof outgoing === 'number') return outgoing;
    const route = this.#routeFor(outgoing.firstHop ?? dst, src, options);
    if (typeof route === 'number') return route;
    return this.#output.answer(route, src ?? route.source, dst, protocol, payload, options, outgoing);
  }

  #unreachable(packet: IpPacket, origin: PacketOrigin): void {
    if (packet instanceof Ipv4Packet) this.#errors.sendHostUnreachable(packet, origin);
  }

  #interfaceOf(device: NetDevice): Interface | null {
    return this.#byIndex[device.index] ?? null;
  }

  #readSysctls(): void {
    const { interfaces, config } = this.#tables;
    config.read(interfaces.map(({ device }) => device.name));
    for (const iface of interfaces) iface.readConfig();
    this.#tables.version++;
  }
}
