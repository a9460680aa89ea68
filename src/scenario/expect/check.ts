/** All expectations of a run that is over: those that are written, and the results of the calls of inline programs. */

import { assertNever } from '../../sim/errors.ts';
import type { ScenarioRun } from '../build/run.ts';
import type { ExpectationSpec } from '../schema/scenario.ts';
import { checkDelay } from './delay.ts';
import { checkDrops } from './drops.ts';
import { checkHolds } from './holds.ts';
import { checkPackets } from './packets.ts';
import { checkCalls, checkPrinted, checkProgram, checkStatistic } from './programs.ts';
import { checkReceived } from './received.ts';
import { checkSockets, checkState } from './sockets.ts';
import type { Verdict } from './verdict.ts';

/** @param run after its end */
export function checkExpectations(run: ScenarioRun): Verdict[] {
  const calls = [...run.programs.runs.values()].flatMap((program) => checkCalls(program, run) ?? []);
  const written = run.scenario.expect.map((expectation) => {
    const verdict = checkOne(expectation, run);
    return expectation.name === null ? verdict : { ...verdict, name: expectation.name };
  });
  return [...calls, ...written];
}

function checkOne(expectation: ExpectationSpec, run: ScenarioRun): Verdict {
  switch (expectation.check) {
    case 'received':
      return checkReceived(expectation, run);
    case 'state':
      return checkState(expectation, run);
    case 'sockets':
      return checkSockets(expectation, run);
    case 'packets':
      return checkPackets(expectation, run);
    case 'delay':
      return checkDelay(expectation, run);
    case 'drops':
      return checkDrops(expectation, run);
    case 'program':
      return checkProgram(expectation, run);
    case 'printed':
      return checkPrinted(expectation, run);
    case 'statistic':
      return checkStatistic(expectation, run);
    case 'holds':
      return checkHolds(expectation, run);
    default:
      return assertNever(expectation);
  }
}
