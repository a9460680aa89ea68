/** ping(8): ICMP echo requests at an interval, and what comes back, in the words of iputils. */
import { errnoName } from '../network/errno.ts';
import { ICMP_ECHO, ICMP_ECHO_REPLY, ICMP_HEADER_SIZE } from '../network/icmp.ts';
import { ICMPV6_ECHO, ICMPV6_ECHO_REPLY } from '../network/icmpv6.ts';
import { readU16, writeU16 } from '../packet/bytes.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import { Payload } from '../packet/payload.ts';
import { MILLISECOND, type Nanos, SECOND } from '../sim/time.ts';
import { MSG_DONTWAIT, MSG_ERRQUEUE, type Received, type Socket } from '../sockets/api.ts';
import { recvWithin, sendAll } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { addRoundTrip, noRoundTrips, type RoundTrips } from './round-trips.ts';

type PingStatistics = RoundTrips & {
  sent: number;
  received: number;
  /** ICMP errors that came instead of replies, or refusals of the own host. */
  errors: number;
};

/** What differs between the families: numbers, and names of options. */
const IPV4 = {
  kind: 'icmp',
  request: ICMP_ECHO,
  reply: ICMP_ECHO_REPLY,
  recverr: 'IP_RECVERR',
  ttl: 'IP_TTL',
} as const;
const IPV6 = {
  kind: 'icmp6',
  request: ICMPV6_ECHO,
  reply: ICMPV6_ECHO_REPLY,
  recverr: 'IPV6_RECVERR',
  ttl: 'IPV6_UNICAST_HOPS',
} as const;
const IPV4_HEADER_SIZE = 20;
const BUFFER_SIZE = 65536;

export const ping = app({
  name: 'ping',
  doc: 'Sends ICMP echo requests and times the replies.',
  parameters: {
    to: { type: 'address', doc: 'Whom to ask.' },
    count: { type: 'integer', default: 4, min: 1, max: 65535, doc: 'How many requests.' },
    interval: { type: 'duration', default: SECOND, doc: 'Time between two requests.' },
    size: { type: 'size', default: 56, min: 0, max: 65507, doc: 'Bytes of data in a request.' },
    timeout: { type: 'duration', default: SECOND, doc: 'How long to wait for the last reply.' },
    ttl: { type: 'integer', default: 64, min: 1, max: 255, doc: 'TTL or hop limit of the requests.' },
  },
  statistics: (): PingStatistics => ({ sent: 0, received: 0, errors: 0, ...noRoundTrips() }),
  *run(context, { to, count, interval, size, timeout, ttl }, statistics) {
    const family = to.family === 6 ? IPV6 : IPV4;
    const socket = context.process.socket(family.kind);
    if (typeof socket === 'number') return fail(context, 'socket', socket);
    socket.setOption(family.recverr, 1);
    socket.setOption(family.ttl, ttl);
    const session = new Session(context, socket, to, statistics);
    const packetSize = size + ICMP_HEADER_SIZE + IPV4_HEADER_SIZE;
    const sizes = to.family === 6 ? `${size} data bytes` : `${size}(${packetSize}) bytes of data.`;
    context.print(`PING ${to} (${to}) ${sizes}`);
    const start = context.now();
    for (let sequence = 1; sequence <= count; sequence++) {
      yield* session.ask(sequence, size);
      yield* session.listen(sequence < count ? interval : timeout, sequence < count ? null : count);
    }
    socket.close();
    summarise(context, to, context.now() - start, statistics);
    return statistics.received > 0 ? 0 : 1;
  },
});

class Session {
  readonly #context: ProgramContext;
  readonly #socket: Socket;
  readonly #to: IpAddress;
  readonly #statistics: PingStatistics;
  readonly #sentAt = new Map<number, Nanos>();

  constructor(context: ProgramContext, socket: Socket, to: IpAddress, statistics: PingStatistics) {
    this.#context = context;
    this.#socket = socket;
    this.#to = to;
    this.#statistics = statistics;
  }

  *ask(sequence: number, size: number): Running<void> {
    const request = new Uint8Array(ICMP_HEADER_SIZE + size);
    request[0] = (this.#to.family === 6 ? IPV6 : IPV4).request;
    writeU16(request, 6, sequence); // the kernel fills in identifier and checksum
    this.#sentAt.set(sequence, this.#context.now());
    this.#statistics.sent++;
    const sent = yield* sendAll(this.#socket, new Payload(request), 0, { address: this.#to, port: 0 });
    if (sent < 0) this.#refused(`sendmsg: ${errnoName(sent)}`);
  }

  /** @param last the sequence number whose answer ends the wait early, or null */
  *listen(span: Nanos, last: number | null): Running<void> {
    const end = this.#context.now() + span;
    for (let left = span; left > 0; left = end - this.#context.now()) {
      const received = yield* recvWithin(this.#socket, BUFFER_SIZE, left);
      const sequence = typeof received === 'number' ? this.#onError() : this.#onReply(received);
      if (sequence !== null && sequence === last) return;
    }
  }

  /** @returns the sequence number that was answered, or null */
  #onReply(received: Received): number | null {
    const { bytes, start, size } = received.data;
    const sequence = size < ICMP_HEADER_SIZE ? -1 : readU16(bytes, start + 6);
    const sentAt = this.#sentAt.get(sequence);
    if (sentAt === undefined || bytes[start] !== (this.#to.family === 6 ? IPV6 : IPV4).reply) return null;
    this.#sentAt.delete(sequence); // a second reply is a duplicate
    const rtt = this.#context.now() - sentAt;
    addRoundTrip(this.#statistics, ++this.#statistics.received, rtt);
    const ttl = received.ttl === undefined ? '' : ` ttl=${received.ttl}`;
    const from = received.from?.address ?? this.#to;
    this.#context.print(`${size} bytes from ${from}: icmp_seq=${sequence}${ttl} time=${millis(rtt)} ms`);
    return sequence;
  }

  /** @returns the sequence number that the error is about, or null when there was none: the time is over */
  #onError(): number | null {
    const error = this.#socket.recv(BUFFER_SIZE, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (typeof error === 'number' || error.extended === undefined) return null;
    const { bytes, start, size } = error.data;
    const sequence = size < ICMP_HEADER_SIZE ? 0 : readU16(bytes, start + 6);
    const { offender, errno } = error.extended;
    this.#refused(`From ${offender} icmp_seq=${sequence} ${errnoName(errno)}`);
    return sequence;
  }

  #refused(line: string): void {
    this.#statistics.errors++;
    this.#context.print(line);
  }
}

function summarise(context: ProgramContext, to: IpAddress, span: Nanos, statistics: PingStatistics): void {
  const { sent, received, rttMin, rttMean, rttMax } = statistics;
  const loss = Math.round((100 * (sent - received)) / sent);
  const time = Math.round(span / MILLISECOND);
  context.print(`--- ${to} ping statistics ---`);
  context.print(`${sent} packets transmitted, ${received} received, ${loss}% packet loss, time ${time}ms`);
  if (received > 0) context.print(`rtt min/avg/max = ${[rttMin, rttMean, rttMax].map(millis).join('/')} ms`);
}

/** Milliseconds with three decimals. */
function millis(span: Nanos): string {
  return (span / MILLISECOND).toFixed(3);
}
