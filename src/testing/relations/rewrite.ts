/** A scenario with every name, address or instant in it replaced: a deep copy, keys that mean something by their meaning. */
import type { Scenario } from '../../scenario/schema/scenario.ts';

/** @param path keys from the root @returns what stands there instead, or the same value to go on inside */
export type Replace = (value: unknown, path: readonly string[]) => unknown;

/** Objects of classes and functions are given to `replace` and not entered. */
export function rewrite(scenario: Scenario, replace: Replace): Scenario {
  return walk(scenario, [], replace) as Scenario;
}

function walk(value: unknown, path: readonly string[], replace: Replace): unknown {
  const replaced = replace(value, path);
  if (replaced !== value) return replaced;
  if (Array.isArray(value)) return value.map((item) => walk(item, [...path, '*'], replace));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key], replace)]),
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
