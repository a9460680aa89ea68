/** The controllers by their kernel names. */
import type { CongestionController } from './controller.ts';
import { Cubic } from './cubic.ts';
import { Reno } from './reno.ts';

const CONTROLLERS: ReadonlyMap<string, () => CongestionController> = new Map<
  string,
  () => CongestionController
>([
  ['reno', () => new Reno()],
  ['cubic', () => new Cubic()],
]);

/** As `net.ipv4.tcp_available_congestion_control` lists them. */
export const CONTROLLER_NAMES: readonly string[] = [...CONTROLLERS.keys()];

/** A controller for one connection; an unknown name gets Reno, as the kernel falls back to it. */
export function makeController(name: string): CongestionController {
  return (CONTROLLERS.get(name) ?? (() => new Reno()))();
}
