/**
 * The simulated Linux host that scripts run on: IP stack, TCP and sockets over one tunnel device whose other end is the
 * script. What a script does to sockets goes through the public API; what it asks of the kernel beside that is here.
 */
import { LoopbackDevice } from '../../link/loopback-device.ts';
import { IpStack } from '../../network/ip-stack.ts';
import { NETWORK_SYSCTLS } from '../../network/network-sysctls.ts';
import { Sysctls } from '../../network/sysctls.ts';
import { DropCounters } from '../../packet/drops.ts';
import { IpAddress } from '../../packet/ip-address.ts';
import { bytesOf } from '../../packet/pdu.ts';
import type { Prefix } from '../../packet/prefix.ts';
import type { Tap } from '../../packet/tap.ts';
import { ConfigError } from '../../sim/errors.ts';
import { RandomStreams } from '../../sim/random.ts';
import { Simulator } from '../../sim/simulator.ts';
import { SECOND } from '../../sim/time.ts';
import type { Process, Socket } from '../../sockets/api.ts';
import { SocketLayer } from '../../sockets/socket-layer.ts';
import { SOCKET_SYSCTLS } from '../../sockets/sysctls.ts';
import { TcpSocket } from '../../sockets/tcp/tcp-socket.ts';
import { TCP_SYSCTLS } from '../../transport/tcp/sysctls.ts';
import type { HostAddresses, HostUnderTest } from './host-under-test.ts';
import type { RouteChange } from './shell/host.ts';
import { OTHER_MAC, TunDevice } from './tun-device.ts';

/** Hosts have been up for a while when a script begins: no clock of theirs stands at zero. */
const UPTIME = 1000 * SECOND;
const NAME = 'dut';

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
  readonly #sysctls: Sysctls;
  readonly #device: TunDevice;
  readonly #ip: IpStack;
  readonly #sockets: SocketLayer;
  readonly #gateway: IpAddress;

  constructor(addresses: HostAddresses) {
    const { local, remote, gateway, prefixLength, mtu } = addresses;
    this.local = local;
    this.remote = remote;
    this.#gateway = gateway;
    this.#sysctls = new Sysctls([NETWORK_SYSCTLS, TCP_SYSCTLS, SOCKET_SYSCTLS]);
    const streams = new RandomStreams(1);
    const drops = new DropCounters();
    this.#ip = new IpStack(this.simulator, NAME, streams, this.#sysctls, drops);
    this.#device = new TunDevice(mtu);
    this.#ip.addDevice(new LoopbackDevice(this.simulator, `${NAME}.lo`));
    this.#ip.addDevice(this.#device);
    this.#ip.addAddress(this.#device, { address: local, length: prefixLength });
    this.#ip.addRoute({ prefix: hostPrefix(remote), via: gateway });
    this.#ip.setNeighbour(this.#device, gateway, OTHER_MAC);
    this.#sockets = new SocketLayer(this.simulator, this.#ip, streams, this.#sysctls, drops, NAME);
    this.process = this.#sockets.createProcess('script');
    this.#device.onTransmit = (packet) => this.onTransmit(bytesOf(packet));
    this.simulator.run({ until: UPTIME });
  }

  /** Shows what passes the tunnel to an observer. */
  observe(tap: Tap | null): void {
    this.#device.tap = tap;
  }

  inject(packet: Uint8Array, _segmentSize: number): void {
    this.#device.receive(packet);
  }

  socketInfo(socket: Socket): ReadonlyMap<string, number> | number {
    const info = socket.tcpInfo();
    if (typeof info === 'number') return info;
    const names = new Map<string, number>(Object.entries(info));
    if (socket instanceof TcpSocket) {
      names.set('SK_MEMINFO_RMEM_ALLOC', socket.connection?.receiveMemory ?? 0);
    }
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

  flushTcpMetrics(): void {
    this.#sockets.tcpHost.fastOpen.clear();
  }

  changeRoute(change: RouteChange): void {
    const prefix = hostPrefix(IpAddress.parse(change.destination));
    this.#ip.removeRoute({ prefix });
    const metrics = {
      advmss: change.advmss ?? 0,
      initcwnd: change.initcwnd ?? 0,
      initrwnd: change.initrwnd ?? 0,
      isMtuLocked: change.mtuLocked ?? false,
    };
    this.#ip.addRoute({ prefix, via: this.#gateway, mtu: change.mtu ?? 0, metrics });
    this.#refreshPaths();
  }

  setQueueLimit(packets: number): void {
    this.#device.queueLimit = packets;
  }

  /** Without the device's help the kernel cuts the same chunks itself: on the wire nothing changes. */
  setOffload(): void {}

  setModuleParameter(module: string, parameter: string, value: string): void {
    const { cubic } = this.#sockets.tcpHost;
    if (module === 'tcp_cubic' && parameter === 'hystart') cubic.hystart = Number(value) !== 0;
    else if (module === 'tcp_cubic' && parameter === 'hystart_detect') cubic.detect = Number(value);
    else if (module === 'tcp_cubic' && parameter === 'hystart_low_window') cubic.lowWindow = Number(value);
    else throw new ConfigError(`there is no parameter '${parameter}' of module '${module}'`);
  }

  #refreshPaths(): void {
    for (const socket of this.process.sockets) {
      if (socket instanceof TcpSocket) this.#sockets.tcp.refreshPath(socket);
    }
  }
}

/** One address alone. */
function hostPrefix(address: IpAddress): Prefix {
  return { address, length: address.family === 6 ? 128 : 32 };
}
