/**
 * Plain data that remembers where each part was written. A scenario file becomes one such tree; extending another
 * file merges two; an option `--set` replaces a part. Only afterwards is the plain value taken and judged, and each
 * judgement finds its way back through {@link spanAt}.
 */
import type { Span } from './source.ts';

/** Data as YAML and JSON know it; modules may bring functions, too, where the schema takes one. */
export type Plain = Scalar | Plain[] | { [key: string]: Plain };

export type Scalar = string | number | boolean | null | ((...args: never[]) => unknown);

export type Located = LocatedScalar | LocatedList | LocatedMap;

export interface LocatedScalar {
  readonly kind: 'scalar';
  readonly span: Span;
  readonly value: Scalar;
}

export interface LocatedList {
  readonly kind: 'list';
  readonly span: Span;
  readonly items: readonly Located[];
}

export interface LocatedMap {
  readonly kind: 'map';
  readonly span: Span;
  readonly entries: ReadonlyMap<string, LocatedEntry>;
}

export interface LocatedEntry {
  readonly key: Span;
  readonly value: Located;
}

/** The data without its places. Keys such as `__proto__` become ordinary own properties. */
export function plainOf(located: Located): Plain {
  if (located.kind === 'scalar') return located.value;
  if (located.kind === 'list') return located.items.map(plainOf);
  return Object.fromEntries([...located.entries].map(([key, { value }]) => [key, plainOf(value)]));
}

/**
 * Where the value at a path was written; for a path that leads nowhere, the innermost part that exists.
 * @param wantsKey the span of the key instead of its value
 */
export function spanAt(root: Located, path: readonly (string | number)[], wantsKey: boolean = false): Span {
  let here = root;
  for (const [depth, step] of path.entries()) {
    const entry = here.kind === 'map' ? here.entries.get(String(step)) : undefined;
    if (entry !== undefined && wantsKey && depth === path.length - 1) return entry.key;
    const next = here.kind === 'list' ? here.items[Number(step)] : entry?.value;
    if (next === undefined) break;
    here = next;
  }
  return here.span;
}

/**
 * `over` laid on `base`: maps are merged key by key, everything else is replaced, and a null takes a key away.
 * The merged map counts as written where `over` is.
 */
export function merge(base: Located, over: Located): Located {
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    if (entry.value.kind === 'scalar' && entry.value.value === null && below !== undefined)
      entries.delete(key);
    else
      entries.set(
        key,
        below === undefined ? entry : { key: entry.key, value: merge(below.value, entry.value) },
      );
  }
  return { kind: 'map', span: over.span, entries };
}

/** Plain data as if all of it were written at one place. */
export function locate(value: Plain, span: Span): Located {
  if (Array.isArray(value)) return { kind: 'list', span, items: value.map((item) => locate(item, span)) };
  if (value === null || typeof value !== 'object') return { kind: 'scalar', span, value };
  const entries = Object.entries(value).map(
    ([key, item]) => [key, { key: span, value: locate(item, span) }] as const,
  );
  return { kind: 'map', span, entries: new Map(entries) };
}
