/**
 * The eleven TCP states (RFC 9293 3.3.2), spelled as the RFC spells them, and the lifecycle as data: what documents,
 * tests and inspectors draw. The rules themselves are in `segment-arrives` and the calls.
 */

export const TCP_STATES = [
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
] as const;

export type TcpState = (typeof TCP_STATES)[number];

/** One arrow of RFC 9293 Figure 5. */
export interface Transition {
  readonly from: TcpState;
  readonly to: TcpState;
  /** The call, segment or timer that causes it. */
  readonly on: string;
  /** What is sent with it; '' for nothing. */
  readonly sends: string;
}

/** RFC 9293 Figure 5, and the arrows that its text adds: resets, aborts, timeouts and FINs that come together with ACKs. */
export const LIFECYCLE: readonly Transition[] = [
  arrow('CLOSED', 'SYN-SENT', 'active OPEN', 'SYN'),
  arrow('CLOSED', 'LISTEN', 'passive OPEN'),
  arrow('CLOSED', 'SYN-RECEIVED', 'SYN for a listener, whose child this is', 'SYN,ACK'),
  arrow('LISTEN', 'SYN-RECEIVED', 'SYN', 'SYN,ACK'),
  arrow('LISTEN', 'SYN-SENT', 'SEND', 'SYN'),
  arrow('LISTEN', 'CLOSED', 'CLOSE'),
  arrow('SYN-SENT', 'ESTABLISHED', 'SYN,ACK', 'ACK'),
  arrow('SYN-SENT', 'SYN-RECEIVED', 'SYN (simultaneous open)', 'SYN,ACK'),
  arrow('SYN-SENT', 'CLOSED', 'RST, CLOSE, timeout or ICMP error'),
  arrow('SYN-RECEIVED', 'ESTABLISHED', 'ACK of SYN'),
  arrow('SYN-RECEIVED', 'FIN-WAIT-1', 'CLOSE', 'FIN'),
  arrow('SYN-RECEIVED', 'CLOSED', 'RST, ABORT, timeout or ICMP error'),
  arrow('SYN-RECEIVED', 'CLOSE-WAIT', 'FIN', 'ACK'),
  arrow('ESTABLISHED', 'FIN-WAIT-1', 'CLOSE', 'FIN'),
  arrow('ESTABLISHED', 'CLOSE-WAIT', 'FIN', 'ACK'),
  arrow('ESTABLISHED', 'CLOSED', 'RST, ABORT or timeout'),
  arrow('FIN-WAIT-1', 'FIN-WAIT-2', 'ACK of FIN'),
  arrow('FIN-WAIT-1', 'CLOSING', 'FIN', 'ACK'),
  arrow('FIN-WAIT-1', 'CLOSED', 'RST, ABORT or timeout'),
  arrow('FIN-WAIT-2', 'TIME-WAIT', 'FIN', 'ACK'),
  arrow('FIN-WAIT-2', 'CLOSED', 'RST, ABORT, or data for an orphan'),
  arrow('CLOSE-WAIT', 'LAST-ACK', 'CLOSE', 'FIN'),
  arrow('CLOSE-WAIT', 'CLOSED', 'RST, ABORT or timeout'),
  arrow('CLOSING', 'TIME-WAIT', 'ACK of FIN'),
  arrow('CLOSING', 'CLOSED', 'RST, ABORT or timeout'),
  arrow('LAST-ACK', 'CLOSED', 'ACK of FIN, RST or timeout'),
  arrow('TIME-WAIT', 'CLOSED', '2 MSL, or RST'),
];

function arrow(from: TcpState, to: TcpState, on: string, sends: string = ''): Transition {
  return { from, to, on, sends };
}
