/** Rows of the socket table as lines that expectations compare: `tcp 192.168.1.5:80 10.0.0.2:5678 ESTABLISHED`. */
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
  const far = remotePort === 0 ? '*:*' : `${remoteAddress}:${remotePort}`;
  return `${protocol} ${localAddress}:${localPort} ${far}${protocol === 'tcp' ? ` ${state}` : ''}`;
}

/** A socket without a peer has the remote end 0.0.0.0:0, as the kernel has it. */
export function isSocket(row: SocketRow, pattern: SocketPattern): boolean {
  return (
    row.protocol === pattern.protocol &&
    endMatches(pattern.local, row.localAddress, row.localPort) &&
    endMatches(pattern.remote, row.remoteAddress, row.remotePort)
  );
}
