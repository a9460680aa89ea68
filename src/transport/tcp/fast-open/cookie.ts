/**
 * Fast Open cookies of a server (RFC 7413 4.1.2): a keyed hash over the client's and the server's address, so that
 * nothing need be remembered. Linux's form: SipHash under the first key of `net.ipv4.tcp_fastopen_key`.
 */
import type { IpAddress } from '../../../packet/ip-address.ts';
import { sipHash24 } from './siphash.ts';

/** Length that Linux gives out; RFC 7413 allows 4 to 16. */
export const COOKIE_SIZE = 8;

/** @param key as the sysctl shows it: four groups of eight hexadecimal digits; a second key behind a comma is old */
export function fastOpenCookie(key: string, client: IpAddress, server: IpAddress): Uint8Array {
  const [low, high] = sipHash24(keyBytes(key), addressBytes(client, server));
  const cookie = new Uint8Array(COOKIE_SIZE);
  const view = new DataView(cookie.buffer);
  view.setUint32(0, low, true);
  view.setUint32(4, high, true);
  return cookie;
}

function addressBytes(client: IpAddress, server: IpAddress): Uint8Array {
  const isIpv6 = client.family === 6;
  const size = isIpv6 ? 16 : 4;
  const bytes = new Uint8Array(2 * size);
  for (const [i, address] of [client, server].entries()) {
    if (isIpv6) address.writeV6(bytes, i * size);
    else address.writeV4(bytes, i * size);
  }
  return bytes;
}

/** The first key: groups are 32-bit numbers that lie in memory little-endian. */
function keyBytes(key: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  const groups = key.split(',')[0]!.split('-');
  for (let i = 0; i < 4; i++) view.setUint32(4 * i, Number.parseInt(groups[i] ?? '0', 16) || 0, true);
  return bytes;
}
