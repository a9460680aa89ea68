/** Machine S of the frame corpus: a Linux bridge with four ports, without STP and VLAN filtering. */
import { EthernetDevice } from '../../link/ethernet-device.ts';
import { LearningSwitch } from '../../link/switch/learning-switch.ts';
import { BRIDGE_NETFILTER } from '../../network/bridge-netfilter.ts';
import { ConfigError } from '../../sim/errors.ts';
import { Simulator } from '../../sim/simulator.ts';
import { SECOND } from '../../sim/time.ts';
import type { MachineConfig } from './case.ts';
import { readMac, writeMac } from './layers.ts';
import type { Machine } from './machine.ts';

const PORTS = 4;
const CENTISECOND = SECOND / 100;

export class SwitchMachine implements Machine {
  readonly simulator = new Simulator();
  readonly devices: readonly EthernetDevice[];
  readonly #switch: LearningSwitch;

  constructor(config: MachineConfig = {}) {
    const ageing = config.ageing === undefined ? {} : { ageing: config.ageing * CENTISECOND };
    this.#switch = new LearningSwitch(this.simulator, 'br0', { filter: BRIDGE_NETFILTER, ...ageing });
    this.devices = Array.from({ length: PORTS }, (_, port) => {
      const mac = readMac(`ff:0${port}`);
      const device = new EthernetDevice({ name: `p${port}`, index: port + 1, mac });
      this.#switch.addPort(device);
      return device;
    });
  }

  call(name: string): unknown {
    if (name !== 'fdb') throw new ConfigError(`a switch has no call '${name}'`, [], 'fdb');
    const rows = this.#switch.table.rows(this.simulator.now);
    return rows.length === 0 ? undefined : rows.map(({ mac, port }) => [writeMac(mac), port]);
  }

  isChatter(): boolean {
    return false;
  }

  takeReceived(): unknown[] {
    return [];
  }
}
