/**
 * Port Information state machine (IEEE 802.1D-2004 17.27): what a port believes about the tree beyond it, from the
 * messages it receives, until that grows old.
 */
import { type Nanos, SECOND } from '../../sim/time.ts';
import type { Bpdu } from './bpdu.ts';
import { compareVectors, isSuperior, sameTimes } from './priority-vector.ts';
import type { TreePort } from './tree-port.ts';

/** Runs the machine of one port for one step. @returns whether anything changed */
export function portInformation(p: TreePort, now: Nanos): boolean {
  if (!p.portEnabled) {
    if (p.infoIs === 'disabled') return false;
    becomeDisabled(p);
    return true;
  }
  if (p.infoIs === 'disabled' || isAged(p, now)) {
    p.infoIs = 'aged';
    askForRole(p);
    return true;
  }
  if (p.selected && p.updtInfo) {
    update(p);
    return true;
  }
  if (p.rcvdMsg !== null && !p.updtInfo && p.infoIs !== 'aged') {
    receive(p, p.rcvdMsg, now);
    p.rcvdMsg = null;
    return true;
  }
  return false;
}

function becomeDisabled(p: TreePort): void {
  p.rcvdMsg = null;
  p.proposing = false;
  p.proposed = false;
  p.agree = false;
  p.agreed = false;
  p.rcvdInfoWhile = 0;
  p.infoIs = 'disabled';
  askForRole(p);
}

function isAged(p: TreePort, now: Nanos): boolean {
  return p.infoIs === 'received' && p.rcvdInfoWhile <= now && !p.updtInfo && p.rcvdMsg === null;
}

/** UPDATE: the port takes over what the bridge itself says. */
function update(p: TreePort): void {
  const isAsGood = p.infoIs === 'mine' && compareVectors(p.designatedPriority, p.portPriority) <= 0;
  p.proposing = false;
  p.proposed = false;
  p.agreed = p.agreed && isAsGood;
  p.synced = p.synced && p.agreed;
  p.portPriority = p.designatedPriority;
  p.portTimes = p.designatedTimes;
  p.updtInfo = false;
  p.infoIs = 'mine';
  p.newInfo = true;
}

/** RECEIVE and the states behind it: rcvInfo() (17.21.8) and what follows from it. */
function receive(p: TreePort, message: Bpdu, now: Nanos): void {
  const order = compareVectors(message.vector, p.portPriority);
  if (message.flags.role === 'designated') {
    const isRepeated = order === 0 && sameTimes(message.times, p.portTimes);
    if (isRepeated) repeatedDesignated(p, message, now);
    else if (order === 0 || isSuperior(message.vector, p.portPriority)) superiorDesignated(p, message, now);
    else inferiorDesignated(p, message);
  } else if (message.flags.role !== 'unknown' && order >= 0) {
    recordAgreement(p, message);
    p.rcvdTc ||= message.flags.topologyChange;
  }
}

function superiorDesignated(p: TreePort, message: Bpdu, now: Nanos): void {
  const isAsGood = p.infoIs === 'received' && compareVectors(message.vector, p.portPriority) <= 0;
  p.agreed = false;
  p.proposing = false;
  p.proposed ||= message.flags.proposal;
  p.rcvdTc ||= message.flags.topologyChange;
  p.agree = p.agree && isAsGood;
  p.portPriority = message.vector;
  p.portTimes = message.times;
  restartAgeing(p, now);
  p.infoIs = 'received';
  askForRole(p);
}

function repeatedDesignated(p: TreePort, message: Bpdu, now: Nanos): void {
  p.proposed ||= message.flags.proposal;
  p.rcvdTc ||= message.flags.topologyChange;
  restartAgeing(p, now);
}

/** A worse message from a port that learns or forwards: that bridge does not hear us (17.21.10). */
function inferiorDesignated(p: TreePort, message: Bpdu): void {
  if (!message.flags.learning) return;
  p.disputed = true;
  p.agreed = false;
}

function recordAgreement(p: TreePort, message: Bpdu): void {
  p.agreed = p.isPointToPoint && message.flags.agreement;
  if (p.agreed) p.proposing = false;
}

/** updtRcvdInfoWhile() (17.21.23): three hello times, unless the message has come too far. */
function restartAgeing(p: TreePort, now: Nanos): void {
  const { messageAge, maxAge, helloTime } = p.portTimes;
  p.rcvdInfoWhile = messageAge + SECOND > maxAge ? now : now + 3 * helloTime;
}

function askForRole(p: TreePort): void {
  p.reselect = true;
  p.selected = false;
}
