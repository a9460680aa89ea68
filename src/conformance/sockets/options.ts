/** Socket options as the corpus names them. */
import { EINVAL, errnoName } from '../../network/errno.ts';
import { IpAddress } from '../../packet/ip-address.ts';
import type { InetSocket } from '../../sockets/inet-socket.ts';
import type { Value } from './case.ts';

const NAMES: Readonly<Record<string, string>> = {
  REUSEADDR: 'SO_REUSEADDR',
  REUSEPORT: 'SO_REUSEPORT',
  REUSEPORT_LB: 'SO_REUSEPORT_LB',
  EXCLUSIVEADDRUSE: 'SO_EXCLUSIVEADDRUSE',
  BROADCAST: 'SO_BROADCAST',
  KEEPALIVE: 'SO_KEEPALIVE',
  BINDTODEVICE: 'SO_BINDTODEVICE',
  LINGER: 'SO_LINGER',
  ERROR: 'SO_ERROR',
  TYPE: 'SO_TYPE',
  DOMAIN: 'SO_DOMAIN',
  PROTOCOL: 'SO_PROTOCOL',
  ACCEPTCONN: 'SO_ACCEPTCONN',
  NODELAY: 'TCP_NODELAY',
  BIND_NO_PORT: 'IP_BIND_ADDRESS_NO_PORT',
  LOCAL_PORT_RANGE: 'IP_LOCAL_PORT_RANGE',
  FREEBIND: 'IP_FREEBIND',
  TRANSPARENT: 'IP_TRANSPARENT',
  MULTICAST_ALL: 'IP_MULTICAST_ALL',
  MULTICAST_LOOP: 'IP_MULTICAST_LOOP',
  V6ONLY: 'IPV6_V6ONLY',
  JOIN: 'IP_ADD_MEMBERSHIP',
};

export function setCorpusOption(socket: InetSocket, name: string, value: Value): number {
  const option = NAMES[name] ?? name;
  if (typeof value === 'number' || typeof value === 'string') return socket.setOption(option, value);
  const [group, device] = value;
  if (typeof group !== 'string' || typeof device !== 'string') return -EINVAL;
  return socket.setOption(option, { group: IpAddress.parse(group), device: IpAddress.parse(device) });
}

export function getCorpusOption(socket: InetSocket, name: string): Value {
  const value = socket.getOption(NAMES[name] ?? name);
  if (typeof value === 'object') return 0;
  if (typeof value === 'string') return value;
  if (name === 'LINGER') return value < 0 ? [0, 0] : [1, value];
  if (value < 0) return errnoName(value);
  return value | 0; // the recorder reads an int
}
