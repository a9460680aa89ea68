/** The list of all TCP sockets that a kernel gives by inet_diag: state, local and remote name, sorted. */
import type { SocketRow } from '../../sockets/rows.ts';
import type { TcpState } from '../../transport/tcp/state.ts';
import type { Value } from './case.ts';
import type { PortSymbols } from './symbols.ts';

/** The kernel's names of the states. */
export const LINUX_STATES: Readonly<Record<TcpState, string>> = {
  CLOSED: 'CLOSE',
  LISTEN: 'LISTEN',
  'SYN-SENT': 'SYN_SENT',
  'SYN-RECEIVED': 'SYN_RECV',
  ESTABLISHED: 'ESTABLISHED',
  'FIN-WAIT-1': 'FIN_WAIT1',
  'FIN-WAIT-2': 'FIN_WAIT2',
  'CLOSE-WAIT': 'CLOSE_WAIT',
  CLOSING: 'CLOSING',
  'LAST-ACK': 'LAST_ACK',
  'TIME-WAIT': 'TIME_WAIT',
};

/** Sockets that are closed and hold no port are in none of the kernel's tables. */
export function diagRows(rows: readonly SocketRow[], symbols: PortSymbols): Value {
  return rows
    .filter((row) => row.protocol === 'tcp' && (row.state !== 'CLOSED' || row.holdsPort))
    .map((row): Value[] => [
      LINUX_STATES[row.state],
      row.localAddress.toString(),
      symbols.show(row.localPort),
      row.remoteAddress.toString(),
      symbols.show(row.remotePort),
    ])
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** The recorder sorts rows by their text: names in quotes, numbers bare. */
function sortKey(row: readonly Value[]): string {
  return `[${row.map((value) => (typeof value === 'string' ? `'${value}'` : String(value))).join(', ')}]`;
}
