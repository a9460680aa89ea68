/** Sockets of a snapshot as lines that expectations compare: `tcp 192.168.1.5:80 10.0.0.2:5678 ESTABLISHED`. */
import { ANY_V4, IpAddress } from '../../packet/ip-address.ts';
import type { SocketSnapshot } from '../../sockets/spec/snapshot.ts';
import { endMatches, type SocketPattern } from '../schema/socket-pattern.ts';

/** Protocol, local end, remote end (`*:*` without one), and for TCP the state. */
export function socketLine({ kind, local, remote, state }: SocketSnapshot): string {
  const protocol = kind.slice(0, 3);
  const far = remote === null ? '*:*' : `${remote.address}:${remote.port}`;
  return `${protocol} ${local.address}:${local.port} ${far}${protocol === 'tcp' ? ` ${state}` : ''}`;
}

/** A socket without a remote end is at 0.0.0.0:0, as the kernel has it. */
export function isSocket({ kind, local, remote }: SocketSnapshot, pattern: SocketPattern): boolean {
  const far = remote ?? { address: '0.0.0.0', port: 0 };
  return (
    kind === pattern.protocol &&
    endMatches(pattern.local, addressOf(local.address), local.port) &&
    endMatches(pattern.remote, addressOf(far.address), far.port)
  );
}

function addressOf(text: string): IpAddress {
  return text === '0.0.0.0' ? ANY_V4 : IpAddress.parse(text);
}
