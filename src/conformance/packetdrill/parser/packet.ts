/**
 * Packets: `< S 0:0(0) win 65535 <mss 1460>` comes to the host, `> S. 0:0(0) ack 1 <...>` must leave it. Fields
 * as tcpdump prints them; RFC 9293 3.1 has their sizes.
 */
import type { Direction, IcmpPacket, IpInfo, TcpPacket } from '../ast.ts';
import type { Cursor } from './cursor.ts';
import { parseIcmp } from './icmp.ts';
import { parseTcpOptions } from './tcp-options.ts';

const MAX_U32 = 0xffffffff;
const U32 = 4294967296;

/** The next token is '<' or '>'. */
export function parsePacket(cursor: Cursor): TcpPacket | IcmpPacket {
  const { at, text } = cursor.take();
  const direction: Direction = text === '<' ? 'in' : 'out';
  const ip = parseIpInfo(cursor, direction);
  if (cursor.skipWord('icmp')) return parseIcmp(cursor, at, direction, ip);
  return parseTcp(cursor, at, direction, ip);
}

const NO_IP_INFO: IpInfo = { ecn: null, tos: null, ttl: null, flowLabel: null };

/** ECN codepoints (RFC 3168 5) by the language's names. */
const ECN_NAMES: ReadonlyMap<string, number | 'ect01'> = new Map<string, number | 'ect01'>([
  ['noecn', 0],
  ['ect1', 1],
  ['ect0', 2],
  ['ce', 3],
  ['ect01', 'ect01'],
]);

/** `[ect0]`, `(tos 0x10, ttl 5)`; words may be parted by commas. */
function parseIpInfo(cursor: Cursor, direction: Direction): IpInfo {
  const close = cursor.isMark('[') ? ']' : ')';
  if (!cursor.skipMark('[') && !cursor.skipMark('(')) return NO_IP_INFO;
  let { ecn, tos, ttl, flowLabel } = NO_IP_INFO;
  while (!cursor.isMark(close)) {
    const word = cursor.expectAtom('ect0, ect1, ce, noecn, ect01, tos N, ttl N or flowlabel N');
    if (word.text === 'tos') tos = cursor.expectInteger('a TOS byte', 0, 255);
    else if (word.text === 'ttl') ttl = cursor.expectInteger('a TTL', 0, 255);
    else if (word.text === 'flowlabel') flowLabel = cursor.expectInteger('a flow label', 0, 0xfffff);
    else {
      const codepoint = ECN_NAMES.get(word.text);
      if (codepoint === undefined) cursor.fail(word.at, `unknown word '${word.text}' about the IP header`);
      if (codepoint === 'ect01' && direction === 'in') cursor.fail(word.at, 'ect01 says nothing definite');
      ecn = codepoint;
    }
    cursor.skipMark(',');
  }
  cursor.expectMark(close);
  return { ecn, tos, ttl, flowLabel };
}

function parseTcp(cursor: Cursor, at: number, direction: Direction, ip: IpInfo): TcpPacket {
  const ports = parsePorts(cursor);
  const flags = parseFlags(cursor);
  const { seq, length } = parseSequence(cursor);
  const ack = cursor.skipWord('ack') ? cursor.expectInteger('an acknowledgement number', 0, MAX_U32) : 0;
  let window: number | null = null;
  if (cursor.skipWord('win')) window = cursor.expectInteger('a window', 0, 65535);
  else if (direction === 'in') cursor.failHere("'win N': an inbound packet states its window");
  const urgent = cursor.skipWord('urg') ? cursor.expectInteger('an urgent pointer', 0, 65535) : 0;
  const options = parseTcpOptions(cursor, direction);
  return { kind: 'tcp', at, direction, ip, ports, flags, seq, length, ack, window, urgent, options };
}

/** `8080 > 53 `, or nothing. */
function parsePorts(cursor: Cursor): { src: number; dst: number } | null {
  if (cursor.peek().kind !== 'atom' || !cursor.isMark('>', 1)) return null;
  const src = cursor.expectInteger('a port', 0, 65535);
  cursor.expectMark('>');
  return { src, dst: cursor.expectInteger('a port', 0, 65535) };
}

const FLAG_BITS: ReadonlyMap<string, number> = new Map([
  ['F', 0x001],
  ['S', 0x002],
  ['R', 0x004],
  ['P', 0x008],
  ['.', 0x010],
  ['U', 0x020],
  ['E', 0x040],
  ['W', 0x080],
  ['A', 0x100],
]);

/** Letters and '.' without blanks; a digit is the 3-bit ACE field of AccECN; '-' is no flag at all. */
function parseFlags(cursor: Cursor): number {
  if (cursor.skipMark('-')) return 0;
  let end = cursor.peek().at;
  const start = end;
  let flags = 0;
  while (cursor.peek().at === end && isFlagToken(cursor)) {
    const token = cursor.take();
    for (const [i, letter] of [...token.text].entries()) {
      const bit = /[0-7]/.test(letter) ? Number(letter) * 0x40 : FLAG_BITS.get(letter);
      if (bit === undefined) cursor.fail(token.at + i, `'${letter}' is no TCP flag`, FLAG_LETTERS);
      flags |= bit;
    }
    end = token.end;
  }
  if (end === start) cursor.failHere(`TCP flags: ${FLAG_LETTERS}`);
  return flags;
}

const FLAG_LETTERS = 'letters of FSRPUEWA and . for ACK, or - for none';

function isFlagToken(cursor: Cursor): boolean {
  const { kind } = cursor.peek();
  return kind === 'atom' || kind === 'decimal' || cursor.isMark('.');
}

/** `1:1001(1000)`. */
function parseSequence(cursor: Cursor): { seq: number; length: number } {
  const { at } = cursor.peek();
  const seq = cursor.expectInteger('a sequence number as in 1:1001(1000)', 0, MAX_U32);
  cursor.expectMark(':');
  const end = cursor.expectInteger('the sequence number behind the last byte', 0, MAX_U32);
  cursor.expectMark('(');
  const length = cursor.expectInteger('the number of payload bytes', 0, 65535 * 1024);
  cursor.expectMark(')');
  if ((seq + length) % U32 !== end) {
    cursor.fail(at, `${seq}:${end}(${length}) does not add up`, `${seq}:${(seq + length) % U32}(${length})`);
  }
  return { seq, length };
}
