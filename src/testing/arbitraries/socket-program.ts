/**
 * Programs of socket calls over several hosts, in the calls that scenario files have. Every variable holds a socket when
 * it is used and every call is one that its kind of socket knows; what the calls come to is left open. Sockets don't
 * block, so every program ends. Shrinks to fewer calls on fewer sockets.
 */
import fc from 'fast-check';
import type { ProgramInput } from '../../scenario/schema/programs.ts';

export interface SocketProgramConstraints {
  /** Default: both. */
  readonly kinds?: readonly ('tcp' | 'udp')[];
  /** Ports of which sockets choose. Few, so that they meet. Default: 80, 5000 and 5001. */
  readonly ports?: readonly number[];
  /** At most so many calls on each host. Default: 15. */
  readonly most?: number;
}

export type SocketPrograms = Readonly<Record<string, ProgramInput>>;

/** One call before it is known which sockets there are. */
interface Step {
  readonly what: number;
  readonly socket: number;
  readonly port: number;
  readonly host: number;
  readonly size: number;
}

/** How a program begins: 0 with nothing, 1 as a server, else as a client. */
interface Beginning {
  readonly role: number;
  readonly host: number;
  readonly port: number;
}

/** What variables hold on the way through a program. */
interface Held {
  readonly name: string;
  readonly kind: 'tcp' | 'udp';
}

const PORTS = [80, 5000, 5001];
const ANY = 7;

/** One program for each host, under its name. @param hosts that have addresses */
export function socketPrograms(
  hosts: readonly string[],
  constraints: SocketProgramConstraints = {},
): fc.Arbitrary<SocketPrograms> {
  const { kinds = ['tcp', 'udp'], ports = PORTS, most = 15 } = constraints;
  const step: fc.Arbitrary<Step> = fc.record({
    what: fc.nat(99),
    socket: fc.nat(ANY),
    port: fc.nat(ports.length - 1),
    host: fc.nat(ANY),
    size: fc.integer({ min: 0, max: 5000 }),
  });
  const begin: fc.Arbitrary<Beginning> = fc.record({
    role: fc.nat(3),
    host: fc.nat(ANY),
    port: fc.nat(ports.length - 1),
  });
  const steps = fc.array(step, { maxLength: most, size: 'max' });
  const lists = fc.tuple(...hosts.map(() => fc.tuple(begin, steps)));
  return lists.map((all) =>
    Object.fromEntries(
      all.map(([first, rest], i) => {
        const held: Held[] = [];
        const calls = [
          ...beginningOf(first, hosts, kinds, ports, held),
          ...rest.flatMap((one) => callOf(one, hosts, kinds, ports, held)),
        ];
        return [`${hosts[i]}-calls`, { host: hosts[i]!, run: 'calls', calls } as ProgramInput];
      }),
    ),
  );
}

/** So that sockets meet: many programs begin as a server or as its client. */
function beginningOf(
  { role, host, port }: Beginning,
  hosts: readonly string[],
  kinds: readonly ('tcp' | 'udp')[],
  ports: readonly number[],
  held: Held[],
): string[] {
  const kind = kinds[0]!;
  if (role === 0) return [];
  held.push({ name: 's0', kind });
  const socket = `s0 = socket(${kind}, nonblocking) = ?`;
  const number = ports[port]!;
  if (role === 1) {
    const bound = [socket, `bind(s0, *:${number}) = ?`];
    if (kind === 'udp') return [...bound, 'sleep(300ms) = ?'];
    held.push({ name: 's1', kind });
    return [...bound, 'listen(s0, 4) = ?', 'sleep(300ms) = ?', 's1 = accept(s0) = ?'];
  }
  return [
    'sleep(10ms) = ?',
    socket,
    `connect(s0, ${hosts[host % hosts.length]}:${number}) = ?`,
    'sleep(250ms) = ?',
  ];
}

function callOf(
  step: Step,
  hosts: readonly string[],
  kinds: readonly ('tcp' | 'udp')[],
  ports: readonly number[],
  held: Held[],
): string[] {
  const socket = held[step.socket % Math.max(1, held.length)];
  if (socket === undefined || step.what < 15) {
    const kind = kinds[step.what % kinds.length]!;
    held.push({ name: `s${held.length}`, kind });
    return [`${held.at(-1)!.name} = socket(${kind}, nonblocking) = ?`];
  }
  if (step.what < 25) return [`sleep(${step.size}us) = ?`];
  const port = ports[step.port]!;
  const to = `${hosts[step.host % hosts.length]}:${port}`;
  if (socket.kind === 'tcp' && step.what < 35) {
    held.push({ name: `s${held.length}`, kind: 'tcp' });
    return [`${held.at(-1)!.name} = accept(${socket.name}) = ?`];
  }
  const able = socket.kind === 'tcp' ? TCP_CALLS : UDP_CALLS;
  return [`${able[step.what % able.length]!(socket.name, to, step, port)} = ?`];
}

type Written = (socket: string, to: string, step: Step, port: number) => string;

const BOTH: readonly Written[] = [
  (socket, _, __, port) => `bind(${socket}, *:${port})`,
  (socket, to) => `connect(${socket}, ${to})`,
  (socket, _, { size }) => `send(${socket}, ${size}B)`,
  (socket, _, { size }) => `recv(${socket}, ${size + 1})`,
  (socket) => `close(${socket})`,
  (socket) => `getsockname(${socket})`,
  (socket) => `getpeername(${socket})`,
  (socket, _, { what }) => `setsockopt(${socket}, ${what % 2 === 0 ? 'SO_REUSEADDR' : 'SO_REUSEPORT'}, 1)`,
  (socket, _, { what }) => `shutdown(${socket}, ${['rd', 'wr', 'rdwr'][what % 3]})`,
];

const TCP_CALLS: readonly Written[] = [
  ...BOTH,
  (socket) => `listen(${socket}, 4)`,
  (socket) => `listen(${socket}, 1)`,
];
const UDP_CALLS: readonly Written[] = [
  ...BOTH,
  (socket, to, { size }) => `sendto(${socket}, ${size}B, ${to})`,
  (socket) => `disconnect(${socket})`,
];
