/**
 * What the executor needs of the one simulated host: a clock, a wire, a process with sockets, and the answers of
 * calls that sockets do not give. Behind it stands the real stack (`simulated-host.ts`), or a fake in tests.
 */
import type { IpAddress } from '../../packet/ip-address.ts';
import type { Simulator } from '../../sim/simulator.ts';
import type { Process, Socket } from '../../sockets/api.ts';
import type { ShellHost } from './shell/host.ts';

export interface HostUnderTest extends Omit<ShellHost, 'readFile'> {
  readonly simulator: Simulator;
  readonly process: Process;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** Called with the bytes of every IP packet at the moment it leaves. */
  onTransmit: (packet: Uint8Array) => void;
  /**
   * An IP packet arrives now.
   * @param segmentSize payload of each segment of a merged packet (GRO), 0 = not merged
   */
  inject(packet: Uint8Array, segmentSize: number): void;
  /** TCP_INFO, TCP_CC_INFO and SO_MEMINFO of a socket by the names of snippets, or minus an errno. */
  socketInfo(socket: Socket): ReadonlyMap<string, number> | number;
  /** A closed socket has data or a FIN that the peer has not acknowledged: close() with SO_LINGER waits. */
  isLingering(socket: Socket): boolean;
}

/** Makes a fresh host. */
export type HostFactory = (addresses: HostAddresses) => HostUnderTest;

export interface HostAddresses {
  readonly local: IpAddress;
  readonly prefixLength: number;
  readonly gateway: IpAddress;
  readonly remote: IpAddress;
  /** Of the device, bytes. */
  readonly mtu: number;
}
