/** TCP Fast Open, the client (RFC 7413 4.2.1): data in the SYN when a cookie is known, else a request for one. */
import type { Payload } from '../../../packet/payload.ts';
import type { TcpSegment } from '../header.ts';
import { announcedMss, mssForMtu, syncMss } from '../mss.ts';
import { MAX_OPTIONS_SIZE } from '../options.ts';
import { Q_PSH, Q_SYN } from '../retransmission-queue.ts';
import { seqAdd } from '../seq.ts';
import type { Tcb } from '../tcb.ts';
import { DEFAULT_MSS } from '../tcb.ts';

/** Bits of net.ipv4.tcp_fastopen. */
const CLIENT_ENABLED = 1;
const CLIENT_WITHOUT_COOKIE = 4;

export function isClientEnabled(tcb: Tcb): boolean {
  return (tcb.config.fastOpen & CLIENT_ENABLED) !== 0;
}

/** True when a SYN may carry data now: a cookie is known, or none is needed. */
export function mayCarryData(tcb: Tcb): boolean {
  if ((tcb.config.fastOpen & CLIENT_WITHOUT_COOKIE) !== 0) return true;
  return (tcb.host.fastOpen.get(tcb.quad.remoteAddress)?.cookie ?? null) !== null;
}

/**
 * Chooses the option of our SYN, and puts what fits of `data` behind the SYN.
 * @returns the part of `data` that the SYN carries
 */
export function prepareSyn(tcb: Tcb, data: Payload): Payload {
  const { fastOpen, host, quad, snd, settings, config } = tcb;
  const known = host.fastOpen.get(quad.remoteAddress);
  const needsCookie = (config.fastOpen & CLIENT_WITHOUT_COOKIE) === 0;
  if (needsCookie) {
    fastOpen.isRequested = true;
    fastOpen.isExperimental = known?.isExperimental ?? false;
    fastOpen.cookie = known?.cookie ?? new Uint8Array(0);
    if (fastOpen.cookie.length === 0) return data.slice(0, 0);
  }
  snd.mssClamp = known !== null && known.mss > 0 ? known.mss : announcedMss(tcb);
  if (settings.maxseg > 0) snd.mssClamp = Math.min(snd.mssClamp, settings.maxseg);
  syncMss(tcb, tcb.path.mtu);
  // Middleboxes may add options: leave room for all there can be.
  const room = Math.max(0, mssForMtu(tcb, tcb.pmtu.mtu) - MAX_OPTIONS_SIZE);
  return data.slice(0, Math.min(room, data.size));
}

/** Queues the SYN's data behind the SYN: acknowledged or sent again like any other. */
export function queueSynData(tcb: Tcb, data: Payload): void {
  const { snd, queue, sendBuffer, fastOpen, now } = tcb;
  if (data.size === 0) return;
  sendBuffer.append(data);
  queue.push(snd.nxt, seqAdd(snd.nxt, data.size), Q_PSH, now);
  snd.nxt = seqAdd(snd.nxt, data.size);
  snd.end = snd.nxt;
  fastOpen.synData = data.size;
}

/**
 * The SYN,ACK is here: remember its cookie, and see whether it acknowledges the SYN's data.
 * @returns true when the data has to be sent again
 */
export function takeSynAck(tcb: Tcb, synAck: TcpSegment): boolean {
  const { fastOpen, host, quad, queue, counters } = tcb;
  const { options } = synAck;
  const isLeft = fastOpen.synData > 0 && queue.size > 0 && !queue.has(0, Q_SYN);
  if (fastOpen.isRequested)
    remember(tcb, options.fastOpen, options.fastOpenExperimental, options.mss || DEFAULT_MSS);
  else if (fastOpen.synData > 0) {
    const known = host.fastOpen.get(quad.remoteAddress);
    host.fastOpen.set(quad.remoteAddress, {
      cookie: known?.cookie ?? null,
      isExperimental: known?.isExperimental ?? false,
      mss: options.mss || DEFAULT_MSS,
    });
  }
  if (isLeft) {
    host.mib.add('TcpExtTCPFastOpenActiveFail');
    return true;
  }
  fastOpen.isSynDataAcked = fastOpen.synData > 0;
  if (fastOpen.isSynDataAcked) {
    host.mib.add('TcpExtTCPFastOpenActive');
    if (counters.delivered > 1) counters.delivered--; // SYN and its data were one packet
  }
  return false;
}

function remember(tcb: Tcb, cookie: Uint8Array | null, isExperimental: boolean, mss: number): void {
  const { host, quad, fastOpen, counters } = tcb;
  const known = host.fastOpen.get(quad.remoteAddress);
  if (cookie !== null && cookie.length > 0) {
    host.fastOpen.set(quad.remoteAddress, { cookie, isExperimental, mss });
    return;
  }
  // Asked and not answered: perhaps the server knows the older form of the option only.
  const wasRefused =
    counters.totalRetrans === 0 && fastOpen.synData === 0 && (known?.cookie ?? null) === null;
  host.fastOpen.set(quad.remoteAddress, {
    cookie: known?.cookie ?? null,
    isExperimental: wasRefused ? !fastOpen.isExperimental : (known?.isExperimental ?? false),
    mss,
  });
}
