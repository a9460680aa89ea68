/**
 * Messages of multicast listener discovery, version 2 (RFC 3810 5): queries, and reports without source lists. Version 1
 * (RFC 2710 3) has shorter queries, and a message for each group that is listened to or left.
 */
import { readU16, writeU16 } from '../packet/bytes.ts';
import { IpAddress } from '../packet/ip-address.ts';
import type { Payload } from '../packet/payload.ts';
import type { Pdu, PseudoHeader } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';
import { writeIcmpv6Checksum } from './icmpv6.ts';
import type { GroupRecord } from './igmp.ts';

export const MLD_QUERY = 130;
export const MLDV1_REPORT = 131;
export const MLDV1_DONE = 132;
export const MLDV2_REPORT = 143;

const V1_SIZE = 24;
const V2_QUERY_SIZE = 28;

/** "Who listens to `group`?", or to anything when it is ::. */
export class MldQuery implements Pdu {
  readonly type = MLD_QUERY;
  /** A router that speaks version 1 only sends shorter ones. */
  readonly isVersion1: boolean;
  /** The field as it is: ms; in version 2 from 32768 on a floating point number (RFC 3810 5.1.3). */
  readonly maxResponse: number;
  readonly group: IpAddress;

  constructor(maxResponse: number, group: IpAddress, isVersion1: boolean = false) {
    this.isVersion1 = isVersion1;
    this.maxResponse = maxResponse;
    this.group = group;
  }

  get size(): number {
    return this.isVersion1 ? V1_SIZE : V2_QUERY_SIZE;
  }

  /** Source lists are not kept; the length tells the versions apart (RFC 3810 8.1). @throws DecodeError `short-message` */
  static parse({ bytes, start: at, size }: Payload): MldQuery {
    if (size < V1_SIZE) throw new DecodeError('short-message');
    return new MldQuery(readU16(bytes, at + 4), IpAddress.readV6(bytes, at + 8), size === V1_SIZE);
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
    return `ICMP6, multicast listener query${this.isVersion1 ? '' : ' v2'}${group}, length ${this.size}`;
  }
}

/** Version 1: a node listens to a group (report), or has ceased to (done). */
export class MldV1Message implements Pdu {
  readonly type: typeof MLDV1_REPORT | typeof MLDV1_DONE;
  readonly size = V1_SIZE;
  readonly group: IpAddress;

  constructor(type: typeof MLDV1_REPORT | typeof MLDV1_DONE, group: IpAddress) {
    this.type = type;
    this.group = group;
  }

  /** @throws DecodeError `short-message` */
  static parse({ bytes, start: at, size }: Payload): MldV1Message {
    if (size < V1_SIZE) throw new DecodeError('short-message');
    const type = bytes[at] === MLDV1_DONE ? MLDV1_DONE : MLDV1_REPORT;
    return new MldV1Message(type, IpAddress.readV6(bytes, at + 8));
  }

  emit(bytes: Uint8Array, at: number, outer: PseudoHeader | null): number {
    bytes.fill(0, at, at + V1_SIZE);
    bytes[at] = this.type;
    this.group.writeV6(bytes, at + 8);
    writeIcmpv6Checksum(bytes, at, at + V1_SIZE, outer);
    return at + V1_SIZE;
  }

  format(): string {
    const what = this.type === MLDV1_DONE ? 'done' : 'report';
    return `ICMP6, multicast listener ${what} max resp delay: 0 addr: ${this.group}, length ${this.size}`;
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
