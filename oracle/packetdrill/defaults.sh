#!/bin/sh
# What the defaults.sh of third-party suites sets (their files do not travel with their scripts).
ip tcp_metrics flush all > /dev/null 2>&1
set_sysctl() { sysctl -q -w "net.ipv4.$1=$2" 2> /dev/null; }
set_sysctl tcp_rmem "4096 540000 15728640"
set_sysctl tcp_wmem "4096 262144 4194304"
set_sysctl tcp_timestamps 1
set_sysctl tcp_syn_retries 5
set_sysctl tcp_synack_retries 5
set_sysctl tcp_frto 2
set_sysctl tcp_sack 1
set_sysctl tcp_dsack 1
set_sysctl tcp_fack 0
set_sysctl tcp_reordering 3
set_sysctl tcp_congestion_control cubic
set_sysctl tcp_slow_start_after_idle 0
set_sysctl tcp_early_retrans 4
set_sysctl tcp_recovery 1
set_sysctl tcp_tso_win_divisor 3
set_sysctl tcp_ecn 0
set_sysctl tcp_pacing_ss_ratio 200
set_sysctl tcp_pacing_ca_ratio 120
set_sysctl tcp_notsent_lowat 4294967295
set_sysctl tcp_fastopen_key a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4
set_sysctl tcp_syncookies 1
case "${SUITE:-}" in
  common) set_sysctl tcp_fastopen 0x70403 ;;
  *) set_sysctl tcp_fastopen 0x3 ;;
esac
exit 0
