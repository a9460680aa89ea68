/**
 * TCP_INFO and the queue ioctls of a TCP socket in every state (tcp(7)): before and after a connection most fields
 * are zero; a listener shows its queue in tcpi_unacked and its backlog in tcpi_sacked. Kernel: tcp_get_info.
 */
import { EINVAL } from '../../network/errno.ts';
import { INFINITE_SSTHRESH } from '../../transport/tcp/congestion/controller.ts';
import { TCPI_STATES, type TcpInfo, UNLIMITED_RATE } from '../../transport/tcp/info.ts';
import { DEFAULT_MSS } from '../../transport/tcp/tcb.ts';
import { INIT_CWND } from '../../transport/tcp/window-validation.ts';
import type { QueueRequest } from '../api.ts';
import type { TcpSocket } from './tcp-socket.ts';

export function socketInfo(socket: TcpSocket): TcpInfo {
  const { queue, connection, state } = socket;
  if (queue !== null) {
    return {
      ...BLANK,
      tcpi_state: TCPI_STATES.LISTEN,
      tcpi_unacked: queue.waiting,
      tcpi_sacked: queue.backlog,
    };
  }
  if (connection === null) return { ...FRESH, tcpi_state: TCPI_STATES[state] };
  const info = connection.info();
  // TIME-WAIT is a record of its own in the kernel: the socket itself is closed.
  return info.tcpi_state === TCPI_STATES['TIME-WAIT'] ? { ...info, tcpi_state: TCPI_STATES.CLOSED } : info;
}

/** @returns bytes, or -EINVAL for a listener; SIOCATMARK is answered in every state */
export function queuedBytes(socket: TcpSocket, request: QueueRequest): number {
  const { queue, connection, state } = socket;
  if (request === 'SIOCATMARK') return connection?.isAtMark === true ? 1 : 0;
  if (queue !== null) return -EINVAL;
  if (connection === null) return 0;
  if (request === 'SIOCINQ') return connection.readable;
  if (request !== 'SIOCOUTQ') return connection.unsent;
  return connection.unacknowledged + (FIN_UNDER_WAY.includes(state) ? 1 : 0);
}

/** Our FIN takes a sequence number that is not acknowledged yet. */
const FIN_UNDER_WAY: readonly string[] = ['FIN-WAIT-1', 'CLOSING', 'LAST-ACK'];

const BLANK: TcpInfo = {
  tcpi_state: 0,
  tcpi_ca_state: 0,
  tcpi_retransmits: 0,
  tcpi_probes: 0,
  tcpi_backoff: 0,
  tcpi_options: 0,
  tcpi_snd_wscale: 0,
  tcpi_rcv_wscale: 0,
  tcpi_delivery_rate_app_limited: 0,
  tcpi_rto: 0,
  tcpi_ato: 0,
  tcpi_snd_mss: 0,
  tcpi_rcv_mss: 0,
  tcpi_unacked: 0,
  tcpi_sacked: 0,
  tcpi_lost: 0,
  tcpi_retrans: 0,
  tcpi_last_data_sent: 0,
  tcpi_last_data_recv: 0,
  tcpi_last_ack_recv: 0,
  tcpi_pmtu: 0,
  tcpi_rcv_ssthresh: 0,
  tcpi_rtt: 0,
  tcpi_rttvar: 0,
  tcpi_snd_ssthresh: 0,
  tcpi_snd_cwnd: 0,
  tcpi_advmss: 0,
  tcpi_reordering: 0,
  tcpi_rcv_rtt: 0,
  tcpi_rcv_space: 0,
  tcpi_total_retrans: 0,
  tcpi_pacing_rate: 0,
  tcpi_bytes_acked: 0,
  tcpi_bytes_received: 0,
  tcpi_segs_out: 0,
  tcpi_segs_in: 0,
  tcpi_notsent_bytes: 0,
  tcpi_min_rtt: 0,
  tcpi_data_segs_in: 0,
  tcpi_data_segs_out: 0,
  tcpi_delivery_rate: 0,
  tcpi_busy_time: 0,
  tcpi_rwnd_limited: 0,
  tcpi_sndbuf_limited: 0,
  tcpi_delivered: 0,
  tcpi_delivered_ce: 0,
  tcpi_bytes_sent: 0,
  tcpi_bytes_retrans: 0,
  tcpi_dsack_dups: 0,
  tcpi_reord_seen: 0,
  tcpi_snd_wnd: 0,
  tcpi_rcv_wnd: 0,
  tcpi_fackets: 0,
  tcpi_max_pacing_rate: UNLIMITED_RATE,
  tcpi_rcv_ooopack: 0,
  tcpi_rehash: 0,
  tcpi_fastopen_client_fail: 0,
};

/** A socket that was never connected shows what its connection will begin with. */
const FRESH: TcpInfo = {
  ...BLANK,
  tcpi_delivery_rate_app_limited: 1,
  tcpi_rto: 1_000_000,
  tcpi_rttvar: 250_000,
  tcpi_min_rtt: 0xffffffff,
  tcpi_snd_mss: DEFAULT_MSS,
  tcpi_snd_cwnd: INIT_CWND,
  tcpi_snd_ssthresh: INFINITE_SSTHRESH,
  tcpi_reordering: 3,
};
