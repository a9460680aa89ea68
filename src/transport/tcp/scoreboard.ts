/**
 * Takes the SACK blocks of an ACK into the retransmission queue: RFC 2018 for what arrived, RFC 2883 for what arrived
 * twice. A segment counts as SACKed when a block covers all of it.
 */
import { highestSack, noteReordering } from './loss.ts';
import { NO_SACK, type SackEdges } from './options.ts';
import { advanceRack } from './rack.ts';
import { noteDelivery } from './rate.ts';
import { Q_EVER_RETRANS, Q_LOST, Q_RETRANS, Q_SACKED } from './retransmission-queue.ts';
import { seqAdd, seqDiff, seqGe, seqGt, seqLe, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';

/** @param ack SEG.ACK @param priorUna SND.UNA before the ACK */
export function takeSacks(tcb: Tcb, edges: SackEdges, ack: number, priorUna: number): void {
  const { snd, queue, recovery } = tcb;
  if (queue.sacked === 0) recovery.highestSack = snd.una;
  const hasDsack = isDsack(tcb, edges, ack, priorUna);
  if (seqLt(ack, priorUna - snd.maxWnd) || queue.size === 0) return;
  for (let i = 0; i < edges.length; i += 2) {
    const start = edges[i]!;
    const end = edges[i + 1]!;
    const isDuplicate = hasDsack && i === 0;
    if (!isValid(tcb, isDuplicate, start, end)) {
      tcb.host.mib.add(isDuplicate ? 'TcpExtTCPDSACKIgnoredNoUndo' : 'TcpExtTCPSACKDiscard');
      continue;
    }
    if (seqLe(end, priorUna)) continue;
    if (isDuplicate) markRange(tcb, start, end, start, end, true);
    else markNews(tcb, start, end);
  }
  recovery.sackCache = hasDsack ? edges.slice(2) : edges;
  if (tcb.ack.reorder >= 0 && (recovery.state !== 'loss' || recovery.undoMarker >= 0)) {
    noteReordering(tcb, tcb.ack.reorder);
  }
}

/** All SACKs are taken back: the receiver reneged. */
export function forgetSacks(tcb: Tcb): void {
  tcb.recovery.sackCache = NO_SACK;
  for (let at = 0; at < tcb.queue.size; at++) tcb.queue.unmark(at, Q_SACKED);
}

/**
 * Blocks grow by a segment or two per ACK: what the last ACK reported is marked already, and only the rest is looked at,
 * so that an ACK costs the same however long the blocks are.
 */
function markNews(tcb: Tcb, start: number, end: number): void {
  const known = tcb.recovery.sackCache;
  let from = start;
  while (seqLt(from, end)) {
    // The first known block that reaches beyond `from`.
    let left = end;
    let right = end;
    for (let i = 0; i < known.length; i += 2) {
      if (seqLt(known[i]!, left) && seqGt(known[i + 1]!, from)) {
        left = known[i]!;
        right = known[i + 1]!;
      }
    }
    if (seqLt(from, left)) markRange(tcb, start, end, from, left, false);
    // The segment across the end of a known block was not covered whole until now.
    if (seqLt(right, end)) markRange(tcb, start, end, right, seqAdd(right, 1), false);
    from = right;
  }
}

/** Marks the segments that [start, end) covers whole, among those that have bytes in [from, to). */
function markRange(
  tcb: Tcb,
  start: number,
  end: number,
  from: number,
  to: number,
  isDuplicate: boolean,
): void {
  const { queue } = tcb;
  for (let at = queue.find(from); at < queue.size && seqLt(queue.seq(at), to); at++) {
    if (seqLt(queue.seq(at), start) || seqGt(queue.end(at), end)) continue;
    if (isDuplicate) markDuplicate(tcb, at);
    if (!queue.has(at, Q_SACKED)) markSacked(tcb, at);
    if (isDuplicate && queue.has(at, Q_RETRANS)) queue.unmark(at, Q_RETRANS);
  }
}

function markDuplicate(tcb: Tcb, at: number): void {
  const { queue, recovery, ack } = tcb;
  if (!queue.has(at, Q_EVER_RETRANS)) return;
  if (recovery.undoMarker >= 0 && recovery.undoRetrans > 0 && seqGt(queue.end(at), recovery.undoMarker)) {
    recovery.undoRetrans--;
  }
  if (queue.has(at, Q_SACKED)) ack.reorder = lower(ack.reorder, queue.seq(at));
}

function markSacked(tcb: Tcb, at: number): void {
  const { queue, recovery, ack } = tcb;
  const seq = queue.seq(at);
  const end = queue.end(at);
  advanceRack(tcb, at);
  if (!queue.has(at, Q_EVER_RETRANS)) {
    // The original filled a hole below what had been SACKed: reordering, not loss.
    if (seqLt(seq, highestSack(tcb))) ack.reorder = lower(ack.reorder, seq);
    if (seqLe(end, recovery.highSeq)) ack.ackedOriginal = true;
    if (ack.firstSackedAt < 0) ack.firstSackedAt = queue.sentAt(at);
    ack.lastSackedAt = queue.sentAt(at);
  }
  if (queue.has(at, Q_LOST)) queue.unmark(at, Q_LOST | Q_RETRANS);
  noteDelivery(tcb, at, ack.rate);
  if (queue.sacked === 0 || seqGt(end, recovery.highestSack)) recovery.highestSack = end;
  queue.mark(at, Q_SACKED);
  ack.sacked = true;
  ack.sackDelivered++;
}

/** RFC 2883 4: is the first block a DSACK? Below the ACK, or inside of the second block. */
function isDsack(tcb: Tcb, edges: SackEdges, ack: number, priorUna: number): boolean {
  const { recovery } = tcb;
  const start = edges[0]!;
  const end = edges[1]!;
  const isBelow = seqLt(start, ack);
  const isInside = edges.length > 2 && seqLe(end, edges[3]!) && seqGe(start, edges[2]!);
  if (!isBelow && !isInside) return false;
  tcb.host.mib.add(isBelow ? 'TcpExtTCPDSACKRecv' : 'TcpExtTCPDSACKOfoRecv');
  const segments = countDuplicates(tcb, start, end);
  if (segments === 0) return false;
  const isForgotten = seqLe(end, priorUna) && recovery.undoMarker >= 0 && seqGt(end, recovery.undoMarker);
  if (isForgotten && recovery.undoRetrans > 0) {
    recovery.undoRetrans = Math.max(0, recovery.undoRetrans - segments);
  }
  return true;
}

/** @returns segments that a DSACK reports, 0 when it cannot be about something that we sent twice */
function countDuplicates(tcb: Tcb, start: number, end: number): number {
  const { snd, counters, rack, recovery, ack } = tcb;
  const length = seqDiff(end, start);
  if (length <= 0 || length > snd.maxWnd) return 0;
  const segments = Math.ceil(length / snd.mss);
  if (segments === 1 && recovery.tlpHighSeq === end) ack.isTlpDsack = true;
  counters.dsackDups += segments;
  if (counters.dsackDups > counters.totalRetrans) return 0;
  if (!ack.isTlpDsack) rack.dsackSeen = true;
  ack.dsack = true;
  ack.sackDelivered += segments;
  return segments;
}

/** A block about data in flight; for a DSACK also about data that the present undo may need. */
function isValid(tcb: Tcb, isDuplicate: boolean, start: number, end: number): boolean {
  const { snd, recovery } = tcb;
  if (seqGt(end, snd.nxt) || !seqLt(start, end) || !seqLt(start, snd.nxt)) return false;
  if (seqGt(start, snd.una)) return true;
  if (!isDuplicate || recovery.undoMarker < 0 || seqGt(end, snd.una)) return false;
  if (seqGe(start, recovery.undoMarker)) return true;
  return seqGt(end, recovery.undoMarker) && !seqLt(start, end - snd.maxWnd);
}

function lower(known: number, seq: number): number {
  return known < 0 || seqLt(seq, known) ? seq : known;
}
