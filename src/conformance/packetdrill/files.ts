/** Scripts on disk: `.pkt` files, and folders searched for them. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from '../../sim/errors.ts';
import type { ScriptSource } from './run.ts';

/**
 * All scripts at `paths`, in the order given and by name within a folder. A script is read when it is run.
 * @throws ConfigError when a path is not there, or a folder holds no script
 */
export function findScripts(paths: readonly string[]): ScriptSource[] {
  return paths.flatMap((path) => {
    if (!existsSync(path)) throw new ConfigError(`there is no file or folder '${path}'`);
    if (!statSync(path).isDirectory()) return [scriptFile(path)];
    const found = readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.pkt'))
      .sort();
    if (found.length === 0) throw new ConfigError(`the folder '${path}' holds no .pkt file`);
    return found.map((name) => scriptFile(join(path, name)));
  });
}

/** One script file. */
export function scriptFile(path: string): ScriptSource {
  return {
    name: path,
    get text() {
      return readFileSync(path, 'utf8');
    },
    readFile: (relative) => {
      const beside = resolve(dirname(path), relative);
      return existsSync(beside) && statSync(beside).isFile() ? readFileSync(beside, 'utf8') : null;
    },
  };
}
