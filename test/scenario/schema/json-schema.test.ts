/** The published JSON Schema is that of the code, and every shipped scenario points to it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scenarioJsonSchema } from '../../../src/scenario/schema/json-schema.ts';

const FOLDER = resolve(import.meta.dirname, '../../../scenarios');

describe('the JSON Schema of scenario files', () => {
  it('is the published one; else: npm start -- schema > scenarios/scenario.schema.json', () => {
    const published = JSON.parse(readFileSync(join(FOLDER, 'scenario.schema.json'), 'utf8'));
    expect(published).toEqual(JSON.parse(JSON.stringify(scenarioJsonSchema())));
  });

  it('is named in the first line of every scenario', () => {
    for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))) {
      const [first] = readFileSync(join(FOLDER, file), 'utf8').split('\n');
      expect(first, file).toBe('# yaml-language-server: $schema=./scenario.schema.json');
    }
  });

  it('refuses unknown keys everywhere', () => {
    const objects: Record<string, unknown>[] = [];
    visit(scenarioJsonSchema(), (part) => {
      if ('properties' in part) objects.push(part);
    });
    expect(objects.length).toBeGreaterThan(40);
    for (const part of objects) expect(part.additionalProperties).toBe(false);
  });
});

function visit(part: unknown, look: (part: Record<string, unknown>) => void): void {
  if (part === null || typeof part !== 'object') return;
  if (!Array.isArray(part)) look(part as Record<string, unknown>);
  for (const inner of Object.values(part)) visit(inner, look);
}
