/**
 * Holds what leaves the host against the script's outbound lines, strictly in order. One line may stand for several
 * segments; packets of other connections are passed over.
 */
import { type Nanos, NEVER, SECOND } from '../../sim/time.ts';
import type { IcmpPacket, TcpPacket } from './ast.ts';
import { ScriptFailure } from './failure.ts';
import type { Flow } from './flow.ts';
import type { FlowTracker } from './flow-tracker.ts';
import { formatExpected, formatSegment } from './format.ts';
import type { HostUnderTest } from './host-under-test.ts';
import type { ScriptSettings } from './options.ts';
import { compareIcmp, compareSegment, joinSegments } from './outbound.ts';
import { runHost } from './run-host.ts';
import { decodeOptions } from './tcp-option-bytes.ts';
import { type Due, type ScriptClock, seconds } from './time.ts';
import { readIcmp, readSegment, SYN, type WireSegment } from './wire.ts';

/** How long the original waits for a packet beyond its time. */
const PATIENCE = 2 * SECOND;
/** How long a packet at any time is waited for. */
const LONGEST_WAIT = 3600 * SECOND;

/** A packet that left the host. */
interface Captured {
  readonly at: Nanos;
  readonly bytes: Uint8Array;
}

interface CapturedSegment {
  readonly at: Nanos;
  readonly segment: WireSegment;
}

export class PacketJudge {
  readonly #host: HostUnderTest;
  readonly #settings: ScriptSettings;
  readonly #clock: ScriptClock;
  readonly #flows: FlowTracker;
  readonly #captured: Captured[] = [];

  /** @param onLine gets a line for every packet that leaves */
  constructor(
    host: HostUnderTest,
    settings: ScriptSettings,
    clock: ScriptClock,
    flows: FlowTracker,
    onLine: (line: string) => void,
  ) {
    this.#host = host;
    this.#settings = settings;
    this.#clock = clock;
    this.#flows = flows;
    host.onTransmit = (bytes) => {
      this.#captured.push({ at: host.simulator.now, bytes });
      const segment = readSegment(bytes);
      if (segment !== null && flows.current !== null) onLine(`> ${formatSegment(segment, flows.current)}`);
    };
  }

  /** A SYN that no line has met yet still tells the port of the connecting socket. */
  observeAll(): void {
    for (const { bytes } of this.#captured) {
      const segment = readSegment(bytes);
      if (segment !== null) this.#flows.observe(segment);
    }
  }

  /** @throws ScriptFailure unless the next packet of the connection is the expected one, in time */
  expectTcp(line: number, expected: TcpPacket, due: Due): void {
    const flow = this.#flows.current;
    if (flow === null) throw new ScriptFailure(line, 'no socket could send this: there is none yet');
    const { segment, at } = this.#takeSegments(line, expected, flow, due);
    const problem =
      compareSegment(expected, segment, flow) ?? this.#checkTimestamps(expected, segment, flow, at);
    if (problem !== null) throw new ScriptFailure(line, `${problem}; ${compared(expected, segment, flow)}`);
    const late = this.#clock.check(due, at);
    if (late !== null) throw new ScriptFailure(line, `the packet ${late}`);
  }

  /** @throws ScriptFailure unless the next ICMP packet is the expected one, in time */
  expectIcmp(line: number, expected: IcmpPacket, due: Due): void {
    const deadline = this.#deadline(due);
    for (;;) {
      const captured = this.#nextPacket(deadline);
      if (captured === null) throw new ScriptFailure(line, 'no ICMP packet came');
      const message = readIcmp(captured.bytes);
      if (message === null) continue;
      const problem = compareIcmp(expected, message) ?? this.#clock.check(due, captured.at);
      if (problem !== null) throw new ScriptFailure(line, problem);
      return;
    }
  }

  /** The next segment of the connection, put together with those behind it until it has the expected data. */
  #takeSegments(line: number, expected: TcpPacket, flow: Flow, due: Due): CapturedSegment {
    const deadline = this.#deadline(due);
    const first = this.#nextSegment(expected, flow, deadline);
    if (first === null) {
      const until = seconds(this.#clock.toScript(this.#host.simulator.now));
      throw new ScriptFailure(line, `no packet came until ${until}; expected > ${formatExpected(expected)}`);
    }
    if ((first.segment.flags & SYN) !== 0) flow.sequence.learn(expected.seq, first.segment.seq);
    let { segment: joined, at } = first;
    let before: WireSegment | null = null;
    let last = joined;
    while (this.#wantsMore(expected, joined)) {
      const next = this.#nextSegment(expected, flow, deadline);
      const whole = next === null ? 'no more data came' : joinSegments(joined, before, last, next.segment);
      if (next === null || typeof whole === 'string') {
        const got = `expected ${expected.length} bytes, got ${joined.payload.length}`;
        throw new ScriptFailure(line, `${String(whole)}: ${got}; ${compared(expected, joined, flow)}`);
      }
      before = last;
      last = next.segment;
      joined = whole;
      at = next.at;
    }
    return { segment: joined, at };
  }

  #wantsMore(expected: TcpPacket, joined: WireSegment): boolean {
    const size = joined.payload.length;
    return !this.#settings.strictSegments && size > 0 && size < expected.length;
  }

  #deadline(due: Due): Nanos {
    const { now } = this.#host.simulator;
    return due.isAnyTime ? now + LONGEST_WAIT : Math.max(now, this.#clock.toLive(due.to) + PATIENCE);
  }

  #nextSegment(expected: TcpPacket, flow: Flow, deadline: Nanos): CapturedSegment | null {
    for (;;) {
      const captured = this.#nextPacket(deadline);
      if (captured === null) return null;
      const segment = readSegment(captured.bytes);
      if (segment === null) continue;
      this.#flows.observe(segment);
      if (flow.sent(segment, expected.ports)) return { segment, at: captured.at };
    }
  }

  #nextPacket(deadline: Nanos): Captured | null {
    if (this.#captured.length === 0 && deadline < NEVER) {
      runHost(this.#host, deadline, () => this.#captured.length > 0);
    }
    return this.#captured.shift() ?? null;
  }

  /** Remembers the host's timestamp under the script's name for it, and checks it where the script has a clock. */
  #checkTimestamps(expected: TcpPacket, segment: WireSegment, flow: Flow, at: Nanos): string | null {
    if (expected.options === 'any') return null;
    const named = expected.options.find((option) => option.kind === 'TS');
    const decoded = decodeOptions(segment.options);
    const live = typeof decoded === 'string' ? undefined : decoded.find((option) => option.kind === 'TS');
    if (named === undefined || live === undefined) return null;
    flow.timestamps.learn(named.val, live.val);
    return flow.timestamps.check(named.val, live.val, this.#clock.timestampAllowance(at));
  }
}

function compared(expected: TcpPacket, segment: WireSegment, flow: Flow): string {
  return `expected > ${formatExpected(expected)}, came > ${formatSegment(segment, flow)}`;
}
