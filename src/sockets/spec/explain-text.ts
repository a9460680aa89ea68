/** An explanation in words and one aligned table, for a terminal. No colours: the caller may add them. */
import { isAny } from './address.ts';
import type { Change, Counterfactual } from './counterfactual.ts';
import type { ExplainedCandidate, ExplainedSocket, Explanation } from './explain.ts';

/** How many of the changes are told; the plain data has them all. */
const TOLD = 3;

/** Several lines, the last without a line end. */
export function formatExplanation(explanation: Explanation): string {
  const on = explanation.host === '' ? '' : ` at ${explanation.host}`;
  const lines = [
    `${explanation.packet}${on} (profile ${explanation.profile})`,
    '',
    `  ${outcome(explanation)}`,
    `  ${explanation.deciding.rule}: ${explanation.deciding.text}  [${explanation.deciding.source}]`,
    ...explanation.reasons.map(({ rule, text, source }) => `  ${rule}: ${text}  [${source}]`),
    '',
    ...table(explanation.candidates).map((line) => `  ${line}`),
    ...othersLine(explanation),
    ...changes(explanation),
  ];
  return lines.join('\n');
}

/** One line: `to httpd/4 (10.0.0.1:80) by L4: …`; for run output and capture comments. */
export function whyLine(explanation: Explanation): string {
  const { rule, text } = explanation.deciding;
  const names = explanation.winners.map((id) => nameOf(explanation.sockets[id], id)).join(', ');
  const to = explanation.winners.length === 0 ? 'to no socket' : `to ${names}`;
  return `${to} by ${rule}: ${text}`;
}

function outcome({ winners, isChoice, reply, sockets }: Explanation): string {
  const names = winners.map((id) => nameOf(sockets[id], id));
  if (names.length === 0) return `no socket gets it${REPLIES[reply]}`;
  if (isChoice) return `one of these gets it: ${names.join(', ')}`;
  return names.length === 1
    ? `${names[0]} gets it${REPLIES[reply]}`
    : `all of these get a copy: ${names.join(', ')}`;
}

const REPLIES = {
  none: '',
  unreachable: '; the sender gets ICMP port unreachable',
  SA: '; the sender gets SYN-ACK',
  RA: '; the sender gets RST',
  R: '; the sender gets RST',
  A: '; the sender gets an ACK',
} as const;

function table(candidates: readonly ExplainedCandidate[]): string[] {
  if (candidates.length === 0) return ['no socket holds that port'];
  const rows = candidates.map((one) => [
    `#${one.id} ${one.owner}`,
    one.state,
    one.local,
    one.remote ?? '-',
    one.device ?? '-',
    one.options.join('+') || '-',
    one.score === null ? '-' : String(one.score),
    one.reason === null ? one.verdict : `no, ${one.reason.rule}: ${one.reason.text}`,
  ]);
  return aligned([['socket', 'state', 'local', 'remote', 'device', 'options', 'score', 'gets it?'], ...rows]);
}

/** Columns as wide as their widest cell, empty ones left out; the last one is not padded. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const header = rows[0] ?? [];
  const used = header
    .map((_, i) => i)
    .filter((i) => rows.slice(1).some((row) => row[i] !== '' && row[i] !== '-'));
  const widths = used.map((i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    used.map((i, k) => (k === used.length - 1 ? row[i]! : row[i]!.padEnd(widths[k]!))).join('  '),
  );
}

function othersLine({ otherSockets, packet }: Explanation): string[] {
  if (otherSockets === 0) return [];
  const noun = `${packet.slice(0, 3)} ${otherSockets === 1 ? 'socket' : 'sockets'}`;
  return [`  ${otherSockets} ${noun} on other ports: not asked`];
}

function changes(explanation: Explanation): string[] {
  const told = explanation.counterfactuals.slice(0, TOLD);
  if (told.length === 0) return ['', '  No single change would give another winner.'];
  return ['', ...told.map((one) => `  ${sentence(one, explanation)}`)];
}

function sentence({ change, winners, deciding }: Counterfactual, { sockets }: Explanation): string {
  const names = winners.map((id) => nameOf(sockets[id], id));
  const isItself = change.kind === 'socket' && winners.length === 1 && winners[0] === change.socket;
  const result =
    names.length === 0
      ? 'no socket would get it'
      : names.length === 1
        ? `${isItself ? 'that one' : names[0]} would get it`
        : `it would be for ${names.join(', ')}`;
  return `If ${condition(change, sockets)}, ${result} (${deciding.rule}).`;
}

const FIELD_NAMES = {
  src: 'came from address',
  srcPort: 'came from port',
  dst: 'were for address',
  dstPort: 'were for port',
  device: 'arrived on',
} as const;

function condition(change: Change, sockets: Explanation['sockets']): string {
  if (change.kind === 'packet') {
    return `the packet ${FIELD_NAMES[change.field]} ${change.to} instead of ${change.from}`;
  }
  const name = nameOf(sockets[change.socket], change.socket);
  switch (change.field) {
    case 'open':
      return `${name} were closed`;
    case 'listening':
      return `${name} listened`;
    case 'v6Only':
      return `${name} ${change.to === true ? 'were' : 'were not'} IPv6-only (IPV6_V6ONLY)`;
    case 'reusePort':
      return `${name} did not have SO_REUSEPORT`;
    case 'device':
      return change.to === null
        ? `${name} were bound to no device`
        : `${name} were bound to device ${change.to}`;
    case 'address':
      return isAny(String(change.to))
        ? `${name} were bound to any address`
        : `${name} were bound to ${change.to}`;
  }
}

function nameOf(socket: ExplainedSocket | undefined, id: number): string {
  return socket === undefined ? `socket #${id}` : `#${id} ${socket.owner} (${socket.local})`;
}
