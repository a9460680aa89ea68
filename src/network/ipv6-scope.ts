/** How far IPv6 addresses reach (RFC 4007, RFC 4291 2.7), and the groups that every node knows. */
import { IpAddress } from '../packet/ip-address.ts';
import { MacAddress } from '../packet/mac-address.ts';

export const SCOPE_V6_INTERFACE = 1;
export const SCOPE_V6_LINK = 2;
export const SCOPE_V6_SITE = 5;
export const SCOPE_V6_GLOBAL = 14;

/** ff02::1 */
export const ALL_NODES: IpAddress = IpAddress.v6(0xff020000, 0, 0, 1);
/** ff02::2 */
export const ALL_ROUTERS_V6: IpAddress = IpAddress.v6(0xff020000, 0, 0, 2);
/** ff02::16 */
export const MLDV2_ROUTERS: IpAddress = IpAddress.v6(0xff020000, 0, 0, 0x16);

/** The scope as a number of the multicast scope field; unicast addresses are compared by the same (RFC 6724 3.1). */
export function scopeOf(address: IpAddress): number {
  if (address.isMulticast) return address.family === 4 ? SCOPE_V6_GLOBAL : (address.w0 >>> 16) & 15;
  if (address.isLinkLocal || address.isLoopback) return SCOPE_V6_LINK;
  return address.family === 6 && address.w0 >>> 22 === 0x3fb ? SCOPE_V6_SITE : SCOPE_V6_GLOBAL;
}

/** ff02::1:ffXX:XXXX, where whoever has the address listens (RFC 4291 2.7.1). */
export function solicitedNode(address: IpAddress): IpAddress {
  return IpAddress.v6(0xff020000, 0, 1, (0xff000000 | (address.w3 & 0xffffff)) >>> 0);
}

/** 33:33 and the low 32 bits of the group (RFC 2464 7). */
export function ipv6MulticastMac(group: IpAddress): MacAddress {
  return MacAddress.of(0x3333, group.w3);
}

/** The modified EUI-64 interface identifier of a MAC, as the two low words of an address (RFC 4291 appendix A). */
export function interfaceIdOf(mac: MacAddress): readonly [number, number] {
  const { high, low } = mac;
  const upper = (((high ^ 0x0200) << 16) | ((low >>> 24) << 8) | 0xff) >>> 0;
  return [upper, (0xfe000000 | (low & 0xffffff)) >>> 0];
}

/** fe80:: with the interface identifier of `mac`. */
export function linkLocalOf(mac: MacAddress): IpAddress {
  const [w2, w3] = interfaceIdOf(mac);
  return IpAddress.v6(0xfe800000, 0, w2, w3);
}
