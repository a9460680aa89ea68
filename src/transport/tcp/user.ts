/** What a TCP connection tells and asks its owner, the socket floor. Called synchronously within an event or a call. */
import type { TcpState } from './state.ts';
import type { TimeWait } from './time-wait.ts';

export interface TcpUser {
  /** The state changed; `connection.error` says why when it became 'CLOSED' by a reset, a timeout or ICMP. */
  onStateChange(from: TcpState, to: TcpState): void;
  /** In-order data, urgent data or the end of the stream may now be received. */
  onReadable(): void;
  /** Acknowledgements made room in the send buffer. */
  onWritable(): void;
  /** An error is pending (a hard one also closes the connection); the errno is positive. */
  onError(errno: number): void;
  /**
   * The connection is over and leaves this record: true TIME-WAIT, or FIN-WAIT-2 after `close()`. The owner keeps it
   * under the connection's name until it expires; the connection itself takes no more segments.
   */
  onTimeWait(record: TimeWait): void;
  /**
   * A child of a listener got the ACK of its SYN,ACK: may it become ESTABLISHED? `drop` ignores the segment (the accept
   * queue is full; the SYN,ACK goes out again), `reset` refuses (tcp_abort_on_overflow).
   */
  mayEstablish(): 'yes' | 'drop' | 'reset';
}
