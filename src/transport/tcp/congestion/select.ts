/** The controllers by their kernel names. */
import type { CongestionController } from './controller.ts';
import { Cubic } from './cubic.ts';
import type { CubicParameters } from './hystart.ts';
import { Reno } from './reno.ts';

type Maker = (cubic: CubicParameters) => CongestionController;

const CONTROLLERS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['reno', () => new Reno()],
  ['cubic', (parameters) => new Cubic(parameters)],
]);

/** As `net.ipv4.tcp_available_congestion_control` lists them. */
export const CONTROLLER_NAMES: readonly string[] = [...CONTROLLERS.keys()];

/** A controller for one connection; an unknown name gets Reno, as the kernel falls back to it. @param cubic the host's */
export function makeController(name: string, cubic: CubicParameters): CongestionController {
  return (CONTROLLERS.get(name) ?? (() => new Reno()))(cubic);
}
