/**
 * What can be compared of two runs. Everything that may differ without meaning anything is left out of the packets'
 * descriptions: MAC addresses, initial sequence numbers, timestamps, ports that nobody chose, identifications.
 */
import { EthernetFrame } from '../../link/frame.ts';
import { IpAddress } from '../../packet/ip-address.ts';
import { parseIpv6Words } from '../../packet/ipv6-text.ts';
import { Payload } from '../../packet/payload.ts';
import { formatTime, type Nanos } from '../../sim/time.ts';
import { formatFlags, TcpSegment } from '../../transport/tcp/header.ts';
import { UdpDatagram } from '../../transport/udp.ts';
import type { SeenPacket } from '../run/seen-packet.ts';
import type { TestRun } from '../run/test-run.ts';

/**
 * `fingerprint`: every event at the same time, in the same order. `packets`: every packet at the same interface and time.
 * `delivered`: what programs read, socket by socket; `streams`: the same of TCP alone. `programs`: how they ended. `verdicts`: the scenario's expectations.
 */
export type Aspect = 'fingerprint' | 'packets' | 'delivered' | 'streams' | 'programs' | 'verdicts';

/** How the variant's words are said in those of the base. */
export interface Translation {
  /** Of nodes and programs. */
  readonly nameBack?: (name: string) => string;
  readonly addressBack?: (address: IpAddress) => IpAddress;
  /** How much later everything happens, ns. */
  readonly shift?: Nanos;
}

export type Outcome = {
  readonly [A in Aspect]: readonly string[];
} & {
  /** When each program read its first byte, ns. */
  readonly firstRead: ReadonlyMap<string, Nanos>;
};

export function outcomeOf(run: TestRun, translation: Translation): Outcome {
  const { nameBack = same, shift = 0 } = translation;
  const delivered = deliveredTo(run, translation);
  return {
    fingerprint: [run.fingerprint],
    packets: describePackets(run, translation),
    delivered,
    streams: delivered.filter((line) => line.startsWith('tcp')),
    programs: [...run.inner.programs.runs.values()]
      .map(({ name, task }) => `${nameBack(name)}: ${task.state} ${task.status ?? ''}`)
      .sort(),
    verdicts: run.verdicts().map(({ ok }, i) => `expectation ${i + 1} ${ok ? 'holds' : 'does not hold'}`),
    firstRead: new Map(
      run.readings.map(({ program, time }) => [nameBack(program), time - shift] as const).reverse(),
    ),
  };
}

/** Not more lines than this are told. */
const SHOWN = 4;

/** What is not alike, in a few lines; none when all is. */
export function differencesOf(base: Outcome, variant: Outcome, aspects: readonly Aspect[]): string[] {
  return aspects.flatMap((aspect) => {
    const [before, after] = [base[aspect], variant[aspect]];
    const at = before.findIndex((line, i) => line !== after[i]);
    const first = at >= 0 ? at : before.length;
    if (first === before.length && before.length === after.length) return [];
    return [
      `${aspect} differ from number ${first + 1} on (${before.length} and ${after.length}):`,
      ...before.slice(first, first + SHOWN).map((line) => `  - ${line}`),
      ...after.slice(first, first + SHOWN).map((line) => `  + ${line}`),
    ];
  });
}

function describePackets(run: TestRun, translation: Translation): string[] {
  const { nameBack = same, addressBack = same, shift = 0 } = translation;
  const numbers = new Numbering();
  const lines = run.packets.map((packet) => {
    const { time, node, device, direction, dropped } = packet;
    const fate = dropped === null ? '' : ` [${dropped}]`;
    const text = describe(packet, addressBack, numbers);
    return {
      time,
      line: `${formatTime(time - shift)} ${nameBack(node)}.${device} ${direction} ${text}${fate}`,
    };
  });
  return sortedTies(lines);
}

/** Things of one instant have no order that means anything here. */
function sortedTies(lines: readonly { readonly time: Nanos; readonly line: string }[]): string[] {
  return lines
    .toSorted((a, b) => a.time - b.time || (a.line < b.line ? -1 : a.line > b.line ? 1 : 0))
    .map(({ line }) => line);
}

function describe(
  { arp, ip, transport, relative, frame }: SeenPacket,
  address: (address: IpAddress) => IpAddress,
  numbers: Numbering,
): string {
  if (arp !== null) return `ARP ${arp.operation} ${address(arp.senderIp)} to ${address(arp.targetIp)}`;
  if (ip === null) return frame instanceof EthernetFrame ? `frame of type ${frame.etherType}` : 'frame';
  const ends = [address(ip.src), address(ip.dst)] as const;
  const packet = `${ends[0]} > ${ends[1]} ttl ${ip.ttl}`;
  if (transport instanceof TcpSegment || transport instanceof UdpDatagram) {
    const from = numbers.port(ends[0], transport.srcPort);
    const to = numbers.port(ends[1], transport.dstPort);
    const what = relative === null ? 'UDP' : segmentText(relative);
    return `${packet} ${from} > ${to} ${what} length ${transport.payload.size}`;
  }
  if (ip.isFragment) return `${packet} fragment ${ip.offset} size ${ip.size}`;
  return `${packet} protocol ${ip.protocol} ${transport === null ? '' : messageText(transport)} size ${ip.size}`;
}

function segmentText({ flags, seq, ack, wnd }: TcpSegment): string {
  return `[${formatFlags(flags)}] seq ${seq} ack ${ack} win ${wnd}`;
}

function messageText(message: object): string {
  const { type = 0, code = 0 } = message as { type?: number; code?: number };
  return `type ${type} code ${code}`;
}

/** Linux's ephemeral range: these ports were nobody's choice. */
const FIRST_EPHEMERAL = 32768;

/** Numbers the ports of each address that nobody chose, in the order in which they appear. */
class Numbering {
  readonly #ports = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  port(address: IpAddress, port: number): string {
    if (port < FIRST_EPHEMERAL) return String(port);
    const key = `${address}.${port}`;
    const known = this.#ports.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(`${address}`) ?? 0) + 1;
    this.#counts.set(`${address}`, count);
    this.#ports.set(key, `ephemeral${count}`);
    return `ephemeral${count}`;
  }
}

/** What each program read from each of its sockets; sockets in no order. */
function deliveredTo(run: TestRun, { nameBack = same, addressBack = same }: Translation): string[] {
  const streams = new Map<string, { readonly reader: string; readonly parts: Payload[] }>();
  for (const { program, socket, kind, data } of run.readings) {
    const key = `${program} ${socket}`;
    const stream = streams.get(key) ?? { reader: `${kind} ${nameBack(program)}`, parts: [] };
    streams.set(key, stream);
    stream.parts.push(data);
  }
  return [...streams.values()]
    .map(({ reader, parts }) => {
      const bytes = parts.reduce((all, part) => all.concat(part), Payload.zeros(0)).view();
      return `${reader} read ${bytes.length} bytes: ${digest(bytes, addressBack)}`;
    })
    .sort();
}

/** The beginning, and a hash (FNV-1a) of all. Addresses in texts, as in HTTP's Host, are those of the base. */
function digest(bytes: Uint8Array, addressBack: (address: IpAddress) => IpAddress): string {
  const text = inText(new TextDecoder('latin1').decode(bytes), addressBack);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${JSON.stringify(text.slice(0, 24))} ${(hash >>> 0).toString(16)}`;
}

/** Addresses of both families replaced wherever they are written in a text. */
export function inText(text: string, replace: (address: IpAddress) => IpAddress): string {
  if (replace === same) return text;
  return text.replaceAll(ADDRESS, (word) => {
    if (!word.includes(':')) return `${replace(IpAddress.parseV4(word))}`;
    const words = parseIpv6Words(word);
    return words === null ? word : `${replace(IpAddress.v6(...words))}`;
  });
}

const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const DOTTED = `\\b${BYTE}(?:\\.${BYTE}){3}\\b`;
/** What may be an IPv6 address; two colons at least. */
const COLONS = `[0-9a-f]*:[0-9a-f]*:(?:[0-9a-f:]*:${BYTE}(?:\\.${BYTE}){3}|[0-9a-f:]*)`;
const ADDRESS = new RegExp(`${COLONS}|${DOTTED}`, 'g');

function same<T>(value: T): T {
  return value;
}
