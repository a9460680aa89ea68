/**
 * IGMP messages (RFC 2236, RFC 3376): queries of any version, and the membership reports that a Linux host sends.
 */
import { readU16, writeU16 } from '../packet/bytes.ts';
import { checksum } from '../packet/checksum.ts';
import { ANY_V4, IpAddress } from '../packet/ip-address.ts';
import type { Payload } from '../packet/payload.ts';
import type { Pdu } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';

export const IGMP_QUERY = 0x11;
export const IGMP_V1_REPORT = 0x12;
export const IGMP_V2_REPORT = 0x16;
export const IGMP_V2_LEAVE = 0x17;
export const IGMP_V3_REPORT = 0x22;

/** Kinds of group records (RFC 3376 4.2.12). */
export const MODE_IS_EXCLUDE = 2;
export const CHANGE_TO_INCLUDE = 3;
export const CHANGE_TO_EXCLUDE = 4;

/** What a version 3 report says of one group; source lists are always empty here. */
export interface GroupRecord {
  readonly kind: number;
  readonly group: IpAddress;
}

/** Versions 1 and 2, and the part of a version 3 query that they share: 8 bytes. */
export class IgmpMessage implements Pdu {
  readonly type: number;
  /** Maximum response time in units of 0.1 s; 0 in a version 1 query. */
  readonly maxResponse: number;
  readonly group: IpAddress;
  /** 8, or 12 and more for a version 3 query, whose source list is not kept. */
  readonly size: number;

  constructor(type: number, maxResponse: number, group: IpAddress, size: number = 8) {
    this.type = type;
    this.maxResponse = maxResponse;
    this.group = group;
    this.size = size;
  }

  /** @throws DecodeError `short-message` or `bad-checksum` */
  static parse(payload: Payload): IgmpMessage {
    const { bytes, start: at, size } = payload;
    if (size < 8) throw new DecodeError('short-message');
    if (checksum(bytes, at, size) !== 0) throw new DecodeError('bad-checksum');
    return new IgmpMessage(bytes[at]!, bytes[at + 1]!, IpAddress.readV4(bytes, at + 4), size);
  }

  emit(bytes: Uint8Array, at: number): number {
    bytes.fill(0, at, at + this.size);
    bytes[at] = this.type;
    bytes[at + 1] = this.maxResponse;
    this.group.writeV4(bytes, at + 4);
    writeU16(bytes, at + 2, checksum(bytes, at, this.size));
    return at + this.size;
  }

  format(): string {
    const group = this.group === ANY_V4 ? '' : ` ${this.group}`;
    if (this.type === IGMP_QUERY) return `igmp query${group}`;
    if (this.type === IGMP_V2_LEAVE) return `igmp leave${group}`;
    return `igmp report${group}`;
  }
}

/** A version 3 membership report (RFC 3376 4.2). */
export class IgmpReport implements Pdu {
  readonly records: readonly GroupRecord[];

  constructor(records: readonly GroupRecord[]) {
    this.records = records;
  }

  get size(): number {
    return 8 + 8 * this.records.length;
  }

  /** Source lists and auxiliary data are skipped. @throws DecodeError `short-message` or `bad-checksum` */
  static parse(payload: Payload): IgmpReport {
    const { bytes, start, size } = payload;
    if (size < 8) throw new DecodeError('short-message');
    if (checksum(bytes, start, size) !== 0) throw new DecodeError('bad-checksum');
    const records: GroupRecord[] = [];
    let at = start + 8;
    for (let left = readU16(bytes, start + 6); left > 0; left--) {
      if (at + 8 > start + size) throw new DecodeError('short-message');
      records.push({ kind: bytes[at]!, group: IpAddress.readV4(bytes, at + 4) });
      at += 8 + 4 * readU16(bytes, at + 2) + 4 * bytes[at + 1]!;
    }
    return new IgmpReport(records);
  }

  emit(bytes: Uint8Array, at: number): number {
    bytes.fill(0, at, at + this.size);
    bytes[at] = IGMP_V3_REPORT;
    writeU16(bytes, at + 6, this.records.length);
    let next = at + 8;
    for (const record of this.records) {
      bytes[next] = record.kind;
      record.group.writeV4(bytes, next + 4);
      next += 8;
    }
    writeU16(bytes, at + 2, checksum(bytes, at, this.size));
    return next;
  }

  format(): string {
    const words = this.records.map(({ kind, group }) => `${group} ${RECORD_NAMES[kind] ?? `kind ${kind}`}`);
    return `igmp v3 report, ${this.records.length} group record(s) [${words.join(', ')}]`;
  }
}

const RECORD_NAMES: readonly string[] = ['', 'is_in', 'is_ex', 'to_in', 'to_ex', 'allow', 'block'];
