/**
 * Who holds which TCP port: a bucket per port, and in it one per local address (rules L15, L16, L21).
 *
 * As in Linux each port remembers whether the last newcomer had SO_REUSEPORT, so that many servers on one port need no
 * scan. The memory is part of the visible behaviour: clearing SO_REUSEPORT after bind() does not take it back.
 */
import type { NetDevice } from '../../link/device.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import { invariant } from '../../sim/errors.ts';
import type { BoundName } from '../demux/dual-stack.ts';
import { ListNode, NewestFirst } from '../demux/newest-first.ts';
import type { PortView } from '../rules/socket-rules.ts';

/** Whatever holds a TCP port: a socket, a connection that nobody has accepted or everybody has closed, TIME-WAIT. */
export interface PortHolder extends BoundName, PortView {
  readonly device: NetDevice | null;
  readonly isTimeWait: boolean;
  /** The port was chosen by connect(): others may connect from it to other destinations. */
  readonly boundByConnect: boolean;
  seat: PortSeat | null;
}

/** A holder's place in its buckets. */
export interface PortSeat {
  readonly port: PortBucket;
  address: AddressBucket;
  readonly node: ListNode<PortHolder>;
  /** Grows from holder to holder. */
  readonly order: number;
  /** `boundByConnect` as it was when the holder sat down. */
  readonly byConnect: boolean;
}

/** The sockets of one port with the same local address. */
export interface AddressBucket {
  readonly address: IpAddress;
  readonly holders: NewestFirst<PortHolder>;
}

/** A SO_REUSEPORT socket that got in: others of its kind need not be held against the present holders. */
export interface ReusePortPass extends BoundName {
  readonly uid: number;
}

export class PortBucket {
  readonly port: number;
  /** What the port remembers: the last newcomer had SO_REUSEPORT. It outlives a change of that socket's options. */
  pass: ReusePortPass | null = null;
  readonly addresses = new Map<IpAddress, AddressBucket>();
  /** Holders that got the port by bind(), listen() or accept(). */
  explicitHolders = 0;

  constructor(port: number) {
    this.port = port;
  }

  get isEmpty(): boolean {
    return this.addresses.size === 0;
  }

  /** Everybody has the port from connect(), which may choose it again for another destination (L21). */
  get isConnectOnly(): boolean {
    return this.explicitHolders === 0;
  }
}

export class BindBuckets {
  readonly #ports = new Map<number, PortBucket>();
  #seated = 0;

  /** Number of ports that are held. */
  get size(): number {
    return this.#ports.size;
  }

  find(port: number): PortBucket | undefined {
    return this.#ports.get(port);
  }

  /** The bucket of a port; an empty one is made when nobody holds it. */
  open(port: number): PortBucket {
    let bucket = this.#ports.get(port);
    if (bucket === undefined) {
      bucket = new PortBucket(port);
      this.#ports.set(port, bucket);
    }
    return bucket;
  }

  /** The holder takes its seat at its present local address. */
  add(holder: PortHolder, bucket: PortBucket): void {
    invariant(holder.seat === null, 'a socket holds two ports');
    const address = addressBucket(bucket, holder.localAddress);
    const node = new ListNode(holder);
    address.holders.addFirst(node);
    holder.seat = { port: bucket, address, node, order: ++this.#seated, byConnect: holder.boundByConnect };
    if (!holder.boundByConnect) bucket.explicitHolders++;
  }

  /** The holder gives up its port. */
  remove(holder: PortHolder): void {
    const seat = holder.seat;
    invariant(seat !== null, 'a socket gives up a port that it does not hold');
    const bucket = seat.port;
    leaveAddress(seat);
    holder.seat = null;
    if (!seat.byConnect) bucket.explicitHolders--;
    if (bucket.isEmpty) this.#ports.delete(bucket.port);
    else if (bucket.isConnectOnly) bucket.pass = null;
  }

  /** The holder's local address has changed: connect() fixed it, or disconnecting freed it. */
  moved(holder: PortHolder): void {
    const seat = holder.seat;
    if (seat === null || seat.address.address === holder.localAddress) return;
    leaveAddress(seat);
    seat.address = addressBucket(seat.port, holder.localAddress);
    seat.address.holders.addFirst(seat.node);
  }

  /** All that hold a port, the newest first. */
  holders(port: number): PortHolder[] {
    const addresses = [...(this.#ports.get(port)?.addresses.values() ?? [])];
    return addresses.flatMap(({ holders }) => holders.items()).sort((a, b) => b.seat!.order - a.seat!.order);
  }

  /** Every bucket in the order of port numbers, for views and tests. */
  all(): PortBucket[] {
    return [...this.#ports.values()].sort((a, b) => a.port - b.port);
  }
}

function addressBucket(bucket: PortBucket, address: IpAddress): AddressBucket {
  let found = bucket.addresses.get(address);
  if (found === undefined) {
    found = { address, holders: new NewestFirst() };
    bucket.addresses.set(address, found);
  }
  return found;
}

function leaveAddress(seat: PortSeat): void {
  seat.address.holders.remove(seat.node);
  if (seat.address.holders.size === 0) seat.port.addresses.delete(seat.address.address);
}
