/**
 * TCP's kernel parameters (ip-sysctl.rst): Linux's names and defaults. {@link TcpConfig} is the copy that the
 * machine reads, kept up to date with `Sysctls.watch`.
 */
import type { Sysctls, SysctlTable } from '../../network/sysctls.ts';
import { MILLISECOND, type Nanos, SECOND } from '../../sim/time.ts';
import { CONTROLLER_NAMES } from './congestion/select.ts';

export const TCP_SYSCTLS: SysctlTable = {
  'net.ipv4.tcp_abort_on_overflow': 0,
  'net.ipv4.tcp_app_win': 31,
  'net.ipv4.tcp_autocorking': 1,
  'net.ipv4.tcp_base_mss': 1024,
  'net.ipv4.tcp_challenge_ack_limit': 1000,
  'net.ipv4.tcp_comp_sack_delay_ns': 1_000_000,
  'net.ipv4.tcp_comp_sack_nr': 44,
  'net.ipv4.tcp_comp_sack_slack_ns': 100_000,
  'net.ipv4.tcp_congestion_control': { word: 'cubic', of: CONTROLLER_NAMES },
  'net.ipv4.tcp_dsack': 1,
  'net.ipv4.tcp_early_retrans': 3,
  'net.ipv4.tcp_ecn': 2,
  'net.ipv4.tcp_ecn_fallback': 1,
  'net.ipv4.tcp_fastopen': 1,
  'net.ipv4.tcp_fastopen_blackhole_timeout_sec': 0,
  'net.ipv4.tcp_fastopen_key': '00000000-00000000-00000000-00000000',
  'net.ipv4.tcp_fin_timeout': 60,
  'net.ipv4.tcp_frto': 2,
  'net.ipv4.tcp_invalid_ratelimit': 500,
  'net.ipv4.tcp_keepalive_intvl': 75,
  'net.ipv4.tcp_keepalive_probes': 9,
  'net.ipv4.tcp_keepalive_time': 7200,
  'net.ipv4.tcp_limit_output_bytes': 4_194_304,
  'net.ipv4.tcp_max_reordering': 300,
  'net.ipv4.tcp_max_tw_buckets': 262_144,
  'net.ipv4.tcp_min_rtt_wlen': 300,
  'net.ipv4.tcp_min_snd_mss': 48,
  'net.ipv4.tcp_min_tso_segs': 2,
  'net.ipv4.tcp_moderate_rcvbuf': 1,
  'net.ipv4.tcp_mtu_probe_floor': 48,
  'net.ipv4.tcp_mtu_probing': 0,
  'net.ipv4.tcp_no_metrics_save': 0,
  'net.ipv4.tcp_no_ssthresh_metrics_save': 1,
  'net.ipv4.tcp_notsent_lowat': 4_294_967_295,
  'net.ipv4.tcp_orphan_retries': 0,
  'net.ipv4.tcp_pacing_ca_ratio': 120,
  'net.ipv4.tcp_pacing_ss_ratio': 200,
  'net.ipv4.tcp_probe_interval': 600,
  'net.ipv4.tcp_probe_threshold': 8,
  'net.ipv4.tcp_recovery': 1,
  'net.ipv4.tcp_reflect_tos': 0,
  'net.ipv4.tcp_reordering': 3,
  'net.ipv4.tcp_retrans_collapse': 1,
  'net.ipv4.tcp_retries1': 3,
  'net.ipv4.tcp_retries2': 15,
  'net.ipv4.tcp_rfc1337': 0,
  'net.ipv4.tcp_rmem': '4096 131072 6291456',
  'net.ipv4.tcp_rto_max_ms': 120_000,
  'net.ipv4.tcp_rto_min_us': 200_000,
  'net.ipv4.tcp_sack': 1,
  'net.ipv4.tcp_shrink_window': 0,
  'net.ipv4.tcp_slow_start_after_idle': 1,
  'net.ipv4.tcp_stdurg': 0,
  'net.ipv4.tcp_syn_linear_timeouts': 4,
  'net.ipv4.tcp_syn_retries': 6,
  'net.ipv4.tcp_synack_retries': 5,
  'net.ipv4.tcp_syncookies': 1,
  'net.ipv4.tcp_thin_linear_timeouts': 0,
  'net.ipv4.tcp_timestamps': 1,
  'net.ipv4.tcp_tso_rtt_log': 9,
  'net.ipv4.tcp_tso_win_divisor': 3,
  'net.ipv4.tcp_tw_reuse': 2,
  'net.ipv4.tcp_tw_reuse_delay': 1000,
  'net.ipv4.tcp_window_scaling': 1,
  'net.ipv4.tcp_wmem': '4096 16384 4194304',
  'net.ipv4.tcp_workaround_signed_windows': 0,
};

/** The parameters in the machine's units: spans in ns, sizes in bytes, switches as booleans. */
export class TcpConfig {
  abortOnOverflow!: boolean;
  appWin!: number;
  baseMss!: number;
  challengeAckLimit!: number;
  compSackDelay!: Nanos;
  compSackCount!: number;
  congestionControl!: string;
  dsack!: boolean;
  /** 0 = no tail loss probe; 3 and 4 = tail loss probe. */
  earlyRetrans!: number;
  /** 0 = off, 1 = request and accept, 2 = accept only. */
  ecn!: number;
  ecnFallback!: boolean;
  /** Bits: 1 client, 2 server, 4 client without cookie, 0x200 server without cookie, 0x400 all listeners. */
  fastOpen!: number;
  fastOpenKey!: string;
  finTimeout!: Nanos;
  frto!: number;
  invalidRateLimit!: Nanos;
  keepaliveInterval!: Nanos;
  keepaliveProbes!: number;
  keepaliveTime!: Nanos;
  maxReordering!: number;
  minRttWindow!: Nanos;
  minSndMss!: number;
  minTsoSegs!: number;
  moderateRcvbuf!: boolean;
  mtuProbeFloor!: number;
  mtuProbing!: number;
  noMetricsSave!: boolean;
  notsentLowat!: number;
  orphanRetries!: number;
  pacingCaRatio!: number;
  pacingSsRatio!: number;
  probeInterval!: Nanos;
  probeThreshold!: number;
  /** Bit 1: RACK; bit 2: static reordering window; bit 4: no dupack threshold. */
  recovery!: number;
  reordering!: number;
  retransCollapse!: boolean;
  retries1!: number;
  retries2!: number;
  rfc1337!: boolean;
  rmemMin!: number;
  rmemDefault!: number;
  rmemMax!: number;
  rtoMax!: Nanos;
  rtoMin!: Nanos;
  sack!: boolean;
  shrinkWindow!: boolean;
  slowStartAfterIdle!: boolean;
  stdurg!: boolean;
  synLinearTimeouts!: number;
  synRetries!: number;
  synackRetries!: number;
  syncookies!: number;
  thinLinearTimeouts!: boolean;
  timestamps!: number;
  tsoRttLog!: number;
  tsoWinDivisor!: number;
  twReuse!: number;
  twReuseDelay!: Nanos;
  windowScaling!: boolean;
  wmemMin!: number;
  wmemDefault!: number;
  wmemMax!: number;
  workaroundSignedWindows!: boolean;

  constructor(sysctls: Sysctls) {
    sysctls.watch(() => this.#read(sysctls));
  }

  #read(sysctls: Sysctls): void {
    const number = (name: string): number => sysctls.number(`net.ipv4.tcp_${name}`);
    const isOn = (name: string): boolean => number(name) !== 0;
    const [rmemMin, rmemDefault, rmemMax] = sysctls.numbers('net.ipv4.tcp_rmem');
    const [wmemMin, wmemDefault, wmemMax] = sysctls.numbers('net.ipv4.tcp_wmem');
    this.abortOnOverflow = isOn('abort_on_overflow');
    this.appWin = number('app_win');
    this.baseMss = number('base_mss');
    this.challengeAckLimit = number('challenge_ack_limit');
    this.compSackDelay = number('comp_sack_delay_ns');
    this.compSackCount = number('comp_sack_nr');
    this.congestionControl = sysctls.text('net.ipv4.tcp_congestion_control');
    this.dsack = isOn('dsack');
    this.earlyRetrans = number('early_retrans');
    this.ecn = number('ecn');
    this.ecnFallback = isOn('ecn_fallback');
    this.fastOpen = number('fastopen');
    this.fastOpenKey = sysctls.text('net.ipv4.tcp_fastopen_key');
    this.finTimeout = number('fin_timeout') * SECOND;
    this.frto = number('frto');
    this.invalidRateLimit = number('invalid_ratelimit') * MILLISECOND;
    this.keepaliveInterval = number('keepalive_intvl') * SECOND;
    this.keepaliveProbes = number('keepalive_probes');
    this.keepaliveTime = number('keepalive_time') * SECOND;
    this.maxReordering = number('max_reordering');
    this.minRttWindow = number('min_rtt_wlen') * SECOND;
    this.minSndMss = number('min_snd_mss');
    this.minTsoSegs = number('min_tso_segs');
    this.moderateRcvbuf = isOn('moderate_rcvbuf');
    this.mtuProbeFloor = number('mtu_probe_floor');
    this.mtuProbing = number('mtu_probing');
    this.noMetricsSave = isOn('no_metrics_save');
    this.notsentLowat = number('notsent_lowat');
    this.orphanRetries = number('orphan_retries');
    this.pacingCaRatio = number('pacing_ca_ratio');
    this.pacingSsRatio = number('pacing_ss_ratio');
    this.probeInterval = number('probe_interval') * SECOND;
    this.probeThreshold = number('probe_threshold');
    this.recovery = number('recovery');
    this.reordering = number('reordering');
    this.retransCollapse = isOn('retrans_collapse');
    this.retries1 = number('retries1');
    this.retries2 = number('retries2');
    this.rfc1337 = isOn('rfc1337');
    this.rmemMin = rmemMin!;
    this.rmemDefault = rmemDefault!;
    this.rmemMax = rmemMax!;
    this.rtoMax = number('rto_max_ms') * MILLISECOND;
    this.rtoMin = number('rto_min_us') * 1000;
    this.sack = isOn('sack');
    this.shrinkWindow = isOn('shrink_window');
    this.slowStartAfterIdle = isOn('slow_start_after_idle');
    this.stdurg = isOn('stdurg');
    this.synLinearTimeouts = number('syn_linear_timeouts');
    this.synRetries = number('syn_retries');
    this.synackRetries = number('synack_retries');
    this.syncookies = number('syncookies');
    this.thinLinearTimeouts = isOn('thin_linear_timeouts');
    this.timestamps = number('timestamps');
    this.tsoRttLog = number('tso_rtt_log');
    this.tsoWinDivisor = number('tso_win_divisor');
    this.twReuse = number('tw_reuse');
    this.twReuseDelay = number('tw_reuse_delay') * MILLISECOND;
    this.windowScaling = isOn('window_scaling');
    this.wmemMin = wmemMin!;
    this.wmemDefault = wmemDefault!;
    this.wmemMax = wmemMax!;
    this.workaroundSignedWindows = isOn('workaround_signed_windows');
  }
}
