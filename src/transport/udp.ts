/**
 * UDP datagrams (RFC 768): header fields, parse, emit, format.
 * A checksum field of zero says that the sender made none, which IPv6 does not allow (RFC 8200 8.1); a computed zero
 * travels as 0xffff.
 */
import { readU16, writeU16 } from '../packet/bytes.ts';
import { finishSum, sumBytes, sumPseudoHeader } from '../packet/checksum.ts';
import type { Payload } from '../packet/payload.ts';
import type { Pdu, PseudoHeader } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';

export const UDP_HEADER_SIZE = 8;
const PROTOCOL = 17;

export class UdpDatagram implements Pdu {
  /** 0-65535; 0 means that no answer is wanted. */
  readonly srcPort: number;
  readonly dstPort: number;
  readonly payload: Pdu;
  /** False when the sender left the checksum out (SO_NO_CHECK): the field is zero on the wire. */
  readonly hasChecksum: boolean;

  constructor(srcPort: number, dstPort: number, payload: Pdu, hasChecksum: boolean = true) {
    this.srcPort = srcPort;
    this.dstPort = dstPort;
    this.payload = payload;
    this.hasChecksum = hasChecksum;
  }

  get size(): number {
    return UDP_HEADER_SIZE + this.payload.size;
  }

  /**
   * Reads a datagram and verifies its checksum (RFC 1122 4.1.3.4). Bytes behind the length field are padding.
   * @param outer the packet that carried it; null leaves the checksum unverified, as for a quoted header
   * @throws DecodeError `short-datagram`, `bad-length`, `bad-checksum` or, over IPv6, `no-checksum`
   */
  static parse(payload: Payload, outer: PseudoHeader | null): UdpDatagram {
    if (payload.size < UDP_HEADER_SIZE) throw new DecodeError('short-datagram');
    const { bytes, start } = payload;
    const isV6 = outer !== null && outer.src.family === 6;
    const said = readU16(bytes, start + 4);
    // Over IPv6 a length of 0 means all there is (RFC 2675 4), however little that be.
    const length = said === 0 && isV6 ? payload.size : said;
    if (length < UDP_HEADER_SIZE || length > payload.size) throw new DecodeError('bad-length');
    const hasChecksum = readU16(bytes, start + 6) !== 0;
    if (!hasChecksum && isV6) throw new DecodeError('no-checksum');
    if (hasChecksum && outer !== null) {
      const sum = sumBytes(bytes, start, length, sumPseudoHeader(outer, PROTOCOL, length));
      if (finishSum(sum) !== 0) throw new DecodeError('bad-checksum');
    }
    return new UdpDatagram(
      readU16(bytes, start),
      readU16(bytes, start + 2),
      payload.slice(UDP_HEADER_SIZE, length - UDP_HEADER_SIZE),
      hasChecksum,
    );
  }

  emit(bytes: Uint8Array, at: number, outer: PseudoHeader | null): number {
    const length = this.size;
    writeU16(bytes, at, this.srcPort);
    writeU16(bytes, at + 2, this.dstPort);
    writeU16(bytes, at + 4, length);
    writeU16(bytes, at + 6, 0);
    const end = this.payload.emit(bytes, at + UDP_HEADER_SIZE, outer);
    if (this.hasChecksum && outer !== null) {
      const sum = finishSum(sumBytes(bytes, at, length, sumPseudoHeader(outer, PROTOCOL, length)));
      writeU16(bytes, at + 6, sum === 0 ? 0xffff : sum);
    }
    return end;
  }

  format(): string {
    return `${this.srcPort} > ${this.dstPort}: UDP, length ${this.payload.size}`;
  }
}
