/**
 * Tables of sockets together with packets that look for one: few addresses and ports, so that sockets share names and
 * every rule that chooses among them has work. A table is the calls that make it; whoever holds it against rules of
 * their own finds who got each packet in `packets` of the run.
 */
import fc from 'fast-check';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';

/** One socket of the host `server`, as it is opened. */
export interface TableSocket {
  readonly kind: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  /** SO_REUSEADDR and SO_REUSEPORT. */
  readonly reuse: 'nothing' | 'address' | 'port' | 'both';
  /** A datagram socket that is connected hears one peer only; null when it is not. */
  readonly peer: number | null;
}

/** One packet from the host `client`: a datagram, or a SYN. */
export interface TablePacket {
  readonly kind: 'tcp' | 'udp';
  readonly fromPort: number;
  readonly to: string;
  readonly port: number;
}

export interface DemuxTable {
  readonly sockets: readonly TableSocket[];
  readonly packets: readonly TablePacket[];
}

export interface DemuxConstraints {
  readonly kinds?: readonly ('tcp' | 'udp')[];
  /** At most so many sockets, and packets. Default: 6. */
  readonly most?: number;
}

const ADDRESSES = ['10.0.0.1', '10.0.0.3'];
const BOUND = ['0.0.0.0', ...ADDRESSES];
const PORTS = [5000, 5001];
const PEERS = [4000, 4001];

/** Shrinks to one socket and one packet. */
export function demuxTable({
  kinds = ['udp', 'tcp'],
  most = 6,
}: DemuxConstraints = {}): fc.Arbitrary<DemuxTable> {
  const socket: fc.Arbitrary<TableSocket> = fc.record({
    kind: fc.constantFrom(...kinds),
    address: fc.constantFrom(...BOUND),
    port: fc.constantFrom(...PORTS),
    reuse: fc.constantFrom('nothing', 'address', 'port', 'both'),
    peer: fc.option(fc.constantFrom(...PEERS), { freq: 3 }),
  });
  const packet: fc.Arbitrary<TablePacket> = fc.record({
    kind: fc.constantFrom(...kinds),
    fromPort: fc.constantFrom(...PEERS),
    to: fc.constantFrom(...ADDRESSES),
    port: fc.constantFrom(...PORTS),
  });
  const bounds = { minLength: 1, maxLength: most, size: 'max' } as const;
  return fc.record({ sockets: fc.array(socket, bounds), packets: fc.array(packet, bounds) });
}

/** The table on a host `server` (10.0.0.1, 10.0.0.3), and a host `client` (10.0.0.2) that sends the packets, one every 10 ms. */
export function demuxScenario({ sockets, packets }: DemuxTable): ScenarioInput {
  return {
    title: 'a table of sockets',
    until: '10s',
    hosts: {
      server: { interfaces: { eth0: { addresses: ADDRESSES.map((address) => `${address}/24`) } } },
      client: { interfaces: { eth0: '10.0.0.2/24' } },
    },
    links: { cable: 'server -- client' },
    programs: {
      ...Object.fromEntries(
        sockets.map((socket, i) => [
          `socket-${i + 1}`,
          { host: 'server', run: 'calls', calls: openingOf(socket) },
        ]),
      ),
      ...Object.fromEntries(
        packets.map((packet, i) => [
          `packet-${i + 1}`,
          { host: 'client', run: 'calls', start: `${100 + 10 * i}ms`, calls: sendingOf(packet) },
        ]),
      ),
    },
  };
}

function openingOf({ kind, address, port, reuse, peer }: TableSocket): string[] {
  const options = { nothing: [], address: ['ADDR'], port: ['PORT'], both: ['ADDR', 'PORT'] }[reuse];
  const isConnected = kind === 'udp' && peer !== null;
  return [
    `s = socket(${kind}) = ?`,
    ...options.map((option) => `setsockopt(s, SO_REUSE${option}, 1) = ?`),
    `bind(s, ${address === '0.0.0.0' ? '*' : address}:${port}) = ?`,
    ...(kind === 'tcp' ? ['listen(s, 8) = ?'] : []),
    ...(isConnected ? [`connect(s, client:${peer}) = ?`] : []),
    'until(9s)',
  ];
}

function sendingOf({ kind, fromPort, to, port }: TablePacket): string[] {
  const socket = `s = socket(${kind}, nonblocking)`;
  const bound = [
    'setsockopt(s, SO_REUSEADDR, 1)',
    'setsockopt(s, SO_REUSEPORT, 1)',
    `bind(s, *:${fromPort}) = ?`,
  ];
  const sent = kind === 'udp' ? `sendto(s, "?", ${to}:${port}) = ?` : `connect(s, ${to}:${port}) = ?`;
  return [socket, ...bound, sent, 'sleep(5ms)'];
}
