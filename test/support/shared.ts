/**
 * Recorded data that is too large for the repository lies in a folder `shared` beside the checkout (or where
 * FIVETUPLE_SHARED says). Tests that need it skip themselves, saying so, where it is absent.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The path of a shared file or folder, or null when it is not there. */
export function sharedPath(relative: string): string | null {
  const root = process.env['FIVETUPLE_SHARED'] ?? resolve(import.meta.dirname, '../../../shared');
  const path = resolve(root, relative);
  if (existsSync(path)) return path;
  console.warn(`skipped: ${relative} is not there (set FIVETUPLE_SHARED to the folder that holds it)`);
  return null;
}
