/** A switch, composed: a learning bridge and its ports, with VLANs when any port is told of them. */
import { EthernetDevice } from '../link/ethernet-device.ts';
import { RapidSpanningTree } from '../link/spanning-tree/rapid-spanning-tree.ts';
import { LearningSwitch } from '../link/switch/learning-switch.ts';
import type { PortVlans } from '../link/switch/vlans.ts';
import type { MacAddress } from '../packet/mac-address.ts';
import type { Tap } from '../packet/tap.ts';
import type { Simulator } from '../sim/simulator.ts';
import { checkNames, type DropCount, type NetworkNode, sumDrops } from './node.ts';
import type { SwitchOptions, SwitchPortOptions } from './options.ts';

const DEFAULT_VLAN = 1;

export class Switch implements NetworkNode {
  readonly kind = 'switch';
  readonly name: string;
  readonly ports: readonly EthernetDevice[];
  /** The machine inside: its table of addresses is worth a look. */
  readonly bridge: LearningSwitch;
  /** Null on a switch that does not run it. */
  readonly spanningTree: RapidSpanningTree | null;

  /** @param nextMac gives each port its address */
  constructor(simulator: Simulator, name: string, options: SwitchOptions, nextMac: () => MacAddress) {
    this.name = name;
    const { ageing } = options;
    this.bridge = new LearningSwitch(simulator, name, ageing === undefined ? {} : { ageing });
    const hasVlans = options.ports.some(isOnVlan);
    this.ports = options.ports.map((port, i) => {
      const device = new EthernetDevice({ name: port.name ?? `port${i + 1}`, index: i + 1, mac: nextMac() });
      this.bridge.addPort(device, hasVlans ? vlansOf(port) : null);
      return device;
    });
    checkNames(
      name,
      this.ports.map((port) => port.name),
    );
    this.spanningTree = options.spanningTree ? startSpanningTree(simulator, this.bridge, options) : null;
  }

  dropped(): readonly DropCount[] {
    return sumDrops([this.bridge.drops, ...this.ports.map((port) => port.drops)]);
  }

  observe(tap: Tap | null): void {
    this.bridge.tap = tap;
  }
}

/** A switch whose ports are all plain does not look at tags. */
function isOnVlan({ vlan = DEFAULT_VLAN, tagged = [] }: SwitchPortOptions): boolean {
  return vlan !== DEFAULT_VLAN || tagged.length > 0;
}

function vlansOf({ vlan = DEFAULT_VLAN, tagged = [] }: SwitchPortOptions): PortVlans {
  if (vlan !== null && tagged.length === 0) return { access: vlan };
  return { trunk: vlan === null ? tagged : [vlan, ...tagged], native: vlan };
}

function startSpanningTree(
  simulator: Simulator,
  bridge: LearningSwitch,
  options: SwitchOptions,
): RapidSpanningTree {
  const edgePorts = options.ports.flatMap((port, number) => (port.edge === true ? [number] : []));
  return new RapidSpanningTree(simulator, bridge, { ...options.spanningTree, edgePorts });
}
