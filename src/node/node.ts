/** What hosts, routers, switches and hubs have in common: a name, devices, counters, and something to watch. */
import type { EthernetDevice } from '../link/ethernet-device.ts';
import type { DropCounters } from '../packet/drops.ts';
import type { Tap } from '../packet/tap.ts';
import { ConfigError } from '../sim/errors.ts';

export type NodeKind = 'host' | 'router' | 'switch' | 'hub';

/** How often something was dropped for a reason. */
export type DropCount = readonly [reason: string, count: number];

export interface NetworkNode {
  readonly name: string;
  readonly kind: NodeKind;
  /** Interfaces or ports that cables go into, in the order of declaration; a hub has none of its own. */
  readonly ports: readonly EthernetDevice[];
  /** What this node dropped on every floor, and why; sorted by reason. */
  dropped(): readonly DropCount[];
  /** Shows what passes this node to `tap`; null = nobody looks, at no cost. */
  observe(tap: Tap | null): void;
}

/** The sums of several counters, sorted by reason. */
export function sumDrops(counters: readonly DropCounters[]): DropCount[] {
  return sumCounts(counters.map((counter) => counter.entries()));
}

/** The sums of several tables of counts, sorted by reason. */
export function sumCounts(tables: readonly (readonly DropCount[])[]): DropCount[] {
  const sums = new Map<string, number>();
  for (const [reason, count] of tables.flat()) sums.set(reason, (sums.get(reason) ?? 0) + count);
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** @throws ConfigError when two interfaces or ports of a node have the same name */
export function checkNames(node: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ConfigError(`${node} has two interfaces called '${twice}'`);
}
