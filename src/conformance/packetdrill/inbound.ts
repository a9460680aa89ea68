/** Packets that a script sends to the host: script numbers become live ones, then bytes with right checksums. */
import type { IcmpPacket, TcpOption, TcpPacket } from './ast.ts';
import type { Flow } from './flow.ts';
import { encodeOptions } from './tcp-option-bytes.ts';
import { ACK, buildIcmp, buildSegment, SYN } from './wire.ts';

/** TTL of injected packets whose line names none. */
const DEFAULT_TTL = 255;

/** @returns the packet, or what is wrong with the line */
export function buildInboundTcp(packet: TcpPacket, flow: Flow): Uint8Array | string {
  const hasSyn = (packet.flags & SYN) !== 0;
  const hasAck = (packet.flags & ACK) !== 0;
  const options = mapOptions(packet.options === 'any' ? [] : packet.options, flow, hasSyn, hasAck);
  if (typeof options === 'string') return options;
  return buildSegment({
    src: flow.remote,
    dst: flow.local,
    srcPort: packet.ports?.src ?? flow.remotePort,
    dstPort: packet.ports?.dst ?? flow.localPort,
    seq: flow.sequence.remoteToLive(packet.seq, hasSyn),
    ack: hasAck ? flow.sequence.localToLive(packet.ack, hasSyn) : packet.ack,
    flags: packet.flags,
    window: packet.window ?? 0,
    urgent: packet.urgent,
    options: encodeOptions(options),
    length: packet.length,
    tos: tosOf(packet.ip),
    ttl: packet.ip.ttl ?? DEFAULT_TTL,
    flowLabel: packet.ip.flowLabel ?? 0,
  });
}

function tosOf(ip: TcpPacket['ip']): number {
  return (ip.tos ?? 0) | (typeof ip.ecn === 'number' ? ip.ecn : 0);
}

/** SACK blocks and echoed timestamps are numbers of the host. */
function mapOptions(
  options: readonly TcpOption[],
  flow: Flow,
  hasSyn: boolean,
  hasAck: boolean,
): TcpOption[] | string {
  const mapped: TcpOption[] = [];
  for (const option of options) {
    if (option.kind === 'sack') {
      const toLive = (seq: number): number => flow.sequence.localToLive(seq, hasSyn);
      const blocks = option.blocks.map(({ left, right }) => ({ left: toLive(left), right: toLive(right) }));
      mapped.push({ kind: 'sack', blocks });
    } else if (option.kind === 'TS' && hasAck) {
      const ecr = flow.timestamps.echo(option.ecr);
      if (ecr === null) return `TS ecr ${option.ecr}: the host has sent no such timestamp`;
      mapped.push({ kind: 'TS', val: option.val, ecr });
    } else mapped.push(option);
  }
  return mapped;
}

/** An ICMP message about a segment that the host sent: it comes from the remote end and quotes that segment. */
export function buildInboundIcmp(packet: IcmpPacket, flow: Flow): Uint8Array {
  return buildIcmp({
    src: flow.remote,
    dst: flow.local,
    type: packet.type,
    code: packet.code,
    mtu: packet.mtu,
    tos: tosOf(packet.ip),
    ttl: packet.ip.ttl ?? DEFAULT_TTL,
    flowLabel: packet.ip.flowLabel ?? 0,
    quoted: {
      src: flow.local,
      dst: flow.remote,
      srcPort: flow.localPort,
      dstPort: flow.remotePort,
      seq: flow.sequence.localToLive(packet.echoedSeq, false),
      length: packet.echoedLength,
    },
  });
}
