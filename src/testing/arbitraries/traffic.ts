/** Traffic of the built-in programs between hosts: servers, and clients that talk to them. Shrinks to one short exchange. */
import fc from 'fast-check';
import type { ProgramInput } from '../../scenario/schema/programs.ts';

export type TrafficKind = 'echo' | 'bulk' | 'http' | 'request' | 'datagrams' | 'ping';

export interface TrafficConstraints {
  /** Default: every kind. */
  readonly kinds?: readonly TrafficKind[];
  /** At most so many conversations. Default: 3. */
  readonly most?: number;
  /** Largest message or transfer, bytes. Default: 50,000. */
  readonly size?: number;
}

interface Talk {
  readonly kind: TrafficKind;
  readonly client: number;
  readonly server: number;
  readonly size: number;
  readonly count: number;
  /** ms */
  readonly start: number;
}

const KINDS: readonly TrafficKind[] = ['ping', 'echo', 'datagrams', 'request', 'http', 'bulk'];
const ANY = 7;
const FIRST_PORT = 6000;

/** Programs by name, each conversation at a port of its own. @param hosts two at least */
export function traffic(
  hosts: readonly string[],
  constraints: TrafficConstraints = {},
): fc.Arbitrary<Readonly<Record<string, ProgramInput>>> {
  const { kinds = KINDS, most = 3, size = 50_000 } = constraints;
  const talk: fc.Arbitrary<Talk> = fc.record({
    kind: fc.constantFrom(...kinds),
    client: fc.nat(ANY),
    server: fc.nat(ANY),
    size: fc.integer({ min: 1, max: size }),
    count: fc.integer({ min: 1, max: 5 }),
    start: fc.nat(1000),
  });
  return fc
    .array(talk, { minLength: 1, maxLength: most, size: 'max' })
    .map((talks) => Object.fromEntries(talks.flatMap((one, i) => programsOf(one, i, hosts))));
}

function programsOf(talk: Talk, index: number, hosts: readonly string[]): [string, ProgramInput][] {
  const client = hosts[talk.client % hosts.length]!;
  const others = hosts.filter((host) => host !== client);
  const server = others[talk.server % others.length] ?? client;
  const port = FIRST_PORT + index;
  const to = `${server}:${port}`;
  const start = `${talk.start}ms`;
  const pair = (serving: object, asking: object): [string, ProgramInput][] => [
    [`server-${index + 1}`, { host: server, ...serving, port } as unknown as ProgramInput],
    [`client-${index + 1}`, { host: client, start, to, ...asking } as unknown as ProgramInput],
  ];
  const { size, count } = talk;
  const least = `${Math.max(32, Math.min(size, 1400))}B`;
  switch (talk.kind) {
    case 'ping':
      return [[`client-${index + 1}`, { host: client, start, run: 'ping', to: server, count }]];
    case 'echo':
      return pair({ run: 'echo-server' }, { run: 'echo-client', size: `${size}B`, count });
    case 'datagrams':
      return pair({ run: 'udp-sink' }, { run: 'cbr-sender', size: least, count });
    case 'request':
      return pair({ run: 'request-server' }, { run: 'request-client', count });
    case 'http':
      return pair({ run: 'http-server', size: `${size}B` }, { run: 'http-client', count });
    case 'bulk':
      return pair({ run: 'bulk-receiver' }, { run: 'bulk-sender', size: `${size}B` });
  }
}
