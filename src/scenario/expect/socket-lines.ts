/** Rows of the socket table as lines that expectations compare: `tcp 192.168.1.5:80 10.0.0.2:5678 ESTABLISHED`. */
import { endpointText } from '../../packet/endpoint-text.ts';
import type { SocketRow } from '../../sockets/rows.ts';
import { endMatches, type SocketPattern } from '../schema/socket-pattern.ts';

/** The rows that the kernel's tables show: TCP sockets that listen or are connected, UDP sockets that hold a port. */
export function listedRows(rows: readonly SocketRow[]): SocketRow[] {
  return rows.filter(({ protocol, state, holdsPort }) =>
    protocol === 'tcp' ? state !== 'CLOSED' : holdsPort,
  );
}

/** Protocol, local end, remote end (`*:*` without one), and for TCP the state. */
export function socketLine(row: SocketRow): string {
  const { protocol, localAddress, localPort, remoteAddress, remotePort, state } = row;
  const near = endpointText(localAddress, localPort);
  const far = remotePort === 0 ? '*:*' : endpointText(remoteAddress, remotePort);
  return `${kindOf(row)} ${near} ${far}${protocol === 'tcp' ? ` ${state}` : ''}`;
}

/** `tcp6` and `udp6` are sockets of AF_INET6. */
function kindOf({ protocol, domain }: SocketRow): SocketPattern['protocol'] {
  return domain === 6 ? `${protocol}6` : protocol;
}

/** A socket without a peer has the remote end 0.0.0.0:0, as the kernel has it. */
export function isSocket(row: SocketRow, pattern: SocketPattern): boolean {
  return (
    (row.protocol === pattern.protocol || kindOf(row) === pattern.protocol) &&
    endMatches(pattern.local, row.localAddress, row.localPort) &&
    endMatches(pattern.remote, row.remoteAddress, row.remotePort)
  );
}
