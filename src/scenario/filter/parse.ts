/**
 * Reads packet filters such as `tcp and dst port 80 and flags S`. The grammar, weakest binding first:
 *
 *     or      = and { 'or' and }
 *     and     = not { ['and'] not }
 *     not     = 'not' not | '(' or ')' | primitive
 *
 * `flags S` matches segments with exactly these flags, in tcpdump's letters (`.` is ACK); `flags +F` those that have
 * them among others. `length` is that of the transport payload, bytes.
 */
import { MacAddress } from '../../packet/mac-address.ts';
import { parsePrefix } from '../../packet/prefix.ts';
import { ConfigError } from '../../sim/errors.ts';
import { TextError, unknownWord } from '../document/text-error.ts';
import { type NamedHost, parseHost, parsePort } from '../schema/endpoint.ts';
import {
  type Comparison,
  type Filter,
  type FilterNode,
  PROPERTY_WORDS,
  PROTOCOL_WORDS,
  QUANTITY_WORDS,
  type QuantityWord,
  type Side,
} from './syntax.ts';
import { type Token, tokenize } from './tokens.ts';

const COMPARISONS: readonly Comparison[] = ['<=', '>=', '!=', '<', '>', '='];
const SIDED_WORDS = ['host', 'net', 'port', 'portrange'];
const PRIMITIVES: readonly string[] = [
  ...PROTOCOL_WORDS,
  ...PROPERTY_WORDS,
  'src',
  'dst',
  ...SIDED_WORDS,
  'ether',
  'vlan',
  'flags',
  ...QUANTITY_WORDS,
  'contains',
];
/** Brackets and `not` within each other; a filter that a person wrote has two or three. */
const MAX_DEPTH = 50;

/** tcpdump's letters for TCP flags and their bits (RFC 9293 3.1; RFC 3168 for E and W). */
const FLAG_BITS: Readonly<Record<string, number>> = {
  F: 0x01,
  S: 0x02,
  R: 0x04,
  P: 0x08,
  '.': 0x10,
  U: 0x20,
  E: 0x40,
  W: 0x80,
};

/** @throws TextError with the place of the first mistake */
export function parseFilter(text: string): Filter {
  return { text, root: new FilterParser(text).parse() };
}

class FilterParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text, ['(', ')', ...COMPARISONS]);
  }

  parse(): FilterNode {
    if (this.#peek().kind === 'end')
      throw new TextError('the filter is empty', 0, 0, 'as in tcp and dst port 80');
    const root = this.#or();
    if (this.#peek().kind !== 'end') throw this.#unexpected(this.#peek(), "'and', 'or' or the end");
    return root;
  }

  #or(): FilterNode {
    let left = this.#and();
    while (this.#takeWord('or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): FilterNode {
    let left = this.#not();
    for (;;) {
      const next = this.#peek();
      const ends = next.kind === 'end' || next.text === ')' || (next.kind === 'word' && next.text === 'or');
      if (!this.#takeWord('and') && ends) return left;
      left = { kind: 'and', left, right: this.#not() };
    }
  }

  #not(): FilterNode {
    const token = this.#peek();
    if (++this.#depth > MAX_DEPTH)
      throw new TextError('the filter is nested too deeply', token.offset, token.length);
    let node: FilterNode;
    if (this.#takeWord('not')) node = { kind: 'not', of: this.#not() };
    else if (token.kind === 'mark' && token.text === '(') {
      this.#at++;
      node = this.#or();
      const close = this.#next();
      if (close.text !== ')' || close.kind !== 'mark') throw this.#unexpected(close, 'a closing )');
    } else node = this.#primitive();
    this.#depth--;
    return node;
  }

  #primitive(): FilterNode {
    const token = this.#next();
    if (token.kind !== 'word') throw this.#unexpected(token, PRIMITIVES.join(', '));
    const word = token.text;
    const protocol = PROTOCOL_WORDS.find((candidate) => candidate === word);
    if (protocol !== undefined) return { kind: 'protocol', protocol };
    const property = PROPERTY_WORDS.find((candidate) => candidate === word);
    if (property !== undefined) return { kind: 'property', property };
    const quantity = QUANTITY_WORDS.find((candidate) => candidate === word);
    if (quantity !== undefined) return this.#comparison(quantity);
    if (word === 'src' || word === 'dst') return this.#sided(word, this.#next());
    if (SIDED_WORDS.includes(word)) return this.#sided('either', token);
    if (word === 'ether') return this.#ether();
    if (word === 'vlan') return this.#vlan();
    if (word === 'flags') return this.#flags(this.#next());
    if (word === 'contains') return this.#contains(this.#next());
    throw unknownWord('filter word', word, token.offset, [...PRIMITIVES, 'and', 'or', 'not']);
  }

  #sided(side: Side, token: Token): FilterNode {
    if (!SIDED_WORDS.includes(token.text)) throw this.#unexpected(token, SIDED_WORDS.join(', '));
    const operand = this.#next();
    if (operand.kind !== 'word') throw this.#unexpected(operand, `what ${token.text} is compared with`);
    return within(operand, () => {
      if (token.text === 'host') return { kind: 'host', side, ...withoutZone(operand.text) };
      if (token.text === 'net') return { kind: 'net', side, net: parsePrefix(operand.text) };
      const [first, last] = operand.text.split('-');
      const from = parsePort(first!);
      return { kind: 'port', side, first: from, last: last === undefined ? from : parsePort(last) };
    });
  }

  /** `ether src 02:00:00:00:00:01`; `host`, or no word, means either side. */
  #ether(): FilterNode {
    const side = this.#takeWord('src') ? 'src' : this.#takeWord('dst') ? 'dst' : 'either';
    if (side === 'either') this.#takeWord('host');
    const operand = this.#next();
    if (operand.kind !== 'word') throw this.#unexpected(operand, 'a MAC address');
    return within(operand, () => ({ kind: 'ether', side, mac: MacAddress.parse(operand.text) }));
  }

  #comparison(quantity: QuantityWord): FilterNode {
    const mark = this.#next();
    const comparison = COMPARISONS.find((candidate) => candidate === mark.text);
    if (comparison === undefined || mark.kind !== 'mark')
      throw this.#unexpected(mark, 'a comparison: <, <=, =, !=, >= or >');
    const number = this.#next();
    if (number.kind !== 'word' || !/^\d{1,9}$/.test(number.text))
      throw this.#unexpected(number, 'a whole number');
    return { kind: 'compare', quantity, comparison, value: Number(number.text) };
  }

  #vlan(): FilterNode {
    const token = this.#peek();
    if (token.kind !== 'word' || !/^\d/.test(token.text)) return { kind: 'vlan', vlan: null };
    this.#at++;
    if (!/^\d{1,4}$/.test(token.text) || Number(token.text) > 4095)
      throw this.#unexpected(token, 'a VLAN from 0 to 4095');
    return { kind: 'vlan', vlan: Number(token.text) };
  }

  #flags(token: Token): FilterNode {
    const exact = !token.text.startsWith('+');
    const letters = exact ? token.text : token.text.slice(1);
    if (token.kind !== 'word' || letters === '') throw this.#unexpected(token, FLAGS_WORDS);
    let set = 0;
    for (const [index, letter] of [...letters].entries()) {
      const bit = FLAG_BITS[letter];
      if (bit === undefined) {
        const offset = token.offset + index + (exact ? 0 : 1);
        throw new TextError(`unknown flag '${letter}'`, offset, letter.length, FLAGS_WORDS);
      }
      set |= bit;
    }
    return { kind: 'flags', set, exact };
  }

  #contains(token: Token): FilterNode {
    if (token.kind !== 'string' || token.text === '') throw this.#unexpected(token, 'text in double quotes');
    return { kind: 'contains', text: token.text };
  }

  #takeWord(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'word' || token.text !== word) return false;
    this.#at++;
    return true;
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #unexpected(token: Token, expected: string): TextError {
    const what = token.kind === 'end' ? 'the filter ends too early' : `'${token.text}' cannot stand here`;
    return new TextError(what, token.offset, token.length, expected);
  }
}

const FLAGS_WORDS = 'letters of S . P F R U E W (. is ACK); with + before them: at least these, as in +F';

/** A packet does not say which interface its addresses are on. */
function withoutZone(text: string): NamedHost {
  const named = parseHost(text);
  if (named.zone === null) return named;
  throw new ConfigError('an address in a filter has no zone', [], named.address?.toString());
}

/** Gives errors of the value readers the place of their token. */
function within(token: Token, read: () => FilterNode): FilterNode {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new TextError(error.message, token.offset, token.length, error.expected);
  }
}
