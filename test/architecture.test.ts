/** The house's floors: a file imports its own folder and floors below it, and only the top floors do I/O. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

const FLOORS = [
  'sim',
  'packet',
  'link',
  'network',
  'transport',
  'sockets',
  'node',
  'apps',
  'observe',
  'scenario',
  'testing',
  'conformance',
  'cli',
];
/** Folders that may touch files, clocks and promises: top floors, and the edges of others. */
const IO_FOLDERS = ['conformance', 'cli', 'observe/sinks', 'scenario/files', 'apps/async', 'testing/files'];
const IMMER_FOLDERS = ['sockets/spec', 'scenario', 'observe', 'testing'];

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

describe('the layers', () => {
  const files = sourceFiles();

  it('are all found', () => {
    expect(files.length).toBeGreaterThan(20);
  });

  it('import only their own floor and floors below', () => {
    expect(files.flatMap(upwardImports)).toEqual([]);
  });

  it('keep I/O, clocks, promises and chance on the top floors', () => {
    expect(files.filter((file) => !isIn(file, IO_FOLDERS)).flatMap(impurities)).toEqual([]);
  });

  it('use immer only where state is cold and fast-check only in the testing kit', () => {
    const uses = (name: string, allowed: readonly string[]) =>
      files.filter((file) => file.imports.includes(name) && !isIn(file, allowed)).map((file) => file.path);
    expect(uses('immer', IMMER_FOLDERS)).toEqual([]);
    expect(uses('fast-check', ['testing'])).toEqual([]);
  });

  it('would be reported when a lower floor imported a higher one', () => {
    const planted = { path: 'link/planted.ts', text: '', imports: ['../sockets/api.ts'] };
    expect(upwardImports(planted)).toEqual([
      'link/planted.ts imports ../sockets/api.ts: link is below sockets',
    ]);
  });
});

function upwardImports(file: SourceFile): string[] {
  const own = floorOf(file.path);
  if (own === null) return []; // src/index.ts, the public surface
  const problems: string[] = [];
  for (const imported of file.imports.filter((specifier) => specifier.startsWith('.'))) {
    const target = relative(SRC, resolve(SRC, dirname(file.path), imported));
    const floor = floorOf(target);
    if (floor === null) problems.push(`${file.path} imports ${imported}: the public surface is for users`);
    else if (FLOORS.indexOf(floor) > FLOORS.indexOf(own)) {
      problems.push(`${file.path} imports ${imported}: ${own} is below ${floor}`);
    }
  }
  return problems;
}

function impurities(file: SourceFile): string[] {
  const code = file.text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\/\/.*$/gm, '');
  const patterns: [RegExp, string][] = [
    [/\bDate\b/, 'Date'],
    [/\bMath\.random\b/, 'Math.random'],
    [/\bset(Timeout|Interval|Immediate)\b/, 'a timer of the machine'],
    [/(?<![\w.])process\./, 'process'], // `context.process.` is a process on a simulated host
    [/\bperformance\./, 'performance'],
    [/\bMath\.pow\b|\*\*/, 'a power (differs between Node versions)'],
    [/\bconsole\./, 'console'],
  ];
  const found = patterns
    .filter(([pattern]) => pattern.test(code))
    .map(([, what]) => `${file.path} uses ${what}`);
  const nodeImports = file.imports.filter((specifier) => specifier.startsWith('node:'));
  return [...found, ...nodeImports.map((specifier) => `${file.path} imports ${specifier}`)];
}

function floorOf(path: string): string | null {
  const parts = path.split(sep);
  if (parts.length === 1) return null;
  const floor = parts[0]!;
  expect(FLOORS, `${path} lies on a floor that is not declared`).toContain(floor);
  return floor;
}

function isIn(file: SourceFile, folders: readonly string[]): boolean {
  return folders.some((folder) => file.path.startsWith(`${folder}${sep}`));
}

function sourceFiles(): SourceFile[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(SRC, path), 'utf8');
      const imports = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);
      return { path, text, imports };
    });
}
