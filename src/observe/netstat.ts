/**
 * The socket table as people know it: netstat of Linux's net-tools (O1), ss of iproute2 (O2), netstat of FreeBSD (O4),
 * column for column, numeric. Lines have no trailing blanks.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import { assertNever } from '../sim/errors.ts';
import type { ProfileName } from '../sockets/profile.ts';
import type { SocketRow } from '../sockets/rows.ts';
import type { TcpState } from '../transport/tcp/state.ts';

export const NETSTAT_STYLES = ['linux', 'ss', 'bsd'] as const;
export type NetstatStyle = (typeof NETSTAT_STYLES)[number];

/** As the system of a host prints it; where nothing is known of one, as Linux does. */
export function styleOf(profile: ProfileName): NetstatStyle {
  return profile === 'freebsd' ? 'bsd' : 'linux';
}

export interface NetstatOptions {
  /** Listeners and unconnected sockets too: `-a`. Default: true. */
  readonly all?: boolean;
  /** Who holds each socket: `-p`. FreeBSD's netstat cannot tell. Default: false. */
  readonly processes?: boolean;
}

/** The table with its header lines. */
export function formatSockets(
  rows: readonly SocketRow[],
  style: NetstatStyle,
  options: NetstatOptions = {},
): string[] {
  const { all = true, processes = false } = options;
  const shown = ordered(rows.filter((row) => isListed(row) && (all || isConnected(row))));
  const lines = table(shown, style, all, processes);
  return lines.map((line) => line.trimEnd());
}

function table(rows: readonly SocketRow[], style: NetstatStyle, all: boolean, processes: boolean): string[] {
  switch (style) {
    case 'linux':
      return linuxTable(rows, all, processes);
    case 'ss':
      return ssTable(rows, processes);
    case 'bsd':
      return bsdTable(rows, all);
    default:
      return assertNever(style);
  }
}

/** The kernel lists TCP sockets that listen or are connected, and UDP sockets that hold a port. */
function isListed(row: SocketRow): boolean {
  return row.protocol === 'tcp' ? row.state !== 'CLOSED' : row.holdsPort;
}

function isConnected(row: SocketRow): boolean {
  return row.state !== 'LISTEN' && row.state !== 'CLOSED';
}

/** TCP before UDP, listeners before connections; otherwise in the order in which they were made. */
function ordered(rows: readonly SocketRow[]): SocketRow[] {
  const rank = (row: SocketRow) => (row.protocol === 'udp' ? 2 : row.state === 'LISTEN' ? 0 : 1);
  return [...rows].sort((a, b) => rank(a) - rank(b));
}

// --- net-tools ---

const LINUX_STATES: Readonly<Record<TcpState, string>> = {
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

function linuxTable(rows: readonly SocketRow[], all: boolean, processes: boolean): string[] {
  const title = `Active Internet connections (${all ? 'servers and established' : 'w/o servers'})`;
  const holder = processes ? ' PID/Program name' : '';
  const header = `Proto Recv-Q Send-Q Local Address           Foreign Address         State      ${holder}`;
  return [title, header, ...rows.map((row) => linuxLine(row, processes))];
}

function linuxLine(row: SocketRow, processes: boolean): string {
  const state = row.protocol === 'udp' && row.state === 'CLOSED' ? '' : LINUX_STATES[row.state];
  // The queues of a listener are not shown by net-tools, which reads /proc/net/tcp: its tx_queue is 0 there.
  const sendQueue = row.state === 'LISTEN' ? 0 : row.sendQueue;
  const { local, remote } = linuxEnds(row);
  const holder = processes ? ` ${row.process === null ? '-' : `${row.pid}/${row.process}`}` : '';
  const queues = `${String(row.recvQueue).padStart(6)} ${String(sendQueue).padStart(6)}`;
  const protocol = `${row.protocol}${row.domain === 6 ? '6' : ''}`.padEnd(4);
  return `${protocol}  ${queues} ${local.padEnd(23)} ${remote.padEnd(23)} ${state.padEnd(11)}${holder}`;
}

const LINUX_END_WIDTH = 23;

function linuxEnds(row: SocketRow): { local: string; remote: string } {
  const remotePort = row.remotePort === 0 ? '*' : String(row.remotePort);
  return {
    local: linuxEnd(row.localAddress, String(row.localPort)),
    remote: linuxEnd(row.remoteAddress, remotePort),
  };
}

/** net-tools knows no brackets, shows mapped addresses as the IPv4 ones they are, and cuts what is too long for its column. */
function linuxEnd(address: IpAddress, port: string): string {
  return `${address
    .unmapped()
    .toString()
    .slice(0, LINUX_END_WIDTH - 1 - port.length)}:${port}`;
}

// --- iproute2 ---

const SS_STATES: Readonly<Record<TcpState, string>> = {
  CLOSED: 'UNCONN',
  LISTEN: 'LISTEN',
  'SYN-SENT': 'SYN-SENT',
  'SYN-RECEIVED': 'SYN-RECV',
  ESTABLISHED: 'ESTAB',
  'FIN-WAIT-1': 'FIN-WAIT-1',
  'FIN-WAIT-2': 'FIN-WAIT-2',
  'CLOSE-WAIT': 'CLOSE-WAIT',
  CLOSING: 'CLOSING',
  'LAST-ACK': 'LAST-ACK',
  'TIME-WAIT': 'TIME-WAIT',
};

const SS_HEADER = [
  'Netid',
  'State',
  'Recv-Q',
  'Send-Q',
  'Local Address',
  'Port',
  'Peer Address',
  'Port',
  'Process',
];
/** Addresses stand right against the colon before their port. */
const SS_RIGHT = new Set([4, 6]);

function ssTable(rows: readonly SocketRow[], processes: boolean): string[] {
  const cells = [SS_HEADER, ...rows.map((row) => ssCells(row, processes))];
  const hasNetid = new Set(rows.map((row) => row.protocol)).size !== 1;
  const widths = SS_HEADER.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  return cells.map((line) => {
    const padded = line.map((cell, i) =>
      SS_RIGHT.has(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!),
    );
    const [netid, state, recvQ, sendQ, local, localPort, peer, peerPort, holder] = padded;
    const front = hasNetid ? `${netid} ` : '';
    return `${front}${state} ${recvQ} ${sendQ} ${local}:${localPort} ${peer}:${peerPort} ${holder}`;
  });
}

function ssCells(row: SocketRow, processes: boolean): string[] {
  const device = row.device === null ? '' : `%${row.device}`;
  const holder =
    processes && row.process !== null ? `users:(("${row.process}",pid=${row.pid},fd=${row.fd}))` : '';
  return [
    row.protocol,
    SS_STATES[row.state],
    String(row.recvQueue),
    String(row.sendQueue),
    `${ssAddress(row, row.localAddress)}${device}`,
    String(row.localPort),
    ssAddress(row, row.remoteAddress),
    row.remotePort === 0 ? '*' : String(row.remotePort),
    holder,
  ];
}

/** The wildcard of a socket that takes both families is `*`; with IPV6_V6ONLY it is `[::]`. */
function ssAddress({ v6only }: SocketRow, address: IpAddress): string {
  if (address.family === 4) return String(address);
  return address.isUnspecified && !v6only ? '*' : `[${address}]`;
}

// --- FreeBSD ---

const BSD_STATES: Readonly<Record<TcpState, string>> = {
  ...LINUX_STATES,
  CLOSED: 'CLOSED',
  'SYN-RECEIVED': 'SYN_RCVD',
  'FIN-WAIT-1': 'FIN_WAIT_1',
  'FIN-WAIT-2': 'FIN_WAIT_2',
};

const BSD_ADDRESS_WIDTH = 22;

function bsdTable(rows: readonly SocketRow[], all: boolean): string[] {
  const title = `Active Internet connections${all ? ' (including servers)' : ''}`;
  const header = bsdColumns('Proto', 'Recv-Q', 'Send-Q', 'Local Address', 'Foreign Address', '(state)');
  return [title, header, ...rows.map(bsdLine)];
}

function bsdLine(row: SocketRow): string {
  const state = row.protocol === 'udp' ? '' : BSD_STATES[row.state];
  const isListening = row.state === 'LISTEN'; // its queues are shown by -L only
  return bsdColumns(
    `${row.protocol}${bsdFamily(row)}`,
    String(isListening ? 0 : row.recvQueue).padStart(6),
    String(isListening ? 0 : row.sendQueue).padStart(6),
    bsdEnd(row.localAddress.unmapped(), row.localPort),
    bsdEnd(row.remoteAddress.unmapped(), row.remotePort),
    state,
  );
}

/** A socket for both families is `tcp46` until it has an address of one of them. */
function bsdFamily({ domain, v6only, localAddress }: SocketRow): string {
  if (domain === 6 && localAddress.isUnspecified) return v6only ? '6' : '46';
  return localAddress.isV4Mapped ? '4' : String(localAddress.family);
}

function bsdEnd(address: IpAddress, port: number): string {
  return `${address.isUnspecified ? '*' : address}.${port === 0 ? '*' : port}`;
}

function bsdColumns(
  protocol: string,
  recvQueue: string,
  sendQueue: string,
  local: string,
  remote: string,
  state: string,
): string {
  const ends = [local, remote].map((end) => end.slice(0, BSD_ADDRESS_WIDTH).padEnd(BSD_ADDRESS_WIDTH));
  return `${protocol.padEnd(5)} ${recvQueue.padEnd(6)} ${sendQueue.padEnd(6)} ${ends.join(' ')} ${state}`;
}
