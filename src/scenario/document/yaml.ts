/** YAML 1.2 text to located plain data. What YAML allows and scenarios do not need (tags, odd keys) is a problem. */
import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type ParsedNode,
  Parser,
  type Range,
  type YAMLMap,
  YAMLParseError,
} from 'yaml';
import type { Located, LocatedEntry } from './located.ts';
import type { Problem } from './problem.ts';
import type { Source, Span } from './source.ts';

/** Larger texts are refused: reading one takes seconds, and big networks are better made by a loop in TypeScript. */
export const MAX_SOURCE_SIZE = 1024 * 1024;
/** Aliases may repeat parts: this many nodes are more than any text of that size needs. */
const MAX_NODES = 200_000;
/** Open brackets, indented blocks and the parts between them. Scenarios need about 20. */
const MAX_DEPTH = 100;
/** Errors beyond these say nothing new. */
const MAX_ERRORS = 20;

/** @returns the data, or the problems that keep it from being read */
export function readYaml(source: Source): { data: Located } | { problems: Problem[] } {
  const unreadable = refuseUnreadable(source);
  if (unreadable !== null) return { problems: [unreadable] };
  const document = parse(source);
  if ('message' in document) return { problems: [document] };
  if (document.errors.length > 0) {
    const problems = document.errors
      .slice(0, MAX_ERRORS)
      .map(({ pos, message }) => problemAt(source, pos[0], pos[1], `not YAML: ${firstLine(message)}`));
    return { problems };
  }
  if (document.contents === null)
    return { problems: [problemAt(source, 0, 0, 'the file is empty', 'a scenario, beginning with title:')] };
  const reader = new Reader(source);
  const data = reader.read(document.contents);
  return reader.problems.length > 0 ? { problems: reader.problems } : { data };
}

function refuseUnreadable(source: Source): Problem | null {
  const { text } = source;
  if (text.length > MAX_SOURCE_SIZE) return tooLarge(source, text.length);
  const binary = text.search(BINARY);
  if (binary >= 0) return problemAt(source, binary, binary + 1, 'not text: a binary file', 'YAML in UTF-8');
  return null;
}

/** @param size in bytes or, when the text has been read, in UTF-16 units: the difference does not matter here */
export function tooLarge(source: Source, size: number): Problem {
  const megabytes = (size / MAX_SOURCE_SIZE).toFixed(1);
  const expected = 'at most 1 MiB of YAML; large networks are made by a loop in a TypeScript scenario';
  return problemAt(source, 0, 0, `the file is too large: ${megabytes} MiB`, expected);
}

/** A NUL or other control character, or what is left of bytes that are not UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const BINARY = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/;

/** A text that nests too deeply is refused: what the library would do with it depends on the stack it has left. */
function parse(source: Source): Document.Parsed | Problem {
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(source.text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_DEPTH)
      return problemAt(
        source,
        parser.offset,
        parser.offset,
        `nested too deeply: more than ${MAX_DEPTH} parts within parts`,
      );
  }
  for (const token of parser.end()) tokens.push(token);
  const composer = new Composer({ prettyErrors: false, logLevel: 'silent', uniqueKeys: false });
  let first: Document.Parsed | null = null;
  for (const document of composer.compose(tokens, true, source.text.length)) {
    if (first !== null) {
      const [start] = document.range;
      first.errors.push(
        new YAMLParseError(
          [start, start],
          'MULTIPLE_DOCS',
          'A second document begins: one file, one scenario',
        ),
      );
      break;
    }
    first = document;
  }
  return first!; // the composer is told to give one at least
}

/** Keys that mean something to JavaScript. */
const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype'];

class Reader {
  readonly problems: Problem[] = [];
  readonly #source: Source;
  readonly #anchors = new Map<string, ParsedNode>();
  /** Nodes that are being read: an alias to one of them would never end. */
  readonly #open = new Set<ParsedNode>();
  #nodes = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  read(node: ParsedNode): Located {
    const span = this.#span(node.range);
    if (++this.#nodes === MAX_NODES) this.#refuse(span, 'aliases make this file too large');
    if (this.#nodes >= MAX_NODES) return { kind: 'scalar', span, value: null };
    if (isAlias(node)) return this.#readAlias(node.source, span);
    if (node.tag?.startsWith('!') === true)
      return this.#refuse(span, `tags such as ${node.tag} mean nothing here`);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    this.#open.add(node);
    const located = this.#readContents(node, span);
    this.#open.delete(node);
    return located;
  }

  #readAlias(anchor: string, span: Span): Located {
    const target = this.#anchors.get(anchor);
    if (target === undefined) return this.#refuse(span, `there is no anchor &${anchor} above`);
    if (this.#open.has(target))
      return this.#refuse(span, `*${anchor} lies inside &${anchor}: it would never end`);
    return this.read(target);
  }

  #readContents(node: Exclude<ParsedNode, Alias.Parsed>, span: Span): Located {
    if (isSeq(node)) return { kind: 'list', span, items: node.items.map((item) => this.read(item)) };
    if (isMap(node)) return this.#readMap(node, span);
    const { value } = node;
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'boolean' ||
      typeof value === 'number'
    )
      return { kind: 'scalar', span, value };
    return this.#refuse(span, 'neither text, nor a number, nor true or false');
  }

  #readMap(node: YAMLMap.Parsed, span: Span): Located {
    const entries = new Map<string, LocatedEntry>();
    for (const { key, value } of node.items) {
      const keySpan = this.#span(key.range);
      const name = isScalar(key) ? String(key.value) : null;
      const first = name === null ? undefined : entries.get(name);
      if (name === null || FORBIDDEN_KEYS.includes(name)) this.#refuse(keySpan, 'this cannot be a key');
      else if (first !== undefined) {
        const { line } = this.#source.position(first.key.start);
        this.#refuse(keySpan, `the key '${name}' is already in line ${line}`);
      } else {
        const read: Located =
          value === null ? { kind: 'scalar', span: keySpan, value: null } : this.read(value);
        entries.set(name, { key: keySpan, value: read });
      }
    }
    return { kind: 'map', span, entries };
  }

  #span([start, end]: Range): Span {
    return { source: this.#source, start, end };
  }

  #refuse(span: Span, message: string): Located {
    if (this.problems.length < MAX_ERRORS) this.problems.push({ message, span, path: [] });
    return { kind: 'scalar', span, value: null };
  }
}

/** The library's places may lie one behind the end of the text. */
function problemAt(source: Source, start: number, end: number, message: string, expected?: string): Problem {
  const last = source.text.length;
  return {
    message,
    span: { source, start: Math.min(start, last), end: Math.min(end, last) },
    path: [],
    expected,
  };
}

function firstLine(message: string): string {
  const line = message.split('\n')[0]!;
  return line.charAt(0).toLowerCase() + line.slice(1);
}
