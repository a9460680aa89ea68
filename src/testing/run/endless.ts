/** A run that does not come to rest: who still has work, found by watching a little longer. */
import type { ScenarioRun } from '../../scenario/build/run.ts';
import { formatTime } from '../../sim/time.ts';

/** A bound of events or of virtual time was reached. The message names places with work and programs that wait. */
export class EndlessError extends Error {
  /**
   * @param run where it was stopped
   * @param bound as in `1000000 events`
   * @param watches run on a little to see what goes round? That changes the run
   */
  constructor(run: ScenarioRun, bound: string, watches: boolean = true) {
    const { simulator } = run.network;
    const time = `${formatTime(simulator.now).slice(0, -3)} s`;
    const lines = [
      `the run did not come to rest: it was stopped after ${bound}, at ${time}`,
      ...(watches ? busyPlaces(run) : [pendingEvents(run)]),
      ...waitingPrograms(run),
    ];
    super(lines.join('\n  '));
    this.name = 'EndlessError';
  }
}

/** So many events show what goes round. */
const WATCHED = 2_000;
const SHOWN = 6;

function pendingEvents({ network: { simulator } }: ScenarioRun): string {
  const next = formatTime(simulator.nextTime()).slice(0, -3);
  return simulator.pending === 1
    ? `one event is waiting, at ${next} s`
    : `${simulator.pending} events are waiting, the next at ${next} s`;
}

function busyPlaces(run: ScenarioRun): string[] {
  const { simulator } = run.network;
  const counts = new Map<string, number>();
  let watched = 0;
  for (; watched < WATCHED && simulator.step(); watched++) {
    const name = simulator.placeName(simulator.place);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const busiest = [...counts].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
  return busiest.map(([name, count]) => `${name}: ${count} of the next ${watched} events`);
}

function waitingPrograms(run: ScenarioRun): string[] {
  return [...run.programs.runs.values()]
    .filter(({ task }) => task.state === 'running')
    .slice(0, SHOWN)
    .map(
      ({ name, host, task }) =>
        `program '${name}' on ${host.name} still runs, in ${task.waitsIn ?? 'its first step'}`,
    );
}
