/** Files that the user names: there or not, and what else is there. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearest } from '../sim/nearest.ts';
import { UsageError } from './exit.ts';

/** @param what belongs there, for the message @throws UsageError when there is no file of that name */
export function requireFile(path: string, what: string): void {
  if (!existsSync(path)) {
    const folder = dirname(path);
    const neighbours = existsSync(folder) ? readdirSync(folder) : [];
    const like = nearest(basename(path), neighbours);
    const hint = like === null ? '' : `\n  did you mean '${join(folder, like)}'?`;
    throw new UsageError(`${path}: there is no such file${hint}`);
  }
  if (!statSync(path).isFile()) throw new UsageError(`${path}: not a file\n  expected: ${what}`);
}
