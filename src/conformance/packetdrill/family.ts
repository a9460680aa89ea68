/**
 * The IP family that a script runs in: packetdrill's three modes. Most scripts name no family and run in each. One that
 * names what only one family has (an option, an ICMP code, an address) does not apply to the other, which is no failure.
 */
import { IpAddress, type IpFamily } from '../../packet/ip-address.ts';
import type { SocketKind } from '../../sockets/api.ts';
import { ScriptError, type SourceText } from './source.ts';

/** `mapped`: AF_INET6 sockets with mapped addresses, IPv4 on the wire. */
export type ScriptFamily = 'ipv4' | 'ipv6' | 'mapped';

export const SCRIPT_FAMILIES: readonly ScriptFamily[] = ['ipv4', 'ipv6', 'mapped'];

/** By the values of `--ip_version`. */
export const FAMILY_OF_IP_VERSION: ReadonlyMap<string, ScriptFamily> = new Map([
  ['ipv4', 'ipv4'],
  ['ipv6', 'ipv6'],
  ['ipv4-mapped-ipv6', 'mapped'],
]);

/** What is on the wire. */
export function wireFamily(family: ScriptFamily): IpFamily {
  return family === 'ipv6' ? 6 : 4;
}

/** The socket that `socket(..., SOCK_STREAM, IPPROTO_TCP)` makes. */
export function streamKind(family: ScriptFamily): SocketKind {
  return family === 'ipv4' ? 'tcp' : 'tcp6';
}

/** An address of the wire as the script's sockets name it. */
export function addressForSocket(family: ScriptFamily, address: IpAddress): IpAddress {
  return family === 'mapped' ? address.mapped() : address;
}

/** Addresses, and the MTU with which a TCP segment takes 1460 bytes. */
export interface FamilyDefaults {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly gateway: IpAddress;
  readonly prefixLength: number;
  readonly mtu: number;
}

const IPV4_DEFAULTS: FamilyDefaults = {
  local: IpAddress.parse('192.168.0.1'),
  remote: IpAddress.parse('192.0.2.1'),
  gateway: IpAddress.parse('192.168.0.2'),
  prefixLength: 16,
  mtu: 1500,
};

const IPV6_DEFAULTS: FamilyDefaults = {
  local: IpAddress.parse('fd3d:a0b:17d6::1'),
  remote: IpAddress.parse('fd3d:fa7b:d17d::1'),
  gateway: IpAddress.parse('fd3d:a0b:17d6::2'),
  prefixLength: 64,
  mtu: 1520,
};

export function defaultsOf(family: ScriptFamily): FamilyDefaults {
  return family === 'ipv6' ? IPV6_DEFAULTS : IPV4_DEFAULTS;
}

/** A script that is not about the family it was to run in. */
export class NotApplicable extends ScriptError {}

/** @throws NotApplicable @param named 'IPv4' or 'IPv6' */
export function notApplicable(source: SourceText, at: number, named: 'IPv4' | 'IPv6', word: string): never {
  throw new NotApplicable(source, at, `names ${named}: ${word}`);
}

/** Scripts whose names end so are about one family. @throws NotApplicable when it is not that of the run */
export function refuseOtherName(source: SourceText, family: ScriptFamily): void {
  const named = familyOfName(source.name);
  if (named === null || named === wireFamily(family)) return;
  notApplicable(source, 0, `IPv${named}`, source.name.slice(source.name.lastIndexOf('/') + 1));
}

/** 4 or 6 for `…v4.pkt` and `…v6.pkt`, else null. */
export function familyOfName(name: string): IpFamily | null {
  const match = /v([46])\.pkt$/.exec(name);
  return match === null ? null : match[1] === '4' ? 4 : 6;
}

/** Calls with IPv4 addresses in them are not for AF_INET6 sockets, whatever is on the wire. */
const IPV4_SOCKET_WORD = /^([AP]F_INET|sin_(family|port|addr)|inet_addr)$/;
const IPV4_WORD = /^(SOL_IP|IPPROTO_IP|IPPROTO_ICMP|IP_[A-Z_]+)$/;
const IPV6_WORD =
  /^([AP]F_INET6|sin6_\w+|in6addr_\w+|SOL_IPV6|IPPROTO_IPV6|IPPROTO_ICMPV6|IPV6_[A-Z_0-9]+|flowlabel)$/;

/** @throws NotApplicable when a word outside of shell and code blocks belongs to another family than the run's */
export function refuseOtherWord(source: SourceText, at: number, word: string, family: ScriptFamily): void {
  if (family !== 'ipv4' && IPV4_SOCKET_WORD.test(word)) notApplicable(source, at, 'IPv4', word);
  if (family === 'ipv6' && IPV4_WORD.test(word)) notApplicable(source, at, 'IPv4', word);
  if (family === 'ipv4' && IPV6_WORD.test(word)) notApplicable(source, at, 'IPv6', word);
}

/** Dotted addresses, and parameters of IPv4 that TCP over IPv6 has no use for. */
const IPV4_IN_SHELL =
  /\b\d{1,3}(?:\.\d{1,3}){3}\b|\bnet[./]ipv4[./](?:ip_default_ttl|ip_no_pmtu_disc|route|icmp_\w+|conf|neigh)\b/;
const IPV6_IN_SHELL = /(?<![\w:])[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])|\bnet[./]ipv6[./]\w+/i;

/** As {@link refuseOtherWord} for the text of a shell block. @param at offset of the text's first character */
export function refuseOtherShell(source: SourceText, at: number, text: string, family: ScriptFamily): void {
  const isIpv6 = family === 'ipv6';
  const found = (isIpv6 ? IPV4_IN_SHELL : IPV6_IN_SHELL).exec(text);
  if (found !== null) notApplicable(source, at + found.index, isIpv6 ? 'IPv4' : 'IPv6', found[0]);
}
