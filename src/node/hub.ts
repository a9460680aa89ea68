/** A hub, composed: one shared segment. It has no devices of its own and drops nothing; stations do. */
import { Hub as SharedSegment } from '../link/hub/hub.ts';
import type { RandomStreams } from '../sim/random.ts';
import type { Simulator } from '../sim/simulator.ts';
import type { DropCount, NetworkNode } from './node.ts';
import type { HubOptions } from './options.ts';

export class Hub implements NetworkNode {
  readonly kind = 'hub';
  readonly name: string;
  readonly ports = [];
  readonly segment: SharedSegment;

  constructor(simulator: Simulator, random: RandomStreams, name: string, options: HubOptions, wire: boolean) {
    this.name = name;
    const rate = options.rate === undefined ? {} : { rateBps: options.rate };
    this.segment = new SharedSegment(simulator, name, { ...rate, wire, random });
  }

  dropped(): readonly DropCount[] {
    return [];
  }

  observe(): void {}
}
