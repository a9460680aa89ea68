/** From bytes to the message of ICMPv6 that they are, whichever protocol within it has it. */
import type { Payload } from '../packet/payload.ts';
import type { PseudoHeader } from '../packet/pdu.ts';
import { Icmpv6Message, verifyIcmpv6 } from './icmpv6.ts';
import {
  MLD_QUERY,
  MLDV1_DONE,
  MLDV1_REPORT,
  MLDV2_REPORT,
  MldQuery,
  MldReport,
  MldV1Message,
} from './mld.ts';
import {
  NDP_NEIGHBOUR_ADVERTISEMENT,
  NDP_NEIGHBOUR_SOLICITATION,
  NDP_ROUTER_ADVERTISEMENT,
  NDP_ROUTER_SOLICITATION,
  NeighbourMessage,
  RouterAdvertisement,
  RouterSolicitation,
} from './ndp.ts';

export type AnyIcmpv6 =
  | Icmpv6Message
  | NeighbourMessage
  | RouterSolicitation
  | RouterAdvertisement
  | MldQuery
  | MldReport
  | MldV1Message;

/**
 * @param outer the packet that carried it; null leaves the checksum unverified
 * @throws DecodeError `bad-checksum`, `short-message` or `bad-option`
 */
export function parseIcmpv6(payload: Payload, outer: PseudoHeader | null): AnyIcmpv6 {
  verifyIcmpv6(payload, outer);
  switch (payload.size === 0 ? -1 : payload.bytes[payload.start]) {
    case MLD_QUERY:
      return MldQuery.parse(payload);
    case MLDV1_REPORT:
    case MLDV1_DONE:
      return MldV1Message.parse(payload);
    case MLDV2_REPORT:
      return MldReport.parse(payload);
    case NDP_ROUTER_SOLICITATION:
      return RouterSolicitation.parse(payload);
    case NDP_ROUTER_ADVERTISEMENT:
      return RouterAdvertisement.parse(payload);
    case NDP_NEIGHBOUR_SOLICITATION:
    case NDP_NEIGHBOUR_ADVERTISEMENT:
      return NeighbourMessage.parse(payload);
    default:
      return Icmpv6Message.parse(payload, null);
  }
}

export function isIcmpv6(pdu: unknown): pdu is AnyIcmpv6 {
  return (
    pdu instanceof Icmpv6Message ||
    pdu instanceof NeighbourMessage ||
    pdu instanceof RouterSolicitation ||
    pdu instanceof RouterAdvertisement ||
    pdu instanceof MldQuery ||
    pdu instanceof MldReport ||
    pdu instanceof MldV1Message
  );
}
