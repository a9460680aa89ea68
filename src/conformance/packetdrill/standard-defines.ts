/**
 * Words that the suites' own drivers define: Fast Open cookies, which follow from a key and the default addresses, and
 * the names of control messages.
 */
import { notApplicable, type ScriptFamily, wireFamily } from './family.ts';
import type { SourceText } from './source.ts';

const IPV4_DEFINES: ReadonlyMap<string, string> = new Map([
  ['TFO_COOKIE', '3021b9d889017eeb'],
  ['TFO_COOKIE_ZERO', 'b7c12350a90dc8f5'],
  ['CMSG_LEVEL_IP', 'SOL_IP'],
  ['CMSG_TYPE_RECVERR', 'IP_RECVERR'],
]);

const IPV6_DEFINES: ReadonlyMap<string, string> = new Map([
  ['TFO_COOKIE', 'c1d1e9742a47a9bc'],
  ['TFO_COOKIE_ZERO', '82af1a8f9a205c34'],
  ['CMSG_LEVEL_IP', 'SOL_IPV6'],
  ['CMSG_TYPE_RECVERR', 'IPV6_RECVERR'],
]);

export function standardDefines(family: ScriptFamily): ReadonlyMap<string, string> {
  return wireFamily(family) === 6 ? IPV6_DEFINES : IPV4_DEFINES;
}

/**
 * A script may spell a cookie out instead of naming it: then it is about the family whose addresses make that cookie.
 * @throws NotApplicable
 */
export function refuseOtherCookie(source: SourceText, at: number, word: string, family: ScriptFamily): void {
  const own = standardDefines(family);
  const other = own === IPV6_DEFINES ? IPV4_DEFINES : IPV6_DEFINES;
  for (const [name, value] of other) {
    if (value !== word || own.get(name) === word) continue;
    notApplicable(source, at, own === IPV6_DEFINES ? 'IPv4' : 'IPv6', word);
  }
}
