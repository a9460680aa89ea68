/** The pages do what they say: every command of theirs is run, and every link leads to a file. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fivetuple } from './support.ts';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'scenarios/README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const folder = mkdtempSync(join(tmpdir(), 'fivetuple-docs-'));
/** Files that a reader writes while reading; the first YAML block of the guide is the first of them. */
const MINE = ['mine.yaml', 'my-scenario.yaml'];
for (const name of MINE)
  writeFileSync(join(folder, name), fences('docs/getting-started.md', 'yaml')[0] ?? '');

describe('the pages', () => {
  it.each(PAGES.flatMap((page) => commands(page).map((command) => [page, command])))(
    '%s: npm start -- %s',
    async (_page, command) => {
      const { code, err } = await fivetuple(...words(command).map(placed));
      expect(err).not.toMatch(/error|expected/i);
      expect(code).toBe(0);
    },
    60_000,
  );

  it('link to files that are there', () => {
    const missing = PAGES.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
        .map(([, target]) => join(dirname(page), target!))
        .filter((target) => !existsSync(target))
        .map((target) => `${page}: ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it('show an error as it is printed', async () => {
    const path = join(folder, 'mine.yaml');
    const wrong = join(folder, 'wrong.yaml');
    writeFileSync(wrong, readFileSync(path, 'utf8').replace('hosts:', 'host:'));
    const { code, err } = await fivetuple('run', wrong);
    const [shown] = fences('docs/getting-started.md', 'text');
    expect(code).toBe(2);
    expect(err.replaceAll(wrong, 'mine.yaml')).toContain(shown!.trimEnd());
  });
});

/** What stands behind `npm start --`, in code blocks and in the text; benchmarks are for those with time. */
function commands(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/npm start -- ((?:'[^']*'|[^`#\n|'])+)/g)]
    .map(([, command]) => command!.trim())
    .filter((command) => !/^(COMMAND$|bench|explain$)|\bFILE\b/.test(command) && !command.includes('/tmp/'));
}

function fences(page: string, language: string): string[] {
  const fence = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g');
  return [...readFileSync(page, 'utf8').matchAll(fence)].map(([, text]) => text!);
}

function words(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

function placed(word: string): string {
  return MINE.includes(word) || word === 'captures' ? join(folder, word) : word;
}
