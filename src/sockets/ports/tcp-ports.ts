/**
 * How a TCP socket gets its port: bind() with one (L15), bind() without (L18), listen()'s second look (L17), and
 * connect() without (L20, L21). Kernel: inet_csk_get_port, __inet_hash_connect.
 */
import { EADDRINUSE, EADDRNOTAVAIL, errnoNumber } from '../../network/errno.ts';
import type { RandomStream } from '../../sim/random.ts';
import { nameCovers } from '../demux/dual-stack.ts';
import { defined, exhausted, type SocketProfile } from '../profile.ts';
import type { SocketRules } from '../rules/socket-rules.ts';
import { BindBuckets, type PortBucket, type PortHolder } from './bind-buckets.ts';
import { bucketRefuses, type Strictness } from './bind-conflict.ts';
import type { LocalPorts } from './port-range.ts';

/** A socket that wants a port. */
export interface PortSeeker extends PortHolder {
  /** 0 = none; set here. */
  localPort: number;
  boundByConnect: boolean;
  /** IP_LOCAL_PORT_RANGE, 0 = not set. */
  readonly ownPortRange: number;
}

const PERTURB_SIZE = 65536;

export class TcpPorts {
  readonly buckets: BindBuckets = new BindBuckets();
  readonly #local: LocalPorts;
  readonly #random: RandomStream;
  readonly #autobindReuse: () => boolean;
  readonly #rules: SocketRules | null;
  /** RFC 6056 algorithm 4: where the next search for destinations of this hash begins; random at first. */
  readonly #begins = new Map<number, number>();

  /** @param rules of another system than Linux; null = Linux */
  constructor(
    local: LocalPorts,
    random: RandomStream,
    autobindReuse: () => boolean,
    rules: SocketRules | null = null,
  ) {
    this.#rules = rules;
    this.#local = local;
    this.#random = random;
    this.#autobindReuse = autobindReuse;
  }

  /** bind() to a port, or to any (0). @returns 0 or -EADDRINUSE; other systems have more errnos */
  bind(socket: PortSeeker, port: number): number {
    if (this.#rules !== null) return this.#bindBy(this.#rules, socket, port);
    const wanted = port === 0 ? this.#choose(socket) : port;
    if (wanted < 0) return wanted;
    const bucket = this.buckets.open(wanted);
    if (port !== 0 && this.#conflicts(socket, bucket)) return -EADDRINUSE;
    this.#remember(bucket, socket);
    socket.localPort = wanted;
    this.buckets.add(socket, bucket);
    return 0;
  }

  /** L17: the socket is about to listen and is asked again, now as a listener. @returns 0 or -EADDRINUSE */
  listenAgain(socket: PortSeeker): number {
    if (this.#rules !== null) return listenAgainBy(this.#rules.profile);
    const bucket = socket.seat!.port;
    if (this.#conflicts(socket, bucket)) return -EADDRINUSE;
    this.#remember(bucket, socket);
    return 0;
  }

  /** A port that listen() made up: `*`:ephemeral. @returns 0 or -EADDRINUSE */
  autobind(socket: PortSeeker): number {
    return this.bind(socket, 0);
  }

  /**
   * Looks for a port to connect from, beginning where the destination's hash says.
   * @param hash of the local address and the remote endpoint, unsigned 32 bits
   * @param isFree asks whether the four-tuple with this port is free
   * @returns 0 or -EADDRNOTAVAIL
   */
  connect(socket: PortSeeker, hash: number, isFree: (port: number) => boolean): number {
    if (this.#rules !== null) return this.#connectBy(this.#rules, socket);
    const { low, high, isOwn } = this.#local.range(socket.ownPortRange);
    const step = isOwn ? 1 : 2;
    let count = high - low + 1;
    if (!isOwn && count > 1) count &= ~1;
    const index = hash % PERTURB_SIZE;
    const begin = this.#begins.get(index) ?? this.#random.int(0, PERTURB_SIZE - 1);
    let offset = (begin + (hash >>> 16)) % count;
    if (!isOwn) offset &= ~1; // ports of the parity of `low` first: bind(0) begins with the others
    for (let parity = 0; parity < step; parity++) {
      if (parity === 1 && count <= 1) break;
      for (let tried = 0; tried < count; tried += step) {
        let port = low + offset + parity + tried;
        if (port > high) port -= count;
        if (!this.#usable(port, isFree)) continue;
        this.#begins.set(index, begin + Math.max(tried, this.#random.int(0, 7) * step) + step);
        this.#take(socket, port);
        return 0;
      }
    }
    return -EADDRNOTAVAIL;
  }

  /** A connection that a listener accepted holds the listener's port, at its own address. */
  inherit(child: PortSeeker, listener: PortHolder): void {
    this.buckets.add(child, listener.seat!.port);
  }

  #bindBy(rules: SocketRules, socket: PortSeeker, port: number): number {
    const isFree = (each: number) => rules.isFree(socket, this.buckets.holders(each));
    const wanted = port === 0 ? this.#local.random(this.#random, isFree) : port;
    if (wanted < 0) return -errnoNumber(exhausted(rules.profile, 'bindExhausted'));
    const refused = port === 0 ? 0 : rules.mayBind(socket, this.buckets.holders(port));
    if (refused < 0) return refused;
    socket.localPort = wanted;
    this.buckets.add(socket, this.buckets.open(wanted));
    return 0;
  }

  #connectBy(rules: SocketRules, socket: PortSeeker): number {
    const mayUse = (port: number) => rules.mayConnectFrom(socket, this.buckets.holders(port));
    const port = this.#local.random(this.#random, mayUse);
    if (port < 0) return -errnoNumber(exhausted(rules.profile, 'connectExhausted'));
    this.#take(socket, port);
    return 0;
  }

  #take(socket: PortSeeker, port: number): void {
    socket.boundByConnect = true;
    socket.localPort = port;
    this.buckets.add(socket, this.buckets.open(port));
  }

  /** L21: nobody holds it, or only connect()s do and the four-tuple is free. */
  #usable(port: number, isFree: (port: number) => boolean): boolean {
    if (this.#local.isReserved(port)) return false;
    const bucket = this.buckets.find(port);
    return bucket === undefined || (bucket.isConnectOnly && isFree(port));
  }

  /** The scan of L15, unless what the port remembers makes it unnecessary. */
  #conflicts(socket: PortSeeker, bucket: PortBucket): boolean {
    return !hasPass(bucket, socket) && bucketRefuses(socket, bucket, 'bind');
  }

  /** What the port remembers after `socket` got in: an older pass stays when the newcomer used it. */
  #remember(bucket: PortBucket, socket: PortSeeker): void {
    if (!socket.reusePort) bucket.pass = null;
    else if (!hasPass(bucket, socket)) {
      const { uid, localAddress, domain, v6only } = socket;
      bucket.pass = { uid, localAddress, domain, v6only };
    }
  }

  /** L18: a free port for bind(0): odd offsets from the low end first; for SO_REUSEADDR the lower half first. */
  #choose(socket: PortSeeker): number {
    const { low, high } = this.#local.range(socket.ownPortRange);
    const strictnesses: Strictness[] = this.#autobindReuse() ? ['choose', 'choose-reuse'] : ['choose'];
    for (const strictness of strictnesses) {
      if (socket.reuseAddr && high + 1 - low >= 4) {
        const half = low + (((high + 1 - low) >> 2) << 1);
        const lower = this.#search(socket, low, half, strictness);
        if (lower >= 0) return lower;
        const upper = this.#search(socket, half, high + 1, strictness);
        if (upper >= 0) return upper;
      } else {
        const port = this.#search(socket, low, high + 1, strictness);
        if (port >= 0) return port;
      }
    }
    return -EADDRINUSE;
  }

  /** Tries the ports in [low, end): from a random odd offset every second one, then the even ones. */
  #search(socket: PortSeeker, low: number, end: number, strictness: Strictness): number {
    let count = end - low;
    if (count > 1) count &= ~1;
    const offset = this.#random.int(0, count - 1) | 1;
    for (let parity = 0; parity < 2; parity++) {
      for (let tried = 0; tried < count; tried += 2) {
        let port = low + offset - parity + tried;
        if (port >= end) port -= count;
        if (this.#local.isReserved(port)) continue;
        const bucket = this.buckets.find(port);
        if (bucket === undefined || !bucketRefuses(socket, bucket, strictness)) return port;
      }
    }
    return -1;
  }
}

/** F11: nothing is asked again. */
function listenAgainBy(profile: SocketProfile): number {
  const asks = defined(profile, profile.listenChecksAgain, 'whether listen() may be refused a bound port');
  return asks ? -EADDRINUSE : 0;
}

/** The port remembers a SO_REUSEPORT socket of the same user on the same address or on the wildcard. */
function hasPass({ pass }: PortBucket, socket: PortSeeker): boolean {
  if (!socket.reusePort || pass === null || pass.uid !== socket.uid) return false;
  return nameCovers(pass, socket);
}
