/**
 * IPv6 of one node, composed of its machines: neighbour discovery, routes, input, forwarding, output, reassembly,
 * ICMPv6. It shares interfaces, peers and the budget for errors with IPv4; `IpStack` decides which family is meant.
 */
import type { NetDevice } from '../link/device.ts';
import type { EthernetFrame } from '../link/frame.ts';
import { ANY_V6, type IpAddress, LOOPBACK_V6 } from '../packet/ip-address.ts';
import type { MacAddress } from '../packet/mac-address.ts';
import { Payload } from '../packet/payload.ts';
import { bytesOf, type Pdu } from '../packet/pdu.ts';
import type { Prefix } from '../packet/prefix.ts';
import type { RouteSpec } from './addressing.ts';
import { DuplicateDetection } from './duplicate-detection.ts';
import { EEXIST, EINVAL, ENODEV, ENOENT } from './errno.ts';
import { ICMPV6_UNREACHABLE, UNREACHABLE_V6_PORT } from './icmpv6.ts';
import { Icmpv6Errors } from './icmpv6-errors.ts';
import { Icmpv6Input } from './icmpv6-input.ts';
import { Icmpv6Limits } from './icmpv6-limits.ts';
import type { Interface } from './interface.ts';
import { type IpPacket, PROTOCOL_ICMPV6 } from './ip-packet.ts';
import { UNCONSTRAINED } from './ipv4-route-output.ts';
import { Ipv6Packet } from './ipv6.ts';
import { Ipv6Addressing } from './ipv6-addressing.ts';
import { Ipv6Config } from './ipv6-config.ts';
import { Ipv6Discovery } from './ipv6-discovery.ts';
import { Ipv6Forward } from './ipv6-forward.ts';
import { Ipv6Input } from './ipv6-input.ts';
import { type Ipv6Address, Ipv6Interface } from './ipv6-interface.ts';
import { Ipv6Output } from './ipv6-output.ts';
import { Ipv6ReassemblyTable } from './ipv6-reassembly-table.ts';
import type { Ipv6Route } from './ipv6-route.ts';
import { routeIpv6Output } from './ipv6-route-output.ts';
import { ALL_ROUTERS_V6, linkLocalOf, solicitedNode } from './ipv6-scope.ts';
import { Ipv6Tables } from './ipv6-tables.ts';
import { LoopedFrame } from './looped-frame.ts';
import { MldMembership } from './mld-membership.ts';
import { NdpProtocol } from './ndp-protocol.ts';
import { type NeighbourState, neighbourStateBit } from './neighbour.ts';
import { NeighbourTable } from './neighbour-table.ts';
import type { PacketOrigin } from './packet-origin.ts';
import type { Route, SendOptions } from './ports.ts';
import type { Protocols } from './protocols.ts';
import { RouteCache } from './route-cache.ts';
import { RouterDiscovery } from './router-discovery.ts';
import type { SharedFloor } from './shared-floor.ts';
import { ipv6RouteRows, type NeighbourRow, neighbourRows, type RouteRow } from './table-rows.ts';

/** How an address is added. */
export interface Ipv6AddressOptions {
  /** Ask the link first whether somebody has it (RFC 4862 5.4). Default: false. */
  readonly detectDuplicates?: boolean;
}

export class Ipv6Stack {
  readonly #floor: SharedFloor;
  readonly #tables: Ipv6Tables;
  readonly #ndp: NdpProtocol;
  readonly #neighbours: NeighbourTable;
  readonly #output: Ipv6Output;
  readonly #errors: Icmpv6Errors;
  readonly #input: Ipv6Input;
  readonly #addressing: Ipv6Addressing;
  readonly #groups: MldMembership;
  readonly #duplicates: DuplicateDetection;
  readonly #routers: RouterDiscovery;
  /** Interfaces that make addresses of what routers advertise. */
  readonly #automatic = new Set<Interface>();
  /** Routes of sent packets that nothing but their addresses constrains. */
  readonly #routes = new RouteCache<Ipv6Route>();

  /** A stack on the interfaces that the node has; more may be added. */
  constructor(floor: SharedFloor, protocols: Protocols<Ipv6Packet>) {
    const { simulator, name, random, drops, sysctls } = floor;
    this.#floor = floor;
    const tables = new Ipv6Tables(simulator, new Ipv6Config(sysctls), drops);
    this.#tables = tables;
    const onUnreachable = (packet: IpPacket, origin: PacketOrigin): void => {
      if (packet instanceof Ipv6Packet) this.#errors.sendAddressUnreachable(packet, origin);
    };
    this.#ndp = new NdpProtocol(tables, {
      onUnreachable,
      onDuplicate: (entry) => this.#duplicates.onDuplicate(entry),
    });
    const streams = random.stream(`${name} ndp`);
    this.#neighbours = new NeighbourTable(simulator, `${name}/neighbours6`, streams, drops, this.#ndp);
    this.#output = new Ipv6Output(
      tables,
      `${name}/ip6`,
      this.#neighbours,
      random.stream(`${name} ip6`),
      (iface, packet) => this.#input.receiveOwn(iface, packet),
    );
    const limits = new Icmpv6Limits(tables.config, floor.icmpLimits, floor.peers);
    this.#errors = new Icmpv6Errors(tables, this.#output, limits);
    const forward = new Ipv6Forward(tables, this.#output, this.#errors);
    const reassembly = new Ipv6ReassemblyTable(tables, `${name}/reassembly6`, this.#errors);
    this.#input = new Ipv6Input(tables, forward, this.#errors, reassembly, protocols);
    this.#addressing = new Ipv6Addressing(tables);
    this.#groups = new MldMembership(tables, `${name}/mld`, random.stream(`${name} mld`));
    this.#duplicates = new DuplicateDetection(
      tables,
      `${name}/dad`,
      this.#ndp,
      random.stream(`${name} dad`),
      (entry, iface) => this.#onUnique(entry, iface),
    );
    this.#routers = new RouterDiscovery(
      tables,
      `${name}/routers6`,
      this.#addressing,
      this.#neighbours,
      random.stream(`${name} routers6`),
      (iface, address) => this.#add(iface, address, 64, 'advertised', true),
    );
    const discovery = new Ipv6Discovery(tables, this.#ndp, this.#neighbours, this.#routers, this.#groups);
    const icmp = new Icmpv6Input(tables, this.#output, protocols, limits, discovery);
    protocols.registerOwn(PROTOCOL_ICMPV6, icmp);
    for (const iface of floor.interfaces) this.addInterface(iface);
    sysctls.watch(() => this.#readSysctls());
  }

  // Composition.

  /** The loopback interface gets ::1 by itself; any other speaks IPv6 once it has an address. */
  addInterface(iface: Interface): void {
    const v6 = new Ipv6Interface(iface, this.#tables, this.#floor.sysctls);
    iface.v6 = v6;
    this.#tables.interfaces.push(v6);
    if (iface.device.isLoopback) this.addAddress(iface, { address: LOOPBACK_V6, length: 128 });
  }

  /** @returns 0, -EEXIST or -EINVAL */
  addAddress(iface: Interface, { address, length }: Prefix, options: Ipv6AddressOptions = {}): number {
    if (address === ANY_V6 || address.isMulticast) return -EINVAL;
    const checks = options.detectDuplicates === true;
    this.#enable(iface, checks);
    return this.#add(iface, address, length, 'static', checks) === null ? -EEXIST : 0;
  }

  /** The interface gets a link-local address and looks for routers, as every interface of a Linux host does. */
  autoconfigure(iface: Interface): void {
    this.#automatic.add(iface);
    this.#enable(iface, true);
    if (iface.v6!.linkLocal() !== null) this.#routers.solicit(iface);
  }

  /** The interface answers router solicitations with the prefixes of its addresses. */
  advertise(iface: Interface): void {
    this.#enable(iface, false);
    this.#groups.join(ALL_ROUTERS_V6, iface, false);
    this.#routers.advertise(iface);
  }

  /** @returns 0 or -EADDRNOTAVAIL */
  removeAddress(iface: Interface, address: IpAddress): number {
    const removed = this.#addressing.removeAddress(iface.v6!, address);
    if (typeof removed === 'number') return removed;
    this.#groups.leave(solicitedNode(address), iface);
    return 0;
  }

  addRoute(route: RouteSpec): number {
    return this.#addressing.addRoute(route, (device) => this.#floor.interfaceOf(device));
  }

  removeRoute(route: RouteSpec): number {
    return this.#addressing.removeRoute(route);
  }

  setNeighbour(iface: Interface, address: IpAddress, mac: MacAddress | null, state: NeighbourState): number {
    return this.#neighbours.set(address, iface, mac, neighbourStateBit(state));
  }

  removeNeighbour(iface: Interface, address: IpAddress): number {
    const neighbour = this.#neighbours.find(address, iface);
    if (neighbour === null) return -ENOENT;
    this.#neighbours.remove(neighbour);
    return 0;
  }

  neighbours(): NeighbourRow[] {
    return neighbourRows(this.#neighbours.all());
  }

  routes(): RouteRow[] {
    return ipv6RouteRows(this.#tables.fib.all());
  }

  // From the link.

  /** @param isHostFrame the frame was addressed to this node alone */
  receive(iface: Interface, isHostFrame: boolean, frame: EthernetFrame): void {
    const { payload } = frame;
    if (iface.device.isLoopback && frame instanceof LoopedFrame && payload instanceof Ipv6Packet)
      this.#input.receiveLooped(iface, payload, frame.route as Ipv6Route);
    else if (payload instanceof Ipv6Packet) this.#input.receive(iface, isHostFrame, payload);
    else {
      const bytes = payload instanceof Payload ? payload : new Payload(bytesOf(payload));
      this.#input.receiveBytes(iface, isHostFrame, bytes);
    }
  }

  /** @param isSwitched the device was switched on or off; else only its carrier came or went */
  onLinkChange(iface: Interface, isSwitched: boolean): void {
    const { device } = iface;
    if (!device.isUp) this.#neighbours.flush(iface, !device.isEnabled);
    if (!isSwitched) return;
    this.#addressing.redoRoutesOf(iface.v6!);
    this.#groups.deviceChanged(iface);
    this.#duplicates.deviceChanged(iface);
    this.#routers.deviceChanged(iface);
  }

  // For the floors above.

  route(dst: IpAddress, source: IpAddress | null, options: SendOptions): Route | number {
    const route = this.#routeFor(orLoopback(dst), source, options);
    return typeof route === 'number' ? route : (route as Route);
  }

  send(src: IpAddress, dst: IpAddress, protocol: number, payload: Pdu, options: SendOptions): number {
    const target = orLoopback(dst);
    const asked = src === ANY_V6 ? null : src;
    const route = this.#routeFor(target, asked, options);
    if (typeof route === 'number') return route;
    return this.#output.originate(route, asked ?? route.source, target, protocol, payload, options);
  }

  /** Extension headers are not echoed. */
  reply(packet: IpPacket, protocol: number, payload: Pdu, options: SendOptions): number {
    return this.send(packet.dst, packet.src, protocol, payload, options);
  }

  isLocal(address: IpAddress): boolean {
    return this.#tables.ownerOf(address, null) !== null;
  }

  joinGroup(group: IpAddress, iface: Interface): void {
    this.#groups.join(group, iface);
  }

  leaveGroup(group: IpAddress, iface: Interface): void {
    this.#groups.leave(group, iface);
  }

  confirm(dst: IpAddress): void {
    const route = this.#plainRoute(dst, null);
    if (typeof route !== 'number' && route.neighbour !== null) this.#neighbours.confirm(route.neighbour);
  }

  deviceByAddress(address: IpAddress): NetDevice | null {
    return this.#tables.ownerOf(address, null)?.device ?? null;
  }

  sendPortUnreachable(packet: Ipv6Packet, iface: Interface, length: number): void {
    const origin = this.#input.arrivalOf(iface);
    const size = packet.headerSize + length;
    this.#errors.send(packet, origin, ICMPV6_UNREACHABLE, UNREACHABLE_V6_PORT, 0, false, size);
  }

  /** The first address of an interface brings a link-local one along. */
  #enable(iface: Interface, checks: boolean): void {
    const v6 = iface.v6!;
    if (v6.isEnabled || v6.config.isDisabled) return;
    v6.isEnabled = true;
    if (iface.device.isLoopback || !v6.config.generatesLinkLocal) return;
    this.#add(iface, linkLocalOf(iface.device.mac), 64, 'link-local', checks);
  }

  /** @param checks ask the link first; else it was there before the run began @returns null when it is here already */
  #add(
    iface: Interface,
    address: IpAddress,
    length: number,
    origin: Ipv6Address['origin'],
    checks: boolean,
  ): Ipv6Address | null {
    const v6 = iface.v6!;
    const entry = v6.insert(address, length, origin, checks ? 'tentative' : 'assigned');
    if (entry === null) return null;
    this.#groups.join(solicitedNode(address), iface, checks);
    this.#addressing.redoRoutesOf(v6);
    if (checks) this.#duplicates.start(entry, iface);
    return entry;
  }

  #onUnique({ origin }: Ipv6Address, iface: Interface): void {
    if (origin === 'link-local' && this.#automatic.has(iface)) this.#routers.solicit(iface);
  }

  #routeFor(dst: IpAddress, source: IpAddress | null, options: SendOptions): Ipv6Route | number {
    const { device, dontRoute, foreignSource } = options;
    if (device === null && !dontRoute) return this.#plainRoute(dst, source);
    const out = device === null ? null : this.#floor.interfaceOf(device);
    if (device !== null && out === null) return -ENODEV;
    return routeIpv6Output(this.#tables, dst, source, { out, onLinkOnly: dontRoute, foreignSource });
  }

  #plainRoute(dst: IpAddress, source: IpAddress | null): Ipv6Route | number {
    const tables = this.#tables;
    const known = this.#routes.find(dst, source, tables.version, tables.simulator.now);
    if (known !== null) return known;
    const route = routeIpv6Output(tables, dst, source, UNCONSTRAINED);
    if (typeof route !== 'number') this.#routes.store(route);
    return route;
  }

  #readSysctls(): void {
    const { interfaces, config } = this.#tables;
    config.read(interfaces.map(({ base }) => base.device.name));
    for (const iface of interfaces) iface.readConfig();
    this.#tables.version++;
  }
}

/** :: as a destination means this node. */
function orLoopback(dst: IpAddress): IpAddress {
  return dst === ANY_V6 ? LOOPBACK_V6 : dst;
}
