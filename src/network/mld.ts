/**
 * Messages of multicast listener discovery, version 2 (RFC 3810 5): queries, of which version 1's have the same
 * beginning, and reports without source lists.
 */
import { readU16, writeU16 } from '../packet/bytes.ts';
import { IpAddress } from '../packet/ip-address.ts';
import type { Payload } from '../packet/payload.ts';
import type { Pdu, PseudoHeader } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';
import { writeIcmpv6Checksum } from './icmpv6.ts';
import type { GroupRecord } from './igmp.ts';

export const MLD_QUERY = 130;
export const MLDV2_REPORT = 143;

/** "Who listens to `group`?", or to anything when it is ::. */
export class MldQuery implements Pdu {
  readonly type = MLD_QUERY;
  readonly size = 28;
  /** The field as it is: ms, from 32768 on a floating point number (RFC 3810 5.1.3). */
  readonly maxResponse: number;
  readonly group: IpAddress;

  constructor(maxResponse: number, group: IpAddress) {
    this.maxResponse = maxResponse;
    this.group = group;
  }

  /** Source lists are not kept. @throws DecodeError `short-message` */
  static parse({ bytes, start: at, size }: Payload): MldQuery {
    if (size < 24) throw new DecodeError('short-message');
    return new MldQuery(readU16(bytes, at + 4), IpAddress.readV6(bytes, at + 8));
  }

  emit(bytes: Uint8Array, at: number, outer: PseudoHeader | null): number {
    bytes.fill(0, at, at + this.size);
    bytes[at] = MLD_QUERY;
    writeU16(bytes, at + 4, this.maxResponse);
    this.group.writeV6(bytes, at + 8);
    writeIcmpv6Checksum(bytes, at, at + this.size, outer);
    return at + this.size;
  }

  format(): string {
    const group = this.group.isUnspecified ? '' : ` for ${this.group}`;
    return `ICMP6, multicast listener query v2${group}, length ${this.size}`;
  }
}

/** What a node listens to, or has begun or ceased to. */
export class MldReport implements Pdu {
  readonly type = MLDV2_REPORT;
  readonly records: readonly GroupRecord[];

  constructor(records: readonly GroupRecord[]) {
    this.records = records;
  }

  get size(): number {
    return 8 + 20 * this.records.length;
  }

  /** Source lists and auxiliary data are skipped. @throws DecodeError `short-message` */
  static parse({ bytes, start, size }: Payload): MldReport {
    if (size < 8) throw new DecodeError('short-message');
    const records: GroupRecord[] = [];
    let at = start + 8;
    for (let left = readU16(bytes, start + 6); left > 0; left--) {
      if (at + 20 > start + size) throw new DecodeError('short-message');
      records.push({ kind: bytes[at]!, group: IpAddress.readV6(bytes, at + 4) });
      at += 20 + 16 * readU16(bytes, at + 2) + 4 * bytes[at + 1]!;
    }
    return new MldReport(records);
  }

  emit(bytes: Uint8Array, at: number, outer: PseudoHeader | null): number {
    bytes.fill(0, at, at + this.size);
    bytes[at] = MLDV2_REPORT;
    writeU16(bytes, at + 6, this.records.length);
    let next = at + 8;
    for (const { kind, group } of this.records) {
      bytes[next] = kind;
      group.writeV6(bytes, next + 4);
      next += 20;
    }
    writeIcmpv6Checksum(bytes, at, next, outer);
    return next;
  }

  format(): string {
    const words = this.records.map(
      ({ kind, group }) => `[gaddr ${group} ${KINDS[kind] ?? kind}, 0 source(s)]`,
    );
    return `ICMP6, multicast listener report v2, ${this.records.length} group record(s) ${words.join(' ')}, length ${this.size}`;
  }
}

const KINDS: readonly string[] = ['', 'is_in', 'is_ex', 'to_in', 'to_ex', 'allow', 'block'];
