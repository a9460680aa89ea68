/**
 * What the `defaults.sh` of the third-party suites sets, by name: those files do not travel with their scripts.
 * Values of the kernel whose behaviour the scripts record; a parameter that the host has not is left out.
 */

const COMMON: readonly (readonly [name: string, value: string])[] = [
  ['tcp_rmem', '4096 540000 15728640'],
  ['tcp_wmem', '4096 262144 4194304'],
  ['tcp_timestamps', '1'],
  ['tcp_syn_retries', '5'],
  ['tcp_synack_retries', '5'],
  ['tcp_frto', '2'],
  ['tcp_sack', '1'],
  ['tcp_dsack', '1'],
  ['tcp_fack', '0'],
  ['tcp_reordering', '3'],
  ['tcp_congestion_control', 'cubic'],
  ['tcp_slow_start_after_idle', '0'],
  ['tcp_early_retrans', '4'],
  ['tcp_recovery', '1'],
  ['tcp_tso_win_divisor', '3'],
  ['tcp_ecn', '0'],
  ['tcp_pacing_ss_ratio', '200'],
  ['tcp_pacing_ca_ratio', '120'],
  ['tcp_notsent_lowat', '4294967295'],
  ['tcp_fastopen_key', 'a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4'],
  ['tcp_syncookies', '1'],
];

/**
 * The sysctls of a suite's defaults, without `net.ipv4.`.
 * @param path as called: the suite whose scripts lie beside it enables Fast Open for plain SYN data as well
 */
export function suiteDefaults(path: string): readonly (readonly [name: string, value: string])[] {
  const isShared = path.includes('common/');
  return [...COMMON, ['tcp_fastopen', isShared ? '0x70403' : '0x3']];
}
