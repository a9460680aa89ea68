/**
 * Fragmentation (RFC 791 2.3, 3.2) as Linux does it: every piece but the last as large as the MTU and the 8-byte rule
 * allow, in order; a fragment may be cut again; the reserved flag is lost, DF comes back only where the whole had it.
 */
import { EMPTY, Payload } from '../packet/payload.ts';
import { bytesOf } from '../packet/pdu.ts';
import { FLAG_MF, type Ipv4Packet } from './ipv4.ts';
import { optionsOfLaterFragments } from './ipv4-options.ts';

/**
 * Cuts a packet into pieces of at most `mtu` bytes each.
 * @param mtu at least 68 (RFC 791), so that the largest header leaves room for 8 bytes
 */
export function fragment(packet: Ipv4Packet, mtu: number): Ipv4Packet[] {
  const { payload } = packet;
  const whole = payload instanceof Payload ? payload : new Payload(bytesOf(payload, packet));
  const room = mtu - packet.headerSize;
  const pieces: Ipv4Packet[] = [];
  let options = packet.options;
  for (let from = 0; from < whole.size; ) {
    const left = whole.size - from;
    const size = left <= room ? left : room & ~7;
    const isLast = size === left;
    const flags = isLast ? packet.flags & FLAG_MF : FLAG_MF;
    const piece = size === 0 ? EMPTY : whole.slice(from, size);
    pieces.push(packet.withPayload(piece, flags, packet.offset + from, options));
    if (options !== null && packet.offset === 0 && from === 0) options = optionsOfLaterFragments(options);
    from += size;
  }
  return pieces;
}
