/**
 * The network floor of one host or router: what a frame carries and which family an address is of decides whether
 * IPv4 or IPv6 has the word. A node speaks IPv6 from the first moment that somebody gives or names it an IPv6 address;
 * one that never does costs and changes nothing.
 */
import type { FrameHandler, NetDevice } from '../link/device.ts';
import type { EthernetFrame } from '../link/frame.ts';
import { VlanDevice } from '../link/vlan-device.ts';
import type { DropCounters } from '../packet/drops.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import type { MacAddress } from '../packet/mac-address.ts';
import type { Pdu } from '../packet/pdu.ts';
import type { Prefix } from '../packet/prefix.ts';
import type { RandomStreams } from '../sim/random.ts';
import type { Simulator } from '../sim/simulator.ts';
import type { RouteSpec } from './addressing.ts';
import { ENODEV } from './errno.ts';
import { FrameInput } from './frame-input.ts';
import type { IpPacket } from './ip-packet.ts';
import { Ipv4Packet } from './ipv4.ts';
import { Ipv4Stack } from './ipv4-stack.ts';
import { defineInterfaceSysctls } from './ipv4-sysctls.ts';
import { Ipv6Packet } from './ipv6.ts';
import { type Ipv6AddressOptions, Ipv6Stack } from './ipv6-stack.ts';
import { defineIpv6InterfaceSysctls } from './ipv6-sysctls.ts';
import type { NeighbourState } from './neighbour.ts';
import type { Arrival, IpLayer, RawListener, Route, SendOptions, TransportHandler } from './ports.ts';
import { Protocols } from './protocols.ts';
import { SharedFloor } from './shared-floor.ts';
import type { Sysctls } from './sysctls.ts';
import type { NeighbourRow, RouteRow } from './table-rows.ts';

export class IpStack implements IpLayer, FrameHandler {
  readonly #floor: SharedFloor;
  readonly #protocols4 = new Protocols<Ipv4Packet>();
  readonly #protocols6 = new Protocols<Ipv6Packet>();
  readonly #v4: Ipv4Stack;
  readonly #frames: FrameInput;
  #v6: Ipv6Stack | null = null;

  /**
   * A stack without interfaces. Then, in this order: `addDevice` for each device (the loopback device first; it gets
   * 127.0.0.1/8, and ::1 with IPv6, by itself), sysctls of single interfaces, `addAddress`, `addRoute`; transports by
   * `register`.
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
    this.#floor = new SharedFloor(simulator, name, random, sysctls, drops);
    this.#v4 = new Ipv4Stack(this.#floor, this.#protocols4);
    this.#frames = new FrameInput(this.#v4, drops);
  }

  // Composition: what src/node calls.

  /**
   * Takes a device over and becomes its handler; its `net.ipv4.conf.NAME.*` exist from here on, and its IPv6 ones. A VLAN
   * interface comes after the device that it is over.
   */
  addDevice(device: NetDevice): void {
    defineInterfaceSysctls(this.#floor.sysctls, device.name);
    defineIpv6InterfaceSysctls(this.#floor.sysctls, device.name);
    const iface = this.#floor.add(device);
    if (device instanceof VlanDevice) this.#floor.interfaceOf(device.parent)?.vlans.set(device.vid, device);
    device.handler = this.#v4.addInterface(iface, this);
    this.#v6?.addInterface(iface);
  }

  /** `ip address add`: the first IPv4 address of a subnet is its primary one. @returns 0, -EEXIST, -EINVAL or -ENODEV */
  addAddress(device: NetDevice, prefix: Prefix, options: Ipv6AddressOptions = {}): number {
    const iface = this.#floor.interfaceOf(device);
    if (iface === null) return -ENODEV;
    if (prefix.address.family === 6) return this.#ipv6().addAddress(iface, prefix, options);
    return this.#v4.addAddress(iface, prefix);
  }

  /** `ip address del`. @returns 0, -EADDRNOTAVAIL or -ENODEV */
  removeAddress(device: NetDevice, address: IpAddress): number {
    const iface = this.#floor.interfaceOf(device);
    if (iface === null) return -ENODEV;
    return this.#of(address).removeAddress(iface, address);
  }

  /** The interface makes itself a link-local address, looks for routers and makes addresses of what they advertise. */
  autoconfigureIpv6(device: NetDevice): number {
    const iface = this.#floor.interfaceOf(device);
    if (iface === null) return -ENODEV;
    this.#ipv6().autoconfigure(iface);
    return 0;
  }

  /** A router answers router solicitations on this device, with the prefixes of its addresses there. */
  advertiseIpv6(device: NetDevice): number {
    const iface = this.#floor.interfaceOf(device);
    if (iface === null) return -ENODEV;
    this.#ipv6().advertise(iface);
    return 0;
  }

  /** `ip route add`. @returns 0, -EEXIST, -ENETUNREACH (the gateway is not on any link), -EINVAL or -ENODEV */
  addRoute(route: RouteSpec): number {
    return this.#of(route.prefix.address).addRoute(route);
  }

  /** `ip route del`. @returns 0 or -ESRCH */
  removeRoute(route: RouteSpec): number {
    return this.#of(route.prefix.address).removeRoute(route);
  }

  /** `ip neigh replace`, by default a permanent entry. @returns 0, -ENODEV or -EINVAL (no MAC, and none known) */
  setNeighbour(
    device: NetDevice,
    address: IpAddress,
    mac: MacAddress | null,
    state: NeighbourState = 'PERMANENT',
  ): number {
    const iface = this.#floor.interfaceOf(device);
    return iface === null ? -ENODEV : this.#of(address).setNeighbour(iface, address, mac, state);
  }

  /** `ip neigh del`. @returns 0, -ENOENT or -ENODEV */
  removeNeighbour(device: NetDevice, address: IpAddress): number {
    const iface = this.#floor.interfaceOf(device);
    return iface === null ? -ENODEV : this.#of(address).removeNeighbour(iface, address);
  }

  /** Gratuitous ARP: tells the link that the IPv4 address is at this device now. */
  announce(device: NetDevice, address: IpAddress): void {
    const iface = this.#floor.interfaceOf(device);
    if (iface !== null) this.#v4.announce(iface, address);
  }

  /** `ip neigh`: all entries, those of IPv4 first. */
  neighbours(): NeighbourRow[] {
    return [...this.#v4.neighbours(), ...(this.#v6?.neighbours() ?? [])];
  }

  /** `ip route`: the main table, IPv4 first; with `all` the local table of IPv4 before it. */
  routes(all: boolean = false): RouteRow[] {
    return [...this.#v4.routes(all), ...(this.#v6?.routes() ?? [])];
  }

  /** Addresses of a device: IPv4, primary ones first, then IPv6 in use. */
  addresses(device: NetDevice): Prefix[] {
    const iface = this.#floor.interfaceOf(device);
    if (iface === null) return [];
    const used = (iface.v6?.addresses ?? []).filter(({ state }) => state === 'assigned');
    return [...iface.addresses, ...used].map(({ address, length }) => ({ address, length }));
  }

  // The link floor's port.

  onFrame(device: NetDevice, frame: EthernetFrame): void {
    const iface = this.#floor.interfaceOf(device);
    if (iface !== null) this.#frames.receive(iface, frame);
  }

  onLinkChange(device: NetDevice): void {
    const iface = this.#floor.interfaceOf(device);
    if (iface === null) return;
    const isSwitched = device.isEnabled !== iface.wasEnabled;
    iface.wasEnabled = device.isEnabled;
    this.#v4.onLinkChange(iface, isSwitched);
    this.#v6?.onLinkChange(iface, isSwitched);
    for (const vlan of iface.vlans.values()) vlan.parentChanged();
  }

  // The port of the floors above.

  register(protocol: number, handler: TransportHandler): void {
    this.#protocols4.register(protocol, handler);
    this.#protocols6.register(protocol, handler);
  }

  addRaw(protocol: number, listener: RawListener): void {
    this.#protocols4.addRaw(protocol, listener);
    this.#protocols6.addRaw(protocol, listener);
  }

  removeRaw(protocol: number, listener: RawListener): void {
    this.#protocols4.removeRaw(protocol, listener);
    this.#protocols6.removeRaw(protocol, listener);
  }

  route(dst: IpAddress, source: IpAddress | null, options: SendOptions): Route | number {
    return this.#of(dst).route(dst, source, options);
  }

  send(src: IpAddress, dst: IpAddress, protocol: number, payload: Pdu, options: SendOptions): number {
    return this.#of(dst).send(src, dst, protocol, payload, options);
  }

  reply(packet: IpPacket, protocol: number, payload: Pdu, options: SendOptions): number {
    if (packet instanceof Ipv4Packet) return this.#v4.reply(packet, protocol, payload, options);
    return this.#ipv6().reply(packet, protocol, payload, options);
  }

  isLocal(address: IpAddress): boolean {
    return this.#of(address).isLocal(address);
  }

  isBroadcast(address: IpAddress): boolean {
    return address.family === 4 && this.#v4.isBroadcast(address);
  }

  joinGroup(group: IpAddress, device: NetDevice): void {
    const iface = this.#floor.interfaceOf(device);
    if (iface !== null) this.#of(group).joinGroup(group, iface);
  }

  leaveGroup(group: IpAddress, device: NetDevice): void {
    const iface = this.#floor.interfaceOf(device);
    if (iface !== null) this.#of(group).leaveGroup(group, iface);
  }

  /** A transport had an answer from `dst`: the neighbour on the way there is alive (RFC 4861 7.3.1). */
  confirm(dst: IpAddress): void {
    this.#of(dst).confirm(dst);
  }

  deviceByName(name: string): NetDevice | null {
    return this.#floor.interfaces.find(({ device }) => device.name === name)?.device ?? null;
  }

  deviceByIndex(index: number): NetDevice | null {
    return this.#floor.byIndex(index)?.device ?? null;
  }

  deviceByAddress(address: IpAddress): NetDevice | null {
    return this.#of(address).deviceByAddress(address);
  }

  sendPortUnreachable(packet: IpPacket, arrival: Arrival, length: number = packet.payload.size): void {
    const iface = this.#floor.interfaceOf(arrival.device);
    if (iface === null) return;
    if (packet instanceof Ipv4Packet) this.#v4.sendPortUnreachable(packet, iface, length);
    else if (packet instanceof Ipv6Packet) this.#v6?.sendPortUnreachable(packet, iface, length);
  }

  #of(address: IpAddress): Ipv4Stack | Ipv6Stack {
    return address.family === 4 ? this.#v4 : this.#ipv6();
  }

  #ipv6(): Ipv6Stack {
    if (this.#v6 !== null) return this.#v6;
    this.#v6 = new Ipv6Stack(this.#floor, this.#protocols6);
    this.#frames.ipv6 = this.#v6;
    return this.#v6;
  }
}
