/** What a system call of a script gets: its arguments, the descriptors, the host and the connection under test. */
import { EBADF, ENOTSOCK } from '../../../network/errno.ts';
import type { Running } from '../../../sockets/program.ts';
import type { Expression, StructExpression, SystemCall } from '../ast.ts';
import type { FlowTracker } from '../flow-tracker.ts';
import type { HostUnderTest } from '../host-under-test.ts';
import type { ScriptSettings } from '../options.ts';
import { ScriptError, type SourceText, suggestion } from '../source.ts';
import type { FileTable, SocketFile } from './file-table.ts';

/** Makes a call: at once, or as one that may block. The result is 0 or more, or minus an errno. */
export type CallHandler = (context: CallContext) => number | Running;

export interface CallEnvironment {
  readonly source: SourceText;
  readonly files: FileTable;
  readonly flows: FlowTracker;
  readonly host: HostUnderTest;
  readonly settings: ScriptSettings;
}

export class CallContext {
  readonly call: SystemCall;
  readonly env: CallEnvironment;
  /** What the call gave back in its arguments and should not have: option values, poll events. */
  readonly problems: string[] = [];

  constructor(call: SystemCall, env: CallEnvironment) {
    this.call = call;
    this.env = env;
  }

  /** The arguments; their number is one of `counts`. */
  expectArguments(...counts: readonly number[]): void {
    if (counts.includes(this.call.args.length)) return;
    this.fail(
      this.call.at,
      `${this.call.name}() has ${this.call.args.length} arguments`,
      `${counts.join(' or ')}`,
    );
  }

  arg(index: number): Expression {
    return (
      this.call.args[index] ?? this.fail(this.call.at, `${this.call.name}() lacks argument ${index + 1}`)
    );
  }

  isEllipsis(index: number): boolean {
    return this.arg(index).kind === 'ellipsis';
  }

  integer(index: number): number {
    return this.integerOf(this.arg(index));
  }

  integerOf(expression: Expression): number {
    if (expression.kind !== 'number')
      this.fail(expression.at, 'this is not a number', 'a number or its name');
    return expression.value;
  }

  /** `[n]`: an integer by reference. */
  integerInList(index: number): number {
    const list = this.arg(index);
    if (list.kind !== 'list' || list.items.length !== 1)
      this.fail(list.at, 'this is no reference', '[number]');
    return this.integerOf(list.items[0]!);
  }

  structOf(expression: Expression): StructExpression {
    if (expression.kind !== 'struct') this.fail(expression.at, 'this is no structure', '{name=value, …}');
    return expression;
  }

  /** The named fields of a structure; a name that is not among `names` is an error. */
  fieldsOf(expression: Expression, names: readonly string[]): ReadonlyMap<string, Expression> {
    const fields = new Map<string, Expression>();
    for (const { at, name, value } of this.structOf(expression).fields) {
      if (!names.includes(name))
        this.fail(at, `unknown field '${name}'${suggestion(name, names)}`, names.join(', '));
      fields.set(name, value);
    }
    return fields;
  }

  /** The socket behind argument 0, or minus an errno. */
  socketFile(index: number = 0): SocketFile | number {
    const file = this.env.files.get(this.integer(index));
    if (file === undefined) return -EBADF;
    return file.kind === 'socket' ? file : -ENOTSOCK;
  }

  fail(at: number, problem: string, expected?: string): never {
    throw new ScriptError(this.env.source, at, problem, expected);
  }
}
