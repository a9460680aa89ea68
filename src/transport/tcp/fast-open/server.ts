/** TCP Fast Open, the server (RFC 7413 4.2.2): a SYN with a valid cookie opens the connection before the handshake ends. */
import { TCP_HEADER_SIZE, type TcpSegment } from '../header.ts';
import { memoryOf, tailroomOf } from '../receive-memory.ts';
import { seqAdd } from '../seq.ts';
import type { Tcb } from '../tcb.ts';
import { fastOpenCookie } from './cookie.ts';

/** Bits of net.ipv4.tcp_fastopen. */
const SERVER_ENABLED = 2;
const SERVER_WITHOUT_COOKIE = 0x200;
const ALL_LISTENERS = 0x400;

/** @returns true when the child may be handed out at once, with the SYN's data; else the SYN,ACK may carry a cookie */
export function acceptsFastOpen(tcb: Tcb, syn: TcpSegment): boolean {
  const { config, settings, fastOpen, host } = tcb;
  const { options, payload } = syn;
  const isEnabled = (config.fastOpen & SERVER_ENABLED) !== 0;
  const isListening = settings.fastOpenQueue > 0 || (config.fastOpen & ALL_LISTENERS) !== 0;
  if (!isEnabled || !isListening || (payload.size === 0 && options.fastOpen === null)) return false;
  if ((config.fastOpen & SERVER_WITHOUT_COOKIE) !== 0 || settings.fastOpenNoCookie) return true;
  if (options.fastOpen === null) return false;
  const right = fastOpenCookie(config.fastOpenKey, tcb.quad.remoteAddress, tcb.quad.localAddress);
  if (isEqual(options.fastOpen, right)) return true;
  host.mib.add(
    options.fastOpen.length === 0 ? 'TcpExtTCPFastOpenCookieReqd' : 'TcpExtTCPFastOpenPassiveFail',
  );
  fastOpen.cookie = right;
  fastOpen.isExperimental = options.fastOpenExperimental;
  return false;
}

/** Takes the SYN's data as if the handshake were over. */
export function takeSynData(tcb: Tcb, syn: TcpSegment): void {
  const { rcv, fastOpen, counters, receiveBuffer, host } = tcb;
  const { payload } = syn;
  fastOpen.isChild = true;
  host.mib.add('TcpExtTCPFastOpenPassive');
  if (payload.size === 0) return;
  fastOpen.isSynDataAcked = true;
  rcv.nxt = seqAdd(rcv.nxt, payload.size);
  receiveBuffer.append(payload);
  const packet = tcb.path.ipHeaderSize + TCP_HEADER_SIZE + syn.options.size + payload.size;
  rcv.packets.append(payload.size, memoryOf(packet), tailroomOf(packet));
  counters.bytesReceived += payload.size;
  counters.dataSegsIn++;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
