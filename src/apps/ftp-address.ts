/** Endpoints as FTP writes them (RFC 959 4.1.2, PORT and PASV): six numbers, `192,168,1,5,195,80`. */
import { IpAddress } from '../packet/ip-address.ts';
import type { Endpoint } from '../sockets/api.ts';

export function formatHostPort({ address, port }: Endpoint): string {
  return `${address.toString().replaceAll('.', ',')},${port >>> 8},${port & 255}`;
}

/** Finds six numbers in `text`. @returns null when they are not there or above 255 */
export function parseHostPort(text: string): Endpoint | null {
  const numbers = /(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})/
    .exec(text)
    ?.slice(1)
    .map(Number);
  if (numbers === undefined || numbers.some((number) => number > 255)) return null;
  const bits = numbers.slice(0, 4).reduce((sum, byte) => sum * 256 + byte, 0);
  return { address: IpAddress.v4(bits), port: numbers[4]! * 256 + numbers[5]! };
}
