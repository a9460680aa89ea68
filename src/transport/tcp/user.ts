/** What a TCP connection tells its owner, the socket floor. Called synchronously from within an event or a call. */
import type { TcpState } from './state.ts';

export interface TcpUser {
  /** The state changed; `connection.error` says why when it became 'CLOSED' by a reset, a timeout or ICMP. */
  onStateChange(from: TcpState, to: TcpState): void;
  /** In-order data, urgent data or the end of the stream may now be received. */
  onReadable(): void;
  /** Acknowledgements made room in the send buffer. */
  onWritable(): void;
  /** An error is pending (a hard one also closes the connection); the errno is positive. */
  onError(errno: number): void;
}
