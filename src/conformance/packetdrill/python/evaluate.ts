/**
 * Runs `%{ }%` blocks: integers, strings, tuples and truth as Python has them. All blocks of a script share their
 * variables; each sees the snapshot of TCP_INFO that was taken at its time.
 */
import { ScriptError, type SourceText, suggestion } from '../source.ts';
import type { PythonExpression, PythonProgram, Statement } from './ast.ts';

export type PythonValue = number | string | boolean | null | readonly PythonValue[];

/** An assertion that did not hold. Other faults of a snippet (an unknown name, a wrong type) are {@link ScriptError}s. */
export class AssertionFailure {
  readonly at: number;
  readonly message: string;
  constructor(at: number, message: string) {
    this.at = at;
    this.message = message;
  }
}

/** The variables of one script's snippets, and what they printed. */
export class PythonSession {
  readonly printed: string[] = [];
  readonly #source: SourceText;
  readonly #variables = new Map<string, PythonValue>();
  #snapshot: ReadonlyMap<string, number> = new Map();

  constructor(source: SourceText) {
    this.#source = source;
  }

  /**
   * Runs one block.
   * @param snapshot values of `tcpi_*` and the constants, found before the session's own variables are
   * @returns the first assertion that failed, or null
   * @throws ScriptError when the code itself is wrong
   */
  run(program: PythonProgram, snapshot: ReadonlyMap<string, number>): AssertionFailure | null {
    this.#snapshot = snapshot;
    for (const statement of program) {
      const failure = this.#execute(statement);
      if (failure !== null) return failure;
    }
    return null;
  }

  #execute(statement: Statement): AssertionFailure | null {
    if (statement.kind === 'assign') {
      this.#variables.set(statement.name, this.#evaluate(statement.value));
      return null;
    }
    if (statement.kind === 'expression') {
      this.#evaluate(statement.value);
      return null;
    }
    if (isTrue(this.#evaluate(statement.test))) return null;
    const message = statement.message === null ? '' : `: ${format(this.#evaluate(statement.message))}`;
    return new AssertionFailure(statement.at, `assertion failed: ${statement.text}${message}`);
  }

  #evaluate(expression: PythonExpression): PythonValue {
    switch (expression.kind) {
      case 'constant':
        return expression.value;
      case 'name':
        return this.#lookUp(expression.name, expression.at);
      case 'tuple':
        return expression.items.map((item) => this.#evaluate(item));
      case 'unary':
        return this.#unary(expression.operator, this.#evaluate(expression.operand), expression.at);
      case 'logical': {
        const left = this.#evaluate(expression.left);
        return isTrue(left) === (expression.operator === 'or') ? left : this.#evaluate(expression.right);
      }
      case 'comparison':
        return this.#compareAll(expression);
      case 'binary': {
        const left = this.#evaluate(expression.left);
        return this.#binary(expression.operator, left, this.#evaluate(expression.right), expression.at);
      }
      case 'call':
        return this.#call(
          expression.name,
          expression.args.map((arg) => this.#evaluate(arg)),
          expression.at,
        );
    }
  }

  #lookUp(name: string, at: number): PythonValue {
    const value = this.#snapshot.get(name) ?? this.#variables.get(name);
    if (value !== undefined) return value;
    const known = [...this.#snapshot.keys(), ...this.#variables.keys()];
    throw new ScriptError(this.#source, at, `unknown name '${name}'${suggestion(name, known)}`);
  }

  #compareAll(expression: PythonExpression & { kind: 'comparison' }): boolean {
    let left = this.#evaluate(expression.first);
    for (const { operator, operand } of expression.rest) {
      const right = this.#evaluate(operand);
      if (!this.#compare(operator, left, right, expression.at)) return false;
      left = right;
    }
    return true;
  }

  #compare(operator: string, left: PythonValue, right: PythonValue, at: number): boolean {
    if (operator === '==') return isEqual(left, right);
    if (operator === '!=') return !isEqual(left, right);
    const order =
      typeof left === 'string' && typeof right === 'string'
        ? Number(left > right) - Number(left < right)
        : this.#number(left, at) - this.#number(right, at);
    if (operator === '<') return order < 0;
    if (operator === '<=') return order <= 0;
    if (operator === '>') return order > 0;
    return order >= 0;
  }

  #unary(operator: string, value: PythonValue, at: number): PythonValue {
    if (operator === 'not') return !isTrue(value);
    const number = this.#number(value, at);
    if (operator === '-') return -number;
    return operator === '~' ? -number - 1 : number;
  }

  #binary(operator: string, left: PythonValue, right: PythonValue, at: number): PythonValue {
    if (operator === '%' && typeof left === 'string') return this.#interpolate(left, right, at);
    if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
    const a = this.#number(left, at);
    const b = this.#number(right, at);
    if ((operator === '/' || operator === '//' || operator === '%') && b === 0) {
      throw new ScriptError(this.#source, at, 'division by zero');
    }
    switch (operator) {
      case '+':
        return a + b;
      case '-':
        return a - b;
      case '*':
        return a * b;
      case '/':
        return a / b;
      case '//':
        return Math.floor(a / b);
      case '%':
        return a - b * Math.floor(a / b);
      default:
        return this.#bitwise(operator, a, b, at);
    }
  }

  /** On whole numbers of any size: TCP_INFO has fields of 64 bits. */
  #bitwise(operator: string, a: number, b: number, at: number): number {
    const isShift = operator === '<<' || operator === '>>';
    if (!Number.isInteger(a) || !Number.isInteger(b) || (isShift && (b < 0 || b > 64))) {
      throw new ScriptError(this.#source, at, `'${operator}' does not go with these numbers`);
    }
    const x = BigInt(a);
    const y = BigInt(b);
    if (operator === '&') return Number(x & y);
    if (operator === '|') return Number(x | y);
    if (operator === '^') return Number(x ^ y);
    return Number(operator === '<<' ? x << y : x >> y);
  }

  /** `'%d of %s' % (a, b)`. */
  #interpolate(template: string, value: PythonValue, at: number): string {
    const values = isTuple(value) ? [...value] : [value];
    const text = template.replaceAll(
      /%(?:(%)|[-+0-9.]*([dsxfiu]))/g,
      (_, percent?: string, kind?: string) => {
        if (percent !== undefined) return '%';
        const next = values.shift();
        if (next === undefined) throw new ScriptError(this.#source, at, 'not enough values for this text');
        if (kind === 's') return format(next);
        const number = this.#number(next, at);
        if (kind === 'f') return number.toFixed(6);
        return kind === 'x' ? Math.trunc(number).toString(16) : String(Math.trunc(number));
      },
    );
    if (values.length > 0) throw new ScriptError(this.#source, at, 'more values than places in this text');
    return text;
  }

  #call(name: string, args: readonly PythonValue[], at: number): PythonValue {
    if (name === 'print') {
      this.printed.push(args.map(format).join(' '));
      return null;
    }
    if (name === 'str') return format(args[0] ?? '');
    const numbers = args.map((arg) => this.#number(arg, at));
    if (numbers.length === 0) throw new ScriptError(this.#source, at, `${name}() needs a value`);
    if (name === 'min') return Math.min(...numbers);
    if (name === 'max') return Math.max(...numbers);
    if (name === 'abs') return Math.abs(numbers[0]!);
    return name === 'int' ? Math.trunc(numbers[0]!) : Math.round(numbers[0]!);
  }

  #number(value: PythonValue, at: number): number {
    if (typeof value === 'number') return value;
    if (typeof value === 'boolean') return Number(value);
    throw new ScriptError(this.#source, at, `${format(value)} is not a number`);
  }
}

function isTuple(value: PythonValue): value is readonly PythonValue[] {
  return Array.isArray(value);
}

function isTrue(value: PythonValue): boolean {
  if (isTuple(value)) return value.length > 0;
  return value !== null && value !== false && value !== 0 && value !== '';
}

function isEqual(left: PythonValue, right: PythonValue): boolean {
  if (isTuple(left) && isTuple(right)) {
    return left.length === right.length && left.every((item, i) => isEqual(item, right[i]!));
  }
  if (typeof left === 'boolean' || typeof right === 'boolean') return Number(left) === Number(right);
  return left === right;
}

function format(value: PythonValue): string {
  if (isTuple(value)) return `(${value.map(format).join(', ')})`;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}
