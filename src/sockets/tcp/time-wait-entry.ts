/**
 * A connection in TIME-WAIT, or an orphan in FIN-WAIT-2, in the socket tables: it keeps the four-tuple and the port,
 * with the options its socket had (rules L11-L13, L16).
 */
import type { NetDevice } from '../../link/device.ts';
import type { IpAddress, IpFamily } from '../../packet/ip-address.ts';
import { type Nanos, NEVER } from '../../sim/time.ts';
import type { TimeWait } from '../../transport/tcp/time-wait.ts';
import type { PortHolder, PortSeat } from '../ports/bind-buckets.ts';
import type { TcpFlow } from './flow.ts';
import type { TcpSocket } from './tcp-socket.ts';

export class TimeWaitEntry implements PortHolder {
  readonly id: number;
  readonly record: TimeWait;
  readonly domain: IpFamily;
  readonly v6only: boolean;
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  readonly device: NetDevice | null;
  readonly uid: number;
  readonly reuseAddr: boolean;
  readonly reusePort: boolean;
  readonly reusePortLb: boolean;
  readonly exclusive: boolean;
  readonly boundByConnect: boolean;
  readonly isListening = false;
  readonly isTimeWait = true;
  readonly isStream = true;
  readonly isHidden = false;
  readonly tos: number;
  /** The flow of its socket, which answers of the record belong to. */
  readonly flow: number;
  seat: PortSeat | null = null;
  twin: TcpFlow | null = null;
  /** When the one timer event that counts is due. */
  timerQueuedAt: Nanos = NEVER;

  constructor(socket: TcpSocket, record: TimeWait, id: number) {
    this.id = id;
    this.record = record;
    this.domain = socket.domain;
    this.v6only = socket.v6only;
    this.localAddress = socket.localAddress;
    this.localPort = socket.localPort;
    this.remoteAddress = socket.remoteAddress;
    this.remotePort = socket.remotePort;
    this.device = socket.device;
    this.uid = socket.uid;
    this.reuseAddr = socket.reuseAddr;
    this.reusePort = socket.reusePort;
    this.reusePortLb = socket.reusePortLb;
    this.exclusive = socket.exclusive;
    this.boundByConnect = socket.boundByConnect;
    const { tos, flow } = socket.optionsTo(socket.remoteAddress);
    this.tos = tos;
    this.flow = flow;
  }
}
