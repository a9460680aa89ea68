/**
 * What travels: protocol data units nest as on the wire. A frame's payload is a {@link Pdu}, the IP packet in it is
 * one, and its payload again. A floor moves the PDUs of the floor above without knowing what they are.
 *
 * PDUs are header objects, immutable by convention once sent: links, queues, taps and retransmissions share them
 * by reference. Bytes exist only at an edge (capture, raw socket, ICMP quote, corruption, wire mode).
 */
import type { IpAddress } from './ip-address.ts';

/** The addresses that enter a transport checksum (RFC 9293 3.1, RFC 768): those of the enclosing packet. */
export interface PseudoHeader {
  readonly src: IpAddress;
  readonly dst: IpAddress;
}

export interface Pdu {
  /** Length on the wire in bytes, headers and payload. */
  readonly size: number;
  /**
   * Writes the PDU and its payload, with correct checksums, into `bytes` from `at` on.
   * @param outer the enclosing packet, for the pseudo header; null when there is none
   * @returns the offset behind the last byte written, `at + size`
   */
  emit(bytes: Uint8Array, at: number, outer: PseudoHeader | null): number;
  /** One line as tcpdump would print it. */
  format(): string;
}

/** The bytes of a PDU in a fresh array. For edges, not for the path of a packet. */
export function bytesOf(pdu: Pdu, outer: PseudoHeader | null = null): Uint8Array {
  const bytes = new Uint8Array(pdu.size);
  pdu.emit(bytes, 0, outer);
  return bytes;
}
