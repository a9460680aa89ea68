/**
 * The machine under test of the kernel corpus as a simulated host: lo, eth0 with 10.0.0.1 and 10.0.0.2, eth1 with
 * 10.0.1.1, no default route. The other ends of eth0 and eth1 are in the hands of the driver.
 */
import type { FrameHandler, NetDevice } from '../../link/device.ts';
import type { Ipv4Packet } from '../../network/ipv4.ts';

const IPV4_SYSCTLS = { 'net.ipv4.ip_default_ttl': 64 };

import { Sysctls } from '../../network/sysctls.ts';
import { DropCounters } from '../../packet/drops.ts';
import { MacAddress } from '../../packet/mac-address.ts';
import { RandomStreams } from '../../sim/random.ts';
import { Simulator } from '../../sim/simulator.ts';
import { SocketLayer } from '../../sockets/socket-layer.ts';
import type { SocketProcess } from '../../sockets/socket-owner.ts';
import { SOCKET_SYSCTLS } from '../../sockets/sysctls.ts';
import { TCP_SYSCTLS } from '../../transport/tcp/sysctls.ts';
import { InterimIp } from './interim-ip.ts';

export type DeviceName = 'eth0' | 'eth1';

/** A packet that the machine sent. */
export interface SentPacket {
  readonly device: DeviceName;
  readonly packet: Ipv4Packet;
}

/** Rate limits that would make a result depend on what came before are off, as in the recording. */
const RECORDED_SYSCTLS: Readonly<Record<string, number>> = {
  'net.ipv4.tcp_invalid_ratelimit': 0,
  'net.ipv4.tcp_challenge_ack_limit': 2147483647,
};

export class Machine {
  readonly simulator: Simulator = new Simulator();
  readonly drops: DropCounters = new DropCounters();
  readonly sockets: SocketLayer;
  readonly process: SocketProcess;
  readonly sysctls: Sysctls;
  readonly #ip: InterimIp;
  readonly #devices: Readonly<Record<DeviceName, NetDevice>>;
  #sent: SentPacket[] = [];

  /** @param changed sysctls of the case @param seed of the ports and hashes that the host chooses */
  constructor(changed: Readonly<Record<string, string>>, seed: number = 1) {
    const sysctls = new Sysctls([IPV4_SYSCTLS, TCP_SYSCTLS, SOCKET_SYSCTLS]);
    for (const [name, value] of Object.entries({ ...RECORDED_SYSCTLS, ...changed })) sysctls.set(name, value);
    this.sysctls = sysctls;
    const lo = new EndDevice('lo', 1, true);
    const eth0 = new EndDevice('eth0', 2, false);
    const eth1 = new EndDevice('eth1', 3, false);
    this.#devices = { eth0, eth1 };
    this.#ip = new InterimIp(this.simulator, [lo, eth0, eth1], (device, packet) =>
      this.#sent.push({ device: device.name as DeviceName, packet }),
    );
    const streams = new RandomStreams(seed);
    this.sockets = new SocketLayer(this.simulator, this.#ip, streams, sysctls, this.drops, 'dut');
    this.process = this.sockets.createProcess('driver');
  }

  /** A packet comes in from the link. */
  inject(device: DeviceName, packet: Ipv4Packet): void {
    this.#ip.receive(this.#devices[device], packet);
  }

  /** Lets everything happen that happens now, then gives what was sent since the last time. */
  settle(): SentPacket[] {
    this.simulator.run({ until: this.simulator.now });
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }
}

class EndDevice implements NetDevice {
  readonly name: string;
  readonly index: number;
  readonly mac: MacAddress;
  readonly mtu: number = 1500;
  readonly isLoopback: boolean;
  readonly isEnabled: boolean = true;
  readonly isUp: boolean = true;
  handler: FrameHandler | null = null;

  constructor(name: string, index: number, isLoopback: boolean) {
    this.name = name;
    this.index = index;
    this.isLoopback = isLoopback;
    this.mac = MacAddress.of(0x0200, index);
  }

  send(): void {}
}
