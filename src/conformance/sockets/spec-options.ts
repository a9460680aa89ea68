/** getsockopt(2) of recorded cases on the specification: what a socket's state says of its options. */
import type { SpecSocket } from '../../sockets/spec/state.ts';
import type { Value } from './case.ts';

/** Options that may only be read: setting them is ENOPROTOOPT. */
export const READ_ONLY: readonly string[] = ['ACCEPTCONN', 'DOMAIN', 'ERROR', 'PROTOCOL', 'TYPE'];

/** As the driver reports it; null for an option that is beyond the specification. */
export function readOption(socket: SpecSocket, name: string): Value | null {
  const { transport, family, options, device } = socket;
  const isStream = transport === 'tcp';
  switch (name) {
    case 'REUSEADDR':
      return Number(options.reuseAddr);
    case 'REUSEPORT':
      return Number(options.reusePort);
    case 'BROADCAST':
      return Number(options.broadcast);
    case 'LINGER':
      return options.linger === null ? [0, 0] : [1, options.linger];
    case 'BINDTODEVICE':
      return device ?? '';
    case 'ACCEPTCONN':
      return Number(socket.state === 'LISTEN');
    case 'DOMAIN':
      return family === 6 ? 10 : 2;
    case 'PROTOCOL':
      return isStream ? 6 : 17;
    case 'TYPE':
      return isStream ? 1 : 2;
    case 'V6ONLY':
      return family === 6 ? Number(socket.v6Only) : 'EOPNOTSUPP';
    default:
      return null;
  }
}
