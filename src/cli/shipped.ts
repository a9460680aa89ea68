/** The scenarios that come with the program. */
import { readdirSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `scenarios/` lies two folders up, from `src/cli` as from `dist/cli`. */
const FOLDER = fileURLToPath(new URL('../../scenarios', import.meta.url));

/** Their paths, relative to the working directory where that is shorter, in the order of the lessons. */
export function shippedScenarios(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => /^\d\d-.*\.(yaml|ts)$/.test(name))
    .sort()
    .map((name) => {
      const absolute = `${FOLDER}/${name}`;
      const fromHere = relative(process.cwd(), absolute);
      return fromHere.length < absolute.length ? fromHere : absolute;
    });
}
