/**
 * The transmission control block (RFC 9293 3.3.1): all that one connection remembers, as plain data in groups. The rules
 * that change it are functions in files of their own; none of them keeps state elsewhere.
 */
import type { Nanos } from '../../sim/time.ts';
import type { AckOutcome } from './ack-outcome.ts';
import { ByteQueue } from './byte-queue.ts';
import { type AckFacts, type CongestionController, CongestionWindow } from './congestion/controller.ts';
import { Counters } from './counters.ts';
import type { TcpHost } from './host.ts';
import type { TcpQuad } from './isn.ts';
import { NO_SACK, type SackEdges } from './options.ts';
import { Outbox } from './outbox.ts';
import type { TcpPath } from './path.ts';
import { Reassembly } from './reassembly.ts';
import { ReceivedPackets } from './receive-memory.ts';
import { RetransmissionQueue } from './retransmission-queue.ts';
import { RttEstimator } from './rtt.ts';
import type { TcpSettings } from './settings.ts';
import type { TcpState } from './state.ts';
import type { TcpConfig } from './sysctls.ts';
import { Timers } from './timers.ts';
import type { TcpUser } from './user.ts';

/** RFC 9293 3.7.1: the MSS of a peer that names none. */
export const DEFAULT_MSS = 536;

export class Tcb {
  readonly host: TcpHost;
  readonly config: TcpConfig;
  readonly settings: TcpSettings;
  readonly quad: TcpQuad;
  readonly user: TcpUser;
  path: TcpPath;
  state: TcpState = 'CLOSED';
  /** Child of a listener: in SYN-RECEIVED it is what Linux calls a request. */
  isPassive = false;
  /** It ended by an error or a disconnect: reads give ENOTCONN once the error was told. */
  hasFailed = false;
  /** In SYN-RECEIVED: the ACK came, but it was not time to establish (full accept queue, TCP_DEFER_ACCEPT). */
  isHandshakeAcked = false;
  /** A write was refused for lack of room: the user waits for onWritable. */
  isSenderBlocked = false;
  /** close() was called: nobody reads any more. */
  isOrphan = false;
  /** A program has the socket: it connected, or accept() returned. */
  isOwned = false;
  /** Pending errno for SO_ERROR and the next call. */
  error = 0;
  /** Last soft ICMP error, reported when the connection times out. */
  softError = 0;

  readonly snd: SendVariables = new SendVariables();
  readonly rcv: ReceiveVariables = new ReceiveVariables();
  readonly peer: PeerOptions = new PeerOptions();
  readonly ecn: EcnState = new EcnState();
  readonly fastOpen: FastOpenState = new FastOpenState();

  readonly sendBuffer: ByteQueue = new ByteQueue();
  readonly queue: RetransmissionQueue = new RetransmissionQueue();
  readonly receiveBuffer: ByteQueue = new ByteQueue();
  readonly reassembly: Reassembly = new Reassembly();
  readonly outbox: Outbox = new Outbox();

  readonly timers: Timers = new Timers();
  readonly rtt: RttEstimator;
  readonly delack: DelayedAckState = new DelayedAckState();
  readonly window: CongestionWindow = new CongestionWindow();
  readonly controller: CongestionController;
  readonly recovery: RecoveryState = new RecoveryState();
  readonly rack: RackState = new RackState();
  readonly pmtu: PmtuState = new PmtuState();
  readonly probing: ProbingState = new ProbingState();
  readonly autotune: AutotuneState = new AutotuneState();
  readonly counters: Counters = new Counters();

  constructor(
    host: TcpHost,
    settings: TcpSettings,
    quad: TcpQuad,
    path: TcpPath,
    user: TcpUser,
    controller: CongestionController,
  ) {
    this.host = host;
    this.config = host.config;
    this.settings = settings;
    this.quad = quad;
    this.path = path;
    this.user = user;
    this.controller = controller;
    this.rtt = new RttEstimator(host.config);
    this.recovery.reordering = host.config.reordering;
    this.delack.lastReceivedAt = Number.NEGATIVE_INFINITY;
  }

  /** What the ACK in hand did; valid while it is being processed. */
  get ack(): AckOutcome {
    return this.host.ack;
  }

  get now(): Nanos {
    return this.host.clock.now;
  }

  /** Segments sent and not acknowledged. */
  get packetsOut(): number {
    return this.queue.size;
  }

  /** Segments that have left the network behind a hole: told by SACK, or guessed from duplicate ACKs. */
  get sackedOut(): number {
    return this.peer.sackPermitted ? this.queue.sacked : this.recovery.renoSacked;
  }

  /** RFC 6675's pipe, in segments. */
  get inFlight(): number {
    return this.queue.size - this.sackedOut - this.queue.lost + this.queue.retransmitted;
  }

  /** What the controller may see of the present ACK. */
  ackFacts(acked: number, burstDelayUs: number = 0): AckFacts {
    const facts = this.host.ackFacts;
    facts.now = this.now;
    facts.acked = acked;
    facts.rttUs = this.ack.rttUs;
    facts.srttUs = this.rtt.srttUs;
    facts.minRttUs = this.rtt.minUs;
    facts.sndUna = this.snd.una;
    facts.sndNxt = this.snd.nxt;
    facts.inFlight = this.ack.priorInFlight;
    facts.burstDelayUs = burstDelayUs;
    return facts;
  }

  /** Bytes (and FIN) that were never sent. */
  get unsent(): number {
    return (this.snd.end - this.snd.nxt) | 0;
  }
}

/** Send Sequence Variables (RFC 9293 Figure 5), windows in bytes. */
export class SendVariables {
  una = 0;
  /** Never goes back, so it is also the highest number sent (SND.MAX). */
  nxt = 0;
  /** Scaled. */
  wnd = 0;
  up = 0;
  wl1 = 0;
  iss = 0;
  /** Behind the last byte that the user has written, FIN included. */
  end = 0;
  finQueued = false;
  /** Minshall's snd.sml: behind the last small segment sent. */
  sml = 0;
  /** Largest window the peer has ever offered. */
  maxWnd = 0;
  /** Send MSS before options are subtracted for the present segment: mss_cache. */
  mss = DEFAULT_MSS;
  /** Bound from the peer's MSS option. */
  mssClamp = DEFAULT_MSS;
  /** Behind the byte that was last marked for PSH. */
  pushed = 0;
  /** Send buffer as it has grown; 0 until the handshake. */
  buffer = 0;
  /** Numbers behind which a segment that ends there carries PSH; ascending. */
  pushMarks: number[] = [];
  /** Ends of records (MSG_EOR) among unsent data; ascending. */
  eorMarks: number[] = [];
  isUrgent = false;
  /** When data was last sent. */
  lastSentAt: Nanos = Number.NEGATIVE_INFINITY;
}

/** Receive Sequence Variables (RFC 9293 Figure 6), windows in bytes. */
export class ReceiveVariables {
  nxt = 0;
  /** Offered with the last ACK. */
  wnd = 0;
  /** RCV.NXT when `wnd` was offered: the right edge is wup + wnd. */
  wup = 0;
  up = 0;
  irs = 0;
  /** Next byte that the user will read. */
  copied = 0;
  /** Our window shift; 0 when scaling is off. */
  wscale = 0;
  /** Largest window that we let the peer use now (rcv_ssthresh). */
  ssthresh = 0;
  /** Upper bound of what may be offered. */
  clamp = 0;
  /** SO_RCVBUF as it stands after auto-tuning; 0 until the handshake. */
  buffer = 0;
  /** Memory that data in order, and data out of order, takes of it. */
  readonly packets: ReceivedPackets = new ReceivedPackets();
  reassemblyMemory = 0;
  /** Payload per memory, in 1/256. */
  scalingRatio = 128;
  /** The peer's FIN is in order. */
  isFinished = false;
  /** It lies in the receive queue: no read has come to the end yet. */
  isFinUnread = false;
  /** shutdown(SHUT_RD) */
  isShutdown = false;
  /** An urgent pointer is ahead of what was read; `urgentByte` holds the byte once it arrived. */
  urgent: 'none' | 'awaited' | 'valid' | 'read' = 'none';
  urgentByte = 0;
  urgentSeq = 0;
  /** SACK blocks to report, newest first, as edges; and a DSACK before them. */
  sack: number[] = [];
  dsack: readonly [number, number] | null = null;
}

/** What the handshake agreed on, and the timestamps of RFC 7323. */
export class PeerOptions {
  /** MSS option of the peer; 0 = none came. */
  mss = 0;
  sackPermitted = false;
  hasTimestamps = false;
  hasWscale = false;
  /** The peer's window shift. */
  wscale = 0;
  tsRecent = 0;
  /** When `tsRecent` was noted; 0 = never. */
  tsRecentAt: Nanos = Number.NEGATIVE_INFINITY;
  /** Added to the host's millisecond clock. */
  tsOffset = 0;
  /** TSval of our first SYN. */
  synTimestamp = 0;
}

/** RFC 7413. */
export class FastOpenState {
  /** For our first SYN or SYN,ACK: a cookie, empty to request one, null = no option. */
  cookie: Uint8Array | null = null;
  isExperimental = false;
  /** Our SYN carried the option. */
  isRequested = false;
  /** connect() has returned; the first write sends the SYN (TCP_FASTOPEN_CONNECT). */
  isDeferred = false;
  /** Bytes that our SYN carried. */
  synData = 0;
  isSynDataAcked = false;
  /** A program waits to write what the SYN did not take: its data will carry the ACK of the SYN,ACK. */
  hasWriter = false;
  /** Child of a listener that was handed out in SYN-RECEIVED. */
  isChild = false;
}

/** RFC 3168 6.1. */
export class EcnState {
  isOn = false;
  /** The next new data segment carries CWR. */
  queueCwr = false;
  /** ACKs carry ECE until CWR comes. */
  demandCwr = false;
  /** An ECT mark was seen: the path passes them. */
  seen = false;
}

/** Delayed acknowledgement: tcp_input.c's icsk_ack. Times in ns. */
export class DelayedAckState {
  /** An ACK is owed. */
  isScheduled = false;
  /** The owed ACK goes at once. */
  isNow = false;
  /** A small segment came; a second one. */
  isPushed = false;
  isPushedTwice = false;
  /** ACKs that go without delay. */
  quick = 0;
  /** Adaptive delay; 0 = no data has come yet. */
  ato: Nanos = 0;
  /** Data flows both ways: an ACK waits for a ride. */
  pingpong = 0;
  lastReceivedAt: Nanos = 0;
  /** Estimate of the peer's segment size. */
  rcvMss = 0;
  lastSegmentSize = 0;
  /** SACK compression: ACKs held back, and those sent for the present hole. */
  compressed = 0;
  compressedRcvNxt = 0;
  dupAcks = 0;
  lastOutOfWindowAt: Nanos = Number.NEGATIVE_INFINITY;
}

export type CongestionState = 'open' | 'disorder' | 'cwr' | 'recovery' | 'loss';
/** Values of tcpi_ca_state. */
export const CONGESTION_STATES: readonly CongestionState[] = ['open', 'disorder', 'cwr', 'recovery', 'loss'];

/** Loss recovery: where it stands, and what an undo needs. */
export class RecoveryState {
  state: CongestionState = 'open';
  /** RFC 6675's RecoveryPoint: SND.NXT when the state was left. */
  highSeq = 0;
  /** SND.UNA when the window was reduced; -1 = nothing to undo. */
  undoMarker = -1;
  /** Retransmissions not yet reported as needless; -1 = none happened. */
  undoRetrans = -1;
  /** TSval of the first retransmission (Eifel); -1 = none. */
  retransStamp = -1;
  /** When the first retransmission of the present episode left, ns; -1 = none. */
  retransAt: Nanos = -1;
  priorSsthresh = 0;
  /** F-RTO (RFC 5682) is watching. */
  isFrto = false;
  /** Segments by which packets were seen out of order. */
  reordering = 3;
  reorderingSeen = 0;
  /** Duplicate ACKs as a substitute for SACKs (NewReno). */
  renoSacked = 0;
  /** Proportional rate reduction (RFC 6937). */
  prrDelivered = 0;
  prrOut = 0;
  /** Highest sequence number that was SACKed. */
  highestSack = 0;
  /** Tail loss probe: SND.NXT when it was sent; -1 = none out. */
  tlpHighSeq = -1;
  isTlpRetransmission = false;
  /** Backoff exponent and retransmissions in a row. */
  backoff = 0;
  retransmits = 0;
  probesOut = 0;
  /** Below this number cwnd has been validated. */
  cwndUsageSeq = 0;
  cwndStamp: Nanos = 0;
  /** The SACK blocks of the last ACK: what they cover is marked. */
  sackCache: SackEdges = NO_SACK;
  /** No segment before this number waits for retransmission. */
  retransmitHint = 0;
}

/** RFC 8985 5.2. Times in ns, RTT in us. */
export class RackState {
  /** RACK.xmit_ts and RACK.end_seq of the most recently sent segment that was delivered. */
  xmitAt: Nanos = 0;
  endSeq = 0;
  rttUs = 0;
  /** A delivery advanced `xmitAt` since the last detection. */
  hasAdvanced = false;
  reoWndSteps = 1;
  reoWndPersist = 0;
  /** `delivered` at the last increase. */
  lastDelivered = 0;
  dsackSeen = false;
}

/** RFC 1191 and RFC 4821. */
export class PmtuState {
  /** Path MTU in use, bytes. */
  mtu = 0;
  isProbing = false;
  searchLow = 0;
  searchHigh = 0;
  probeSize = 0;
  probeStart = 0;
  probeEnd = 0;
  probedAt: Nanos = 0;
}

/** Keepalive and user timeout. */
export class ProbingState {
  keepaliveProbes = 0;
  lastHeardAt: Nanos = 0;
  /** When the present zero window was first probed; -1 = no probe is out. */
  persistSince: Nanos = -1;
}

/** Receive-buffer auto-tuning (dynamic right-sizing): tcp_rcv_space_adjust. */
export class AutotuneState {
  space = 0;
  seq = 0;
  measuredAt: Nanos = 0;
  rttUs = 0;
  rttSeq = 0;
  rttAt: Nanos = 0;
  lastTsecr = -1;
}
