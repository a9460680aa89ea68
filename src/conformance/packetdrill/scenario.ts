/**
 * A `.pkt` file as a scenario: one run of it with everything that was seen on the wire, so that it has the usual
 * outputs (packets as text, capture files, one JSON document).
 */
import type { RecordedFrame } from '../../observe/recorder.ts';
import { Recorder } from '../../observe/recorder.ts';
import type { Nanos } from '../../sim/time.ts';
import { runScript, type ScriptOutcome, type ScriptSource } from './run.ts';
import { type SimulatedHost, simulatedHost } from './simulated-host.ts';

/** Name of the host under test, as captures show it. */
export const HOST_NAME = 'dut';

export interface ScriptRun {
  readonly outcome: ScriptOutcome;
  /** Every packet in or out of the host, in order. */
  readonly frames: readonly RecordedFrame[];
  readonly fingerprint: string;
  readonly simTimeNs: Nanos;
  readonly events: number;
}

/** Runs a script and records what passes the wire. */
export function runScriptAsScenario(source: ScriptSource): ScriptRun {
  let host: SimulatedHost | null = null;
  let recorder: Recorder | null = null;
  const outcome = runScript(source, {
    host: (addresses) => {
      host = simulatedHost(addresses);
      recorder = new Recorder(host.simulator);
      host.observe(recorder.tap(HOST_NAME));
      return host;
    },
  });
  const made = host as SimulatedHost | null;
  return {
    outcome,
    frames: (recorder as Recorder | null)?.frames ?? [],
    fingerprint: made?.simulator.fingerprint.toString() ?? '',
    simTimeNs: made?.simulator.now ?? 0,
    events: made?.simulator.events ?? 0,
  };
}
