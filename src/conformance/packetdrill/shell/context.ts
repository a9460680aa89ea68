/** What a command of a shell block gets when it runs. */
import { ConfigError } from '../../../sim/errors.ts';
import type { SourceText } from '../source.ts';
import type { SimpleCommand } from './ast.ts';
import type { ShellHost } from './host.ts';

export interface CommandContext {
  readonly source: SourceText;
  readonly host: ShellHost;
  readonly command: SimpleCommand;
  readonly depth: number;
  /** Stops with an error at a word of the command. */
  fail(at: number, problem: string, expected?: string): never;
}

/** What the host refuses is an error at the word that asked for it. */
export function attempt(context: CommandContext, at: number, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    context.fail(at, error.message, error.expected);
  }
}
