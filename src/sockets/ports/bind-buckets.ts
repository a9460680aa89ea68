/**
 * Who holds which TCP port: a bucket per port, and in it one per local address (rules L15, L16, L21).
 *
 * As in Linux each port bucket remembers what its sockets had in common when they bound, so that most calls need no
 * scan. The memory is part of the visible behaviour: clearing SO_REUSEPORT after bind() does not take it back.
 */
import type { NetDevice } from '../../link/device.ts';
import { ANY_V4, type IpAddress } from '../../packet/ip-address.ts';
import { invariant } from '../../sim/errors.ts';
import { ListNode, NewestFirst } from '../demux/newest-first.ts';

/** Whatever holds a TCP port: a socket, a connection that nobody has accepted or everybody has closed, TIME-WAIT. */
export interface PortHolder {
  /** The address that arriving packets must be sent to; the wildcard for all. */
  readonly localAddress: IpAddress;
  readonly device: NetDevice | null;
  /** Owner: SO_REUSEPORT is for sockets of one user. */
  readonly uid: number;
  readonly reuseAddr: boolean;
  readonly reusePort: boolean;
  readonly isListening: boolean;
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
  /** `boundByConnect` as it was when the holder sat down. */
  readonly byConnect: boolean;
}

/** The sockets of one port with the same local address. */
export interface AddressBucket {
  readonly address: IpAddress;
  readonly holders: NewestFirst<PortHolder>;
}

/** All holders got the port by connect(); or not all allow sharing; or all do: SO_REUSEADDR, none listening. */
export type SharedReuseAddr = 'by-connect' | 'no' | 'yes';
/**
 * Like that for SO_REUSEPORT. 'yes': every holder has it. 'same-address': a newcomer had it and got in, though
 * others may not; newcomers like that one get in as well.
 */
export type SharedReusePort = 'by-connect' | 'no' | 'yes' | 'same-address';

export class PortBucket {
  readonly port: number;
  reuseAddr: SharedReuseAddr;
  reusePort: SharedReusePort;
  /** Owner and address of the socket that `reusePort` speaks of. */
  reusePortUid = 0;
  reusePortAddress: IpAddress = ANY_V4;
  readonly addresses = new Map<IpAddress, AddressBucket>();
  /** Holders that got the port by bind(), listen() or accept(). */
  explicitHolders = 0;

  constructor(port: number, byConnect: boolean) {
    this.port = port;
    this.reuseAddr = byConnect ? 'by-connect' : 'no';
    this.reusePort = byConnect ? 'by-connect' : 'no';
  }

  get isEmpty(): boolean {
    return this.addresses.size === 0;
  }

  /** connect() may choose this port for another destination (L21). */
  get isConnectOnly(): boolean {
    return this.reuseAddr === 'by-connect' && this.reusePort === 'by-connect';
  }
}

export class BindBuckets {
  readonly #ports = new Map<number, PortBucket>();

  /** Number of ports that are held. */
  get size(): number {
    return this.#ports.size;
  }

  find(port: number): PortBucket | undefined {
    return this.#ports.get(port);
  }

  /** The bucket of a port; an empty one is made when nobody holds it. */
  open(port: number, byConnect: boolean): PortBucket {
    let bucket = this.#ports.get(port);
    if (bucket === undefined) {
      bucket = new PortBucket(port, byConnect);
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
    holder.seat = { port: bucket, address, node, byConnect: holder.boundByConnect };
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
    else this.#afterLeaving(bucket);
  }

  /** The holder's local address has changed: connect() fixed it, or disconnecting freed it. */
  moved(holder: PortHolder): void {
    const seat = holder.seat;
    if (seat === null || seat.address.address === holder.localAddress) return;
    leaveAddress(seat);
    seat.address = addressBucket(seat.port, holder.localAddress);
    seat.address.holders.addFirst(seat.node);
  }

  /** Every bucket in the order of port numbers, for views and tests. */
  all(): PortBucket[] {
    return [...this.#ports.values()].sort((a, b) => a.port - b.port);
  }

  /** Once every explicit holder has gone, the port is connect()'s to share again (L21). */
  #afterLeaving(bucket: PortBucket): void {
    if (bucket.explicitHolders > 0) return;
    bucket.reuseAddr = 'by-connect';
    bucket.reusePort = 'by-connect';
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
