/** Options that mean something else, or anything at all, on UDP sockets only (socket(7), udp(7)). */
import type { UdpSocket } from '../udp/udp-socket.ts';
import { flag, type OptionTable } from './rule.ts';

export const UDP_OPTIONS: OptionTable<UdpSocket> = {
  /** Taken and ignored. */
  SO_KEEPALIVE: flag(
    ({ keepalive }) => keepalive,
    (socket, on) => {
      socket.keepalive = on;
    },
  ),
  /** Datagrams leave without a checksum. */
  SO_NO_CHECK: flag(
    ({ noChecksum }) => noChecksum,
    (socket, on) => {
      socket.noChecksum = on;
    },
  ),
};
