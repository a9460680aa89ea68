/** Where counterexamples are written: a folder, unless the caller has another place. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface FailureSink {
  /** Keeps a file. @returns the name under which a person finds it */
  write(name: string, content: string | Uint8Array): string;
  /** How a file in the sink imports a module. @param module its URL */
  importPath(module: string): string;
}

const FOLDER = 'fivetuple-failures';

/**
 * Files in a folder of their own for each property, overwritten by its next failure.
 * @param folder default: `fivetuple-failures` in the working directory
 */
export function directorySink(property: string, folder: string = FOLDER): FailureSink {
  const place = join(folder, slugOf(property));
  return {
    write: (name, content) => {
      const path = join(place, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      return path;
    },
    importPath: (module) => {
      const path = relative(place, fileURLToPath(module)).replaceAll(sep, '/');
      return path.startsWith('.') ? path : `./${path}`;
    },
  };
}

/** A module's path from the working directory: how a token names it. @param module its URL */
export function fromWorkingDirectory(module: string): string {
  return relative(process.cwd(), fileURLToPath(module)).replaceAll(sep, '/');
}

/** `a deposit is made once` as a folder: `a-deposit-is-made-once`. */
function slugOf(name: string): string {
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return slug.replaceAll(/^-|-$/g, '').slice(0, 60) || 'property';
}
