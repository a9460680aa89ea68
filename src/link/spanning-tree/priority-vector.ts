/**
 * What bridges compare to agree on a tree (IEEE 802.1D-2004 17.5, 17.6): who is the root, how far it is, and by
 * whom and through which port one is told so. The smaller vector is the better one.
 */
import type { MacAddress } from '../../packet/mac-address.ts';

/** A bridge's priority (a multiple of 4096 up to 61440) and, to break ties, its address. */
export interface BridgeId {
  readonly priority: number;
  readonly mac: MacAddress;
}

export interface PriorityVector {
  readonly root: BridgeId;
  /** Sum of the path costs to the root. */
  readonly cost: number;
  /** The bridge that says so, and the number of its port. */
  readonly bridge: BridgeId;
  readonly bridgePort: number;
}

/** Negative when `a` is better, 0 when they are the same. */
export function compareBridges(a: BridgeId, b: BridgeId): number {
  return a.priority - b.priority || a.mac.high - b.mac.high || a.mac.low - b.mac.low;
}

/** Negative when `a` is better, 0 when they are the same. */
export function compareVectors(a: PriorityVector, b: PriorityVector): number {
  return (
    compareBridges(a.root, b.root) ||
    a.cost - b.cost ||
    compareBridges(a.bridge, b.bridge) ||
    a.bridgePort - b.bridgePort
  );
}

/** Better, or from the same port as `held`, whose word replaces what it said before (17.6). */
export function isSuperior(received: PriorityVector, held: PriorityVector): boolean {
  if (compareVectors(received, held) < 0) return true;
  return received.bridge.mac === held.bridge.mac && received.bridgePort === held.bridgePort;
}

/** Timer values that the root dictates (17.13), ns. */
export interface TreeTimes {
  readonly messageAge: number;
  readonly maxAge: number;
  readonly helloTime: number;
  readonly forwardDelay: number;
}

export function sameTimes(a: TreeTimes, b: TreeTimes): boolean {
  return (
    a.messageAge === b.messageAge &&
    a.maxAge === b.maxAge &&
    a.helloTime === b.helloTime &&
    a.forwardDelay === b.forwardDelay
  );
}
