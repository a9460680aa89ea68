/** The SACK blocks that we report: RFC 2018 3 and 4 (most recent first, up to four), RFC 2883 (what came twice). */
import { seqGt, seqLe, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { sendAck } from './transmit.ts';

const MAX_BLOCKS = 4;
/** Blocks that fit into any ACK: beside timestamps and a DSACK there is room for two. */
const ALWAYS_SENT = 2;

/** Data [seq, end) went into the reassembly queue: it joins a block, which moves to the front, or begins one. */
export function reportReceived(tcb: Tcb, seq: number, end: number): void {
  if (!tcb.peer.sackPermitted) return;
  const { sack } = tcb.rcv;
  for (let i = 0; i < sack.length; i += 2) {
    if (seqGt(seq, sack[i + 1]!) || seqGt(sack[i]!, end)) continue;
    const left = seqLt(seq, sack[i]!) ? seq : sack[i]!;
    const right = seqGt(end, sack[i + 1]!) ? end : sack[i + 1]!;
    sack[i] = left;
    sack[i + 1] = right;
    if (i >= ALWAYS_SENT * 2) sendHeldBack(tcb);
    sack.splice(i, 2);
    sack.unshift(left, right);
    mergeIntoFirst(sack);
    return;
  }
  if (sack.length >= ALWAYS_SENT * 2) sendHeldBack(tcb);
  if (sack.length >= MAX_BLOCKS * 2) sack.length = (MAX_BLOCKS - 1) * 2;
  sack.unshift(seq, end);
}

/**
 * Before blocks move back in the list, ACKs that were compressed must tell of them: a block that the sender never sees
 * looks like loss first, and like reordering later.
 */
function sendHeldBack(tcb: Tcb): void {
  if (tcb.delack.compressed > 0) sendAck(tcb);
}

/** RCV.NXT advanced: blocks that it reached are history. */
export function forgetReported(tcb: Tcb): void {
  const { rcv } = tcb;
  if (rcv.sack.length === 0) return;
  if (tcb.reassembly.isEmpty) {
    rcv.sack.length = 0;
    return;
  }
  for (let i = rcv.sack.length - 2; i >= 0; i -= 2) {
    if (seqLe(rcv.sack[i]!, rcv.nxt)) rcv.sack.splice(i, 2);
  }
}

/** [seq, end) arrived although we had it: the next ACK says so. */
export function reportDuplicate(tcb: Tcb, seq: number, end: number): void {
  const { rcv } = tcb;
  if (!tcb.peer.sackPermitted || !tcb.config.dsack) return;
  tcb.host.mib.add(seqLt(seq, rcv.nxt) ? 'TcpExtTCPDSACKOldSent' : 'TcpExtTCPDSACKOfoSent');
  rcv.dsack = [seq, end];
}

/** The same segment repeats [seq, end), too: it joins the first report if it touches it, for there is room for one. */
export function reportFurtherDuplicate(tcb: Tcb, seq: number, end: number): void {
  const known = tcb.rcv.dsack;
  if (known === null) reportDuplicate(tcb, seq, end);
  else if (seqLe(seq, known[1]) && seqLe(known[0], end)) {
    tcb.rcv.dsack = [seqLt(seq, known[0]) ? seq : known[0], seqGt(end, known[1]) ? end : known[1]];
  }
}

/** The highest number that we reported, or null. */
export function highestReported(tcb: Tcb): number | null {
  const { sack } = tcb.rcv;
  if (sack.length === 0) return null;
  let highest = sack[1]!;
  for (let i = 3; i < sack.length; i += 2) if (seqGt(sack[i]!, highest)) highest = sack[i]!;
  return highest;
}

function mergeIntoFirst(sack: number[]): void {
  for (let i = 2; i < sack.length; ) {
    if (seqGt(sack[i]!, sack[1]!) || seqGt(sack[0]!, sack[i + 1]!)) {
      i += 2;
      continue;
    }
    if (seqLt(sack[i]!, sack[0]!)) sack[0] = sack[i]!;
    if (seqGt(sack[i + 1]!, sack[1]!)) sack[1] = sack[i + 1]!;
    sack.splice(i, 2);
  }
}
