/**
 * Scripts that the stack does not pass yet, each with its reason. The tests fail when one of them begins to pass, so
 * that this list only shrinks; and when a script that is not here fails.
 */
const RST_CLOSED = 'rfc/freebsd/state-event-engine';

export const NOT_PASSED: Readonly<Record<string, string>> = {
  'core/google/cubic/cubic-rack-reo-timeout-retrans-failed-incoming-data.pkt':
    'TCP does not hear that the device had no room for a segment',
  'core/nplab/early_retransmit/er-delayed-get-ack-3pkt-sack.pkt':
    'the reordering wait of RACK is not begun anew by a further ACK',
  'linux-ext/google/mtu_probe/basic-v4.pkt': 'segments that probe the path MTU are not sent',
  [`${RST_CLOSED}/rcv-rst-ack-closed/rcv-rst-ack-without-data-closed-ipv4.pkt`]:
    'uses a descriptor that the script never opened',
  [`${RST_CLOSED}/rcv-rst-closed/rcv-rst-with-data-closed-ipv4.pkt`]:
    'uses a descriptor that the script never opened',
};
