/** Files of recorded cases: one JSON object per line, perhaps compressed with gzip. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { UsageError } from './exit.ts';
import { requireFile } from './input-file.ts';

/** What the cases of a file are put to: sockets or machines for frames. */
export type CaseKind = 'sockets' | 'frames';

export interface CaseFile {
  readonly path: string;
  readonly kind: CaseKind;
  /** All lines in their order, blank ones too: their index is their line number less one. */
  readonly lines: readonly string[];
}

/** @throws UsageError when the file is not there, cannot be decompressed, or its first case is of no known kind */
export function readCaseFile(path: string): CaseFile {
  const lines = readText(path).split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first < 0)
    throw new UsageError(`${path}:1:1: the file is empty\n  expected: one recorded case per line`);
  return { path, kind: kindOf(path, first + 1, lines[first]!), lines };
}

function readText(path: string): string {
  requireFile(path, 'a .jsonl or .jsonl.gz file');
  const bytes = readFileSync(path);
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (path.endsWith('.gz') && !isCompressed) throw new UsageError(`${path}: not compressed with gzip`);
  try {
    return (isCompressed ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw new UsageError(
      `${path}: cannot be decompressed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function kindOf(path: string, line: number, text: string): CaseKind {
  let first: unknown;
  try {
    first = JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `${path}:${line}:1: not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (first !== null && typeof first === 'object') {
    if ('ops' in first) return 'sockets';
    if ('steps' in first) return 'frames';
  }
  throw new UsageError(
    `${path}:${line}:1: not a recorded case\n  expected: an object with the key ops (sockets) or steps (frames)`,
  );
}
