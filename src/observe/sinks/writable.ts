/** Asks whether a result could be written, before the work that makes it: an hour's run should not end in a typing error. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { guarded, OutputError } from './file-sink.ts';

/** @param path of a file to be created or overwritten; `-` is standard output @throws OutputError */
export function requireWritableFile(path: string): void {
  if (path === '-') return;
  const found = guarded(path, () => statSync(path, { throwIfNoEntry: false }));
  if (found?.isDirectory()) throw new OutputError(path, { code: 'EISDIR', errno: -21 });
  guarded(path, () => accessSync(found === undefined ? dirname(path) : path, constants.W_OK));
}

/** @param folder there already, or to be made with the folders above it @throws OutputError */
export function requireWritableFolder(folder: string): void {
  let nearest = folder;
  let found = guarded(folder, () => statSync(nearest, { throwIfNoEntry: false }));
  while (found === undefined && dirname(nearest) !== nearest) {
    nearest = dirname(nearest);
    found = guarded(folder, () => statSync(nearest, { throwIfNoEntry: false }));
  }
  if (found?.isDirectory() !== true) throw new OutputError(folder, { code: 'ENOTDIR', errno: -20 });
  guarded(folder, () => accessSync(nearest, constants.W_OK));
}
