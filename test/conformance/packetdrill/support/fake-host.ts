/**
 * A host without a stack: its calls give what a test says, and it sends what a test schedules. The runner is held
 * against it, so that the runner is right before any TCP is.
 */
import type { HostUnderTest } from '../../../../src/conformance/packetdrill/host-under-test.ts';
import {
  buildSegment,
  readSegment,
  type SegmentToBuild,
  type WireSegment,
} from '../../../../src/conformance/packetdrill/wire.ts';
import { IpAddress } from '../../../../src/packet/ip-address.ts';
import { Payload } from '../../../../src/packet/payload.ts';
import { ConfigError } from '../../../../src/sim/errors.ts';
import { Simulator } from '../../../../src/sim/simulator.ts';
import { type Nanos, SECOND } from '../../../../src/sim/time.ts';
import type { Endpoint, Process, Socket } from '../../../../src/sockets/api.ts';

/** Where script time 0 lies. */
const START = 100 * SECOND;
export const EAGAIN = 11;

/** A socket whose calls are functions that a test replaces. */
export class FakeSocket implements Socket {
  readonly kind = 'tcp' as const;
  fd = 77;
  peer: Endpoint = { address: IpAddress.parse('192.0.2.1'), port: 40001 };
  ready = 0;
  readonly options = new Map<string, number>();
  readonly calls: string[] = [];
  readable = 0;
  room = Number.MAX_SAFE_INTEGER;
  readonly queue: FakeSocket[] = [];
  connectResult = 0;
  #waiters: (() => void)[] = [];

  bind(local: Endpoint): number {
    this.calls.push(`bind ${local.address}:${local.port}`);
    return 0;
  }
  listen(): number {
    return 0;
  }
  accept(): Socket | number {
    return this.queue.shift() ?? -EAGAIN;
  }
  connect(remote: Endpoint): number {
    this.calls.push(`connect ${remote.address}:${remote.port}`);
    return this.connectResult;
  }
  resumeConnect(remote: Endpoint): number {
    return this.connect(remote);
  }

  disconnect(): number {
    return 0;
  }
  send(data: Payload, flags: number = 0): number {
    this.calls.push(`send ${data.size} ${flags}`);
    if (this.room === 0) return -EAGAIN;
    const taken = Math.min(this.room, data.size);
    this.room -= taken;
    return taken;
  }
  recv(size: number) {
    if (this.readable === 0) return -EAGAIN;
    const taken = Math.min(size, this.readable);
    this.readable -= taken;
    return { data: Payload.zeros(taken), from: null, fullSize: taken };
  }
  shutdown(): number {
    return 0;
  }
  close(): number {
    this.calls.push('close');
    return 0;
  }
  localName(): Endpoint {
    return { address: IpAddress.parse('192.168.0.1'), port: 8080 };
  }
  peerName(): Endpoint {
    return this.peer;
  }
  setOption(name: string, value: unknown): number {
    this.options.set(name, Number(value));
    return 0;
  }
  getOption(name: string): number {
    return this.options.get(name) ?? (name === 'SO_LINGER' ? -1 : 0);
  }
  tcpInfo(): number {
    return -92;
  }
  ioctl(): number {
    return 42;
  }
  poll(): number {
    return this.ready;
  }
  wait(wake: () => void): void {
    this.#waiters.push(wake);
  }
  wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}

type Reaction = (host: FakeHost, segment: WireSegment) => void;

export class FakeHost implements HostUnderTest {
  readonly simulator = new Simulator();
  readonly local = IpAddress.parse('192.168.0.1');
  readonly remote = IpAddress.parse('192.0.2.1');
  readonly sockets: FakeSocket[] = [];
  readonly injected: WireSegment[] = [];
  readonly injectedBytes: Uint8Array[] = [];
  readonly mergeSizes: number[] = [];
  readonly sysctls = new Map<string, string>([['net.ipv4.tcp_sack', '1']]);
  readonly info = new Map<string, number>([['tcpi_snd_cwnd', 10]]);
  /** What the host does when a packet comes. */
  onSegment: Reaction = () => {};
  onTransmit: (packet: Uint8Array) => void = () => {};
  lingering = false;
  readonly #place = this.simulator.addPlace('fake', { onEvent: (_, action) => (action as () => void)() });

  constructor() {
    this.simulator.run({ until: START });
  }

  readonly process: Process = {
    pid: 1,
    name: 'test',
    uid: 0,
    sockets: [],
    socket: () => {
      const socket = new FakeSocket();
      this.sockets.push(socket);
      return socket;
    },
    exit: () => {},
  };

  /** Does something at a script time in seconds. */
  at(seconds: number, action: () => void): void {
    this.simulator.at(START + Math.round(seconds * SECOND), this.#place, 0, action);
  }

  /** Sends now: fields that are not given are those of a passive connection with ISN 1000. */
  send(fields: Partial<SegmentToBuild>): void {
    this.onTransmit(
      buildSegment({
        src: this.local,
        dst: this.remote,
        srcPort: 8080,
        dstPort: 40001,
        seq: 1001,
        ack: 1,
        flags: 0x10,
        window: 500,
        urgent: 0,
        options: new Uint8Array(0),
        length: 0,
        tos: 0,
        ttl: 64,
        flowLabel: 0,
        ...fields,
      }),
    );
  }

  now(): Nanos {
    return this.simulator.now - START;
  }

  inject(packet: Uint8Array, segmentSize: number): void {
    this.injectedBytes.push(packet);
    this.mergeSizes.push(segmentSize);
    const segment = readSegment(packet);
    if (segment === null) return;
    this.injected.push(segment);
    this.onSegment(this, segment);
  }

  socketInfo(): ReadonlyMap<string, number> {
    return new Map(this.info);
  }
  isLingering(): boolean {
    return this.lingering;
  }
  hasSysctl(name: string): boolean {
    return this.sysctls.has(name);
  }
  setSysctl(name: string, value: string): void {
    if (!this.sysctls.has(name)) throw new ConfigError(`unknown sysctl '${name}'`);
    this.sysctls.set(name, value);
  }
  flushTcpMetrics(): void {}
  changeRoute(): void {}
  setQueueLimit(): void {}
  setOffload(): void {}
  setModuleParameter(): void {}
}
