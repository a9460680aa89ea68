/** A machine under test, as the runner drives it: devices for its ports, a clock, and the calls of its kind. */
import type { EthernetDevice } from '../../link/ethernet-device.ts';
import type { Simulator } from '../../sim/simulator.ts';

export interface Machine {
  readonly simulator: Simulator;
  /** By port number; nothing is plugged in yet. */
  readonly devices: readonly EthernetDevice[];
  /**
   * A `call` step.
   * @returns what the case records as `r`, undefined when there is nothing to tell
   * @throws ConfigError when the machine has no such call
   */
  call(name: string, args: readonly unknown[]): unknown;
  /** Frames that are left out of the recording. */
  isChatter(frame: Uint8Array): boolean;
  /** Datagrams and pending errors of the UDP socket since this was asked last. */
  takeReceived(): unknown[];
}
