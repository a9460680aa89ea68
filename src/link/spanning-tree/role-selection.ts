/**
 * Port Role Selection (IEEE 802.1D-2004 17.28, updtRolesTree() 17.21.25): from what all ports believe to the root of
 * the tree, the way there, and a role for every port.
 */
import { SECOND } from '../../sim/time.ts';
import {
  type BridgeId,
  compareVectors,
  type PriorityVector,
  sameTimes,
  type TreeTimes,
} from './priority-vector.ts';
import type { PortRole, TreePort } from './tree-port.ts';

/** What the whole bridge believes. */
export interface RootInformation {
  readonly vector: PriorityVector;
  readonly times: TreeTimes;
  /** Null on the root bridge itself. */
  readonly rootPort: TreePort | null;
}

/** Gives every port its selected role. @returns the new root information */
export function selectRoles(
  ports: readonly TreePort[],
  bridge: BridgeId,
  bridgeTimes: TreeTimes,
): RootInformation {
  const root = findRoot(ports, bridge, bridgeTimes);
  for (const p of ports) {
    p.reselect = false;
    p.designatedPriority = { root: root.vector.root, cost: root.vector.cost, bridge, bridgePort: p.portId };
    p.designatedTimes = { ...root.times, helloTime: bridgeTimes.helloTime };
    p.selectedRole = roleOf(p, root, bridge);
  }
  for (const p of ports) p.selected = true;
  return root;
}

/** The best of the bridge's own vector and those that its ports offer, a step farther from the root. */
function findRoot(ports: readonly TreePort[], bridge: BridgeId, bridgeTimes: TreeTimes): RootInformation {
  let vector: PriorityVector = { root: bridge, cost: 0, bridge, bridgePort: 0 };
  let rootPort: TreePort | null = null;
  for (const p of ports) {
    if (p.infoIs !== 'received' || p.portPriority.bridge.mac === bridge.mac) continue;
    const offered = { ...p.portPriority, cost: p.portPriority.cost + p.portPathCost };
    const order = compareVectors(offered, vector);
    // Two ways to the same port of the same bridge, through a hub: the lower port number of ours.
    if (order < 0 || (order === 0 && rootPort !== null && p.portId < rootPort.portId)) {
      vector = offered;
      rootPort = p;
    }
  }
  if (rootPort === null) return { vector, times: bridgeTimes, rootPort };
  const { portTimes } = rootPort;
  return { vector, times: { ...portTimes, messageAge: portTimes.messageAge + SECOND }, rootPort };
}

function roleOf(p: TreePort, root: RootInformation, bridge: BridgeId): PortRole {
  switch (p.infoIs) {
    case 'disabled':
      return 'disabled';
    case 'aged':
      p.updtInfo = true;
      return 'designated';
    case 'mine':
      if (
        compareVectors(p.portPriority, p.designatedPriority) !== 0 ||
        !sameTimes(p.portTimes, p.designatedTimes)
      )
        p.updtInfo = true;
      return 'designated';
    case 'received': {
      p.updtInfo = false;
      if (p === root.rootPort) return 'root';
      if (compareVectors(p.designatedPriority, p.portPriority) < 0) {
        p.updtInfo = true;
        return 'designated';
      }
      return p.portPriority.bridge.mac === bridge.mac ? 'backup' : 'alternate';
    }
  }
}
