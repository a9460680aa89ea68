/**
 * A packet as one line of text: `udp 10.0.0.10:1111 > 10.0.0.1:5000` or `tcp [fd00::10]:1111 > [fd00::1]:80`, with `dev eth0` for the interface it arrives on
 * and, for TCP, `flags S` (a SYN unless said otherwise). Errors name the column and what was expected there.
 */
import { IpAddress } from '../../packet/ip-address.ts';
import { ConfigError } from '../../sim/errors.ts';
import { nearest } from '../../sim/nearest.ts';
import { endText, familyOf } from './address.ts';
import { isOnNetwork, ownerOf, type SpecHost } from './host.ts';
import type { SpecPacket } from './profile.ts';
import type { SpecEndpoint } from './state.ts';

/** As written: the device may be left out. */
export interface PacketText {
  readonly transport: 'udp' | 'tcp';
  readonly src: SpecEndpoint;
  readonly dst: SpecEndpoint;
  readonly device: string | null;
  /** Flag letters of a segment, as tcpdump shows them without the dot: S A R F P. */
  readonly flags: string;
}

export class PacketTextError extends ConfigError {
  /** 1-based. */
  readonly column: number;
  constructor(text: string, column: number, problem: string, expected: string) {
    super(`${problem} at column ${column} of '${text}'`, [], expected);
    this.name = 'PacketTextError';
    this.column = column;
  }
}

interface Word {
  readonly text: string;
  readonly column: number;
}

const EXAMPLE = 'as in udp 10.0.0.10:1111 > 10.0.0.1:5000 dev eth0';

/** @throws PacketTextError */
export function parsePacket(text: string): PacketText {
  const words = split(text);
  const at = (index: number, expected: string): Word => {
    const word = words[index];
    if (word === undefined)
      throw new PacketTextError(text, text.length + 1, 'the packet ends', `${expected}, ${EXAMPLE}`);
    return word;
  };
  const transport = readTransport(text, at(0, 'udp or tcp'));
  const src = readEndpoint(text, at(1, 'the source address and port'));
  const arrow = at(2, "'>'");
  if (arrow.text !== '>')
    throw new PacketTextError(
      text,
      arrow.column,
      `'${arrow.text}' is unexpected`,
      "'>' between source and destination",
    );
  const to = at(3, 'the destination address and port');
  const dst = readEndpoint(text, to);
  if (familyOf(src.address) !== familyOf(dst.address)) {
    const family = familyOf(src.address) === 6 ? 'an IPv6 address in brackets' : 'an IPv4 address';
    throw new PacketTextError(text, to.column, 'the ends are of two families', `${family}, like the source`);
  }
  let device: string | null = null;
  let flags = transport === 'tcp' ? 'S' : '';
  for (let i = 4; i < words.length; i += 2) {
    const key = at(i, 'dev or flags');
    const value = at(i + 1, key.text === 'dev' ? 'an interface name' : 'flag letters');
    if (key.text === 'dev') device = value.text;
    else if (key.text === 'flags') flags = readFlags(text, transport, value);
    else
      throw new PacketTextError(
        text,
        key.column,
        `'${key.text}' is unexpected`,
        "'dev NAME' or 'flags LETTERS', or the end",
      );
  }
  return { transport, src, dst, device, flags };
}

/** Fills in what the text leaves open: the interface that a packet from that source would come by. */
export function arriving(text: PacketText, host: SpecHost): SpecPacket {
  const names = host.interfaces.map((one) => one.name);
  if (text.device !== null && !names.includes(text.device)) {
    const like = nearest(text.device, names);
    const hint = like === null ? `one of ${names.join(', ')}` : `did you mean '${like}'?`;
    throw new ConfigError(`the host has no interface '${text.device}'`, [], hint);
  }
  const { flags } = text;
  const kind = flags.includes('R') ? 'rst' : flags.includes('S') && !flags.includes('A') ? 'syn' : 'ack';
  return {
    transport: text.transport,
    src: text.src.address,
    srcPort: text.src.port,
    dst: text.dst.address,
    dstPort: text.dst.port,
    device: text.device ?? likelyDevice(text, host),
    flags: kind,
    isNewer: true,
  };
}

export function formatPacket(packet: SpecPacket): string {
  const [from, to] = [endText(packet.src, packet.srcPort), endText(packet.dst, packet.dstPort)];
  const ends = `${from} > ${to} dev ${packet.device}`;
  const letter = { syn: 'S', ack: 'A', rst: 'R' }[packet.flags];
  return packet.transport === 'udp' ? `udp ${ends}` : `tcp ${ends} flags ${letter}`;
}

/** From ourselves: the owner of the destination; else the network the source is on; else where the destination lives. */
function likelyDevice(text: PacketText, host: SpecHost): string {
  const owner = ownerOf(host, text.dst.address);
  if (ownerOf(host, text.src.address) !== null && owner !== null) return owner;
  const source = IpAddress.parse(text.src.address);
  const near = host.interfaces.find(
    (one) => !one.loopback && one.addresses.some((own) => isOnNetwork(own, source)),
  );
  const first = host.interfaces.find((one) => !one.loopback);
  return near?.name ?? owner ?? first?.name ?? 'lo';
}

function split(text: string): Word[] {
  return [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], column: match.index + 1 }));
}

function readTransport(text: string, { text: word, column }: Word): 'udp' | 'tcp' {
  if (word === 'udp' || word === 'tcp') return word;
  throw new PacketTextError(text, column, `'${word}' is no transport`, `udp or tcp, ${EXAMPLE}`);
}

function readEndpoint(text: string, { text: word, column }: Word): SpecEndpoint {
  const colon = word.lastIndexOf(':');
  const port = word.slice(colon + 1);
  const [open, close] = [word.startsWith('['), word.lastIndexOf(']')];
  if (colon < 0 || colon < close)
    throw new PacketTextError(text, column, `'${word}' has no port`, PORT_EXAMPLE);
  const isBare = !open && word.indexOf(':') < colon;
  if (isBare || open !== close > 0 || (open && close !== colon - 1)) {
    const problem = `'${word}' is no address and port`;
    throw new PacketTextError(text, column, problem, 'an IPv6 address in brackets, as in [fd00::1]:5000');
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new PacketTextError(text, column + colon + 1, `'${port}' is no port`, 'a number from 0 to 65535');
  }
  const written = open ? word.slice(1, close) : word.slice(0, colon);
  return { address: readAddress(text, column + (open ? 1 : 0), written, open), port: Number(port) };
}

const PORT_EXAMPLE = 'ADDRESS:PORT, as in 10.0.0.1:5000 or [fd00::1]:5000';

function readAddress(text: string, column: number, written: string, isIpv6: boolean): string {
  const fail = (problem: string, expected: string): never => {
    throw new PacketTextError(text, column, problem, expected);
  };
  if (isIpv6 && written.includes('%'))
    return fail(`'${written}' has a zone`, "no zone id: 'dev NAME' at the end names the interface");
  if (isIpv6 && !written.includes(':'))
    return fail(`'${written}' stands in brackets`, 'brackets for IPv6 only');
  try {
    const address = IpAddress.parse(written);
    if (address.isV4Mapped)
      return fail(`'${written}' is a mapped address`, `${address.unmapped()}: on the wire it is IPv4`);
    return address.toString();
  } catch (error) {
    if (!(error instanceof ConfigError) || error instanceof PacketTextError) throw error;
    return fail(error.message, error.expected ?? 'an IP address');
  }
}

function readFlags(text: string, transport: 'udp' | 'tcp', { text: word, column }: Word): string {
  if (transport === 'udp')
    throw new PacketTextError(text, column, 'a datagram has no flags', 'flags only with tcp');
  if (/^[SARFPU]+$/.test(word)) return word;
  throw new PacketTextError(text, column, `'${word}' are no flags`, 'letters of S A R F P U, as in SA');
}
