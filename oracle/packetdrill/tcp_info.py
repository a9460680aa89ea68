"""TCP_INFO and SO_MEMINFO as variables of snippets."""
import socket
import struct

U8 = "state ca_state retransmits probes backoff options".split()
U32 = ("rto ato snd_mss rcv_mss unacked sacked lost retrans fackets last_data_sent last_ack_sent last_data_recv "
       "last_ack_recv pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss reordering rcv_rtt rcv_space "
       "total_retrans").split()
# (name, format) behind those, in the order of struct tcp_info
REST = ([(n, "Q") for n in "pacing_rate max_pacing_rate bytes_acked bytes_received".split()]
        + [(n, "I") for n in "segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out".split()]
        + [(n, "Q") for n in "delivery_rate busy_time rwnd_limited sndbuf_limited".split()]
        + [(n, "I") for n in "delivered delivered_ce".split()]
        + [(n, "Q") for n in "bytes_sent bytes_retrans".split()]
        + [(n, "I") for n in "dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash".split()]
        + [("total_rto", "H"), ("total_rto_recoveries", "H"), ("total_rto_time", "I")])
MEMINFO = "RMEM_ALLOC RCVBUF WMEM_ALLOC SNDBUF FWD_ALLOC WMEM_QUEUED OPTMEM BACKLOG DROPS".split()

CONSTANTS = {
    "TCP_ESTABLISHED": 1, "TCP_SYN_SENT": 2, "TCP_SYN_RECV": 3, "TCP_FIN_WAIT1": 4, "TCP_FIN_WAIT2": 5,
    "TCP_TIME_WAIT": 6, "TCP_CLOSE": 7, "TCP_CLOSE_WAIT": 8, "TCP_LAST_ACK": 9, "TCP_LISTEN": 10, "TCP_CLOSING": 11,
    "TCP_CA_Open": 0, "TCP_CA_Disorder": 1, "TCP_CA_CWR": 2, "TCP_CA_Recovery": 3, "TCP_CA_Loss": 4,
    "TCPI_OPT_TIMESTAMPS": 1, "TCPI_OPT_SACK": 2, "TCPI_OPT_WSCALE": 4, "TCPI_OPT_ECN": 8, "TCPI_OPT_ECN_SEEN": 16,
    "TCPI_OPT_SYN_DATA": 32, "TCPI_OPT_USEC_TS": 64, "TCPI_OPT_TFO_CHILD": 128,
}


def snapshot(fd):
    """@fd: a live descriptor. Gives {name: value}."""
    sock = socket.socket(fileno=fd)
    try:
        data = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 512)
        memory = sock.getsockopt(socket.SOL_SOCKET, 55, 64)
    finally:
        sock.detach()
    names = dict(zip(U8, data))
    names["snd_wscale"], names["rcv_wscale"] = data[6] & 15, data[6] >> 4
    names["delivery_rate_app_limited"], names["fastopen_client_fail"] = data[7] & 1, data[7] >> 1 & 3
    names.update(zip(U32, struct.unpack_from(f"={len(U32)}I", data, 8)))
    at = 8 + 4 * len(U32)
    for name, form in REST:
        if at + struct.calcsize(form) > len(data):
            break
        names[name] = struct.unpack_from("=" + form, data, at)[0]
        at += struct.calcsize(form)
    out = {f"tcpi_{name}": value for name, value in names.items()}
    out.update((f"SK_MEMINFO_{name}", value) for name, value in zip(MEMINFO, struct.unpack(f"={len(memory) // 4}I", memory)))
    return {**CONSTANTS, **out}
