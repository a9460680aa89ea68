/**
 * Packets as lines of text in tcpdump's manner, with relative sequence numbers and what became of each:
 * `0.010034 client.eth0 > IP 10.0.0.2.5678 > 192.168.1.5.80: Flags [S], seq 0, win 65535, length 0`.
 */
import { EthernetFrame } from '../link/frame.ts';
import type { Pdu } from '../packet/pdu.ts';
import { formatTime, type Nanos } from '../sim/time.ts';
import { TcpSegment } from '../transport/tcp/header.ts';
import { UdpDatagram } from '../transport/udp.ts';
import { commentOf } from './capture.ts';
import { type Dissected, dissect } from './dissect.ts';
import type { RecordedFrame } from './recorder.ts';
import { RelativeNumbers } from './relative-numbers.ts';

/** One line per frame, in the order of `frames`; `>` is out of the interface, `<` into it. */
export function formatFrames(frames: readonly RecordedFrame[]): string[] {
  const numbers = new RelativeNumbers();
  return frames.map((event) => formatFrame(event, numbers));
}

export function formatFrame(event: RecordedFrame, numbers: RelativeNumbers): string {
  const arrow = event.direction === 'out' ? '>' : '<';
  const comment = commentOf(event);
  const fate = comment === null ? '' : ` [${comment}]`;
  const packet = `${tagText(event.frame)}${packetText(event.frame, numbers)}`;
  return `${formatMicros(event.time)} ${event.interfaceName} ${arrow} ${packet}${fate}`;
}

/** The one thing of the link header that says in which network a packet is; frames of unknown types name it themselves. */
function tagText(frame: Pdu): string {
  const isTagged = frame instanceof EthernetFrame && frame.tci >= 0;
  const { arp, ip } = dissect(frame);
  return isTagged && (arp !== null || ip !== null) ? `vlan ${frame.tci & 0xfff}, ` : '';
}

/** A frame as tcpdump prints it without link headers. */
export function packetText(frame: Pdu, numbers: RelativeNumbers): string {
  const { arp, ip, transport } = dissect(frame);
  if (arp !== null) return arp.format();
  if (ip === null) return frame.format();
  const { src, dst } = ip;
  const ipName = src.family === 4 ? 'IP' : 'IP6';
  if (transport instanceof TcpSegment) {
    const text = numbers.relative(ip, transport).format();
    return `${ipName} ${src}.${transport.srcPort} > ${dst}.${transport.dstPort}: ${behindPorts(text)}`;
  }
  if (transport instanceof UdpDatagram) {
    return `${ipName} ${src}.${transport.srcPort} > ${dst}.${transport.dstPort}: ${behindPorts(transport.format())}`;
  }
  if (transport !== null) return `${ipName} ${src} > ${dst}: ${transport.format()}`;
  if (!ip.isFragment) return `${ipName} ${ip.format()}`;
  return `${ipName} ${src} > ${dst}: ${fragmentText(ip)}`;
}

/** A packet in few words, for a diagram in which the ends are known: `5678 > 80 [S.] seq 0 ack 1 win 65535`. */
export function shortText(frame: Pdu, numbers: RelativeNumbers): string {
  const { arp, ip, transport } = dissect(frame);
  if (arp !== null) return arp.format();
  if (ip === null) return frame.format();
  if (transport instanceof TcpSegment) {
    const text = numbers.relative(ip, transport).format();
    return text
      .replace(': Flags', '')
      .replace(/, options \[[^\]]*\]/, '')
      .replaceAll(',', '')
      .replace('length', 'len');
  }
  if (transport !== null) return transport.format().replace('length', 'len');
  return ip.isFragment ? fragmentText(ip) : ip.format();
}

/** Seconds with microseconds, as tcpdump has them. */
export function formatMicros(time: Nanos): string {
  return formatTime(time).slice(0, -3);
}

function fragmentText(ip: NonNullable<Dissected['ip']>): string {
  return `fragment of ${ip.id}, bytes ${ip.offset}-${ip.offset + ip.payload.size}${ip.mf ? ' and more' : ''}`;
}

function behindPorts(text: string): string {
  return text.slice(text.indexOf(': ') + 2);
}
