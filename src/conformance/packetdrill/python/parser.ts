/**
 * Statements of `%{ }%` blocks: assert, assignment, print and expressions, with Python's precedences
 * (Python reference, 6.17).
 */
import { ScriptError, type SourceText, suggestion } from '../source.ts';
import type { PythonExpression, PythonProgram, Statement } from './ast.ts';
import { type PythonToken, tokenizePython } from './lexer.ts';

/** The functions that a snippet may call. */
export const PYTHON_FUNCTIONS = ['print', 'abs', 'min', 'max', 'int', 'round', 'str'];

/** @param base offset of `code` within the script's text @throws ScriptError for what the subset has not */
export function parsePython(source: SourceText, code: string, base: number): PythonProgram {
  return new PythonParser(source, tokenizePython(source, code, base)).program();
}

/** Binary operators from the loosest to the tightest. */
const BINARY_LEVELS = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '//', '%']];
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='];
const UNSUPPORTED = ['if', 'for', 'while', 'def', 'import', 'from', 'class', 'lambda', 'in', 'is', 'return'];
const DEEPEST = 60;

class PythonParser {
  readonly #source: SourceText;
  readonly #tokens: readonly PythonToken[];
  #next = 0;
  #depth = 0;

  constructor(source: SourceText, tokens: readonly PythonToken[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  program(): PythonProgram {
    const statements: Statement[] = [];
    while (this.#peek().kind !== 'end') {
      if (this.#peek().kind === 'newline' || this.#isMark(';')) {
        this.#next++;
        continue;
      }
      statements.push(this.#statement());
      const { kind } = this.#peek();
      if (kind !== 'newline' && kind !== 'end' && !this.#isMark(';')) this.#fail('the end of the statement');
    }
    return statements;
  }

  #statement(): Statement {
    const token = this.#peek();
    const { at } = token;
    if (token.kind === 'name' && UNSUPPORTED.includes(token.text)) {
      throw new ScriptError(this.#source, at, `'${token.text}' is not in this subset of Python`);
    }
    if (token.kind === 'name' && token.text === 'assert') {
      this.#next++;
      const start = this.#peek().at;
      const test = this.#expression();
      const text = this.#source.text.slice(start, this.#tokens[this.#next - 1]!.end);
      const message = this.#skipMark(',') ? this.#expressionOrTuple() : null;
      return { kind: 'assert', at, test, message, text };
    }
    if (token.kind === 'name' && this.#isMark('=', 1)) {
      this.#next += 2;
      return { kind: 'assign', at, name: token.text, value: this.#expressionOrTuple() };
    }
    if (token.kind === 'name' && token.text === 'print' && !this.#isMark('(', 1)) {
      this.#next++;
      return {
        kind: 'expression',
        at,
        value: { kind: 'call', at, name: 'print', args: [this.#expressionOrTuple()] },
      };
    }
    return { kind: 'expression', at, value: this.#expressionOrTuple() };
  }

  #expressionOrTuple(): PythonExpression {
    const first = this.#expression();
    if (!this.#isMark(',')) return first;
    const items = [first];
    while (this.#skipMark(',')) if (!this.#isStatementEnd()) items.push(this.#expression());
    return { kind: 'tuple', at: first.at, items };
  }

  #isStatementEnd(): boolean {
    const { kind } = this.#peek();
    return kind === 'newline' || kind === 'end' || this.#isMark(';') || this.#isMark(')');
  }

  #expression(): PythonExpression {
    if (++this.#depth > DEEPEST) this.#fail('a simpler expression');
    const value = this.#logical('or');
    this.#depth--;
    return value;
  }

  #logical(operator: 'or' | 'and'): PythonExpression {
    const operand = () => (operator === 'or' ? this.#logical('and') : this.#not());
    let left = operand();
    while (this.#skipName(operator))
      left = { kind: 'logical', at: left.at, operator, left, right: operand() };
    return left;
  }

  #not(): PythonExpression {
    const { at } = this.#peek();
    let negations = 0;
    while (this.#skipName('not')) negations++;
    let value = this.#comparison();
    for (; negations > 0; negations--) value = { kind: 'unary', at, operator: 'not', operand: value };
    return value;
  }

  #comparison(): PythonExpression {
    const first = this.#binary(0);
    const rest: { operator: string; operand: PythonExpression }[] = [];
    while (this.#peek().kind === 'mark' && COMPARISONS.includes(this.#peek().text)) {
      const operator = this.#tokens[this.#next++]!.text;
      rest.push({ operator, operand: this.#binary(0) });
    }
    return rest.length === 0 ? first : { kind: 'comparison', at: first.at, first, rest };
  }

  #binary(level: number): PythonExpression {
    const operators = BINARY_LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    while (this.#peek().kind === 'mark' && operators.includes(this.#peek().text)) {
      const { at, text } = this.#tokens[this.#next++]!;
      left = { kind: 'binary', at, operator: text, left, right: this.#binary(level + 1) };
    }
    return left;
  }

  #unary(): PythonExpression {
    const { at } = this.#peek();
    const signs: string[] = [];
    while (this.#isMark('-') || this.#isMark('+') || this.#isMark('~'))
      signs.push(this.#tokens[this.#next++]!.text);
    let value = this.#operand();
    for (const operator of signs.reverse()) value = { kind: 'unary', at, operator, operand: value };
    return value;
  }

  #operand(): PythonExpression {
    const token = this.#peek();
    const { at, text, kind } = token;
    if (kind === 'number') {
      this.#next++;
      return { kind: 'constant', at, value: Number(text) };
    }
    if (kind === 'string') return this.#string();
    if (kind === 'name') return this.#name();
    if (this.#skipMark('(')) {
      if (this.#skipMark(')')) return { kind: 'tuple', at, items: [] };
      const value = this.#expressionOrTuple();
      this.#expectMark(')');
      return value;
    }
    return this.#fail('a value');
  }

  /** Adjacent strings are one. */
  #string(): PythonExpression {
    const { at } = this.#peek();
    let value = '';
    while (this.#peek().kind === 'string') {
      const quoted = this.#tokens[this.#next++]!.text.slice(1, -1);
      value += quoted.replaceAll(/\\(.)/g, (_, char: string) =>
        char === 'n' ? '\n' : char === 't' ? '\t' : char,
      );
    }
    return { kind: 'constant', at, value };
  }

  #name(): PythonExpression {
    const { at, text } = this.#tokens[this.#next++]!;
    if (text === 'True' || text === 'False') return { kind: 'constant', at, value: text === 'True' };
    if (text === 'None') return { kind: 'constant', at, value: null };
    if (!this.#skipMark('(')) return { kind: 'name', at, name: text };
    if (!PYTHON_FUNCTIONS.includes(text)) {
      throw new ScriptError(
        this.#source,
        at,
        `unknown function '${text}'${suggestion(text, PYTHON_FUNCTIONS)}`,
        PYTHON_FUNCTIONS.join(', '),
      );
    }
    const args: PythonExpression[] = [];
    while (!this.#isMark(')')) {
      args.push(this.#expression());
      if (!this.#skipMark(',')) break;
    }
    this.#expectMark(')');
    return { kind: 'call', at, name: text, args };
  }

  #peek(ahead: number = 0): PythonToken {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }

  #isMark(text: string, ahead: number = 0): boolean {
    const token = this.#peek(ahead);
    return token.kind === 'mark' && token.text === text;
  }

  #skipMark(text: string): boolean {
    if (!this.#isMark(text)) return false;
    this.#next++;
    return true;
  }

  #skipName(text: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'name' || token.text !== text) return false;
    this.#next++;
    return true;
  }

  #expectMark(text: string): void {
    if (!this.#skipMark(text)) this.#fail(`'${text}'`);
  }

  #fail(expected: string): never {
    const token = this.#peek();
    const found = token.kind === 'end' ? 'the code ends here' : `unexpected '${token.text}'`;
    throw new ScriptError(this.#source, token.at, found, expected);
  }
}
