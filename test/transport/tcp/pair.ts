/**
 * Two connections and a virtual wire between them, on a simulator of their own. What the wire loses, doubles or delays is
 * a list of segment indexes per direction, so that a failing case shrinks to the few segments that matter.
 */
import { Sysctls } from '../../../src/network/sysctls.ts';
import type { IpFamily } from '../../../src/packet/ip-address.ts';
import { Payload } from '../../../src/packet/payload.ts';
import { invariant } from '../../../src/sim/errors.ts';
import { RandomStreams } from '../../../src/sim/random.ts';
import { type EventHandler, Simulator } from '../../../src/sim/simulator.ts';
import { MILLISECOND, type Nanos, NEVER } from '../../../src/sim/time.ts';
import { TcpConnection } from '../../../src/transport/tcp/connection.ts';
import { ACK, RST, SYN, type TcpSegment } from '../../../src/transport/tcp/header.ts';
import { TcpHost } from '../../../src/transport/tcp/host.ts';
import type { TcpPath } from '../../../src/transport/tcp/path.ts';
import { resetFor } from '../../../src/transport/tcp/reset.ts';
import { seqDiff } from '../../../src/transport/tcp/seq.ts';
import { TcpSettings } from '../../../src/transport/tcp/settings.ts';
import { LIFECYCLE, type TcpState } from '../../../src/transport/tcp/state.ts';
import { TCP_SYSCTLS, TcpConfig } from '../../../src/transport/tcp/sysctls.ts';
import type { TimeWait } from '../../../src/transport/tcp/time-wait.ts';
import type { TcpUser } from '../../../src/transport/tcp/user.ts';
import { addressIn } from '../../support/families.ts';

/** What the wire does to the n-th segment of one direction, counted from 0. */
export interface Faults {
  readonly dropped?: readonly number[];
  readonly doubled?: readonly number[];
  /** Extra delay in ms by index. */
  readonly delayed?: readonly (readonly [index: number, ms: number])[];
}

export interface EndOptions {
  readonly sysctls?: Readonly<Record<string, number | string>>;
  readonly settings?: Partial<TcpSettings>;
  readonly iss?: number;
  readonly path?: Partial<TcpPath>;
  /** Default: 4. */
  readonly family?: IpFamily;
}

export interface PairOptions {
  /** One-way delay. */
  readonly delay?: Nanos;
  readonly client?: EndOptions;
  readonly server?: EndOptions;
  /** Faults of segments from the client, and from the server. */
  readonly up?: Faults;
  readonly down?: Faults;
  readonly acceptQueue?: () => 'yes' | 'drop' | 'reset';
}

/** A segment as it left, for assertions. */
export interface Sent {
  readonly at: Nanos;
  readonly from: 'client' | 'server';
  readonly segment: TcpSegment;
  readonly wasDropped: boolean;
}

export const PATH: TcpPath = {
  mtu: 1500,
  ipHeaderSize: 20,
  advmss: 0,
  initcwnd: 0,
  initrwnd: 0,
  hasSegmentationOffload: true,
  discoversMtu: true,
  isMtuLocked: false,
};

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.2';

/** A host for TCP alone. */
export function tcpHost(simulator: Simulator, name: string, sysctls: EndOptions['sysctls'] = {}): TcpHost {
  const table = new Sysctls([TCP_SYSCTLS]);
  for (const [key, value] of Object.entries(sysctls)) table.set(`net.ipv4.tcp_${key}`, value);
  return new TcpHost(simulator, new TcpConfig(table), new RandomStreams(1).stream(name));
}

/** One end: a connection with a user that remembers what it was told. */
export class End implements TcpUser {
  readonly name: 'client' | 'server';
  readonly connection: TcpConnection;
  readonly states: TcpState[] = [];
  readonly errors: number[] = [];
  timeWait: TimeWait | null = null;
  /** Runs when data or the end of the stream can be read. */
  whenReadable: (() => void) | null = null;
  whenWritable: (() => void) | null = null;
  readonly #acceptQueue: () => 'yes' | 'drop' | 'reset';

  constructor(
    name: 'client' | 'server',
    host: TcpHost,
    options: EndOptions,
    acceptQueue: () => 'yes' | 'drop' | 'reset' = () => 'yes',
  ) {
    this.name = name;
    this.#acceptQueue = acceptQueue;
    const settings = Object.assign(new TcpSettings(), options.settings);
    const { family = 4 } = options;
    const [own, other] = (name === 'client' ? [CLIENT, SERVER] : [SERVER, CLIENT]).map((text) =>
      addressIn(family, text),
    );
    const isClient = name === 'client';
    this.connection = new TcpConnection(
      host,
      settings,
      {
        localAddress: own!,
        localPort: isClient ? 40000 : 80,
        remoteAddress: other!,
        remotePort: isClient ? 80 : 40000,
      },
      { ...PATH, ipHeaderSize: family === 6 ? 40 : 20, ...options.path },
      this,
    );
  }

  onStateChange(from: TcpState, to: TcpState): void {
    const isArrow = LIFECYCLE.some((arrow) => arrow.from === from && arrow.to === to);
    invariant(isArrow, `${from} to ${to} is no arrow of RFC 9293 Figure 5`);
    this.states.push(to);
  }
  onReadable(): void {
    this.whenReadable?.();
  }
  onWritable(): void {
    this.whenWritable?.();
  }
  onError(errno: number): void {
    this.errors.push(errno);
  }
  onTimeWait(record: TimeWait): void {
    this.timeWait = record;
  }
  mayEstablish(): 'yes' | 'drop' | 'reset' {
    return this.#acceptQueue();
  }

  /** All that can be read now, joined. */
  readAll(): Uint8Array {
    const parts: number[] = [];
    for (;;) {
      const data = this.connection.read(65536);
      if (typeof data === 'number' || data.size === 0) return Uint8Array.from(parts);
      for (const byte of data.view()) parts.push(byte);
    }
  }
}

const TIMEOUT = 0;
const ARRIVAL = 1;
const CALL = 2;

export class Pair implements EventHandler {
  readonly simulator = new Simulator();
  readonly client: End;
  readonly server: End;
  readonly sent: Sent[] = [];
  readonly #place: number;
  readonly #options: PairOptions;
  readonly #counts = { client: 0, server: 0 };
  readonly #queuedAt = { client: NEVER, server: NEVER };

  constructor(options: PairOptions = {}) {
    this.#options = options;
    this.#place = this.simulator.addPlace('wire', this);
    this.client = new End(
      'client',
      tcpHost(this.simulator, 'client', options.client?.sysctls),
      options.client ?? {},
    );
    this.server = new End(
      'server',
      tcpHost(this.simulator, 'server', options.server?.sysctls),
      options.server ?? {},
      options.acceptQueue,
    );
  }

  /** Active OPEN by the client. */
  connect(): this {
    this.client.connection.openActive(this.#options.client?.iss);
    this.settle();
    return this;
  }

  /** Opens, and runs until both ends are ESTABLISHED. */
  establish(): this {
    this.connect();
    this.simulator.run({
      condition: () =>
        this.client.connection.state === 'ESTABLISHED' && this.server.connection.state === 'ESTABLISHED',
      until: 300e9,
    });
    return this;
  }

  /** Does something now, and sends what follows from it. */
  do<T>(action: () => T): T {
    const result = action();
    this.settle();
    return result;
  }

  /** Does something later. */
  at(time: Nanos, action: () => void): void {
    this.simulator.at(time, this.#place, CALL, action);
  }

  /** Runs until `time` ms after now. */
  run(ms: number): this {
    this.simulator.run({ until: this.simulator.now + ms * MILLISECOND });
    return this;
  }

  /** Puts on the wire what both ends want to send, and keeps their timers. */
  settle(): void {
    for (const end of [this.client, this.server]) this.#flush(end);
  }

  /** Segments that `from` sent since index `since` of {@link sent}, as text relative to the ISNs. */
  log(from: 'client' | 'server', since: number = 0): string[] {
    return this.sent
      .slice(since)
      .filter((entry) => entry.from === from)
      .map((entry) => this.describe(entry));
  }

  /** `P. 1:101(100) ack 1` */
  describe(entry: Sent): string {
    const { segment } = entry;
    const end = entry.from === 'client' ? this.client : this.server;
    const other = entry.from === 'client' ? this.server : this.client;
    const isSyn = segment.has(SYN);
    const seq = isSyn ? 0 : seqDiff(segment.seq, end.connection.tcb.snd.iss);
    const letters = [
      segment.has(SYN) ? 'S' : '',
      segment.has(1) ? 'F' : '',
      segment.has(RST) ? 'R' : '',
      segment.has(8) ? 'P' : '',
      segment.has(32) ? 'U' : '',
      segment.has(ACK) ? '.' : '',
    ].join('');
    const ack = segment.has(ACK) ? ` ack ${seqDiff(segment.ack, other.connection.tcb.snd.iss)}` : '';
    return `${letters} ${seq}:${seq + segment.payload.size}(${segment.payload.size})${ack}`;
  }

  onEvent(kind: number, arg: unknown): void {
    if (kind === CALL) (arg as () => void)();
    else if (kind === TIMEOUT) this.#onTimeout(arg as End);
    else this.#deliver(arg as Sent);
    this.settle();
  }

  #onTimeout(end: End): void {
    if (this.#queuedAt[end.name] !== this.simulator.now) return;
    this.#queuedAt[end.name] = NEVER;
    end.connection.onTimeout();
  }

  #flush(end: End): void {
    for (;;) {
      const segment = end.connection.pollTransmit();
      if (segment === null) break;
      this.transmit(end.name, segment);
    }
    const deadline = Math.max(end.connection.nextTimeout(), this.simulator.now);
    if (deadline < this.#queuedAt[end.name]) {
      this.#queuedAt[end.name] = deadline;
      this.simulator.at(deadline, this.#place, TIMEOUT, end);
    } else if (this.#queuedAt[end.name] === NEVER && deadline !== NEVER) {
      this.#queuedAt[end.name] = deadline;
      this.simulator.at(deadline, this.#place, TIMEOUT, end);
    }
  }

  /** Puts a segment on the wire as if `from` had sent it. */
  transmit(from: 'client' | 'server', segment: TcpSegment): void {
    const faults = (from === 'client' ? this.#options.up : this.#options.down) ?? {};
    const index = this.#counts[from]++;
    const wasDropped = faults.dropped?.includes(index) ?? false;
    const entry: Sent = { at: this.simulator.now, from, segment, wasDropped };
    this.sent.push(entry);
    if (wasDropped) return;
    const extra = faults.delayed?.find(([at]) => at === index)?.[1] ?? 0;
    const delay = (this.#options.delay ?? 10 * MILLISECOND) + extra * MILLISECOND;
    this.simulator.after(delay, this.#place, ARRIVAL, entry);
    if (faults.doubled?.includes(index)) this.simulator.after(delay, this.#place, ARRIVAL, entry);
  }

  #deliver(entry: Sent): void {
    const to = entry.from === 'client' ? this.server : this.client;
    const { segment } = entry;
    const { connection } = to;
    if (connection.state === 'CLOSED' && to.name === 'server' && to.states.length === 0) {
      const isSyn = segment.has(SYN) && !segment.has(ACK) && !segment.has(RST);
      if (isSyn) connection.openPassive(segment, 0, this.#options.server?.iss);
      else this.#answer(to, resetFor(segment));
    } else if (to.timeWait !== null) {
      const { timeWait } = to;
      const verdict = timeWait.onSegment(segment, this.simulator.now);
      if (verdict === 'ack')
        this.#answer(to, timeWait.ackSegment(Math.floor(this.simulator.now / MILLISECOND)));
      else if (verdict === 'reset') this.#answer(to, resetFor(segment));
    } else if (connection.isOver) this.#answer(to, resetFor(segment));
    else connection.onSegment(segment, 0);
  }

  #answer(from: End, segment: TcpSegment | null): void {
    if (segment !== null) this.transmit(from.name, segment);
  }
}

/** Bytes that tell their place in the stream. */
export function pattern(size: number, from: number = 0): Payload {
  return new Payload(
    Uint8Array.from({ length: size }, (_, i) => ((from + i) * 31 + ((from + i) >> 8)) & 255),
  );
}
