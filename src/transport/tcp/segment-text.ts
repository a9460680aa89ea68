/** Seventh step of RFC 9293 3.10.7.4: the segment's data goes to the user's buffer, or waits for what is missing before it. */
import type { Payload } from '../../packet/payload.ts';
import { growReceiveBuffer, noteEchoForAutotuning, noteSegmentForAutotuning } from './autotune.ts';
import { enterQuickAck, MAX_QUICKACKS, noteDataReceived, scheduleAck } from './delayed-ack.ts';
import { checkCongestionMark } from './ecn.ts';
import { FIN, PSH, SYN, TCP_HEADER_SIZE, type TcpSegment, URG } from './header.ts';
import { headerOptionsSize, largestInbound } from './mss.ts';
import { memoryOf, tailroomOf } from './receive-memory.ts';
import { growWindow, offeredWindow, windowFromSpace } from './receive-window.ts';
import { forgetReported, reportDuplicate, reportFurtherDuplicate, reportReceived } from './sack-report.ts';
import { seqAdd, seqDiff, seqGe, seqLe, seqLt } from './seq.ts';
import { DEFAULT_MSS, type Tcb } from './tcb.ts';

const TCP_MIN_MSS = 88;
/** No window is bounded below half the smallest buffer (SOCK_MIN_RCVBUF). */
const MIN_CLAMP = 1152;

/**
 * Takes text and FIN of an acceptable segment.
 * @param tos of its packet @returns true when the FIN is in order now
 */
export function takeText(tcb: Tcb, segment: TcpSegment, tos: number): boolean {
  const { rcv } = tcb;
  const { payload } = segment;
  const isFin = segment.has(FIN);
  const { seq } = segment;
  const end = seqAdd(seq, segment.len);
  if (seq === end) return false;
  if (payload.size > 0) noteEchoForAutotuning(tcb, segment);
  rcv.dsack = null;
  if (seqLe(end, rcv.nxt)) {
    reportDuplicate(tcb, seq, end); // a needless retransmission: its sender waits for an answer
    return refuse(tcb);
  }
  const window = offeredWindow(tcb);
  if (seqLe(seq, rcv.nxt)) {
    if (seqLt(seq, rcv.nxt)) reportDuplicate(tcb, seq, rcv.nxt);
    if (window === 0 && payload.size > 0) return refuse(tcb);
    return takeInOrder(tcb, segment, seqDiff(rcv.nxt, seq), isFin, tos);
  }
  if (seqGe(seq, seqAdd(rcv.nxt, window))) return refuse(tcb);
  takeOutOfOrder(tcb, segment, seq, end, isFin, tos);
  return false;
}

/** Out of the window, or a duplicate: answered at once. */
function refuse(tcb: Tcb): false {
  enterQuickAck(tcb, MAX_QUICKACKS);
  scheduleAck(tcb);
  return false;
}

function takeInOrder(tcb: Tcb, segment: TcpSegment, skip: number, isFin: boolean, tos: number): boolean {
  const { rcv, reassembly, delack, receiveBuffer } = tcb;
  const { payload } = segment;
  const packet = packetSize(tcb, segment);
  const from = rcv.nxt;
  if (!hasRoom(tcb) && receiveBuffer.size > 0 && payload.size > 0) {
    delack.isNow = true;
    scheduleAck(tcb);
    tcb.host.mib.add('TcpExtTCPRcvQDrop');
    return false;
  }
  const fresh = payload.slice(Math.min(skip, payload.size));
  deliver(tcb, fresh, memoryOf(packet), tailroomOf(packet));
  if (payload.size > 0) noteData(tcb, segment, tos);
  else scheduleAck(tcb);
  let isFinished = isFin;
  if (isFin) takeFin(tcb);
  else if (!reassembly.isEmpty) isFinished = takeDue(tcb, from);
  if (!isFinished) forgetReported(tcb);
  else if (tcb.state !== 'FIN-WAIT-2') forgetAll(tcb); // there the ACK goes first and tells of it all; TIME-WAIT clears
  return isFinished;
}

/** What was waiting and is in order now. @param from RCV.NXT before the segment @returns true when a FIN was among it */
function takeDue(tcb: Tcb, from: number): boolean {
  const { rcv, reassembly, delack } = tcb;
  let isFinished = false;
  const before = rcv.nxt;
  const overlap = reassembly.overlap(from, before);
  if (overlap !== null) reportFurtherDuplicate(tcb, overlap[0], overlap[1]);
  const next = reassembly.take(before, (payload, isFin, charge, tailroom) => {
    rcv.reassemblyMemory -= charge;
    deliver(tcb, payload, charge, tailroom);
    if (isFin) takeFin(tcb);
    isFinished ||= isFin;
  });
  rcv.nxt = next;
  if (reassembly.isEmpty) delack.isNow = true; // RFC 5681 4.2: the gap is filled
  return isFinished;
}

function takeOutOfOrder(
  tcb: Tcb,
  segment: TcpSegment,
  seq: number,
  end: number,
  isFin: boolean,
  tos: number,
): void {
  const { rcv, reassembly } = tcb;
  checkCongestionMark(tcb, tos);
  if (!hasRoom(tcb)) {
    tcb.host.mib.add('TcpExtTCPOFODrop');
    return;
  }
  tcb.counters.outOfOrder++;
  measureSegmentSize(tcb, segment);
  scheduleAck(tcb);
  const overlap = reassembly.overlap(seq, end);
  if (overlap !== null) reportDuplicate(tcb, overlap[0], overlap[1]);
  const { size } = segment.payload;
  const packet = packetSize(tcb, segment);
  const kept = reassembly.insert(seq, segment.payload, isFin, memoryOf(packet), tailroomOf(packet));
  reportReceived(tcb, seq, end);
  // Without SACK the window must not move: the peer counts duplicate ACKs. Memory is charged behind this, as in Linux.
  if (tcb.peer.sackPermitted) growWindow(tcb, size, packet);
  rcv.reassemblyMemory += kept;
  if (tcb.isOwned && !tcb.isOrphan) growReceiveBuffer(tcb, tcb.autotune.space);
}

/** The FIN is in order: it takes a sequence number, and the kernel counts it as a byte. */
function takeFin(tcb: Tcb): void {
  tcb.rcv.nxt = seqAdd(tcb.rcv.nxt, 1);
  tcb.counters.bytesReceived++;
  tcb.rcv.isFinUnread = true;
}

/** Appends in-order bytes for the user. */
function deliver(tcb: Tcb, payload: Payload, charge: number, tailroom: number): void {
  const { rcv, receiveBuffer, counters } = tcb;
  rcv.nxt = seqAdd(rcv.nxt, payload.size);
  counters.bytesReceived += payload.size;
  if (tcb.isOrphan) {
    rcv.copied = rcv.nxt; // nobody will read it
    return;
  }
  receiveBuffer.append(payload);
  rcv.packets.append(payload.size, charge, tailroom);
}

function noteData(tcb: Tcb, segment: TcpSegment, tos: number): void {
  measureSegmentSize(tcb, segment);
  noteSegmentForAutotuning(tcb);
  noteDataReceived(tcb);
  checkCongestionMark(tcb, tos);
  if (segment.payload.size >= 128) growWindow(tcb, segment.payload.size, packetSize(tcb, segment));
}

/** Is there memory left? Once the buffer is overdrawn, only the first segment of an empty queue gets in. */
function hasRoom(tcb: Tcb): boolean {
  const { rcv } = tcb;
  return rcv.packets.memory + rcv.reassemblyMemory <= rcv.buffer;
}

/** Behind a FIN there is nothing: what waits, and what was to be reported, is dropped. */
function forgetAll(tcb: Tcb): void {
  const { rcv } = tcb;
  rcv.reassemblyMemory = 0;
  rcv.sack.length = 0;
  rcv.dsack = null;
  tcb.reassembly.clear();
}

/** Estimates the peer's segment size, which decides when an ACK is due, and what share of memory is payload. */
function measureSegmentSize(tcb: Tcb, segment: TcpSegment): void {
  const { delack } = tcb;
  const { size } = segment.payload;
  const last = delack.lastSegmentSize;
  delack.lastSegmentSize = 0;
  if (size >= delack.rcvMss) {
    if (size !== delack.rcvMss) rescale(tcb, size, packetSize(tcb, segment));
    delack.rcvMss = Math.min(size, largestInbound(tcb));
    if (size === delack.rcvMss && segment.has(PSH)) delack.isPushed = true;
    return;
  }
  const withHeader = size + 20 + segment.options.size;
  const isWhole = (segment.flags & (FIN | URG | SYN | PSH)) === 0;
  if (withHeader >= DEFAULT_MSS + 20 || (withHeader >= TCP_MIN_MSS + 20 && isWhole)) {
    delack.lastSegmentSize = withHeader - 20 - headerOptionsSize(tcb);
    if (delack.lastSegmentSize === last) {
      delack.rcvMss = last;
      return;
    }
  }
  if (delack.isPushed) delack.isPushedTwice = true;
  delack.isPushed = true;
}

/** A new share of payload moves the bounds of the window with it (tcp_set_window_clamp). */
function rescale(tcb: Tcb, size: number, packet: number): void {
  const { rcv, autotune } = tcb;
  const ratio = Math.max(1, Math.min(255, Math.floor((size * 256) / memoryOf(packet))));
  if (ratio === rcv.scalingRatio) return;
  rcv.scalingRatio = ratio;
  const clamp = Math.max(MIN_CLAMP, windowFromSpace(tcb, rcv.buffer));
  if (clamp < rcv.clamp) rcv.ssthresh = Math.min(rcv.ssthresh, clamp);
  else if (clamp > rcv.clamp) rcv.ssthresh = Math.max(rcv.ssthresh, Math.min(rcv.wnd, clamp));
  rcv.clamp = clamp;
  autotune.space = Math.min(autotune.space, clamp);
}

function packetSize(tcb: Tcb, segment: TcpSegment): number {
  return tcb.path.ipHeaderSize + TCP_HEADER_SIZE + segment.options.size + segment.payload.size;
}
