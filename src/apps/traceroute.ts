/**
 * traceroute(8): UDP datagrams with rising TTL or hop limit to ports where nobody listens. Each router on the way
 * answers with time exceeded, the destination with port unreachable; both come back through the error queue (IP_RECVERR).
 */
import { ECONNREFUSED } from '../network/errno.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import { Payload } from '../packet/payload.ts';
import { MILLISECOND, type Nanos, SECOND } from '../sim/time.ts';
import { type ExtendedError, MSG_DONTWAIT, MSG_ERRQUEUE, POLLERR, type Socket } from '../sockets/api.ts';
import { poll, sendAll } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';

type TracerouteStatistics = {
  /** The destination itself answered. */
  reached: boolean;
  /** TTL of the last probes. */
  hops: number;
  /** Who answered at each TTL, from 1 on; `*` for nobody. */
  path: string[];
};

/** The first destination port; each probe has the next one, as custom wants. */
const FIRST_PORT = 33434;
const PROBE_SIZE = 32;
const BUFFER_SIZE = 65536;

export const traceroute = app({
  name: 'traceroute',
  doc: 'Finds the routers on the way to a destination.',
  parameters: {
    to: { type: 'address', doc: 'The destination.' },
    hops: { type: 'integer', default: 30, min: 1, max: 255, doc: 'The highest TTL that is tried.' },
    probes: { type: 'integer', default: 3, min: 1, max: 10, doc: 'Datagrams for each TTL.' },
    timeout: { type: 'duration', default: SECOND, doc: 'How long to wait for each answer.' },
  },
  statistics: (): TracerouteStatistics => ({ reached: false, hops: 0, path: [] }),
  *run(context, { to, hops, probes, timeout }, statistics) {
    const isIpv6 = to.family === 6;
    const socket = context.process.socket(isIpv6 ? 'udp6' : 'udp');
    if (typeof socket === 'number') return fail(context, 'socket', socket);
    const heard = socket.setOption(isIpv6 ? 'IPV6_RECVERR' : 'IP_RECVERR', 1);
    if (heard < 0) return fail(context, 'setsockopt', heard);
    const packetSize = PROBE_SIZE + (isIpv6 ? 48 : 28);
    context.print(`traceroute to ${to} (${to}), ${hops} hops max, ${packetSize} byte packets`);
    let port = FIRST_PORT;
    for (let ttl = 1; ttl <= hops && !statistics.reached; ttl++) {
      socket.setOption(isIpv6 ? 'IPV6_UNICAST_HOPS' : 'IP_TTL', ttl);
      const answers: (Answer | null)[] = [];
      for (let i = 0; i < probes; i++)
        answers.push(yield* probe(context, socket, { address: to, port: port++ }, timeout));
      statistics.hops = ttl;
      statistics.path.push(String(answers.find((answer) => answer !== null)?.from ?? '*'));
      statistics.reached = answers.some((answer) => answer !== null && isEnd(answer, to));
      context.print(hopLine(ttl, answers));
    }
    socket.close();
    return statistics.reached ? 0 : 1;
  },
});

interface Answer {
  readonly from: IpAddress;
  readonly errno: number;
  readonly rtt: Nanos;
}

/** One datagram and the ICMP error that it provokes; null when none came in time. */
function* probe(
  context: ProgramContext,
  socket: Socket,
  to: { readonly address: IpAddress; readonly port: number },
  timeout: Nanos,
): Running<Answer | null> {
  const start = context.now();
  yield* sendAll(socket, Payload.zeros(PROBE_SIZE), 0, to);
  for (let left = timeout; left > 0; left = start + timeout - context.now()) {
    yield* poll([{ socket, events: POLLERR }], left);
    const error = errorAbout(socket, to.port);
    if (error !== null) return { from: error.offender, errno: error.errno, rtt: context.now() - start };
  }
  return null;
}

/** The next queued error, if it is about the datagram to `port`; late ones about earlier probes are forgotten. */
function errorAbout(socket: Socket, port: number): ExtendedError | null {
  for (;;) {
    const queued = socket.recv(BUFFER_SIZE, MSG_ERRQUEUE | MSG_DONTWAIT);
    socket.getOption('SO_ERROR'); // reading it clears it: else the next send would fail with it
    if (typeof queued === 'number') return null;
    if (queued.from?.port === port && queued.extended !== undefined) return queued.extended;
  }
}

/** Port unreachable from the destination: the end of the way. */
function isEnd(answer: Answer, to: IpAddress): boolean {
  return answer.errno === ECONNREFUSED || answer.from === to;
}

function hopLine(ttl: number, answers: readonly (Answer | null)[]): string {
  let last: IpAddress | null = null;
  const cells = answers.map((answer) => {
    if (answer === null) return '*';
    const name = answer.from === last ? '' : `${answer.from}  `;
    last = answer.from;
    return `${name}${(answer.rtt / MILLISECOND).toFixed(3)} ms`;
  });
  return `${String(ttl).padStart(2)}  ${cells.join('  ')}`;
}
