/**
 * Packet matchers: what a packet must look like, field by field. A matcher never says just yes or no: it says for each
 * field what was expected and what was found, so that reports can show the nearest packet that almost matched.
 */
import { dissect } from '../../observe/dissect.ts';
import type { Pdu } from '../../packet/pdu.ts';
import { TcpSegment } from '../../transport/tcp/header.ts';
import type { SeenPacket } from '../run/seen-packet.ts';
import { type Expected, isCondition } from './condition.ts';

/** What matchers look at: a packet of a run, or a bare one, of which nobody knows where it was. */
export type PacketView = Pick<SeenPacket, 'frame' | 'arp' | 'ip' | 'transport' | 'relative'> &
  Partial<SeenPacket>;

/** One field of one packet held against a matcher. */
export interface FieldResult {
  readonly field: string;
  readonly ok: boolean;
  readonly expected: string;
  readonly found: string;
}

/** Compares packets; combine matchers with {@link sentBy}, {@link receivedBy}, {@link lost} and {@link either}. */
export interface PacketMatcher {
  /** As its user wrote it: `tcp({ flags: 'SYN', dstPort: 80 })`. */
  readonly text: string;
  /** All fields that were asked for, the protocol itself first. */
  readonly compare: (packet: PacketView) => readonly FieldResult[];
}

/** A field of a protocol: how it is read from a header, what users may write for it, how both are shown. */
export interface Field<Header, Value, Written = Value> {
  read(header: Header, packet: PacketView): Value;
  matches(value: Value, written: Written): boolean;
  show(value: Value | Written): string;
}

/** The fields of a protocol by name, of different types; {@link Wanted} gives each its own again. */
type Fields<Header> = Readonly<Record<string, Field<Header, unknown>>>;

/** What a user may write for the fields of a protocol: for each a value or a condition. */
export type Wanted<F> = {
  readonly [Name in keyof F]?: F[Name] extends Field<never, infer Value, infer Written>
    ? Expected<Written, Value>
    : never;
};

/**
 * Makes the matcher function of a protocol.
 * @param protocol as people call it @param find the protocol's header in a packet; null when there is none
 */
export function protocolMatcher<Header, F extends Fields<Header>>(
  protocol: string,
  find: (packet: PacketView) => Header | null,
  fields: F,
): (wanted?: Wanted<F>) => PacketMatcher {
  return (wanted = {}) => {
    const asked = Object.entries<unknown>(wanted).filter(([, value]) => value !== undefined);
    const text = `${protocol}(${asked.length === 0 ? '' : wantedText(asked)})`;
    return {
      text,
      compare: (packet) => {
        const header = find(packet);
        const isIt = {
          field: 'protocol',
          ok: header !== null,
          expected: protocol,
          found: header === null ? protocolOf(packet) : protocol,
        };
        if (header === null) return [isIt];
        const results = asked.map(([name, value]) =>
          compareField(name, fields[name]!, value, header, packet),
        );
        return [isIt, ...results];
      },
    };
  };
}

/** Does every field agree? */
export function matches(packet: PacketView, matcher: PacketMatcher): boolean {
  return matcher.compare(packet).every(({ ok }) => ok);
}

/** A bare frame or IP packet, or a packet of a run as it is. Sequence numbers of a bare one are those on the wire. */
export function viewOf(packet: SeenPacket | Pdu): PacketView {
  if ('frame' in packet) return packet;
  const headers = dissect(packet);
  const relative = headers.transport instanceof TcpSegment ? headers.transport : null;
  return { frame: packet, ...headers, relative };
}

function compareField<Header>(
  field: string,
  kind: Field<Header, unknown>,
  wanted: unknown,
  header: Header,
  packet: PacketView,
): FieldResult {
  const value = kind.read(header, packet);
  const found = kind.show(value);
  if (isCondition(wanted)) return { field, ok: wanted.test(value), expected: wanted.text, found };
  return { field, ok: kind.matches(value, wanted), expected: kind.show(wanted), found };
}

function wantedText(asked: readonly (readonly [string, unknown])[]): string {
  const parts = asked.map(([name, value]) => `${name}: ${isCondition(value) ? value.text : literal(value)}`);
  return `{ ${parts.join(', ')} }`;
}

function literal(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** What a packet is, when it is not what was looked for. */
function protocolOf({ arp, ip, transport, frame }: PacketView): string {
  const word = (arp ?? transport ?? ip ?? frame).constructor.name;
  return NAMES[word] ?? word;
}

const NAMES: Readonly<Record<string, string>> = {
  ArpPacket: 'arp',
  TcpSegment: 'tcp',
  UdpDatagram: 'udp',
  IcmpMessage: 'icmp',
  Icmpv6Message: 'icmpv6',
  NeighbourMessage: 'ndp',
  RouterSolicitation: 'router solicitation',
  RouterAdvertisement: 'router advertisement',
  MldQuery: 'mld',
  MldReport: 'mld',
  Ipv4Packet: 'ipv4',
  Ipv6Packet: 'ipv6',
  EthernetFrame: 'ethernet',
};
