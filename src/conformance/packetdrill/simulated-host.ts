/**
 * The simulated Linux host that scripts run on: sockets and TCP over one tunnel device whose other end is the script.
 * Everything a script does goes through the public socket API; what it asks of a kernel beyond that is answered here.
 */
import { ETHERTYPE_IPV4, EthernetFrame } from '../../link/frame.ts';
import { Sysctls } from '../../network/sysctls.ts';
import { DropCounters } from '../../packet/drops.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import { ZERO_MAC } from '../../packet/mac-address.ts';
import { Payload } from '../../packet/payload.ts';
import { bytesOf, type Pdu } from '../../packet/pdu.ts';
import type { Tap } from '../../packet/tap.ts';
import { ConfigError } from '../../sim/errors.ts';
import { RandomStreams } from '../../sim/random.ts';
import { Simulator } from '../../sim/simulator.ts';
import { SECOND } from '../../sim/time.ts';
import type { Process, Socket } from '../../sockets/api.ts';
import { SocketLayer } from '../../sockets/socket-layer.ts';
import { SOCKET_SYSCTLS } from '../../sockets/sysctls.ts';
import type { TcpSocket } from '../../sockets/tcp/tcp-socket.ts';
import { TCP_SYSCTLS } from '../../transport/tcp/sysctls.ts';
import type { HostAddresses, HostUnderTest } from './host-under-test.ts';
import type { RouteChange } from './shell/host.ts';
import { TunDevice } from './tun-device.ts';
import { TunIp } from './tun-ip.ts';

/** Hosts have been up for a while when a script begins: no clock of theirs stands at zero. */
const UPTIME = 1000 * SECOND;

/** A fresh host for one script. */
export function simulatedHost(addresses: HostAddresses): SimulatedHost {
  return new SimulatedHost(addresses);
}

export class SimulatedHost implements HostUnderTest {
  readonly simulator: Simulator = new Simulator();
  readonly process: Process;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  onTransmit: (packet: Uint8Array) => void = () => {};
  /** Who watches the wire; null = nobody. */
  tap: Tap | null = null;
  readonly #sysctls: Sysctls;
  readonly #device: TunDevice;
  readonly #ip: TunIp;
  readonly #layer: SocketLayer;

  constructor(addresses: HostAddresses) {
    this.local = addresses.local;
    this.remote = addresses.remote;
    this.#sysctls = new Sysctls([TCP_SYSCTLS, SOCKET_SYSCTLS, { 'net.ipv4.ip_default_ttl': 64 }]);
    this.#device = new TunDevice(addresses.mtu);
    this.#ip = new TunIp(this.#device, addresses);
    const streams = new RandomStreams(1);
    this.#layer = new SocketLayer(
      this.simulator,
      this.#ip,
      streams,
      this.#sysctls,
      new DropCounters(),
      'dut',
    );
    this.process = this.#layer.createProcess('script');
    this.#device.onTransmit = (packet) => this.#onTransmit(packet);
    this.simulator.run({ until: UPTIME });
  }

  inject(packet: Uint8Array, segmentSize: number): void {
    this.tap?.frame('in', this.#device.name, framed(new Payload(packet)));
    this.#ip.receive(packet, segmentSize);
  }

  #onTransmit(packet: Pdu): void {
    this.tap?.frame('out', this.#device.name, framed(packet));
    this.onTransmit(bytesOf(packet));
  }

  socketInfo(socket: Socket): ReadonlyMap<string, number> | number {
    const info = socket.tcpInfo();
    if (typeof info === 'number') return info;
    const names = new Map<string, number>(Object.entries(info));
    names.set('SK_MEMINFO_RCVBUF', Number(socket.getOption('SO_RCVBUF')));
    names.set('SK_MEMINFO_SNDBUF', Number(socket.getOption('SO_SNDBUF')));
    return names;
  }

  isLingering(socket: Socket): boolean {
    const { state } = socket as TcpSocket;
    return state === 'FIN-WAIT-1' || state === 'CLOSING' || state === 'LAST-ACK';
  }

  hasSysctl(name: string): boolean {
    try {
      this.#sysctls.text(name);
      return true;
    } catch {
      return false;
    }
  }

  setSysctl(name: string, value: string): void {
    this.#sysctls.set(name, value);
  }

  flushTcpMetrics(): void {}

  changeRoute(change: RouteChange): void {
    this.#ip.changeRoute(change);
  }

  setQueueLimit(packets: number): void {
    this.#device.queueLimit = packets;
  }

  setOffload(): void {}

  setModuleParameter(module: string, parameter: string): void {
    throw new ConfigError(`there is no parameter '${parameter}' of module '${module}'`);
  }
}

function framed(packet: Pdu): EthernetFrame {
  return new EthernetFrame(ZERO_MAC, ZERO_MAC, ETHERTYPE_IPV4, packet);
}
