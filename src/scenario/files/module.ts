/** Scenarios written in TypeScript or JavaScript: the default export of a module, as plain data. */
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Located, locate, type Plain } from '../document/located.ts';
import type { Problem } from '../document/problem.ts';
import { Source, type Span } from '../document/source.ts';

/** Runs the module: it is a program of the user's, trusted as such. */
export async function importScenario(path: string): Promise<{ data: Located } | { problems: Problem[] }> {
  const span: Span = { source: new Source(path, null), start: 0, end: 0 };
  let exported: unknown;
  try {
    const module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
    exported = module.default;
  } catch (error) {
    return { problems: [{ message: importFailure(path, error), span, path: [] }] };
  }
  const problems: Problem[] = [];
  if (exported === undefined) {
    const expected = 'export default scenario({ title: … })';
    return { problems: [{ message: 'the module has no default export', span: null, path: [], expected }] };
  }
  const data = locate(toPlain(exported, [], span, problems), span);
  return problems.length > 0 ? { problems } : { data };
}

function importFailure(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return `this Node.js cannot import ${extname(path)} files by itself: run it with node --import tsx, or compile it`;
  return `the module failed: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}

/** Data as YAML knows it; keys without a value are left out, anything else but data is a problem. */
function toPlain(value: unknown, path: readonly (string | number)[], span: Span, problems: Problem[]): Plain {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (path.length > MAX_DEPTH) {
    problems.push({ message: 'the data nests too deeply, or contains itself', span, path: path.slice(0, 6) });
    return null;
  }
  if (Array.isArray(value))
    return value.map((item, index) => toPlain(item, [...path, index], span, problems));
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, toPlain(item, [...path, key], span, problems)]),
    );
  }
  if (typeof value === 'function' && takesFunction(path)) return value as Plain;
  problems.push({ message: `a ${typeof value} is not data`, span, path });
  return null;
}

/** `programs.NAME.run`, an action `call` and an expectation `holds` may bring functions written in the module. */
function takesFunction(path: readonly (string | number)[]): boolean {
  if (path.length !== 3) return false;
  const [section, , key] = path;
  return section === 'expect'
    ? key === 'that'
    : key === 'run' && (section === 'programs' || section === 'timeline');
}

const MAX_DEPTH = 50;
