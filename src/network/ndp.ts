/**
 * Messages of neighbour discovery (RFC 4861 4): solicitations and advertisements of neighbours and of routers, with the
 * options that are understood. Others are skipped; one of length 0 makes the message invalid.
 */
import { readU16, readU32, writeU16, writeU32 } from '../packet/bytes.ts';
import { IpAddress } from '../packet/ip-address.ts';
import { MacAddress } from '../packet/mac-address.ts';
import type { Payload } from '../packet/payload.ts';
import type { Pdu, PseudoHeader } from '../packet/pdu.ts';
import { formatPrefix, type Prefix } from '../packet/prefix.ts';
import { DecodeError } from '../sim/errors.ts';
import { writeIcmpv6Checksum } from './icmpv6.ts';

export const NDP_ROUTER_SOLICITATION = 133;
export const NDP_ROUTER_ADVERTISEMENT = 134;
export const NDP_NEIGHBOUR_SOLICITATION = 135;
export const NDP_NEIGHBOUR_ADVERTISEMENT = 136;
export const NDP_REDIRECT = 137;

const OPTION_SOURCE_MAC = 1;
const OPTION_TARGET_MAC = 2;
const OPTION_PREFIX = 3;
const OPTION_MTU = 5;
const FLAG_ROUTER = 0x80;
const FLAG_SOLICITED = 0x40;
const FLAG_OVERRIDE = 0x20;

/** "Who has `target`?" or "`target` is here": types 135 and 136. */
export class NeighbourMessage implements Pdu {
  readonly type: number;
  readonly target: IpAddress;
  /** The sender's MAC in a solicitation, the target's in an advertisement; null = not told. */
  readonly mac: MacAddress | null;
  /** Of an advertisement: sent by a router; in answer to a solicitation; replaces what is known. */
  readonly isRouter: boolean;
  readonly isSolicited: boolean;
  readonly overrides: boolean;

  constructor(
    type: number,
    target: IpAddress,
    mac: MacAddress | null,
    isRouter: boolean = false,
    isSolicited: boolean = false,
    overrides: boolean = false,
  ) {
    this.type = type;
    this.target = target;
    this.mac = mac;
    this.isRouter = isRouter;
    this.isSolicited = isSolicited;
    this.overrides = overrides;
  }

  get size(): number {
    return 24 + (this.mac === null ? 0 : 8);
  }

  /** @throws DecodeError `short-message` or `bad-option` */
  static parse({ bytes, start: at, size }: Payload): NeighbourMessage {
    if (size < 24) throw new DecodeError('short-message');
    const type = bytes[at]!;
    const wanted = type === NDP_NEIGHBOUR_SOLICITATION ? OPTION_SOURCE_MAC : OPTION_TARGET_MAC;
    let mac: MacAddress | null = null;
    eachOption(bytes, at + 24, at + size, (kind, from, length) => {
      if (kind === wanted && length === 8) mac ??= MacAddress.read(bytes, from + 2);
    });
    const flags = type === NDP_NEIGHBOUR_ADVERTISEMENT ? bytes[at + 4]! : 0;
    return new NeighbourMessage(
      type,
      IpAddress.readV6(bytes, at + 8),
      mac,
      (flags & FLAG_ROUTER) !== 0,
      (flags & FLAG_SOLICITED) !== 0,
      (flags & FLAG_OVERRIDE) !== 0,
    );
  }

  emit(bytes: Uint8Array, at: number, outer: PseudoHeader | null): number {
    writeU32(bytes, at, (this.type << 24) >>> 0);
    const flags =
      (this.isRouter ? FLAG_ROUTER : 0) |
      (this.isSolicited ? FLAG_SOLICITED : 0) |
      (this.overrides ? FLAG_OVERRIDE : 0);
    writeU32(bytes, at + 4, (flags << 24) >>> 0);
    this.target.writeV6(bytes, at + 8);
    const kind = this.type === NDP_NEIGHBOUR_SOLICITATION ? OPTION_SOURCE_MAC : OPTION_TARGET_MAC;
    const end = this.mac === null ? at + 24 : writeMac(bytes, at + 24, kind, this.mac);
    writeIcmpv6Checksum(bytes, at, end, outer);
    return end;
  }

  format(): string {
    if (this.type === NDP_NEIGHBOUR_SOLICITATION)
      return `ICMP6, neighbor solicitation, who has ${this.target}, length ${this.size}`;
    const flags = [
      ...(this.isRouter ? ['router'] : []),
      ...(this.isSolicited ? ['solicited'] : []),
      ...(this.overrides ? ['override'] : []),
    ];
    const shown = flags.length === 0 ? '' : `, Flags [${flags.join(', ')}]`;
    return `ICMP6, neighbor advertisement, tgt is ${this.target}${shown}, length ${this.size}`;
  }
}

/** Asks routers to advertise themselves at once: type 133. */
export class RouterSolicitation implements Pdu {
  readonly type = NDP_ROUTER_SOLICITATION;
  readonly mac: MacAddress | null;

  constructor(mac: MacAddress | null) {
    this.mac = mac;
  }

  get size(): number {
    return 8 + (this.mac === null ? 0 : 8);
  }

  /** @throws DecodeError `short-message` or `bad-option` */
  static parse({ bytes, start: at, size }: Payload): RouterSolicitation {
    if (size < 8) throw new DecodeError('short-message');
    let mac: MacAddress | null = null;
    eachOption(bytes, at + 8, at + size, (kind, from, length) => {
      if (kind === OPTION_SOURCE_MAC && length === 8) mac ??= MacAddress.read(bytes, from + 2);
    });
    return new RouterSolicitation(mac);
  }

  emit(bytes: Uint8Array, at: number, outer: PseudoHeader | null): number {
    writeU32(bytes, at, (NDP_ROUTER_SOLICITATION << 24) >>> 0);
    writeU32(bytes, at + 4, 0);
    const end = this.mac === null ? at + 8 : writeMac(bytes, at + 8, OPTION_SOURCE_MAC, this.mac);
    writeIcmpv6Checksum(bytes, at, end, outer);
    return end;
  }

  format(): string {
    return `ICMP6, router solicitation, length ${this.size}`;
  }
}

/** A prefix of the link, as a router tells of it (RFC 4861 4.6.2). */
export interface AdvertisedPrefix {
  readonly prefix: Prefix;
  /** Its addresses are neighbours. */
  readonly isOnLink: boolean;
  /** Hosts may make addresses with it. */
  readonly isAutonomous: boolean;
  /** Seconds; 0xffffffff = for ever. */
  readonly validLifetime: number;
  readonly preferredLifetime: number;
}

/** What a router says of itself and of its link. */
export interface RouterFacts {
  /** 0 = no word on it. */
  readonly hopLimit: number;
  /** How long it serves as a default router, seconds; 0 = it does not. */
  readonly lifetime: number;
  readonly mac: MacAddress | null;
  /** 0 = no word on it. */
  readonly mtu: number;
  readonly prefixes: readonly AdvertisedPrefix[];
}

/** Type 134. */
export class RouterAdvertisement implements Pdu {
  readonly type = NDP_ROUTER_ADVERTISEMENT;
  readonly facts: RouterFacts;

  constructor(facts: RouterFacts) {
    this.facts = facts;
  }

  get size(): number {
    const { mac, mtu, prefixes } = this.facts;
    return 16 + (mac === null ? 0 : 8) + (mtu === 0 ? 0 : 8) + 32 * prefixes.length;
  }

  /** @throws DecodeError `short-message` or `bad-option` */
  static parse({ bytes, start: at, size }: Payload): RouterAdvertisement {
    if (size < 16) throw new DecodeError('short-message');
    let mac: MacAddress | null = null;
    let mtu = 0;
    const prefixes: AdvertisedPrefix[] = [];
    eachOption(bytes, at + 16, at + size, (kind, from, length) => {
      if (kind === OPTION_SOURCE_MAC && length === 8) mac ??= MacAddress.read(bytes, from + 2);
      else if (kind === OPTION_MTU && length === 8) mtu = readU32(bytes, from + 4);
      else if (kind === OPTION_PREFIX && length === 32) {
        const bits = bytes[from + 2]!;
        if (bits > 128) return;
        prefixes.push({
          prefix: { address: IpAddress.readV6(bytes, from + 16), length: bits },
          isOnLink: (bytes[from + 3]! & 0x80) !== 0,
          isAutonomous: (bytes[from + 3]! & 0x40) !== 0,
          validLifetime: readU32(bytes, from + 4),
          preferredLifetime: readU32(bytes, from + 8),
        });
      }
    });
    const lifetime = readU16(bytes, at + 6);
    return new RouterAdvertisement({ hopLimit: bytes[at + 4]!, lifetime, mac, mtu, prefixes });
  }

  emit(bytes: Uint8Array, at: number, outer: PseudoHeader | null): number {
    const { hopLimit, lifetime, mac, mtu, prefixes } = this.facts;
    bytes.fill(0, at, at + this.size);
    bytes[at] = NDP_ROUTER_ADVERTISEMENT;
    bytes[at + 4] = hopLimit;
    writeU16(bytes, at + 6, lifetime);
    let next = at + 16;
    if (mac !== null) next = writeMac(bytes, next, OPTION_SOURCE_MAC, mac);
    if (mtu !== 0) {
      writeU16(bytes, next, (OPTION_MTU << 8) | 1);
      writeU32(bytes, next + 4, mtu);
      next += 8;
    }
    for (const advertised of prefixes) {
      writePrefix(bytes, next, advertised);
      next += 32;
    }
    writeIcmpv6Checksum(bytes, at, next, outer);
    return next;
  }

  format(): string {
    const prefixes = this.facts.prefixes.map(({ prefix }) => `, prefix ${formatPrefix(prefix)}`).join('');
    return `ICMP6, router advertisement${prefixes}, length ${this.size}`;
  }
}

function writePrefix(bytes: Uint8Array, at: number, advertised: AdvertisedPrefix): void {
  const { prefix, isOnLink, isAutonomous, validLifetime, preferredLifetime } = advertised;
  writeU16(bytes, at, (OPTION_PREFIX << 8) | 4);
  bytes[at + 2] = prefix.length;
  bytes[at + 3] = (isOnLink ? 0x80 : 0) | (isAutonomous ? 0x40 : 0);
  writeU32(bytes, at + 4, validLifetime);
  writeU32(bytes, at + 8, preferredLifetime);
  prefix.address.writeV6(bytes, at + 16);
}

function writeMac(bytes: Uint8Array, at: number, kind: number, mac: MacAddress): number {
  writeU16(bytes, at, (kind << 8) | 1);
  mac.write(bytes, at + 2);
  return at + 8;
}

/** @throws DecodeError `bad-option` for a length of 0, or beyond the message */
function eachOption(
  bytes: Uint8Array,
  at: number,
  end: number,
  see: (kind: number, at: number, length: number) => void,
): void {
  for (let next = at; next < end; ) {
    const length = next + 1 < end ? bytes[next + 1]! * 8 : 0;
    if (length === 0 || next + length > end) throw new DecodeError('bad-option');
    see(bytes[next]!, next, length);
    next += length;
  }
}
