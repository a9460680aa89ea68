/** One case of the frame corpus: frames and calls put to a machine, and what a kernel answered. */
import { ConfigError } from '../../sim/errors.ts';
import type { Layer } from './layers.ts';

/** H host, N the same with permanent neighbours, R router, S switch. */
export type MachineKind = 'H' | 'N' | 'R' | 'S';

export interface MachineConfig {
  /** Kernel parameters that differ in this case. */
  readonly sysctl?: Readonly<Record<string, string>>;
  /** The switch's ageing time, 1/100 s. */
  readonly ageing?: number;
}

export type Step =
  | readonly ['in', port: number, frame: readonly Layer[]]
  | readonly ['wait', ms: number]
  | readonly ['call', name: string, ...args: unknown[]];

/** A frame that came out: the port, its layers, and in a wait the time in ms, rounded down to 500. */
export type OutputRow = readonly [port: number, frame: readonly Layer[], ms?: number];

export interface StepResult {
  readonly o?: readonly OutputRow[];
  readonly r?: unknown;
  readonly rx?: readonly unknown[];
}

export interface FrameCase {
  readonly id: string;
  /** Title. */
  readonly t?: string;
  readonly m: MachineKind;
  readonly cfg?: MachineConfig;
  readonly steps: readonly Step[];
  readonly res: readonly StepResult[];
}

const MACHINES = ['H', 'N', 'R', 'S'];
const STEPS = ['in', 'wait', 'call'];

/**
 * Reads one line of a corpus file.
 * @throws ConfigError when it is no case, or one of a kind that is not known
 */
export function parseFrameCase(line: string): FrameCase {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new ConfigError(`not JSON: ${(error as Error).message}`, [], 'one case per line');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError('a case is an object', [], 'id, m, steps and res');
  const { id, m, steps, res } = value as Record<string, unknown>;
  if (typeof id !== 'string') throw new ConfigError('the case has no id', ['id']);
  if (!MACHINES.includes(m as string))
    throw new ConfigError(`case ${id}: '${String(m)}' is not a machine`, ['m'], MACHINES.join(', '));
  if (!Array.isArray(steps) || !Array.isArray(res) || steps.length !== res.length)
    throw new ConfigError(`case ${id}: every step needs one result`, ['steps']);
  for (const [index, step] of steps.entries()) {
    if (!Array.isArray(step) || !STEPS.includes(step[0]))
      throw new ConfigError(
        `case ${id}: step ${index} is of no known kind`,
        ['steps', index],
        STEPS.join(', '),
      );
  }
  return value as FrameCase;
}
