/**
 * How a UDP socket gets its port: bind() with one (rule L25), and without (L26). Kernel: udp_lib_get_port,
 * udp_lib_lport_inuse.
 */
import { EADDRINUSE, errnoNumber } from '../../network/errno.ts';
import { ANY_V4 } from '../../packet/ip-address.ts';
import type { RandomStream } from '../../sim/random.ts';
import { bucketAddress, namesOverlap } from '../demux/dual-stack.ts';
import type { NewestFirst } from '../demux/newest-first.ts';
import type { UdpEntry, UdpPort, UdpTable } from '../demux/udp-table.ts';
import { exhausted } from '../profile.ts';
import type { PortView, SocketRules } from '../rules/socket-rules.ts';
import { devicesOverlap } from './bind-conflict.ts';
import type { LocalPorts } from './port-range.ts';

/** Above this number of sockets on a port the kernel scans by address instead of by port. */
const CROWD = 10;

export interface UdpSeeker<T extends UdpEntry<T>> extends UdpEntry<T>, PortView {
  /** IP_LOCAL_PORT_RANGE, 0 = not set. */
  readonly ownPortRange: number;
}

export class UdpPorts<T extends UdpSeeker<T>> {
  readonly #table: UdpTable<T>;
  readonly #local: LocalPorts;
  readonly #random: RandomStream;
  readonly #rules: SocketRules | null;

  /** @param rules of another system than Linux; null = Linux */
  constructor(table: UdpTable<T>, local: LocalPorts, random: RandomStream, rules: SocketRules | null = null) {
    this.#rules = rules;
    this.#table = table;
    this.#local = local;
    this.#random = random;
  }

  /** Gives the socket a port at its present local address; 0 asks for any. @returns 0 or -EADDRINUSE */
  bind(socket: T, port: number): number {
    if (this.#rules !== null) return this.#bindBy(this.#rules, socket, port);
    const wanted = port === 0 ? this.#choose(socket) : port;
    if (wanted < 0) return wanted;
    if (port !== 0 && this.#conflicts(socket, port)) return -EADDRINUSE;
    this.#table.add(socket, wanted);
    return 0;
  }

  /** Other systems than Linux: a port for connect(), with both ends' addresses set. @returns 0 or minus an errno */
  connect(socket: T): number {
    const rules = this.#rules!;
    const holders = (number: number) => this.#table.port(number)?.sockets.items() ?? [];
    const mayUse = (port: number) => rules.mayConnectFrom(socket, holders(port));
    const port = this.#local.random(this.#random, mayUse);
    if (port < 0) return -errnoNumber(exhausted(rules.profile, 'connectExhausted'));
    this.#table.add(socket, port);
    return 0;
  }

  #bindBy(rules: SocketRules, socket: T, port: number): number {
    const holders = (number: number) => this.#table.port(number)?.sockets.items() ?? [];
    const isFree = (each: number) => rules.isFree(socket, holders(each));
    const wanted = port === 0 ? this.#local.random(this.#random, isFree) : port;
    if (wanted < 0) return -errnoNumber(exhausted(rules.profile, 'bindExhausted'));
    const refused = port === 0 ? 0 : rules.mayBind(socket, holders(port));
    if (refused < 0) return refused;
    this.#table.add(socket, wanted);
    return 0;
  }

  #conflicts(socket: T, number: number): boolean {
    const port = this.#table.port(number);
    if (port === undefined) return false;
    // In a crowd only the socket's own address and the wildcard are looked at. A wildcard newcomer, which overlaps all
    // addresses, is held against all sockets even then (inet_use_hash2_on_bind).
    const address = bucketAddress(socket.localAddress);
    if (port.sockets.size <= CROWD || address === ANY_V4) return scanRefuses(socket, port.sockets);
    const own = port.byAddress.get(address);
    if (own !== undefined && scanRefuses(socket, own)) return true;
    const any = port.byAddress.get(ANY_V4);
    return any !== undefined && scanRefuses(socket, any);
  }

  /** L26: from a random start the first port whose sockets would all share. */
  #choose(socket: T): number {
    const { low, high } = this.#local.range(socket.ownPortRange);
    const count = high - low + 1;
    const start = this.#random.int(0, count - 1);
    for (let tried = 0; tried < count; tried++) {
      const number = low + ((start + tried) % count);
      if (this.#local.isReserved(number)) continue;
      const port = this.#table.port(number);
      if (port === undefined || !anyRefuses(socket, port)) return number;
    }
    return -EADDRINUSE;
  }
}

/** From the newest socket back; the first that shares by SO_REUSEPORT ends the scan with success. */
function scanRefuses<T extends UdpEntry<T>>(newcomer: T, sockets: NewestFirst<T>): boolean {
  for (let node = sockets.head; node !== null; node = node.next) {
    if (!isRival(newcomer, node.item)) continue;
    return !shareReusePort(newcomer, node.item);
  }
  return false;
}

function anyRefuses<T extends UdpEntry<T>>(newcomer: T, port: UdpPort<T>): boolean {
  for (let node = port.sockets.head; node !== null; node = node.next) {
    if (isRival(newcomer, node.item) && !shareReusePort(newcomer, node.item)) return true;
  }
  return false;
}

/** L25 but for SO_REUSEPORT: address and device overlap, and not both have SO_REUSEADDR. */
function isRival<T extends UdpEntry<T>>(newcomer: T, holder: T): boolean {
  return (
    holder !== newcomer &&
    !(holder.reuseAddr && newcomer.reuseAddr) &&
    devicesOverlap(holder, newcomer) &&
    namesOverlap(newcomer, holder)
  );
}

function shareReusePort<T extends UdpEntry<T>>(newcomer: T, holder: T): boolean {
  return holder.reusePort && newcomer.reusePort && holder.uid === newcomer.uid;
}
