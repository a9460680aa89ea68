/** TCP_INFO (tcp(7)) with the kernel's field names and units: us for RTTs and busy times, ms for last_*, segments for windows. */

import { MICROSECOND, MILLISECOND, type Nanos } from '../../sim/time.ts';
import { updateChrono } from './chrono.ts';
import { largestInbound, TIMESTAMPS_SIZE } from './mss.ts';
import { CONGESTION_STATES, DEFAULT_MSS, type Tcb } from './tcb.ts';
import { pacingRate } from './tso.ts';

/** Values of tcpi_state. */
export const TCPI_STATES = {
  ESTABLISHED: 1,
  'SYN-SENT': 2,
  'SYN-RECEIVED': 3,
  'FIN-WAIT-1': 4,
  'FIN-WAIT-2': 5,
  'TIME-WAIT': 6,
  CLOSED: 7,
  'CLOSE-WAIT': 8,
  'LAST-ACK': 9,
  LISTEN: 10,
  CLOSING: 11,
} as const;

/** Bits of tcpi_options. */
export const TCPI_OPT_TIMESTAMPS = 1;
export const TCPI_OPT_SACK = 2;
export const TCPI_OPT_WSCALE = 4;
export const TCPI_OPT_ECN = 8;
export const TCPI_OPT_ECN_SEEN = 16;
export const TCPI_OPT_SYN_DATA = 32;

export interface TcpInfo {
  readonly tcpi_state: number;
  /** 0 Open, 1 Disorder, 2 CWR, 3 Recovery, 4 Loss. */
  readonly tcpi_ca_state: number;
  readonly tcpi_retransmits: number;
  readonly tcpi_probes: number;
  readonly tcpi_backoff: number;
  readonly tcpi_options: number;
  readonly tcpi_snd_wscale: number;
  readonly tcpi_rcv_wscale: number;
  readonly tcpi_delivery_rate_app_limited: number;
  readonly tcpi_rto: number;
  readonly tcpi_ato: number;
  readonly tcpi_snd_mss: number;
  readonly tcpi_rcv_mss: number;
  readonly tcpi_unacked: number;
  readonly tcpi_sacked: number;
  readonly tcpi_lost: number;
  readonly tcpi_retrans: number;
  readonly tcpi_last_data_sent: number;
  readonly tcpi_last_data_recv: number;
  readonly tcpi_last_ack_recv: number;
  readonly tcpi_pmtu: number;
  readonly tcpi_rcv_ssthresh: number;
  readonly tcpi_rtt: number;
  readonly tcpi_rttvar: number;
  readonly tcpi_snd_ssthresh: number;
  readonly tcpi_snd_cwnd: number;
  readonly tcpi_advmss: number;
  readonly tcpi_reordering: number;
  readonly tcpi_rcv_rtt: number;
  readonly tcpi_rcv_space: number;
  readonly tcpi_total_retrans: number;
  readonly tcpi_pacing_rate: number;
  readonly tcpi_bytes_acked: number;
  readonly tcpi_bytes_received: number;
  readonly tcpi_segs_out: number;
  readonly tcpi_segs_in: number;
  readonly tcpi_notsent_bytes: number;
  readonly tcpi_min_rtt: number;
  readonly tcpi_data_segs_in: number;
  readonly tcpi_data_segs_out: number;
  readonly tcpi_delivery_rate: number;
  readonly tcpi_busy_time: number;
  readonly tcpi_rwnd_limited: number;
  readonly tcpi_sndbuf_limited: number;
  readonly tcpi_delivered: number;
  readonly tcpi_delivered_ce: number;
  readonly tcpi_bytes_sent: number;
  readonly tcpi_bytes_retrans: number;
  readonly tcpi_dsack_dups: number;
  readonly tcpi_reord_seen: number;
  readonly tcpi_snd_wnd: number;
  readonly tcpi_rcv_wnd: number;
  readonly tcpi_fackets: number;
  readonly tcpi_max_pacing_rate: number;
  readonly tcpi_rcv_ooopack: number;
  readonly tcpi_rehash: number;
  readonly tcpi_fastopen_client_fail: number;
}

/** tcpi_rcv_mss before anything is known of the peer. */
const LEAST_RCV_MSS = 88;
/** No SO_MAX_PACING_RATE: 64 bits of ones, as near as a number gets. */
export const UNLIMITED_RATE: number = 0x1_0000_0000 * 0x1_0000_0000;

/** The kernel's view of a connection now. */
export function tcpInfo(tcb: Tcb): TcpInfo {
  const { snd, rcv, rtt, window, recovery, counters, queue, delack, probing, now } = tcb;
  updateChrono(tcb);
  const isOpening = tcb.state === 'SYN-SENT'; // nothing is known of the peer
  const openingMss = DEFAULT_MSS - (tcb.config.timestamps > 0 ? TIMESTAMPS_SIZE : 0);
  const ms = (since: Nanos): number => (Number.isFinite(since) ? Math.floor((now - since) / MILLISECOND) : 0);
  const us = (span: Nanos): number => Math.floor(span / MICROSECOND);
  return {
    tcpi_state: TCPI_STATES[tcb.state],
    tcpi_ca_state: CONGESTION_STATES.indexOf(recovery.state),
    tcpi_retransmits: recovery.retransmits,
    tcpi_probes: recovery.probesOut,
    tcpi_backoff: recovery.backoff,
    tcpi_options: optionBits(tcb),
    tcpi_snd_wscale: tcb.peer.wscale,
    tcpi_rcv_wscale: tcb.peer.hasWscale ? rcv.wscale : 0,
    tcpi_delivery_rate_app_limited: counters.isRateAppLimited ? 1 : 0,
    tcpi_rto: us(rtt.rto),
    tcpi_ato: us(delack.ato),
    tcpi_snd_mss: isOpening ? openingMss : snd.mss,
    tcpi_rcv_mss: isOpening ? LEAST_RCV_MSS : delack.rcvMss,
    tcpi_unacked: tcb.packetsOut,
    tcpi_sacked: tcb.sackedOut,
    tcpi_lost: queue.lost,
    tcpi_retrans: queue.retransmitted,
    tcpi_last_data_sent: ms(snd.lastSentAt),
    tcpi_last_data_recv: ms(delack.lastReceivedAt),
    tcpi_last_ack_recv: ms(probing.lastHeardAt),
    tcpi_pmtu: tcb.pmtu.mtu,
    tcpi_rcv_ssthresh: rcv.ssthresh,
    tcpi_rtt: rtt.srttUs,
    tcpi_rttvar: rtt.mdev4 >>> 2,
    tcpi_snd_ssthresh: window.ssthresh,
    tcpi_snd_cwnd: window.cwnd,
    tcpi_advmss: largestInbound(tcb),
    tcpi_reordering: recovery.reordering,
    tcpi_rcv_rtt: Math.floor(tcb.autotune.rttUs / 8),
    tcpi_rcv_space: tcb.autotune.space,
    tcpi_total_retrans: counters.totalRetrans,
    tcpi_pacing_rate: Math.min(pacingRate(tcb), UNLIMITED_RATE),
    tcpi_bytes_acked: counters.bytesAcked,
    tcpi_bytes_received: counters.bytesReceived,
    tcpi_segs_out: counters.segsOut,
    tcpi_segs_in: counters.segsIn,
    tcpi_notsent_bytes: Math.max(0, tcb.unsent),
    tcpi_min_rtt: Number.isFinite(rtt.minUs) ? rtt.minUs : 0xffffffff,
    tcpi_data_segs_in: counters.dataSegsIn,
    tcpi_data_segs_out: counters.dataSegsOut,
    tcpi_delivery_rate:
      counters.rateInterval > 0
        ? Math.floor((counters.rateDelivered * snd.mss * 1e9) / counters.rateInterval)
        : 0,
    tcpi_busy_time: us(counters.busy + counters.rwndLimited + counters.sndbufLimited),
    tcpi_rwnd_limited: us(counters.rwndLimited),
    tcpi_sndbuf_limited: us(counters.sndbufLimited),
    tcpi_delivered: counters.delivered,
    tcpi_delivered_ce: counters.deliveredCe,
    tcpi_bytes_sent: counters.bytesSent,
    tcpi_bytes_retrans: counters.bytesRetrans,
    tcpi_dsack_dups: counters.dsackDups,
    tcpi_reord_seen: recovery.reorderingSeen,
    tcpi_snd_wnd: snd.wnd,
    tcpi_rcv_wnd: rcv.wnd,
    tcpi_fackets: 0,
    tcpi_max_pacing_rate: Math.min(tcb.settings.maxPacingRate, UNLIMITED_RATE),
    tcpi_rcv_ooopack: counters.outOfOrder,
    tcpi_rehash: counters.rehashes,
    tcpi_fastopen_client_fail: 0,
  };
}

function optionBits(tcb: Tcb): number {
  const { peer, ecn } = tcb;
  return (
    (peer.hasTimestamps ? TCPI_OPT_TIMESTAMPS : 0) |
    (peer.sackPermitted ? TCPI_OPT_SACK : 0) |
    (peer.hasWscale ? TCPI_OPT_WSCALE : 0) |
    (ecn.isOn ? TCPI_OPT_ECN : 0) |
    (ecn.seen ? TCPI_OPT_ECN_SEEN : 0) |
    (tcb.fastOpen.isSynDataAcked ? TCPI_OPT_SYN_DATA : 0)
  );
}
