/** Marks segments lost, and measures reordering: what all loss detectors share (RFC 6675, RFC 8985, NewReno). */
import { Q_LOST, Q_RETRANS, Q_SACKED } from './retransmission-queue.ts';
import { seqDiff, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';

/** Deems an entry lost, or its retransmission lost again. */
export function markLost(tcb: Tcb, at: number): void {
  const { queue, recovery, counters } = tcb;
  if (queue.has(at, Q_SACKED)) return;
  if (queue.size > 0 && seqLt(queue.seq(at), recovery.retransmitHint))
    recovery.retransmitHint = queue.seq(at);
  const wasLost = queue.has(at, Q_LOST);
  if (wasLost && !queue.has(at, Q_RETRANS)) return;
  if (wasLost) queue.unmark(at, Q_RETRANS);
  queue.mark(at, Q_LOST);
  counters.lost++;
}

/** Counts segments as delivered. */
export function countDelivered(tcb: Tcb, segments: number, isMarked: boolean): void {
  tcb.counters.delivered += segments;
  if (isMarked) tcb.counters.deliveredCe += segments;
}

/** The number behind the highest SACKed segment; SND.UNA when none is (FACK). */
export function highestSack(tcb: Tcb): number {
  return tcb.queue.sacked === 0 ? tcb.snd.una : tcb.recovery.highestSack;
}

/** The original of `seq` arrived after later ones: the path reorders by that distance. */
export function noteReordering(tcb: Tcb, seq: number): void {
  const { recovery, snd, config, host } = tcb;
  const distance = seqDiff(highestSack(tcb), seq);
  if (distance <= 0) return;
  if (distance > recovery.reordering * snd.mss) {
    recovery.reordering = Math.min(Math.ceil(distance / snd.mss), config.maxReordering);
  }
  recovery.reorderingSeen++;
  host.mib.add('TcpExtTCPSACKReorder');
}

/** Without SACK: as many segments have left as duplicate ACKs came, but never all of them. @returns true when that bound was hit */
function limitRenoSacked(tcb: Tcb): boolean {
  const { recovery, queue } = tcb;
  const holes = Math.min(Math.max(queue.lost, 1), queue.size);
  if (recovery.renoSacked + holes <= queue.size) return false;
  recovery.renoSacked = queue.size - holes;
  return true;
}

/** A duplicate ACK for a peer without SACK. */
export function addRenoSack(tcb: Tcb, isMarked: boolean): void {
  const before = tcb.recovery.renoSacked;
  tcb.recovery.renoSacked++;
  noteRenoReordering(tcb, 0);
  const delivered = tcb.recovery.renoSacked - before;
  if (delivered > 0) countDelivered(tcb, delivered, isMarked);
}

/** A cumulative ACK took `acked` segments: one of them was the hole, the others had been counted by duplicates. */
export function removeRenoSacks(tcb: Tcb, acked: number, isMarked: boolean): void {
  const { recovery } = tcb;
  if (acked > 0) {
    countDelivered(tcb, Math.max(acked - recovery.renoSacked, 1), isMarked);
    recovery.renoSacked = Math.max(0, recovery.renoSacked - (acked - 1));
  }
  noteRenoReordering(tcb, acked);
}

export function resetRenoSacks(tcb: Tcb): void {
  tcb.recovery.renoSacked = 0;
}

function noteRenoReordering(tcb: Tcb, acked: number): void {
  const { recovery, queue, config } = tcb;
  if (!limitRenoSacked(tcb)) return;
  recovery.reordering = Math.min(queue.size + acked, config.maxReordering);
  recovery.reorderingSeen++;
  tcb.host.mib.add('TcpExtTCPRenoReorder');
}
