/**
 * Types and codes of ICMP (RFC 792, 1122, 1812) and of ICMPv6 (RFC 4443) by the words of the language. A script that does
 * not say which family it is about means IPv4 by a word that both have: what a code means to TCP differs between them.
 */

/** The words of one family. */
export interface IcmpWords {
  readonly types: Readonly<Record<string, number>>;
  /** Codes by type. */
  readonly codes: ReadonlyMap<number, Readonly<Record<string, number>>>;
}

export const ICMP_WORDS: IcmpWords = {
  types: {
    echo_reply: 0,
    unreachable: 3,
    source_quench: 4,
    redirect: 5,
    echo_request: 8,
    time_exceeded: 11,
    parameter_problem: 12,
    timestamp: 13,
    timestamp_reply: 14,
  },
  codes: new Map<number, Readonly<Record<string, number>>>([
    [
      3,
      {
        net_unreachable: 0,
        host_unreachable: 1,
        protocol_unreachable: 2,
        port_unreachable: 3,
        frag_needed: 4,
        source_route_failed: 5,
        net_unknown: 6,
        host_unknown: 7,
        source_host_isolated: 8,
        net_prohibited: 9,
        host_prohibited: 10,
        net_unreachable_for_tos: 11,
        host_unreachable_for_tos: 12,
        packet_filtered: 13,
        precedence_violation: 14,
        precedence_cutoff: 15,
      },
    ],
    [5, { net: 0, host: 1, net_tos: 2, host_tos: 3 }],
    [11, { ttl_exceeded: 0, frag_time_exceeded: 1 }],
  ]),
};

export const ICMPV6_WORDS: IcmpWords = {
  types: {
    unreachable: 1,
    packet_too_big: 2,
    time_exceeded: 3,
    parameter_problem: 4,
    echo_request: 128,
    echo_reply: 129,
  },
  codes: new Map<number, Readonly<Record<string, number>>>([
    [
      1,
      {
        no_route: 0,
        net_unreachable: 0,
        admin_prohibited: 1,
        beyond_scope: 2,
        address_unreachable: 3,
        host_unreachable: 3,
        port_unreachable: 4,
        source_policy_failed: 5,
        reject_route: 6,
      },
    ],
    [3, { hop_limit_exceeded: 0, reassembly_time_exceeded: 1 }],
    [4, { erroneous_header: 0, unknown_next_header: 1, unknown_option: 2 }],
  ]),
};
