/** What an ICMP or ICMPv6 error means to a transport user: an errno, and whether it is fatal (icmp(7); rule L39). */
import {
  EACCES,
  ECONNREFUSED,
  EHOSTDOWN,
  EHOSTUNREACH,
  EMSGSIZE,
  ENETUNREACH,
  ENONET,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPROTO,
} from '../network/errno.ts';

export const ICMP_DEST_UNREACHABLE = 3;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETER_PROBLEM = 12;
/** Code of destination unreachable: fragmentation needed and DF set (RFC 1191). */
export const ICMP_FRAGMENTATION_NEEDED = 4;

export interface IcmpErrorMeaning {
  /** Positive. */
  readonly errno: number;
  /** A connected UDP socket hears of it without asking. */
  readonly isFatal: boolean;
}

const UNREACHABLE: readonly IcmpErrorMeaning[] = [
  soft(ENETUNREACH), // 0 network
  soft(EHOSTUNREACH), // 1 host
  fatal(ENOPROTOOPT), // 2 protocol
  fatal(ECONNREFUSED), // 3 port
  soft(EMSGSIZE), // 4 fragmentation needed
  soft(EOPNOTSUPP), // 5 source route failed
  fatal(ENETUNREACH), // 6 network unknown
  fatal(EHOSTDOWN), // 7 host unknown
  fatal(ENONET), // 8 source host isolated
  fatal(ENETUNREACH), // 9 network prohibited
  fatal(EHOSTUNREACH), // 10 host prohibited
  soft(ENETUNREACH), // 11 network unreachable for TOS
  soft(EHOSTUNREACH), // 12 host unreachable for TOS
  fatal(EHOSTUNREACH), // 13 filtered
  fatal(EHOSTUNREACH), // 14 precedence violation
  fatal(EHOSTUNREACH), // 15 precedence cut-off
];

/** @returns null when the message is no error for a transport user: source quench, unknown types and codes */
export function icmpErrorMeaning(type: number, code: number): IcmpErrorMeaning | null {
  if (type === ICMP_DEST_UNREACHABLE) return UNREACHABLE[code] ?? null;
  if (type === ICMP_TIME_EXCEEDED) return soft(EHOSTUNREACH);
  if (type === ICMP_PARAMETER_PROBLEM) return fatal(EPROTO);
  return null;
}

/** ICMPv6 types (RFC 4443); a code of destination unreachable that nobody knows counts as a protocol error. */
export const ICMPV6_UNREACHABLE = 1;
export const ICMPV6_PACKET_TOO_BIG = 2;
export const ICMPV6_TIME_EXCEEDED = 3;
export const ICMPV6_PARAMETER_PROBLEM = 4;

const UNREACHABLE_V6: readonly IcmpErrorMeaning[] = [
  soft(ENETUNREACH), // 0 no route
  fatal(EACCES), // 1 prohibited
  soft(EHOSTUNREACH), // 2 beyond scope of the source
  soft(EHOSTUNREACH), // 3 address
  fatal(ECONNREFUSED), // 4 port
  fatal(EACCES), // 5 source failed a policy
  fatal(EACCES), // 6 reject route
];

/** @returns null when the message is no error for a transport user */
export function icmpv6ErrorMeaning(type: number, code: number): IcmpErrorMeaning | null {
  switch (type) {
    case ICMPV6_UNREACHABLE:
      return UNREACHABLE_V6[code] ?? fatal(EPROTO);
    case ICMPV6_PACKET_TOO_BIG:
      return soft(EMSGSIZE);
    case ICMPV6_TIME_EXCEEDED:
      return soft(EHOSTUNREACH);
    case ICMPV6_PARAMETER_PROBLEM:
      return fatal(EPROTO);
    default:
      return null;
  }
}

function soft(errno: number): IcmpErrorMeaning {
  return { errno, isFatal: false };
}

function fatal(errno: number): IcmpErrorMeaning {
  return { errno, isFatal: true };
}
