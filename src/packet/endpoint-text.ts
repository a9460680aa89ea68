/** An address and a port as people write them together: `10.0.0.1:80`, and `[fd00::1]:80` by RFC 5952 6. */
import type { IpAddress } from './ip-address.ts';

export function endpointText(address: IpAddress, port: number): string {
  return address.family === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
