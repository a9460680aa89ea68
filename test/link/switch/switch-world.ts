/** A switch with stations on its ports, joined by links that take no time. */

import { EthernetDevice } from '../../../src/link/ethernet-device.ts';
import type { EthernetFrame } from '../../../src/link/frame.ts';
import { connect } from '../../../src/link/link.ts';
import { LearningSwitch, type SwitchOptions } from '../../../src/link/switch/learning-switch.ts';
import type { PortVlans } from '../../../src/link/switch/vlans.ts';
import { Simulator } from '../../../src/sim/simulator.ts';
import { mac, Station } from '../support.ts';

export class SwitchWorld {
  readonly simulator = new Simulator();
  readonly switch: LearningSwitch;
  readonly stations: Station[];

  /** @param ports the VLANs of each port, or how many ports without VLANs */
  constructor(ports: readonly PortVlans[] | number, options: SwitchOptions = {}) {
    this.switch = new LearningSwitch(this.simulator, 'sw', options);
    const vlans = typeof ports === 'number' ? new Array<null>(ports).fill(null) : ports;
    this.stations = vlans.map((rules, n) => {
      const station = new Station(this.simulator, n);
      const device = new EthernetDevice({ name: `p${n}`, index: n + 1, mac: mac(0xff00 + n) });
      this.switch.addPort(device, rules);
      connect(this.simulator, station.device, device, { rateBps: Number.POSITIVE_INFINITY, delayNs: 0 });
      return station;
    });
  }

  /** A frame arrives at a port; @returns what comes out, by port */
  exchange(port: number, frame: EthernetFrame): Map<number, EthernetFrame> {
    for (const station of this.stations) station.received.length = 0;
    this.stations[port]!.device.send(frame);
    this.simulator.run({ until: this.simulator.now });
    const out = new Map<number, EthernetFrame>();
    this.stations.forEach((station, n) => {
      for (const received of station.received) out.set(n, received.frame);
    });
    return out;
  }

  /** The ports by which a frame came out. */
  reached(port: number, frame: EthernetFrame): number[] {
    return [...this.exchange(port, frame).keys()];
  }
}
