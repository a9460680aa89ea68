/**
 * The options of hop-by-hop and destination headers (RFC 8200 4.2) as Linux takes them: padding must be zero and short,
 * not too many options, and what an unknown one demands is in its two top bits.
 */
import { readU16, readU32 } from '../packet/bytes.ts';
import { EXTENSION_HOP_BY_HOP, type Ipv6Extension } from './ipv6-extension.ts';

const PAD1 = 0;
const PADN = 1;
const ROUTER_ALERT = 5;
/** A label (RFC 5570): no host here knows what it means, and then Linux takes no such packet. */
const CALIPSO = 7;
const JUMBO = 0xc2;
/** More padding than alignment can need is taken for an attack. */
const LONGEST_PADDING = 7;
const LARGEST_SHORT_PAYLOAD = 65535;

/** What a header of options comes to. */
export type OptionsVerdict =
  | { readonly kind: 'fine' }
  /** The packet is dropped in silence. */
  | { readonly kind: 'discard' }
  /** It is dropped and its source told: the offset of the offence in the header, and which code. */
  | {
      readonly kind: 'problem';
      readonly at: number;
      readonly isUnknownOption: boolean;
      /** Packets to groups are reported, too. */
      readonly evenToGroups: boolean;
    };

const FINE: OptionsVerdict = { kind: 'fine' };
const DISCARD: OptionsVerdict = { kind: 'discard' };

/**
 * Looks at every option once.
 * @param most how many options besides padding are taken
 */
export function judgeOptions(header: Ipv6Extension, most: number): OptionsVerdict {
  const { bytes } = header;
  let count = 0;
  let padding = 0;
  for (let at = 2; at < bytes.length; ) {
    const type = bytes[at]!;
    if (type === PAD1) {
      if (++padding > LONGEST_PADDING) return DISCARD;
      at++;
      continue;
    }
    if (type === CALIPSO && header.type === EXTENSION_HOP_BY_HOP) return DISCARD;
    const size = at + 1 < bytes.length ? bytes[at + 1]! + 2 : Number.POSITIVE_INFINITY;
    if (at + size > bytes.length) return DISCARD;
    if (type === PADN) {
      padding += size;
      if (padding > LONGEST_PADDING) return DISCARD;
      for (let i = at + 2; i < at + size; i++) if (bytes[i] !== 0) return DISCARD;
    } else {
      padding = 0;
      if (++count > most) return DISCARD;
      const verdict = judgeOption(header, at, size);
      if (verdict !== FINE) return verdict;
    }
    at += size;
  }
  return FINE;
}

function judgeOption(header: Ipv6Extension, at: number, size: number): OptionsVerdict {
  const { bytes, type: headerType } = header;
  const type = bytes[at]!;
  if (headerType === EXTENSION_HOP_BY_HOP && type === ROUTER_ALERT) return size === 4 ? FINE : DISCARD;
  if (headerType === EXTENSION_HOP_BY_HOP && type === JUMBO) {
    if (size !== 6 || (at & 3) !== 2) return DISCARD;
    // No link here carries a true one.
    return readU32(bytes, at + 2) <= LARGEST_SHORT_PAYLOAD ? problem(at + 2, false, false) : DISCARD;
  }
  switch (type >>> 6) {
    case 0:
      return FINE;
    case 1:
      return DISCARD;
    default:
      return problem(at, true, type >>> 6 === 2);
  }
}

function problem(at: number, isUnknownOption: boolean, evenToGroups: boolean): OptionsVerdict {
  return { kind: 'problem', at, isUnknownOption, evenToGroups };
}

/** A hop-by-hop header with a router alert for listener discovery (RFC 2711, RFC 3810 5). */
export const ROUTER_ALERT_HEADER: Uint8Array = new Uint8Array([0, 0, ROUTER_ALERT, 2, 0, 0, PADN, 0]);

/** The value of the router alert among the options, or -1. */
export function routerAlertOf(header: Ipv6Extension | undefined): number {
  if (header === undefined || header.type !== EXTENSION_HOP_BY_HOP) return -1;
  const { bytes } = header;
  for (let at = 2; at + 1 < bytes.length; at += bytes[at] === PAD1 ? 1 : bytes[at + 1]! + 2)
    if (bytes[at] === ROUTER_ALERT && at + 3 < bytes.length) return readU16(bytes, at + 2);
  return -1;
}
