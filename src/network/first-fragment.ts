/**
 * A first fragment must hold all headers up to and with that of the upper layer (RFC 7112, RFC 8200 4.5), so that
 * filters on the way see them. Kernel: ipv6frag_thdr_truncated, which lets pass what it cannot walk.
 */
import { readU16 } from '../packet/bytes.ts';
import { Payload } from '../packet/payload.ts';
import { bytesOf, type Pdu } from '../packet/pdu.ts';
import { PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from './ip-packet.ts';
import type { Ipv6Packet } from './ipv6.ts';
import { EXTENSION_FRAGMENT, isExtension, NO_NEXT_HEADER } from './ipv6-extension.ts';

const AUTHENTICATION = 51;
/** Of other protocols one byte is enough. */
const UPPER_SIZES: ReadonlyMap<number, number> = new Map([
  [PROTOCOL_TCP, 20],
  [PROTOCOL_UDP, 8],
  [PROTOCOL_ICMPV6, 8],
]);

/** @param payload of the fragment with offset 0 */
export function lacksUpperHeader(payload: Pdu, fragment: Ipv6Packet): boolean {
  const { bytes, start, size } =
    payload instanceof Payload ? payload : new Payload(bytesOf(payload, fragment));
  let { protocol } = fragment;
  let at = 0;
  while (isExtension(protocol) || protocol === AUTHENTICATION) {
    if (at + 2 > size) return false;
    const next = bytes[start + at]!;
    const units = bytes[start + at + 1]!;
    if (protocol === EXTENSION_FRAGMENT) {
      if (at + 8 > size || (readU16(bytes, start + at + 2) & 0xfff8) !== 0) return false;
      at += 8;
    } else at += protocol === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
    protocol = next;
  }
  return protocol !== NO_NEXT_HEADER && at + (UPPER_SIZES.get(protocol) ?? 1) > size;
}
