/** Back-quoted blocks as lists of commands: the little of sh(1) that scripts use. Offsets are into the script. */

/** Lists joined by newline, ';', '&&' and '||', run from left to right. */
export type ShellProgram = readonly ShellStep[];

export interface ShellStep {
  /** When to run: always, or if the step before succeeded or failed. */
  readonly when: 'always' | 'and' | 'or';
  /** One command, or several joined by '|'. */
  readonly pipeline: readonly SimpleCommand[];
}

export interface SimpleCommand {
  readonly at: number;
  /** Command name and arguments, expanded and without quotes. */
  readonly words: readonly ShellWord[];
  readonly redirections: readonly Redirection[];
}

export interface ShellWord {
  readonly at: number;
  readonly text: string;
}

export interface Redirection {
  readonly at: number;
  /** '>', '>>', '<', '2>' or '2>&1' ('target' is then ''). */
  readonly operator: string;
  readonly target: string;
}
