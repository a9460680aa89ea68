/** Exit codes, and the errors that lead to them. Scripts outside the project rely on the numbers. */

/** All well. */
export const EXIT_OK = 0;
/** An expectation, a script or a case failed. */
export const EXIT_FAILED = 1;
/** Wrong usage or wrong input; or a run came to a question that the profile of a host leaves open. */
export const EXIT_USAGE = 2;
/** An invariant of the program was broken (EX_SOFTWARE of sysexits.h). */
export const EXIT_DEFECT = 70;

/** What a user typed or wrote cannot be obeyed; the message is complete. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** A defect of this program during a run: the message says when, where, and how to see it again. */
export class DefectError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'DefectError';
  }
}
