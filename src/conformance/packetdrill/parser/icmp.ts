/** ICMP packets: `< icmp unreachable frag_needed mtu 1200 [1:1461(1460)]`. */
import type { Direction, IcmpPacket, IpInfo } from '../ast.ts';
import { notApplicable, wireFamily } from '../family.ts';
import { ICMP_WORDS, ICMPV6_WORDS, type IcmpWords } from '../icmp-words.ts';
import type { Token } from '../lexer.ts';
import { suggestion } from '../source.ts';
import type { Cursor } from './cursor.ts';

const MAX_U32 = 0xffffffff;

/** Behind the word `icmp`. */
export function parseIcmp(cursor: Cursor, at: number, direction: Direction, ip: IpInfo): IcmpPacket {
  const isIpv6 = wireFamily(cursor.family) === 6;
  const words = isIpv6 ? ICMPV6_WORDS : ICMP_WORDS;
  const word = cursor.expectAtom('an ICMP type');
  refuseOtherFamily(cursor, word, isIpv6);
  const type = numbered(word.text, 'type_') ?? own(words.types, word.text);
  if (type === null) {
    const like = suggestion(word.text, Object.keys(words.types));
    cursor.fail(word.at, `unknown ICMP type '${word.text}'${like}`);
  }
  const code = parseCode(cursor, words, type);
  const mtu = cursor.skipWord('mtu') ? cursor.expectInteger('an MTU', 0, isIpv6 ? MAX_U32 : 65535) : 0;
  let echoedSeq = 0;
  let echoedLength = 0;
  if (cursor.skipMark('[')) {
    echoedSeq = cursor.expectInteger('the sequence number of the quoted segment', 0, MAX_U32);
    cursor.expectMark(':');
    cursor.expectInteger('where the quoted segment ends', 0, MAX_U32);
    cursor.expectMark('(');
    echoedLength = cursor.expectInteger('the length of the quoted segment', 0, 65535);
    cursor.expectMark(')');
    cursor.expectMark(']');
  }
  return { kind: 'icmp', at, direction, ip, type, code, mtu, echoedSeq, echoedLength };
}

/**
 * Packet Too Big is IPv6's alone. Any other word is IPv4's, unless the script says that it is about IPv6: an unreachable
 * port ends a half-open connection of IPv6 and none of IPv4.
 */
function refuseOtherFamily(cursor: Cursor, type: Token, isIpv6: boolean): void {
  const isTooBig = type.text === 'packet_too_big';
  if (!isIpv6 && isTooBig) notApplicable(cursor.source, type.at, 'IPv6', type.text);
  if (!isIpv6 || isTooBig || cursor.isFamilyOwn) return;
  const code = cursor.peek();
  const hasCode = code.kind === 'atom' && code.text !== 'mtu';
  notApplicable(cursor.source, type.at, 'IPv4', `icmp ${type.text}${hasCode ? ` ${code.text}` : ''}`);
}

function parseCode(cursor: Cursor, words: IcmpWords, type: number): number {
  const word = cursor.peek();
  if (word.kind !== 'atom' || word.text === 'mtu' || /^\d+$/.test(word.text)) return 0;
  const names = words.codes.get(type) ?? {};
  const code = numbered(word.text, 'code_') ?? own(names, word.text);
  if (code === null) {
    cursor.fail(word.at, `unknown ICMP code '${word.text}'${suggestion(word.text, Object.keys(names))}`);
  }
  cursor.take();
  return code;
}

/** The number of `type_13` or `code_2`. */
function numbered(word: string, prefix: string): number | null {
  const digits = word.startsWith(prefix) ? word.slice(prefix.length) : '';
  return /^\d{1,3}$/.test(digits) && Number(digits) < 256 ? Number(digits) : null;
}

function own(table: Readonly<Record<string, number>>, word: string): number | null {
  return Object.hasOwn(table, word) ? table[word]! : null;
}
