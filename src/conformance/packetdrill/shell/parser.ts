/**
 * Parses the little of sh(1) that scripts use: simple commands, quotes, comments, pipes, lists, redirections,
 * `$((arithmetic))` and `${PPID}`. What is beyond (variables, control words, substitutions) is refused by its name.
 */
import { ScriptError, type SourceText, suggestion } from '../source.ts';
import { evaluateArithmetic } from './arithmetic.ts';
import type { Redirection, ShellProgram, ShellStep, ShellWord, SimpleCommand } from './ast.ts';
import { COMMAND_NAMES, commandKey } from './names.ts';

/** @param base offset of `text` within the script @throws ScriptError for what is not understood */
export function parseShell(source: SourceText, text: string, base: number): ShellProgram {
  return new ShellParser(source, text, base).program();
}

const CONTROL_WORDS = [
  'if',
  'for',
  'while',
  'until',
  'case',
  'function',
  '{',
  '(',
  'then',
  'do',
  'else',
  'fi',
  'done',
];

class ShellParser {
  readonly #source: SourceText;
  readonly #text: string;
  readonly #base: number;
  #at = 0;

  constructor(source: SourceText, text: string, base: number) {
    this.#source = source;
    this.#text = text;
    this.#base = base;
  }

  program(): ShellProgram {
    const steps: ShellStep[] = [];
    let when: ShellStep['when'] = 'always';
    for (;;) {
      this.#skipBlanks();
      if (this.#at >= this.#text.length) {
        if (when !== 'always') this.#fail('a command is missing behind this');
        return steps;
      }
      if (this.#skip('\n') || this.#skip(';')) continue;
      steps.push({ when, pipeline: this.#pipeline() });
      when = this.#skip('&&') ? 'and' : this.#skip('||') ? 'or' : 'always';
    }
  }

  #pipeline(): SimpleCommand[] {
    const commands = [this.#command()];
    while (this.#next() === '|' && !this.#isNext('||')) {
      this.#at++;
      commands.push(this.#command());
    }
    if (this.#next() === '&' && !this.#isNext('&&')) this.#fail("'&' (background) is not built");
    return commands;
  }

  #command(): SimpleCommand {
    this.#skipBlanks();
    const at = this.#base + this.#at;
    const words: ShellWord[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      this.#skipBlanks();
      const redirection = this.#redirection();
      if (redirection !== null) {
        redirections.push(redirection);
        continue;
      }
      if (this.#isCommandEnd()) break;
      words.push(this.#word());
    }
    const name = words[0];
    if (name === undefined) this.#fail('a command is missing here');
    if (CONTROL_WORDS.includes(name.text)) {
      throw new ScriptError(this.#source, name.at, `the shell word '${name.text}' is not built`);
    }
    if (commandKey(name.text) === null) {
      const like = suggestion(name.text, COMMAND_NAMES);
      throw new ScriptError(
        this.#source,
        name.at,
        `unknown command '${name.text}'${like}`,
        COMMAND_NAMES.join(', '),
      );
    }
    return { at, words, redirections };
  }

  #isCommandEnd(): boolean {
    const next = this.#next();
    return next === '' || '\n;&|'.includes(next);
  }

  #redirection(): Redirection | null {
    const operator = /^(2>&1|2>|>>|>|<)/.exec(this.#text.slice(this.#at, this.#at + 4))?.[0];
    if (operator === undefined) return null;
    const at = this.#base + this.#at;
    this.#at += operator.length;
    if (operator === '2>&1') return { at, operator, target: '' };
    this.#skipBlanks();
    return { at, operator, target: this.#word().text };
  }

  /** A run of plain, quoted and expanded pieces. */
  #word(): ShellWord {
    const at = this.#base + this.#at;
    const start = this.#at;
    let text = '';
    while (this.#at < this.#text.length && !/[\s;&|<>]/.test(this.#next())) text += this.#piece();
    if (this.#at === start) this.#fail('a word is missing here');
    return { at, text };
  }

  #piece(): string {
    const char = this.#next();
    if (char === "'") return this.#quoted();
    if (char === '"') return this.#doubleQuoted();
    if (char === '$') return this.#expansion();
    if (char === '\\') {
      this.#at += 2;
      return this.#text[this.#at - 1] ?? '';
    }
    if ('`*?('.includes(char)) this.#fail(`'${char}' is not built in shell blocks`);
    this.#at++;
    return char;
  }

  #quoted(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) this.#fail('this quote does not end');
    const text = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return text;
  }

  #doubleQuoted(): string {
    const open = this.#at++;
    let text = '';
    while (this.#next() !== '"') {
      if (this.#at >= this.#text.length) {
        this.#at = open;
        this.#fail('this quote does not end');
      }
      if (this.#next() === '$') text += this.#expansion();
      else if (this.#next() === '\\') {
        text += this.#text[this.#at + 1] ?? '';
        this.#at += 2;
      } else text += this.#text[this.#at++]!;
    }
    this.#at++;
    return text;
  }

  /** `$((2*3))`, `${PPID}`, `$$`: the last two are some process number. */
  #expansion(): string {
    const rest = this.#text.slice(this.#at);
    const arithmetic = /^\$\(\(([^\n]*?)\)\)/.exec(rest);
    if (arithmetic !== null) {
      const value = evaluateArithmetic(arithmetic[1]!);
      if (value === null) this.#fail('this arithmetic is not understood');
      this.#at += arithmetic[0].length;
      return String(value);
    }
    const identity = /^\$(\{PPID\}|PPID\b|\$)/.exec(rest);
    if (identity === null) this.#fail('this expansion is not built');
    this.#at += identity[0].length;
    return '1';
  }

  #skipBlanks(): void {
    for (;;) {
      const blank = /^([ \t\r]+|\\\r?\n)/.exec(this.#text.slice(this.#at, this.#at + 200));
      if (blank !== null) this.#at += blank[0].length;
      else if (this.#next() === '#') {
        const newline = this.#text.indexOf('\n', this.#at);
        this.#at = newline < 0 ? this.#text.length : newline;
      } else return;
    }
  }

  #next(): string {
    return this.#text[this.#at] ?? '';
  }

  #isNext(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #skip(text: string): boolean {
    if (!this.#isNext(text)) return false;
    this.#at += text.length;
    return true;
  }

  #fail(problem: string): never {
    throw new ScriptError(this.#source, this.#base + this.#at, problem);
  }
}
