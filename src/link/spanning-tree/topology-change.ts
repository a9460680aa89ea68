/**
 * Topology Change state machine (IEEE 802.1D-2004 17.31): when a port begins to forward, stations may have moved, and
 * every bridge forgets what it has learned behind its other ports.
 */
import { type Nanos, SECOND } from '../../sim/time.ts';
import type { TreePort } from './tree-port.ts';

/**
 * Runs the machine of one port for one step.
 * @param flush forgets the addresses behind the port
 * @returns whether anything changed
 */
export function topologyChange(
  p: TreePort,
  ports: readonly TreePort[],
  now: Nanos,
  flush: (p: TreePort) => void,
): boolean {
  const isActiveRole = p.role === 'root' || p.role === 'designated';
  switch (p.topologyChange) {
    case 'inactive':
      if (!p.learn) return false;
      p.topologyChange = 'learning';
      p.rcvdTc = false;
      p.tcProp = false;
      return true;
    case 'learning':
      if (isActiveRole && p.forward && !p.operEdge) {
        startTelling(p, now);
        propagate(p, ports);
        p.newInfo = true;
        p.topologyChange = 'active';
        return true;
      }
      if (!isActiveRole && !p.learn) {
        flush(p);
        p.tcWhile = 0;
        p.topologyChange = 'inactive';
        return true;
      }
      if (!p.rcvdTc && !p.tcProp) return false;
      p.rcvdTc = false;
      p.tcProp = false;
      return true;
    case 'active':
      if (!isActiveRole || p.operEdge) {
        p.topologyChange = 'learning';
        return true;
      }
      if (p.rcvdTc) {
        p.rcvdTc = false;
        propagate(p, ports);
        return true;
      }
      if (!p.tcProp) return false;
      startTelling(p, now);
      flush(p);
      p.tcProp = false;
      return true;
  }
}

/** newTcWhile(): for a hello time and a second every message of the port tells of the change. */
function startTelling(p: TreePort, now: Nanos): void {
  if (p.tcWhile > now) return;
  p.tcWhile = now + p.designatedTimes.helloTime + SECOND;
  p.newInfo = true;
}

/** setTcPropTree(): the change came by this port, the others pass it on. */
function propagate(p: TreePort, ports: readonly TreePort[]): void {
  for (const other of ports) if (other !== p) other.tcProp = true;
}
