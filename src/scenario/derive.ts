/**
 * Variants of a scenario: `derive(base, draft => { draft.links.core.rate = '1Mbps' })` gives the changed data and the
 * patches that name the change. Scenarios are keyed by name, so a patch reads `links/core/rate`. What a variant says is
 * judged as any other scenario is: by {@link parseScenario}.
 */
import { applyPatches, enablePatches, type Patch, produceWithPatches } from 'immer';
import { ConfigError } from '../sim/errors.ts';
import { nearest } from '../sim/nearest.ts';
import { type Located, type LocatedEntry, locate, type Plain, plainOf } from './document/located.ts';
import type { Span } from './document/source.ts';

enablePatches();

export interface Variant<T> {
  readonly data: T;
  /** Applied to the base, these give the variant. */
  readonly patches: readonly Patch[];
  /** Applied to the variant, these give the base. */
  readonly inverse: readonly Patch[];
}

/** @param recipe changes the draft in place */
export function derive<T extends object>(base: T, recipe: (draft: T) => void): Variant<T> {
  const [data, patches, inverse] = produceWithPatches(base, (draft) => {
    recipe(draft as T);
  });
  return { data, patches, inverse };
}

/** The variant again, from the base and its patches. */
export function applyVariant<T extends object>(base: T, patches: readonly Patch[]): T {
  return applyPatches(base, [...patches]);
}

/**
 * Located data with patches applied: what they bring counts as written at `span`.
 * @param patches of a variant of `plainOf(root)`
 */
export function patchLocated(root: Located, patches: readonly Patch[], span: Span): Located {
  return patches.reduce((here, { op, path, value }) => patchOne(here, path, op, value as Plain, span), root);
}

/**
 * Sets one value by its path, as `--set links.core.rate=1Mbps` does; maps on the way are made as needed.
 * @param root what the scenario says so far @param value as YAML reads it
 * @throws ConfigError when the path leads through something that is no map or list
 */
export function setValue(root: Located, path: readonly string[], value: Plain, span: Span): Located {
  const base = plainOf(root);
  if (base === null || typeof base !== 'object') throw new ConfigError('there is nothing to set a value in');
  const { patches } = derive(base, (draft) => {
    let here: Plain = draft as Plain;
    for (const [depth, step] of path.slice(0, -1).entries()) {
      const next = stepInto(here, step, path.slice(0, depth + 1));
      here = next;
    }
    assign(here, path.at(-1)!, value, path);
  });
  return patchLocated(root, patches, span);
}

function stepInto(here: Plain, step: string, path: readonly string[]): Plain {
  if (Array.isArray(here)) return elementOf(here, step, path);
  if (here === null || typeof here !== 'object') throw notInside(path);
  if (!Object.hasOwn(here, step) || here[step] === null) here[step] = {};
  return here[step]!;
}

function assign(here: Plain, step: string, value: Plain, path: readonly string[]): void {
  if (Array.isArray(here)) {
    elementOf(here, step, path);
    here[Number(step)] = value;
  } else if (here === null || typeof here !== 'object') throw notInside(path);
  else here[step] = value;
}

function elementOf(list: readonly Plain[], step: string, path: readonly string[]): Plain {
  const item = /^\d+$/.test(step) ? list[Number(step)] : undefined;
  if (item !== undefined) return item;
  const numbers = [...list.keys()].map(String);
  throw new ConfigError(
    `'${path.join('.')}' is no element of the list`,
    [],
    list.length === 0
      ? 'the list is empty'
      : `a number from 0 to ${list.length - 1}`.concat(hint(step, numbers)),
  );
}

function hint(step: string, known: readonly string[]): string {
  const like = nearest(step, known);
  return like === null ? '' : `, such as ${like}`;
}

function notInside(path: readonly string[]): ConfigError {
  const above = path.slice(0, -1).join('.');
  return new ConfigError(`'${path.join('.')}' leads nowhere: '${above}' is neither a map nor a list`);
}

function patchOne(
  here: Located,
  path: readonly (string | number)[],
  op: Patch['op'],
  value: Plain,
  span: Span,
): Located {
  const [step, ...inner] = path;
  if (step === undefined) return locate(value, span);
  if (here.kind === 'list') {
    const items = [...here.items];
    const index = Number(step);
    if (step === 'length') items.length = Number(value);
    else if (inner.length > 0) items[index] = patchOne(items[index]!, inner, op, value, span);
    else if (op === 'remove') items.splice(index, 1);
    else if (op === 'add') items.splice(index, 0, locate(value, span));
    else items[index] = locate(value, span);
    return { ...here, items };
  }
  const entries = new Map<string, LocatedEntry>(here.kind === 'map' ? here.entries : []);
  const key = String(step);
  const entry = entries.get(key);
  if (inner.length > 0 && entry !== undefined)
    entries.set(key, { key: entry.key, value: patchOne(entry.value, inner, op, value, span) });
  else if (op === 'remove') entries.delete(key);
  else entries.set(key, { key: span, value: locate(value, span) });
  return { kind: 'map', span: here.span, entries };
}
