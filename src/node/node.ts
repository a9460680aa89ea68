/** What hosts, routers, switches and hubs have in common: a name, devices, counters, and something to watch. */
import type { NetDevice } from '../link/device.ts';
import type { DropCounters } from '../packet/drops.ts';
import type { Tap } from '../packet/tap.ts';

export type NodeKind = 'host' | 'router' | 'switch' | 'hub';

export interface NetworkNode {
  readonly name: string;
  readonly kind: NodeKind;
  /** Interfaces or ports in the order of declaration; a host's loopback device first. */
  readonly devices: readonly NetDevice[];
  /** What this node dropped on every floor, and why. */
  readonly drops: DropCounters;
  /** Shows what passes this node to `tap`; null = nobody looks, at no cost. */
  observe(tap: Tap | null): void;
}
