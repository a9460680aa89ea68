/** A script that ran and did not pass: where in it, and what came instead of what was expected. */

export class ScriptFailure extends Error {
  /** Offset in the script's text. */
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.name = 'ScriptFailure';
    this.at = at;
  }
}
