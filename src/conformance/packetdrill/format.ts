/** Packets as a script would write them, for messages and the verbose log. */
import type { TcpOption, TcpPacket } from './ast.ts';
import type { Flow } from './flow.ts';
import { decodeOptions, formatOption } from './tcp-option-bytes.ts';
import { ACK, SYN, type WireSegment } from './wire.ts';

const LETTERS = 'FSRP.UEWA';

export function formatFlags(flags: number): string {
  const letters = [...LETTERS].filter((_, bit) => (flags & (1 << bit)) !== 0 && bit !== 4);
  return `${letters.join('')}${(flags & ACK) !== 0 ? '.' : ''}` || '-';
}

/** The line that a script has for an expected packet. */
export function formatExpected(packet: TcpPacket): string {
  const options = packet.options === 'any' ? '<...>' : formatOptions(packet.options);
  return join(packet.flags, packet.seq, packet.length, packet.ack, packet.window, packet.urgent, options);
}

/** The line that a script would have for what the host sent. */
export function formatSegment(segment: WireSegment, flow: Flow): string {
  const hasSyn = (segment.flags & SYN) !== 0;
  const options = decodeOptions(segment.options);
  const listed =
    typeof options === 'string' ? `<${options}>` : formatOptions(scriptOptions(options, flow, hasSyn));
  const ack = (segment.flags & ACK) === 0 ? segment.ack : flow.sequence.remoteToScript(segment.ack, hasSyn);
  const seq = flow.sequence.localToScript(segment.seq, hasSyn);
  return join(segment.flags, seq, segment.payload.length, ack, segment.window, segment.urgent, listed);
}

/** Options of the host with its SACK blocks, which name bytes of ours, as the script counts them. */
export function scriptOptions(options: readonly TcpOption[], flow: Flow, hasSyn: boolean): TcpOption[] {
  return options.map((option) => {
    if (option.kind !== 'sack') return option;
    const toScript = (seq: number): number => flow.sequence.remoteToScript(seq, hasSyn);
    const blocks = option.blocks.map(({ left, right }) => ({ left: toScript(left), right: toScript(right) }));
    return { kind: 'sack', blocks };
  });
}

function formatOptions(options: readonly TcpOption[]): string {
  return options.length === 0 ? '' : `<${options.map(formatOption).join(',')}>`;
}

function join(
  flags: number,
  seq: number,
  length: number,
  ack: number,
  window: number | null,
  urgent: number,
  options: string,
): string {
  const parts = [formatFlags(flags), `${seq}:${(seq + length) % 4294967296}(${length})`];
  if ((flags & ACK) !== 0) parts.push(`ack ${ack}`);
  if (window !== null) parts.push(`win ${window}`);
  if (urgent !== 0) parts.push(`urg ${urgent}`);
  if (options !== '') parts.push(options);
  return parts.join(' ');
}
