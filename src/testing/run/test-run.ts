/** A run that is over, as properties look at it: what was sent, what became of it, and how everything stands. */
import type { Network } from '../../node/network.ts';
import type { RecordedDrop, RecordedFrame } from '../../observe/recorder.ts';
import { Payload } from '../../packet/payload.ts';
import type { ProgramRun } from '../../scenario/build/programs.ts';
import type { Reading } from '../../scenario/build/received.ts';
import type { ScenarioRun } from '../../scenario/build/run.ts';
import { checkExpectations } from '../../scenario/expect/check.ts';
import type { Verdict } from '../../scenario/expect/verdict.ts';
import type { Scenario } from '../../scenario/schema/scenario.ts';
import { ConfigError } from '../../sim/errors.ts';
import type { RunEnd } from '../../sim/simulator.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Printed } from '../../sockets/program.ts';
import type { SocketRow } from '../../sockets/rows.ts';
import { type SeenPacket, seenPackets } from './seen-packet.ts';

export class TestRun {
  /** Complete: every default filled, every unit read. */
  readonly scenario: Scenario;
  /** The network as it stands: hosts, sockets, counters, tables. */
  readonly network: Network;
  /** The machinery below, for what this class does not show. */
  readonly inner: ScenarioRun;
  /** `idle`: nothing was left to happen; `time`: the scenario's end came first. */
  readonly end: RunEnd;
  #packets: readonly SeenPacket[] | null = null;

  /** @param inner at its end */
  constructor(inner: ScenarioRun, end: RunEnd) {
    this.scenario = inner.scenario;
    this.network = inner.network;
    this.inner = inner;
    this.end = end;
  }

  /** Changes when any event happens at another time, place, or in another order. */
  get fingerprint(): string {
    return this.network.simulator.fingerprint.toString();
  }

  /** When the run ended. */
  get now(): Nanos {
    return this.network.simulator.now;
  }

  /** Everything that hosts and routers saw at their interfaces, in order; a packet shows at each interface it passes. */
  get packets(): readonly SeenPacket[] {
    this.#packets ??= seenPackets(this.frames);
    return this.#packets;
  }

  /** The same as recorded, for captures and ladders. */
  get frames(): readonly RecordedFrame[] {
    return this.inner.recorder.frames;
  }

  /** Drops that belong to none of {@link frames}. */
  get strayDrops(): readonly RecordedDrop[] {
    return this.inner.recorder.strayDrops;
  }

  /** Every successful recv() of every program, in order. */
  get readings(): readonly Reading[] {
    return this.inner.programs.readings;
  }

  /** The sockets of a host as they stand at the end. */
  sockets(host: string): readonly SocketRow[] {
    return this.network.host(host).sockets.rows();
  }

  /** A program as it was last started: its task (state, exit status), statistics, calls. @throws ConfigError */
  program(name: string): ProgramRun {
    const program = this.inner.programs.runs.get(name);
    if (program === undefined) throw new ConfigError(`there is no program '${name}'`);
    return program;
  }

  /** What programs printed, in order of time; of one program, or of all. */
  printed(program?: string): readonly Printed[] {
    const lines = this.network.hosts.flatMap((host) => host.printed);
    return lines
      .filter((line) => program === undefined || line.program === program)
      .sort((a, b) => a.time - b.time);
  }

  /** All bytes that a program read, one behind the other. */
  received(program: string): Uint8Array {
    const parts = this.readings.filter((reading) => reading.program === program);
    return parts.reduce((all, { data }) => all.concat(data), Payload.zeros(0)).view();
  }

  /** Frames that hosts, routers, switches and links dropped, by reason. */
  drops(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const node of this.network.nodes)
      for (const [reason, count] of node.dropped()) counts.set(reason, (counts.get(reason) ?? 0) + count);
    return counts;
  }

  /** The scenario's own expectations, each with what was found. */
  verdicts(): readonly Verdict[] {
    return checkExpectations(this.inner);
  }
}
