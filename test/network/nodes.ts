/** Hosts and routers of nothing but the network floor, on links without delay of their own. */
import { EthernetDevice } from '../../src/link/ethernet-device.ts';
import type { EthernetFrame } from '../../src/link/frame.ts';
import { connect } from '../../src/link/link.ts';
import { LoopbackDevice } from '../../src/link/loopback-device.ts';
import { IpStack } from '../../src/network/ip-stack.ts';
import { NETWORK_SYSCTLS } from '../../src/network/network-sysctls.ts';
import type { SendOptions } from '../../src/network/ports.ts';
import { Sysctls } from '../../src/network/sysctls.ts';
import { DropCounters } from '../../src/packet/drops.ts';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { MacAddress } from '../../src/packet/mac-address.ts';
import type { Pdu } from '../../src/packet/pdu.ts';
import { parsePrefix } from '../../src/packet/prefix.ts';
import type { Tap } from '../../src/packet/tap.ts';
import { RandomStreams } from '../../src/sim/random.ts';
import { Simulator } from '../../src/sim/simulator.ts';

export interface Node {
  readonly name: string;
  readonly stack: IpStack;
  readonly sysctls: Sysctls;
  readonly devices: readonly EthernetDevice[];
  readonly drops: DropCounters;
}

export const PLAIN: SendOptions = {
  ttl: 0,
  tos: 0,
  pmtuDiscovery: 'want',
  device: null,
  dontRoute: false,
  multicastLoop: true,
  foreignSource: false,
  ipOptions: null,
  flow: 0,
};

export class Nodes {
  readonly simulator: Simulator = new Simulator();
  readonly #random = new RandomStreams(1);
  #macs = 0;

  /** @param addresses one interface each, with prefix lengths, joined by commas; `{ mtu }` after a space: `10.0.0.1/24 600` */
  add(name: string, addresses: readonly string[], forwards: boolean = false): Node {
    const drops = new DropCounters();
    const sysctls = new Sysctls([NETWORK_SYSCTLS]);
    const stack = new IpStack(this.simulator, name, this.#random, sysctls, drops);
    stack.addDevice(new LoopbackDevice(this.simulator, `${name}/lo`));
    if (forwards) {
      sysctls.set('net.ipv4.ip_forward', 1);
      sysctls.set('net.ipv6.conf.all.forwarding', 1);
    }
    const devices = addresses.map((text, i) => {
      const [prefixes, mtu] = text.split(' ');
      const device = new EthernetDevice({
        name: `eth${i}`,
        index: i + 2,
        mac: MacAddress.of(0x0200, ++this.#macs),
        mtu: Number(mtu ?? 1500),
      });
      stack.addDevice(device);
      for (const prefix of prefixes!.split(',')) stack.addAddress(device, parsePrefix(prefix));
      return device;
    });
    return { name, stack, sysctls, devices, drops };
  }

  link(a: EthernetDevice, b: EthernetDevice): void {
    connect(this.simulator, a, b, { rateBps: 1e9, delayNs: 1000 });
  }

  route(node: Node, prefix: string, via: string): void {
    node.stack.addRoute({ prefix: parsePrefix(prefix), via: IpAddress.parse(via) });
  }
}

export function ip(text: string): IpAddress {
  return IpAddress.parse(text);
}

/** Notes all frames that leave a device. */
export function watch(device: EthernetDevice): EthernetFrame[] {
  const frames: EthernetFrame[] = [];
  const tap: Tap = {
    frame: (direction, _device, frame: Pdu) => {
      if (direction === 'out') frames.push(frame as EthernetFrame);
    },
    dropped: () => {},
    demultiplexed: () => {},
  };
  device.tap = tap;
  return frames;
}
