/**
 * ICMP packets: `< icmp unreachable frag_needed mtu 1200 [1:1461(1460)]`. Types and codes of RFC 792, 1122 and 1812
 * by the names of the language.
 */
import type { Direction, IcmpPacket, IpInfo } from '../ast.ts';
import { suggestion } from '../source.ts';
import type { Cursor } from './cursor.ts';

const MAX_U32 = 0xffffffff;

const TYPES: Readonly<Record<string, number>> = {
  echo_reply: 0,
  unreachable: 3,
  source_quench: 4,
  redirect: 5,
  echo_request: 8,
  time_exceeded: 11,
  parameter_problem: 12,
  timestamp: 13,
  timestamp_reply: 14,
};

const UNREACHABLE_CODES: Readonly<Record<string, number>> = {
  net_unreachable: 0,
  host_unreachable: 1,
  protocol_unreachable: 2,
  port_unreachable: 3,
  frag_needed: 4,
  source_route_failed: 5,
  net_unknown: 6,
  host_unknown: 7,
  source_host_isolated: 8,
  net_prohibited: 9,
  host_prohibited: 10,
  net_unreachable_for_tos: 11,
  host_unreachable_for_tos: 12,
  packet_filtered: 13,
  precedence_violation: 14,
  precedence_cutoff: 15,
};

const REDIRECT_CODES: Readonly<Record<string, number>> = { net: 0, host: 1, net_tos: 2, host_tos: 3 };
const TIME_EXCEEDED_CODES: Readonly<Record<string, number>> = { ttl_exceeded: 0, frag_time_exceeded: 1 };

/** Behind the word `icmp`. */
export function parseIcmp(cursor: Cursor, at: number, direction: Direction, ip: IpInfo): IcmpPacket {
  const word = cursor.expectAtom('an ICMP type');
  const type = numbered(word.text, 'type_') ?? own(TYPES, word.text);
  if (type === null) {
    cursor.fail(word.at, `unknown ICMP type '${word.text}'${suggestion(word.text, Object.keys(TYPES))}`);
  }
  const code = parseCode(cursor, type);
  const mtu = cursor.skipWord('mtu') ? cursor.expectInteger('an MTU', 0, 65535) : 0;
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

function parseCode(cursor: Cursor, type: number): number {
  const word = cursor.peek();
  if (word.kind !== 'atom' || word.text === 'mtu' || /^\d+$/.test(word.text)) return 0;
  const names = type === 3 ? UNREACHABLE_CODES : type === 5 ? REDIRECT_CODES : TIME_EXCEEDED_CODES;
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
