/**
 * Reads scenario files: YAML, or TypeScript and JavaScript modules with a scenario as their default export; and the
 * files that they extend. One of the places where the program touches the disk.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { nearest } from '../../sim/nearest.ts';
import { type Located, type LocatedMap, merge } from '../document/located.ts';
import type { Problem } from '../document/problem.ts';
import { Source, type Span } from '../document/source.ts';
import { MAX_SOURCE_SIZE, readYaml, tooLarge } from '../document/yaml.ts';
import { importScenario } from './module.ts';

/** A scenario as it was written, everything that it extends laid beneath it; or why it cannot be read. */
export type Loaded = { readonly data: Located } | { readonly problems: readonly Problem[] };

const MODULES = ['.ts', '.mts', '.js', '.mjs'];

/** @param path of the file, absolute or relative to the working directory; also its name in messages */
export async function loadScenario(path: string): Promise<Loaded> {
  return load(path, null, []);
}

/** @param from where the path was written, null for the command line @param above the files that led here */
async function load(path: string, from: Span | null, above: readonly string[]): Promise<Loaded> {
  const absolute = resolve(path);
  if (above.includes(absolute)) {
    const names = [...above.slice(above.indexOf(absolute)), absolute].map((file) => basename(file));
    return refuse(from, path, `the files extend each other in a circle: ${names.join(' -> ')}`);
  }
  const missing = refuseMissing(path, from);
  if (missing !== null) return missing;
  const loaded = MODULES.includes(extname(path)) ? await importScenario(path) : readFile(path);
  if ('problems' in loaded || loaded.data.kind !== 'map') return loaded;
  return extend(loaded.data, path, [...above, absolute]);
}

/** Lays a scenario over the one that its key `extends` names. */
async function extend(data: LocatedMap, path: string, above: readonly string[]): Promise<Loaded> {
  const entry = data.entries.get('extends');
  if (entry === undefined) return { data };
  const entries = new Map(data.entries);
  entries.delete('extends');
  const over: LocatedMap = { ...data, entries };
  const { value } = entry;
  if (value.kind !== 'scalar' || typeof value.value !== 'string')
    return refuse(value.span, path, 'extends: takes the path of one file');
  const base = await load(join(dirname(path), value.value), value.span, above);
  return 'problems' in base ? base : { data: merge(base.data, over) };
}

function readFile(path: string): Loaded {
  const { size } = statSync(path);
  if (size > MAX_SOURCE_SIZE) return { problems: [tooLarge(new Source(path, null), size)] };
  return readYaml(new Source(path, readFileSync(path, 'utf8')));
}

function refuseMissing(path: string, from: Span | null): Loaded | null {
  if (!existsSync(path)) {
    const folder = dirname(path);
    const neighbours = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : [];
    const like = nearest(basename(path), neighbours);
    return refuse(from, path, `there is no file '${path}'`, like === null ? undefined : join(folder, like));
  }
  const status = statSync(path);
  if (!status.isFile()) return refuse(from, path, `'${path}' is not a file`);
  return null;
}

function refuse(span: Span | null, path: string, message: string, suggestion?: string): Loaded {
  return { problems: [{ message, span: span ?? noText(path), path: [], suggestion }] };
}

function noText(path: string): Span {
  return { source: new Source(path, null), start: 0, end: 0 };
}
