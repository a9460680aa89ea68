/** The loopback interface `lo`: what is sent comes back to the same node with the next event. */
import { DropCounters } from '../packet/drops.ts';
import { type MacAddress, ZERO_MAC } from '../packet/mac-address.ts';
import type { Tap } from '../packet/tap.ts';
import type { EventHandler, Simulator } from '../sim/simulator.ts';
import type { FrameHandler, NetDevice } from './device.ts';
import type { EthernetFrame } from './frame.ts';

export const LOOPBACK_MTU = 65536;

const ARRIVAL = 0;

export class LoopbackDevice implements NetDevice, EventHandler {
  readonly name: string;
  readonly index: number;
  readonly mac: MacAddress = ZERO_MAC;
  readonly mtu = LOOPBACK_MTU;
  readonly isLoopback = true;
  readonly drops: DropCounters = new DropCounters();
  handler: FrameHandler | null = null;
  isUp = true;
  txFrames = 0;
  txBytes = 0;

  readonly #simulator: Simulator;
  readonly #place: number;
  #tap: Tap | null = null;

  /** @param place how people find it among the simulator's places: `host1/lo` */
  constructor(simulator: Simulator, place: string, index: number = 1, name: string = 'lo') {
    this.#simulator = simulator;
    this.#place = simulator.addPlace(place, this);
    this.index = index;
    this.name = name;
  }

  get tap(): Tap | null {
    return this.#tap;
  }

  set tap(tap: Tap | null) {
    this.#tap = tap;
    this.drops.tap = tap;
  }

  /** Frames received: those that were sent and have come back. */
  get rxFrames(): number {
    return this.txFrames;
  }

  get rxBytes(): number {
    return this.txBytes;
  }

  get isEnabled(): boolean {
    return this.isUp;
  }

  setEnabled(enabled: boolean): void {
    if (enabled === this.isUp) return;
    this.isUp = enabled;
    this.handler?.onLinkChange?.(this);
  }

  send(frame: EthernetFrame): void {
    if (!this.isUp) {
      this.drops.drop('link.device-down', frame);
      return;
    }
    this.#simulator.after(0, this.#place, ARRIVAL, frame);
  }

  onEvent(_kind: number, frame: unknown): void {
    const back = frame as EthernetFrame;
    if (!this.isUp) {
      this.drops.drop('link.device-down', back);
      return;
    }
    this.txFrames++;
    this.txBytes += back.size;
    // One sight of it, as captures on Linux's lo show: the way in.
    if (this.#tap !== null) this.#tap.frame('in', this.name, back);
    this.handler?.onFrame(this, back);
  }
}
