/** One interface of a node as the network floor sees it: a device with addresses, groups and parameters. */
import type { NetDevice } from '../link/device.ts';
import type { VlanDevice } from '../link/vlan-device.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import { broadcastOf, maskOf, type Prefix } from '../packet/prefix.ts';
import { InterfaceConfig, NeighbourConfig } from './interface-config.ts';
import type { Ipv4Route } from './ipv4-route.ts';
import type { Ipv6Interface } from './ipv6-interface.ts';
import { RouteCache } from './route-cache.ts';
import type { Sysctls } from './sysctls.ts';

/** How far an address or a route reaches (rtnetlink(7)): the larger the number, the nearer. */
export const SCOPE_UNIVERSE = 0;
export const SCOPE_LINK = 253;
export const SCOPE_HOST = 254;

export interface InterfaceAddress {
  readonly address: IpAddress;
  /** Prefix length. */
  readonly length: number;
  readonly mask: number;
  /** The directed broadcast address; null for a /31 or /32 (RFC 3021). */
  readonly broadcast: IpAddress | null;
  readonly scope: number;
  /** Another address of the same subnet was here before: never chosen as a source by default. */
  isSecondary: boolean;
}

export class Interface {
  readonly device: NetDevice;
  readonly index: number;
  readonly config: InterfaceConfig;
  readonly neighbourConfig: NeighbourConfig;
  /** Primary addresses in the order of addition, then secondary ones. */
  readonly addresses: InterfaceAddress[] = [];
  /** VLAN interfaces over this one, by VLAN ID. */
  readonly vlans: Map<number, VlanDevice> = new Map();
  /** Multicast groups joined on this interface, and how many times. */
  readonly groups: Map<IpAddress, number> = new Map();
  /** Administratively up, as last seen: changes of the device are told by comparison with this. */
  wasEnabled: boolean;
  /** Where packets that arrive here go. */
  readonly inputRoutes: RouteCache<Ipv4Route> = new RouteCache();
  /** Its IPv6 side, once the node speaks IPv6. */
  v6: Ipv6Interface | null = null;

  constructor(device: NetDevice, sysctls: Sysctls) {
    this.device = device;
    this.index = device.index;
    this.wasEnabled = device.isEnabled;
    this.config = new InterfaceConfig(sysctls, device.name);
    this.neighbourConfig = new NeighbourConfig(sysctls, 'ipv4', device.name);
    this.readConfig();
  }

  readConfig(): void {
    this.config.read();
    this.neighbourConfig.read();
  }

  /** @returns the new entry, or null when the very address is already here */
  insert({ address, length }: Prefix): InterfaceAddress | null {
    if (this.addresses.some((known) => known.address === address)) return null;
    const mask = maskOf(length);
    const isSecondary = this.addresses.some(
      (known) => !known.isSecondary && known.mask === mask && isSameNet(known, address),
    );
    const entry: InterfaceAddress = {
      address,
      length,
      mask,
      broadcast: length < 31 ? broadcastOf({ address, length }) : null,
      scope: address.isLoopback ? SCOPE_HOST : SCOPE_UNIVERSE,
      isSecondary,
    };
    const firstSecondary = this.addresses.findIndex((known) => known.isSecondary);
    if (isSecondary || firstSecondary < 0) this.addresses.push(entry);
    else this.addresses.splice(firstSecondary, 0, entry);
    return entry;
  }
}

/** Does `address` lie in the subnet of `own`? */
export function isSameNet(own: InterfaceAddress, address: IpAddress): boolean {
  return ((own.address.w3 ^ address.w3) & own.mask) === 0;
}
