/**
 * Bytes into a file. Failures of the machine (a full disk, no permission, a reader that has left) become one kind
 * of error that names the file and the reason, for the shell to print.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import type { ByteSink } from '../pcapng.ts';

/** A file could not be written. */
export class OutputError extends Error {
  readonly path: string;
  /** The system's name of the reason: `ENOSPC`, `EPIPE`, ... */
  readonly code: string;

  constructor(path: string, cause: unknown) {
    const { code = 'EIO', errno } = cause as NodeJS.ErrnoException;
    const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
    super(`cannot write ${path}: ${words ?? code}`, { cause });
    this.name = 'OutputError';
    this.path = path;
    this.code = code;
  }
}

const STDOUT = 1;
const RETRY_MS = 5;

export class FileSink implements ByteSink {
  readonly path: string;
  readonly #fd: number;

  /** @param path created or overwritten; `-` is standard output @throws OutputError */
  constructor(path: string) {
    this.path = path === '-' ? 'standard output' : path;
    this.#fd = path === '-' ? STDOUT : guarded(this.path, () => openSync(path, 'w'));
  }

  /** @throws OutputError */
  write(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length) at += this.#writeSome(piece, at);
  }

  /** Closes the file; standard output stays open. @throws OutputError */
  close(): void {
    if (this.#fd !== STDOUT) guarded(this.path, () => closeSync(this.#fd));
  }

  #writeSome(piece: Uint8Array, at: number): number {
    try {
      return writeSync(this.#fd, piece, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw new OutputError(this.path, error);
      // A pipe that is full and non-blocking: let the reader catch up.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      return 0;
    }
  }
}

/** Writes a whole file. @param path `-` is standard output @throws OutputError */
export function writeFile(path: string, content: string | Uint8Array): void {
  const sink = new FileSink(path);
  try {
    sink.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
  } finally {
    sink.close();
  }
}

/** Runs what the machine may refuse. @throws OutputError */
export function guarded<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new OutputError(path, error);
  }
}
