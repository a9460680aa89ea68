/**
 * Puts the steps of a case to a machine and notes what comes out, in the corpus's own terms. The links' other ends
 * are no machines: a frame goes in exactly as written, unless it is longer than the port takes.
 */

import { EthernetFrame } from '../../link/frame.ts';
import { PPP_FRAMING } from '../../link/framing.ts';
import { wireBytes } from '../../link/wire-mode.ts';
import { DecodeError } from '../../sim/errors.ts';
import { MILLISECOND } from '../../sim/time.ts';
import type { Step, StepResult } from './case.ts';
import { decodeFrame } from './decode.ts';
import { encodeFrame } from './encode.ts';
import type { Layer } from './layers.ts';
import type { Machine } from './machine.ts';

/** Times in a wait are rounded down to this. */
const WAIT_GRAIN_MS = 500;

/** A frame that came out, with the time. */
interface Output {
  readonly port: number;
  readonly bytes: Uint8Array;
  readonly at: number;
}

/** @returns one result per step, as the corpus would have recorded it; masked fields are not masked */
export function runSteps(machine: Machine, steps: readonly Step[]): StepResult[] {
  const outputs: Output[] = [];
  for (const [port, device] of machine.devices.entries()) {
    device.attach({
      hasCarrier: true,
      rateBps: Number.POSITIVE_INFINITY,
      isPointToPoint: true,
      transmit: (frame) => {
        device.sent(frame);
        const bytes = wireBytes(frame, PPP_FRAMING);
        if (!machine.isChatter(bytes)) outputs.push({ port, bytes, at: machine.simulator.now });
      },
    });
  }
  settle(machine);
  outputs.length = 0; // what the machine says when its links come up
  return steps.map((step) => {
    const began = machine.simulator.now;
    const value = runStep(machine, step);
    settle(machine);
    const result = resultOf(step, began, value, outputs, machine.takeReceived());
    outputs.length = 0;
    return result;
  });
}

function runStep(machine: Machine, step: Step): unknown {
  switch (step[0]) {
    case 'in':
      return frameIn(machine, step[1], step[2]);
    case 'wait':
      machine.simulator.run({ until: machine.simulator.now + step[1] * MILLISECOND });
      return undefined;
    case 'call': {
      const [, name, ...args] = step;
      return machine.call(name, args);
    }
  }
}

function frameIn(machine: Machine, port: number, layers: readonly Layer[]): unknown {
  const device = machine.devices[port]!;
  const bytes = encodeFrame(layers);
  if (!device.accepts(bytes.length)) return 'ENOBUFS';
  try {
    device.receive(EthernetFrame.parse(bytes));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    device.drops.drop(`link.${error.reason}`, null);
  }
  return undefined;
}

/** Everything that follows at once; links and machines take no time here. */
function settle(machine: Machine): void {
  machine.simulator.run({ until: machine.simulator.now });
}

function resultOf(
  step: Step,
  began: number,
  value: unknown,
  outputs: readonly Output[],
  received: readonly unknown[],
): StepResult {
  const rows = outputs
    .toSorted((a, b) => a.port - b.port)
    .map(({ port, bytes, at }): [number, Layer[], number?] => {
      if (step[0] !== 'wait') return [port, decodeFrame(bytes)];
      const ms = Math.floor((at - began) / (WAIT_GRAIN_MS * MILLISECOND)) * WAIT_GRAIN_MS;
      return [port, decodeFrame(bytes), ms];
    });
  return {
    ...(rows.length === 0 ? {} : { o: rows }),
    ...(value === undefined ? {} : { r: value }),
    ...(received.length === 0 ? {} : { rx: received }),
  };
}
