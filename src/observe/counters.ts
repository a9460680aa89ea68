/** What interfaces counted and what was dropped, for a whole network: as plain data, and as tables of text. */
import type { Host } from '../node/host.ts';
import type { Network } from '../node/network.ts';
import { alignColumns } from './columns.ts';

/** Frames and bytes of one interface or port; bytes with header and padding, without FCS. */
export interface InterfaceCounters {
  readonly node: string;
  readonly device: string;
  readonly rxFrames: number;
  readonly rxBytes: number;
  readonly txFrames: number;
  readonly txBytes: number;
}

export interface DropCounter {
  readonly node: string;
  readonly reason: string;
  readonly count: number;
}

/** Nodes in the order of declaration, a host's loopback device first. */
export function interfaceCounters(network: Network): InterfaceCounters[] {
  return network.nodes.flatMap((node) => {
    const devices = 'loopback' in node ? (node as Host).devices : node.ports;
    return devices.map(({ name, rxFrames, rxBytes, txFrames, txBytes }) => ({
      node: node.name,
      device: name,
      rxFrames,
      rxBytes,
      txFrames,
      txBytes,
    }));
  });
}

/** Only what was dropped at least once; by node, then reason. */
export function dropCounters(network: Network): DropCounter[] {
  return network.nodes.flatMap((node) =>
    node.dropped().map(([reason, count]) => ({ node: node.name, reason, count })),
  );
}

/** A table with a header; interfaces that saw nothing are left out. */
export function formatInterfaceCounters(counters: readonly InterfaceCounters[]): string[] {
  const rows = counters
    .filter(({ rxFrames, txFrames }) => rxFrames + txFrames > 0)
    .map((row) => [`${row.node}.${row.device}`, row.rxFrames, row.rxBytes, row.txFrames, row.txBytes]);
  return alignColumns([['interface', 'rx frames', 'rx bytes', 'tx frames', 'tx bytes'], ...rows]);
}

/** A table with a header. */
export function formatDropCounters(counters: readonly DropCounter[]): string[] {
  const rows = counters.map(({ node, reason, count }) => [node, reason, count]);
  return alignColumns([['node', 'dropped for', 'times'], ...rows]);
}
