/**
 * Errors by blame: the bytes, the user, or us.
 *
 * - bytes from the wire are wrong: {@link DecodeError}; the layer that parsed them counts, traces and drops.
 * - the user's input is wrong: {@link ConfigError}; carries what the caller needs to point at the place.
 * - we are wrong: {@link invariant}; nobody catches {@link InvariantError} except the outermost shell.
 */

/** Bytes that no conforming sender emits. `reason` is a stable kebab-case word used as a drop counter. */
export class DecodeError extends Error {
  readonly reason: string;
  constructor(reason: string, message: string = reason) {
    super(message);
    this.name = 'DecodeError';
    this.reason = reason;
  }
}

/** Input from a user that cannot be obeyed. `path` leads to the offending value, as keys and indexes. */
export class ConfigError extends Error {
  readonly path: readonly (string | number)[];
  readonly expected: string | undefined;
  constructor(message: string, path: readonly (string | number)[] = [], expected?: string) {
    super(message);
    this.name = 'ConfigError';
    this.path = path;
    this.expected = expected;
  }
}

/** A rule of this program itself was broken. */
export class InvariantError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvariantError';
  }
}

/** Stops the run loudly when `condition` does not hold: a defect of this program, never of its input. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** The end of an exhaustive switch: the compiler proves that it is never reached. */
export function assertNever(value: never): never {
  throw new InvariantError(`unreachable case: ${String(value)}`);
}
