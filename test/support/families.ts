/**
 * One network in either family: an IPv4 address a.b.c.d stands for fd00::a.b.c.d of IPv6, and a prefix of n bits for one
 * of 96 + n, so that what holds for one family can be asked of both in the same words.
 */
import { IpAddress, type IpFamily } from '../../src/packet/ip-address.ts';
import type { Endpoint } from '../../src/sockets/api.ts';

export const FAMILIES: readonly IpFamily[] = [4, 6];

/** `10.0.0.1` or `10.0.0.1/24` in a family. */
export function inFamily(family: IpFamily, text: string): string {
  if (family === 4) return text;
  const [address, length] = text.split('/');
  const translated = addressIn(6, address!).toString();
  return length === undefined ? translated : `${translated}/${96 + Number(length)}`;
}

export function addressIn(family: IpFamily, text: string): IpAddress {
  const v4 = IpAddress.parseV4(text);
  return family === 4 ? v4 : IpAddress.v6(0xfd000000, 0, 0, v4.w3);
}

/** `10.0.0.2:7` in a family. */
export function endpointIn(family: IpFamily, text: string): Endpoint {
  const [address, port] = text.split(':') as [string, string];
  return { address: addressIn(family, address), port: Number(port) };
}
