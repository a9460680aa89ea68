/**
 * Machines H, N and R of the frame corpus: a Linux host, the same with permanent neighbours, and a router, as env.json
 * of the corpus describes them, with one UDP socket on port 5000 and a raw socket that sends pings.
 */
import { EthernetDevice } from '../../link/ethernet-device.ts';
import { ETHERTYPE_IPV4 } from '../../link/frame.ts';
import { LoopbackDevice } from '../../link/loopback-device.ts';
import { errnoName } from '../../network/errno.ts';
import { ICMP_ECHO, IcmpMessage } from '../../network/icmp.ts';
import { PROTOCOL_ICMP, PROTOCOL_IGMP, PROTOCOL_UDP } from '../../network/ip-packet.ts';
import { IpStack } from '../../network/ip-stack.ts';
import type { NeighbourState } from '../../network/neighbour.ts';
import { NETWORK_SYSCTLS } from '../../network/network-sysctls.ts';
import type { SendOptions } from '../../network/ports.ts';
import { Sysctls } from '../../network/sysctls.ts';
import { readU16 } from '../../packet/bytes.ts';
import { DropCounters } from '../../packet/drops.ts';
import { ANY_V4, IpAddress } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import { type Prefix, parsePrefix } from '../../packet/prefix.ts';
import { ConfigError, invariant } from '../../sim/errors.ts';
import { RandomStreams } from '../../sim/random.ts';
import { Simulator } from '../../sim/simulator.ts';
import { SECOND } from '../../sim/time.ts';
import type { Socket } from '../../sockets/api.ts';
import { SocketLayer } from '../../sockets/socket-layer.ts';
import type { SocketProcess } from '../../sockets/socket-owner.ts';
import { SOCKET_SYSCTLS } from '../../sockets/sysctls.ts';
import { TCP_SYSCTLS } from '../../transport/tcp/sysctls.ts';
import type { MachineConfig } from './case.ts';
import { dataBytes, dataLayers, type Layer, readMac, writeMac } from './layers.ts';
import type { Machine } from './machine.ts';

/** Rate limits that would make a result depend on what came before are off, as in the recording. */
const RECORDED_SYSCTLS: Readonly<Record<string, number>> = {
  'net.ipv4.icmp_ratemask': 0,
  'net.ipv4.icmp_ratelimit': 0,
  'net.ipv4.icmp_msgs_per_sec': 1000000,
  'net.ipv4.icmp_msgs_burst': 1000000,
  'net.ipv4.ipfrag_time': 600,
  'net.ipv4.ipfrag_high_thresh': 100000000,
};

interface InterfaceSpec {
  readonly mac: string;
  readonly mtu: number;
  readonly addresses: readonly string[];
}

interface HostSpec {
  readonly interfaces: readonly InterfaceSpec[];
  readonly routes: readonly { to: string; via?: string; type?: 'blackhole' | 'unreachable' | 'prohibit' }[];
  readonly forwards: boolean;
  /** Permanent neighbours: interface number and address. */
  readonly neighbours: readonly (readonly [number, string])[];
}

const HOST: HostSpec = {
  interfaces: [{ mac: '00:01', mtu: 1500, addresses: ['10.0.0.1/24', '10.0.0.2/24'] }],
  routes: [{ to: '0.0.0.0/0', via: '10.0.0.254' }],
  forwards: false,
  neighbours: [],
};

export const HOST_SPECS: Readonly<Record<'H' | 'N' | 'R', HostSpec>> = {
  H: HOST,
  N: {
    ...HOST,
    neighbours: [
      [0, '10.0.0.10'],
      [0, '10.0.0.11'],
      [0, '10.0.0.254'],
    ],
  },
  R: {
    interfaces: [
      { mac: '00:01', mtu: 1500, addresses: ['10.0.0.1/24'] },
      { mac: '01:01', mtu: 1500, addresses: ['10.0.1.1/24'] },
      { mac: '02:01', mtu: 600, addresses: ['10.0.2.1/24'] },
    ],
    routes: [
      { to: '10.9.0.0/16', via: '10.0.1.9' },
      { to: '10.9.8.0/24', via: '10.0.2.9' },
      { to: '10.7.0.0/16', via: '10.0.1.8' },
      { to: '10.6.0.0/16', via: '10.0.0.9' },
      { to: '10.8.1.0/24', type: 'blackhole' },
      { to: '10.8.2.0/24', type: 'unreachable' },
      { to: '10.8.3.0/24', type: 'prohibit' },
    ],
    forwards: true,
    neighbours: [
      [0, '10.0.0.9'],
      [0, '10.0.0.10'],
      [0, '10.0.0.11'],
      [1, '10.0.1.9'],
      [1, '10.0.1.10'],
      [2, '10.0.2.9'],
      [2, '10.0.2.10'],
    ],
  },
};

const UDP_PORT = 5000;
const FIRST_SLOT_PORT = 5001;
const GROUP = '224.1.2.3';
const LARGEST_DATAGRAM = 65536;
const PMTU_MODES = ['dont', 'want', 'do', 'probe'] as const;

export class HostMachine implements Machine {
  readonly simulator = new Simulator();
  readonly devices: readonly EthernetDevice[];
  readonly drops: DropCounters = new DropCounters();
  readonly #stack: IpStack;
  readonly #process: SocketProcess;
  readonly #udp: Socket;
  readonly #slots = new Map<number, Socket>();
  #received: unknown[] = [];
  /** Destination of the UDP packet that came last. */
  #destination: IpAddress = ANY_V4;

  constructor(kind: 'H' | 'N' | 'R', config: MachineConfig = {}) {
    const spec = HOST_SPECS[kind];
    const sysctls = new Sysctls([NETWORK_SYSCTLS, TCP_SYSCTLS, SOCKET_SYSCTLS]);
    const streams = new RandomStreams(1);
    // Clock values of 0 would not be told from fields that nobody wrote.
    this.simulator.run({ until: SECOND });
    this.#stack = new IpStack(this.simulator, 'dut', streams, sysctls, this.drops);
    this.#stack.addDevice(new LoopbackDevice(this.simulator, 'dut/lo'));
    this.devices = spec.interfaces.map(({ mac, mtu }, port) => {
      const device = new EthernetDevice({ name: `eth${port}`, index: port + 2, mac: readMac(mac), mtu });
      this.#stack.addDevice(device);
      return device;
    });
    if (spec.forwards) sysctls.set('net.ipv4.ip_forward', 1);
    for (const [name, value] of Object.entries({ ...RECORDED_SYSCTLS, ...config.sysctl }))
      sysctls.set(name, value);
    for (const [port, { addresses }] of spec.interfaces.entries())
      for (const address of addresses) this.#stack.addAddress(this.devices[port]!, parsePrefix(address));
    for (const { to, via, type } of spec.routes) {
      const prefix: Prefix = parsePrefix(to);
      const gateway = via === undefined ? null : IpAddress.parse(via);
      const added = this.#stack.addRoute({ prefix, via: gateway, type: type ?? 'unicast' });
      invariant(added === 0, `the route ${to} of the machine is good`);
    }
    for (const [port, address] of spec.neighbours)
      this.#stack.setNeighbour(this.devices[port]!, IpAddress.parse(address), macOfStation(address));
    const layer = new SocketLayer(this.simulator, this.#stack, streams, sysctls, this.drops, 'dut');
    this.#process = layer.createProcess('driver');
    this.#udp = this.#openUdp(UDP_PORT);
    this.#udp.setOption('SO_BROADCAST', 1);
    this.#udp.setOption('SO_RCVBUFFORCE', 1 << 24);
    if (!spec.forwards) {
      const device = IpAddress.parse('10.0.0.1');
      this.#udp.setOption('IP_ADD_MEMBERSHIP', { group: IpAddress.parse(GROUP), device });
    }
    this.#stack.addRaw(PROTOCOL_UDP, {
      onPacket: (packet) => {
        this.#drain();
        this.#destination = packet.dst;
        return false;
      },
      onIcmpError: () => false,
    });
    // A raw ICMP socket that filters all messages out still hears of errors about its flows.
    this.#stack.addRaw(PROTOCOL_ICMP, { onPacket: () => false, onIcmpError: () => true });
  }

  call(name: string, args: readonly unknown[]): unknown {
    switch (name) {
      case 'neigh':
        return this.#neighbours();
      case 'nset':
        return this.#setNeighbour(args);
      case 'ndel':
        return named(this.#stack.removeNeighbour(this.#device(args[0]), address(args[1])));
      case 'sendto':
        return this.#sendTo(args);
      case 'ping':
        return this.#ping(args);
      case 'connect':
        return this.#connect(args);
      case 'send':
        return named(this.#slot(args[0]).send(payload(args[1])));
      case 'soerr':
        return named(-Number(this.#slot(args[0]).getOption('SO_ERROR')));
      case 'mtu':
        return named(Number(this.#slot(args[0]).getOption('IP_MTU')));
      default:
        throw new ConfigError(
          `a host has no call '${name}'`,
          [],
          'neigh, nset, ndel, sendto, ping, connect, send, soerr or mtu',
        );
    }
  }

  /** IGMP, whose timing the recording does not hold. */
  isChatter(frame: Uint8Array): boolean {
    return readU16(frame, 12) === ETHERTYPE_IPV4 && frame[23] === PROTOCOL_IGMP;
  }

  takeReceived(): unknown[] {
    this.#drain();
    const received = this.#received;
    this.#received = [];
    return received;
  }

  /** What is in the socket came by the UDP packet that was seen last. */
  #drain(): void {
    for (;;) {
      const got = this.#udp.recv(LARGEST_DATAGRAM);
      if (typeof got === 'number') {
        if (named(got) === 'EAGAIN') return;
        this.#received.push(named(got));
        continue;
      }
      const { from, data } = got;
      invariant(from !== null, 'a datagram has a sender');
      const row = [String(from.address), from.port, String(this.#destination)];
      this.#received.push([...row, ...dataLayers(data.view())]);
    }
  }

  #openUdp(port: number): Socket {
    const socket = this.#process.socket('udp');
    invariant(typeof socket !== 'number', 'a socket can be opened');
    socket.bind({ address: ANY_V4, port });
    return socket;
  }

  #neighbours(): unknown {
    const rows = this.#stack
      .neighbours()
      .filter(({ state, device }) => state !== 'PERMANENT' && state !== 'NOARP' && device !== 'lo')
      .map(({ device, address, mac, state }) => [device, String(address), mac && writeMac(mac), state]);
    return rows.length === 0 ? undefined : rows;
  }

  #setNeighbour([device, host, mac, state]: readonly unknown[]): unknown {
    const to = mac === null ? null : readMac(mac);
    const name = String(state).toUpperCase() as NeighbourState;
    return named(this.#stack.setNeighbour(this.#device(device), address(host), to, name));
  }

  #sendTo([host, port, data, given]: readonly unknown[]): unknown {
    const options = (given ?? {}) as { pmtud?: number; dontroute?: number };
    this.#udp.setOption('IP_MTU_DISCOVER', options.pmtud ?? 1);
    this.#udp.setOption('SO_DONTROUTE', options.dontroute ?? 0);
    return named(this.#udp.send(payload(data), 0, { address: address(host), port: Number(port) }));
  }

  #ping([host, id, sequence, data, given]: readonly unknown[]): unknown {
    const { df, ttl } = (given ?? {}) as { df?: number; ttl?: number };
    const options: SendOptions = {
      ttl: address(host).isMulticast ? 0 : (ttl ?? 64), // IP_TTL is not IP_MULTICAST_TTL
      tos: 0,
      pmtuDiscovery: PMTU_MODES[df ? 2 : 0],
      device: null,
      dontRoute: false,
      multicastLoop: true,
      foreignSource: false,
      ipOptions: null,
      flow: 0,
    };
    const rest = ((Number(id) << 16) | Number(sequence)) >>> 0;
    const message = new IcmpMessage(ICMP_ECHO, 0, rest, payload(data));
    const sent = this.#stack.send(ANY_V4, address(host), PROTOCOL_ICMP, message, options);
    return sent === 0 ? message.size : named(sent);
  }

  /** A slot keeps its socket only when all went well; a slot in use has the port. */
  #connect([slot, host, port, recverr]: readonly unknown[]): unknown {
    const socket = this.#process.socket('udp');
    invariant(typeof socket !== 'number', 'a socket can be opened');
    const bound = socket.bind({ address: ANY_V4, port: FIRST_SLOT_PORT + Number(slot) });
    socket.setOption('IP_RECVERR', Number(recverr ?? 0));
    const result = bound < 0 ? bound : socket.connect({ address: address(host), port: Number(port) });
    if (result < 0) socket.close();
    else this.#slots.set(Number(slot), socket);
    return named(result);
  }

  #slot(slot: unknown): Socket {
    const socket = this.#slots.get(Number(slot));
    if (socket === undefined) throw new ConfigError(`slot ${String(slot)} is not connected`);
    return socket;
  }

  #device(name: unknown): EthernetDevice {
    const device = this.devices.find((candidate) => candidate.name === name);
    if (device === undefined) throw new ConfigError(`there is no interface '${String(name)}'`);
    return device;
  }
}

/** A station 10.0.x.y has the MAC 02:00:00:00:xx:yy by convention. */
function macOfStation(host: string) {
  const bits = IpAddress.parse(host).w3;
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
  return readMac(`${hex((bits >>> 8) & 255)}:${hex(bits & 255)}`);
}

function address(text: unknown): IpAddress {
  return IpAddress.parse(String(text));
}

function payload(layer: unknown): Payload {
  return new Payload(dataBytes(layer as Layer));
}

/** A result of 0 or more as it is, an errno by its name. */
function named(result: number): unknown {
  return result < 0 ? errnoName(result) : result;
}
