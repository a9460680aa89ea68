/**
 * Port Role Transitions state machine (IEEE 802.1D-2004 17.29): how a port gets from the role it has to the one
 * selected for it without a loop in between. A designated port proposes; the bridge below it first blocks its own
 * designated ports, then agrees, and the port forwards without waiting.
 */
import type { Nanos } from '../../sim/time.ts';
import { MIGRATE_TIME, type TreePort } from './tree-port.ts';

/** Runs the machine of one port for one step. @returns whether anything changed */
export function roleTransitions(p: TreePort, ports: readonly TreePort[], now: Nanos): boolean {
  if (!p.selected || p.updtInfo) return false;
  if (p.role !== p.selectedRole) {
    enterRole(p, now);
    return true;
  }
  switch (p.role) {
    case 'disabled':
      return rest(p);
    case 'root':
      return rootPort(p, ports, now);
    case 'designated':
      return designatedPort(p, now);
    case 'alternate':
    case 'backup':
      return alternatePort(p, ports);
  }
}

/** Timers that a role holds at their full value begin to run when it is left. */
function enterRole(p: TreePort, now: Nanos): void {
  const { maxAge, helloTime, forwardDelay } = p.designatedTimes;
  if (p.role === 'root') p.rrWhile = now + forwardDelay;
  else if (p.role === 'disabled') p.fdWhile = now + maxAge;
  else if (p.role !== 'designated') p.fdWhile = now + helloTime;
  if (p.role === 'backup') p.rbWhile = now + 2 * helloTime;
  p.role = p.selectedRole;
  if (p.role === 'root' || p.role === 'designated') return;
  p.learn = false;
  p.forward = false;
  p.synced = false;
}

/** A port that neither learns nor forwards is in step with everything. */
function rest(p: TreePort): boolean {
  if (p.synced && !p.sync && !p.reRoot) return false;
  p.synced = true;
  p.rrWhile = 0;
  p.sync = false;
  p.reRoot = false;
  return true;
}

function rootPort(p: TreePort, ports: readonly TreePort[], now: Nanos): boolean {
  if (p.proposed && !p.agree) {
    propose(p, ports);
    return true;
  }
  if (shallAgree(p, ports)) {
    p.sync = false;
    agree(p);
    return true;
  }
  if (!p.forward && !p.reRoot) {
    for (const other of ports) other.reRoot = true;
    return true;
  }
  if (p.reRoot && p.forward) {
    p.reRoot = false;
    return true;
  }
  // Every other port that was root lately is blocked again: this one need not wait.
  const isRerooted = ports.every((other) => other === p || other.rrWhile <= now);
  if (p.fdWhile <= now || (isRerooted && p.rbWhile <= now)) return openUp(p, now);
  return false;
}

function designatedPort(p: TreePort, now: Nanos): boolean {
  if (!p.forward && !p.agreed && !p.proposing && !p.operEdge) {
    p.proposing = true;
    p.edgeDelayWhile = now + edgeDelay(p);
    p.newInfo = true;
    return true;
  }
  const isQuiet = !p.learn && !p.forward;
  if ((!p.synced && (isQuiet || p.agreed || p.operEdge)) || (p.sync && p.synced)) {
    p.rrWhile = 0;
    p.synced = true;
    p.sync = false;
    return true;
  }
  if (p.rrWhile <= now && p.reRoot) {
    p.reRoot = false;
    return true;
  }
  const mustDiscard = (p.sync && !p.synced) || (p.reRoot && p.rrWhile > now) || p.disputed;
  if (mustDiscard && !p.operEdge && !isQuiet) {
    p.learn = false;
    p.forward = false;
    p.disputed = false;
    p.fdWhile = now + p.designatedTimes.helloTime;
    return true;
  }
  if ((p.fdWhile <= now || p.agreed || p.operEdge) && (p.rrWhile <= now || !p.reRoot) && !p.sync) {
    const opened = openUp(p, now);
    if (opened && p.forward) p.agreed = true;
    return opened;
  }
  return false;
}

function alternatePort(p: TreePort, ports: readonly TreePort[]): boolean {
  if (rest(p)) return true;
  if (p.proposed && !p.agree) {
    propose(p, ports);
    return true;
  }
  if (shallAgree(p, ports)) {
    agree(p);
    return true;
  }
  return false;
}

/** A proposal has come: the bridge's designated ports have to be in step before it is agreed to (setSyncTree). */
function propose(p: TreePort, ports: readonly TreePort[]): void {
  for (const other of ports) other.sync = true;
  p.proposed = false;
}

function shallAgree(p: TreePort, ports: readonly TreePort[]): boolean {
  if (p.agree) return p.proposed;
  return ports.every(
    (other) => other.selected && other.role === other.selectedRole && (other.synced || other.role === 'root'),
  );
}

function agree(p: TreePort): void {
  p.proposed = false;
  p.agree = true;
  p.newInfo = true;
}

/** One step further: from discarding to learning, from there to forwarding. */
function openUp(p: TreePort, now: Nanos): boolean {
  if (!p.learn) {
    p.learn = true;
    p.fdWhile = now + p.designatedTimes.helloTime;
    return true;
  }
  if (p.forward) return false;
  p.forward = true;
  p.fdWhile = 0;
  return true;
}

/** How long a port that hears no BPDUs is taken to lead to bridges (17.20.4). */
function edgeDelay(p: TreePort): Nanos {
  return p.isPointToPoint ? MIGRATE_TIME : p.designatedTimes.maxAge;
}
