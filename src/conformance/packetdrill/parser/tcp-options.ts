/**
 * The option list of a TCP packet: `<mss 1460,nop,nop,sackOK>`. Sizes from RFC 9293 3.2, 7323, 2018, 7413, 2385
 * and AccECN; together they fill whole words of at most 40 bytes. No list means no options.
 */
import type { Direction, TcpOption } from '../ast.ts';
import { suggestion } from '../source.ts';
import type { Cursor } from './cursor.ts';

const MAX_U32 = 0xffffffff;
const MAX_OPTION_BYTES = 40;

export function parseTcpOptions(cursor: Cursor, direction: Direction): readonly TcpOption[] | 'any' {
  const open = cursor.peek();
  if (!cursor.skipMark('<')) return [];
  if (cursor.skipMark('...')) {
    cursor.expectMark('>');
    if (direction === 'in') cursor.fail(open.at, '<...> says nothing definite to send');
    return 'any';
  }
  const options: TcpOption[] = [];
  do options.push(parseOption(cursor));
  while (cursor.skipMark(','));
  cursor.expectMark('>');
  const size = options.reduce((sum, option) => sum + optionSize(option), 0);
  if (size % 4 !== 0 || size > MAX_OPTION_BYTES) {
    cursor.fail(
      open.at,
      `these options take ${size} bytes`,
      'a multiple of 4, at most 40: pad with nop or eol',
    );
  }
  return options;
}

/** Bytes on the wire. */
export function optionSize(option: TcpOption): number {
  switch (option.kind) {
    case 'nop':
    case 'eol':
      return 1;
    case 'sackOK':
      return 2;
    case 'wscale':
      return 3;
    case 'mss':
      return 4;
    case 'TS':
      return 10;
    case 'sack':
      return 2 + 8 * option.blocks.length;
    case 'FO':
    case 'md5':
      return 2 + option.bytes.length;
    case 'FOEXP':
      return 4 + option.bytes.length;
    case 'ECN':
      return 2 + 3 * option.counters.length;
  }
}

const PARSERS: Readonly<Record<string, (cursor: Cursor) => TcpOption>> = {
  mss: (cursor) => ({ kind: 'mss', value: cursor.expectInteger('an MSS', 0, 65535) }),
  wscale: (cursor) => ({ kind: 'wscale', shift: cursor.expectInteger('a shift count', 0, 255) }),
  sackOK: () => ({ kind: 'sackOK' }),
  nop: () => ({ kind: 'nop' }),
  eol: () => ({ kind: 'eol' }),
  sack: (cursor) => ({ kind: 'sack', blocks: parseBlocks(cursor) }),
  TS: parseTimestamps,
  FO: (cursor) => ({ kind: 'FO', bytes: parseHex(cursor, 16) }),
  FOEXP: (cursor) => ({ kind: 'FOEXP', bytes: parseHex(cursor, 16) }),
  md5: (cursor) => ({ kind: 'md5', bytes: parseHex(cursor, 16) }),
  ECN: (cursor) => ({ kind: 'ECN', counters: parseCounters(cursor) }),
};

function parseOption(cursor: Cursor): TcpOption {
  const word = cursor.expectAtom('a TCP option');
  const parse = Object.hasOwn(PARSERS, word.text) ? PARSERS[word.text] : undefined;
  if (parse === undefined) {
    const names = Object.keys(PARSERS);
    cursor.fail(
      word.at,
      `unknown TCP option '${word.text}'${suggestion(word.text, names)}`,
      names.join(', '),
    );
  }
  return parse(cursor);
}

/** One or more `left:right`, parted by blanks. */
function parseBlocks(cursor: Cursor): { left: number; right: number }[] {
  const blocks: { left: number; right: number }[] = [];
  do {
    const left = cursor.expectInteger('a SACK block as in 1001:2001', 0, MAX_U32);
    cursor.expectMark(':');
    blocks.push({ left, right: cursor.expectInteger('the end of a SACK block', 0, MAX_U32) });
  } while (cursor.peek().kind === 'atom');
  return blocks;
}

function parseTimestamps(cursor: Cursor): TcpOption {
  cursor.expectWord('val');
  const val = cursor.expectInteger('a timestamp', 0, MAX_U32);
  cursor.expectWord('ecr');
  return { kind: 'TS', val, ecr: cursor.expectInteger('a timestamp', 0, MAX_U32) };
}

/** Pairs of hexadecimal digits, or nothing (a Fast Open cookie request). */
function parseHex(cursor: Cursor, maxBytes: number): Uint8Array {
  const token = cursor.peek();
  if (token.kind !== 'atom') return new Uint8Array(0);
  cursor.take();
  const { text } = token;
  if (!/^([0-9a-fA-F]{2})+$/.test(text) || text.length > 2 * maxBytes) {
    cursor.fail(
      token.at,
      `'${text}' is not hexadecimal`,
      `at most ${maxBytes} pairs of digits, or a defined word`,
    );
  }
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

/** `e0b 1 ceb 0 e1b 1`: byte counters of 24 bits. */
function parseCounters(cursor: Cursor): { name: 'e0b' | 'e1b' | 'ceb'; value: number }[] {
  const counters: { name: 'e0b' | 'e1b' | 'ceb'; value: number }[] = [];
  while (cursor.peek().kind === 'atom') {
    const { at, text } = cursor.take();
    if (text !== 'e0b' && text !== 'e1b' && text !== 'ceb') {
      cursor.fail(at, `unknown AccECN counter '${text}'`, 'e0b, e1b or ceb');
    }
    counters.push({ name: text, value: cursor.expectInteger('a counter', 0, 0xffffff) });
  }
  return counters;
}
