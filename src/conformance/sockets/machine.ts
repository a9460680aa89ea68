/**
 * The machine under test of the kernel corpus as a simulated host: lo, eth0 with 10.0.0.1 and 10.0.0.2, eth1 with
 * 10.0.1.1, with fd00::1 and fd00::2, and fd01::1; no default route. The other ends of eth0 and eth1 are in the hands of the driver.
 */
import type { FrameHandler, NetDevice } from '../../link/device.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, EthernetFrame } from '../../link/frame.ts';
import { LoopbackDevice } from '../../link/loopback-device.ts';
import { IpStack } from '../../network/ip-stack.ts';
import { Ipv4Packet } from '../../network/ipv4.ts';
import { Ipv6Packet } from '../../network/ipv6.ts';
import { NETWORK_SYSCTLS } from '../../network/network-sysctls.ts';
import { Sysctls } from '../../network/sysctls.ts';
import { DropCounters } from '../../packet/drops.ts';
import { IpAddress } from '../../packet/ip-address.ts';
import { BROADCAST_MAC, MacAddress } from '../../packet/mac-address.ts';
import { parsePrefix } from '../../packet/prefix.ts';
import { RandomStreams } from '../../sim/random.ts';
import { Simulator } from '../../sim/simulator.ts';
import type { ProfileName } from '../../sockets/profile.ts';
import { SocketLayer } from '../../sockets/socket-layer.ts';
import type { SocketProcess } from '../../sockets/socket-owner.ts';
import { SOCKET_SYSCTLS } from '../../sockets/sysctls.ts';
import { TCP_SYSCTLS } from '../../transport/tcp/sysctls.ts';

export type DeviceName = 'eth0' | 'eth1';

/** What the driver sees and sends. */
export type AnyPacket = Ipv4Packet | Ipv6Packet;

/** A packet that the machine sent. */
export interface SentPacket {
  readonly device: DeviceName;
  readonly packet: AnyPacket;
}

/** Rate limits that would make a result depend on what came before are off, as in the recording. */
const RECORDED_SYSCTLS: Readonly<Record<string, number>> = {
  'net.ipv4.icmp_ratemask': 0,
  'net.ipv4.icmp_ratelimit': 0,
  'net.ipv4.icmp_msgs_per_sec': 1000000,
  'net.ipv4.icmp_msgs_burst': 1000000,
  'net.ipv6.icmp.ratelimit': 0,
  'net.ipv4.tcp_invalid_ratelimit': 0,
  'net.ipv4.tcp_challenge_ack_limit': 2147483647,
};

/** The two links: the machine's addresses, and the peer's, for which it has permanent neighbour entries. */
const LINKS: Readonly<
  Record<DeviceName, { readonly own: readonly string[]; readonly peer: readonly string[] }>
> = {
  eth0: {
    own: ['10.0.0.1/24', '10.0.0.2/24', 'fd00::1/64', 'fd00::2/64'],
    peer: ['10.0.0.10', '10.0.0.11', '10.0.0.12', 'fd00::10', 'fd00::11'],
  },
  eth1: {
    own: ['10.0.1.1/24', 'fd01::1/64'],
    peer: ['10.0.1.10', '10.0.1.11', 'fd01::10', 'fd01::11'],
  },
};
const DEVICE_NAMES = ['eth0', 'eth1'] as const;

export class Machine {
  readonly simulator: Simulator = new Simulator();
  readonly drops: DropCounters = new DropCounters();
  readonly sockets: SocketLayer;
  readonly process: SocketProcess;
  readonly #devices: Readonly<Record<DeviceName, EndDevice>>;
  #sent: SentPacket[] = [];

  /** @param changed sysctls of the case @param seed of the ports and hashes that the host chooses */
  constructor(changed: Readonly<Record<string, string>>, seed: number = 1, profile: ProfileName = 'linux') {
    const sysctls = new Sysctls([NETWORK_SYSCTLS, TCP_SYSCTLS, SOCKET_SYSCTLS]);
    for (const [name, value] of Object.entries({ ...RECORDED_SYSCTLS, ...changed })) sysctls.set(name, value);
    const streams = new RandomStreams(seed);
    const ip = new IpStack(this.simulator, 'dut', streams, sysctls, this.drops);
    ip.addDevice(new LoopbackDevice(this.simulator, 'dut/lo'));
    const made = DEVICE_NAMES.map((name, i) => {
      const device = new EndDevice(name, i + 2, (packet) => this.#sent.push({ device: name, packet }));
      ip.addDevice(device);
      for (const address of LINKS[name].own) ip.addAddress(device, parsePrefix(address));
      for (const address of LINKS[name].peer)
        ip.setNeighbour(device, IpAddress.parse(address), device.peerMac);
      return device;
    });
    this.#devices = { eth0: made[0]!, eth1: made[1]! };
    this.sockets = new SocketLayer(this.simulator, ip, streams, sysctls, this.drops, 'dut', profile);
    this.process = this.sockets.createProcess('driver');
  }

  /** A packet comes in from the link. */
  inject(name: DeviceName, packet: AnyPacket): void {
    const device = this.#devices[name];
    const frame = new EthernetFrame(
      destinationMac(device, packet.dst),
      device.peerMac,
      packet instanceof Ipv4Packet ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6,
      packet,
    );
    device.handler!.onFrame(device, frame);
  }

  /** Lets everything happen that happens now, then gives what was sent since the last time. */
  settle(): SentPacket[] {
    this.simulator.run({ until: this.simulator.now });
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }
}

/** One end of a link whose other end is the driver. */
class EndDevice implements NetDevice {
  readonly name: DeviceName;
  readonly index: number;
  readonly mac: MacAddress;
  readonly peerMac: MacAddress;
  readonly mtu: number = 1500;
  readonly isLoopback: boolean = false;
  readonly isEnabled: boolean = true;
  readonly isUp: boolean = true;
  handler: FrameHandler | null = null;
  readonly #onPacket: (packet: AnyPacket) => void;

  constructor(name: DeviceName, index: number, onPacket: (packet: AnyPacket) => void) {
    this.name = name;
    this.index = index;
    this.mac = MacAddress.of(0x0200, index);
    this.peerMac = MacAddress.of(0x0200, 0x100 + index);
    this.#onPacket = onPacket;
  }

  /** The driver looks at IP only. */
  send({ payload }: EthernetFrame): void {
    if (payload instanceof Ipv4Packet || payload instanceof Ipv6Packet) this.#onPacket(payload);
  }
}

/** As a neighbour addresses frames: broadcasts and groups have MAC addresses of their own. */
function destinationMac(device: EndDevice, dst: IpAddress): MacAddress {
  if (dst.family === 6) return dst.isMulticast ? MacAddress.of(0x3333, dst.w3) : device.mac;
  if (dst.isMulticast) return MacAddress.of(0x0100, 0x5e000000 + (dst.w3 & 0x7fffff));
  return (dst.w3 & 0xff) === 0xff ? BROADCAST_MAC : device.mac;
}
