/** What IPv4 and IPv6 packets have in common: all that the transport floor sees of them. */
import type { IpAddress } from '../packet/ip-address.ts';
import type { Pdu } from '../packet/pdu.ts';

export interface IpPacket extends Pdu {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  /** Protocol number of the payload (IPv4 Protocol, IPv6 Next Header). */
  readonly protocol: number;
  /** TTL or Hop Limit. */
  readonly ttl: number;
  /** The whole TOS or Traffic Class byte: DSCP and ECN. */
  readonly tos: number;
  /** A transport header object, or a `Payload` that the transport floor parses (and whose checksum it verifies). */
  readonly payload: Pdu;
}

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_IGMP = 2;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ICMPV6 = 58;

/** The two low bits of TOS (RFC 3168 5). */
export const ECN_NOT_ECT = 0;
export const ECN_ECT0 = 2;
export const ECN_CE = 3;
