/**
 * Is what the host sent what the script expects? Every field is compared that a line states or implies: lengths,
 * flags, numbers, options with their kinds, order and padding, payload (all zeros), and the IP header's own validity.
 * DF, the IP identification and the TCP checksum are not.
 */
import type { IcmpPacket, IpInfo, TcpOption, TcpPacket } from './ast.ts';
import type { Flow } from './flow.ts';
import { formatFlags, scriptOptions } from './format.ts';
import { decodeOptions, formatOption } from './tcp-option-bytes.ts';
import { ACK, CWR, ECE, RST, SYN, URG, type WireIcmp, type WireSegment } from './wire.ts';

/** @returns the first difference, or null. Times and timestamps' values are for others to check */
export function compareSegment(expected: TcpPacket, actual: WireSegment, flow: Flow): string | null {
  const hasSyn = (actual.flags & SYN) !== 0;
  if (actual.flags !== expected.flags) {
    return differ('flags', formatFlags(expected.flags), formatFlags(actual.flags));
  }
  const expectedAck =
    (expected.flags & ACK) === 0 ? expected.ack : flow.sequence.remoteToLive(expected.ack, hasSyn);
  return (
    differIn('reserved bits', 0, actual.reserved) ??
    differIn('seq', expected.seq, flow.sequence.localToScript(actual.seq, hasSyn)) ??
    differIn('payload bytes', expected.length, actual.payload.length) ??
    (actual.ack === expectedAck
      ? null
      : differ('ack', expected.ack, flow.sequence.remoteToScript(actual.ack, hasSyn))) ??
    (expected.window === null ? null : differIn('win', expected.window, actual.window)) ??
    differIn('urg', expected.urgent, actual.urgent) ??
    compareOptions(expected.options, actual.options, flow, hasSyn) ??
    compareIp(expected.ip, actual) ??
    (actual.payload.some((byte) => byte !== 0) ? 'the payload has bytes that are not zero' : null)
  );
}

function compareOptions(
  expected: readonly TcpOption[] | 'any',
  bytes: Uint8Array,
  flow: Flow,
  hasSyn: boolean,
): string | null {
  if (expected === 'any') return null;
  const decoded = decodeOptions(bytes);
  if (typeof decoded === 'string') return decoded;
  const actual = scriptOptions(decoded, flow, hasSyn);
  const listed = (options: readonly TcpOption[]): string => `<${options.map(formatOption).join(',')}>`;
  const isSame =
    expected.length === actual.length && expected.every((option, i) => isSameOption(option, actual[i]!));
  return isSame ? null : differ('options', listed(expected), listed(actual));
}

/** Timestamp values are the host's own: only their presence counts here. */
function isSameOption(expected: TcpOption, actual: TcpOption): boolean {
  if (expected.kind === 'TS') return actual.kind === 'TS';
  return formatOption(expected) === formatOption(actual);
}

function compareIp(expected: IpInfo, actual: WireSegment): string | null {
  if (!actual.isIpHeaderValid) return 'the IP header has a wrong checksum or total length';
  const ecn = actual.tos & 3;
  if (expected.ecn === 'ect01' && ecn !== 1 && ecn !== 2) return differ('ECN', 'ect0 or ect1', ECN[ecn]!);
  if (typeof expected.ecn === 'number' && ecn !== expected.ecn) {
    return differ('ECN', ECN[expected.ecn]!, ECN[ecn]!);
  }
  return (
    (expected.tos === null ? null : differIn('tos', expected.tos, actual.tos)) ??
    (expected.ttl === null ? null : differIn('ttl', expected.ttl, actual.ttl)) ??
    (expected.flowLabel === null ? null : differIn('flowlabel', expected.flowLabel, actual.flowLabel))
  );
}

const ECN = ['noecn', 'ect1', 'ect0', 'ce'];

function differIn(what: string, expected: number, actual: number): string | null {
  return expected === actual ? null : differ(what, expected, actual);
}

function differ(what: string, expected: number | string, actual: number | string): string {
  return `${what}: expected ${expected}, got ${actual}`;
}

/** Flags in which joined segments may not differ. */
const JOINED_FLAGS = SYN | RST | ACK | URG | ECE;

/**
 * Several segments may stand for one line with more payload than each of them: segmentation offload hides from a
 * script how data was cut. `joined` is what was put together so far, `last` its last segment, `before` the one
 * before that.
 * @returns the segments as one, or why they do not belong together
 */
export function joinSegments(
  joined: WireSegment,
  before: WireSegment | null,
  last: WireSegment,
  next: WireSegment,
): WireSegment | string {
  if (before !== null && before.payload.length !== last.payload.length) {
    return `a segment of ${last.payload.length} bytes after one of ${before.payload.length} is not the last`;
  }
  if ((last.flags & JOINED_FLAGS) !== (next.flags & JOINED_FLAGS)) {
    return `flags change from ${formatFlags(last.flags)} to ${formatFlags(next.flags)} within the expected data`;
  }
  if (last.ack !== next.ack) return 'the ack changes within the expected data';
  if (last.window !== next.window) return 'the window changes within the expected data';
  if (last.options.length !== next.options.length) return 'the options change within the expected data';
  if ((last.seq + last.payload.length) % 4294967296 !== next.seq) {
    return 'the next segment does not continue the expected data';
  }
  const payload = new Uint8Array(joined.payload.length + next.payload.length);
  payload.set(joined.payload);
  payload.set(next.payload, joined.payload.length);
  const flags = (next.flags & ~CWR) | (joined.flags & CWR);
  return { ...next, seq: joined.seq, flags, payload };
}

/** @returns the first difference, or null */
export function compareIcmp(expected: IcmpPacket, actual: WireIcmp): string | null {
  return (
    differIn('ICMP type', expected.type, actual.type) ??
    differIn('ICMP code', expected.code, actual.code) ??
    differIn('mtu', expected.mtu, actual.mtu)
  );
}
