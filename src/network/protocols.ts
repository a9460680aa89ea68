/** Who gets what is for this node: raw listeners first, all of them, then the one handler of the protocol. */
import type { InterfaceArrival } from './interface-arrival.ts';
import type { IpPacket } from './ip-packet.ts';
import type { IcmpErrorReport, RawListener, TransportHandler } from './ports.ts';

/** A protocol above IPv4 or IPv6; every `TransportHandler` is one, ICMP and IGMP look closer. */
export interface ProtocolHandler<P extends IpPacket> {
  onPacket(packet: P, arrival: InterfaceArrival): void;
}

export class Protocols<P extends IpPacket> {
  // By protocol number, as long as the largest one in use.
  readonly #handlers: (TransportHandler | undefined)[] = [];
  /** The network floor's own: ICMP, IGMP. They get packets before the handler does, and decide what it gets. */
  readonly #own: (ProtocolHandler<P> | undefined)[] = [];
  readonly #raw: (RawListener[] | undefined)[] = [];

  register(protocol: number, handler: TransportHandler): void {
    this.#handlers[protocol] = handler;
  }

  registerOwn(protocol: number, handler: ProtocolHandler<P>): void {
    this.#own[protocol] = handler;
  }

  /** The handler that the transport or socket floor has registered. */
  handlerOf(protocol: number): TransportHandler | null {
    return this.#handlers[protocol] ?? null;
  }

  addRaw(protocol: number, listener: RawListener): void {
    this.#raw[protocol] = [...(this.#raw[protocol] ?? []), listener];
  }

  removeRaw(protocol: number, listener: RawListener): void {
    const left = (this.#raw[protocol] ?? []).filter((other) => other !== listener);
    this.#raw[protocol] = left.length === 0 ? undefined : left;
  }

  /** @returns false when nobody here knows the protocol */
  deliver(packet: P, arrival: InterfaceArrival): boolean {
    const listeners = this.#raw[packet.protocol];
    const handler: ProtocolHandler<P> | undefined =
      this.#own[packet.protocol] ?? this.#handlers[packet.protocol];
    let isTaken = false;
    if (listeners !== undefined)
      for (const listener of listeners) if (listener.onPacket(packet, arrival)) isTaken = true;
    if (handler === undefined) return isTaken;
    handler.onPacket(packet, arrival);
    return true;
  }

  /** @returns true when somebody here has the flow that the error is about */
  report(protocol: number, error: IcmpErrorReport): boolean {
    const listeners = this.#raw[protocol];
    let isOurs = false;
    if (listeners !== undefined)
      for (const listener of listeners) if (listener.onIcmpError(error)) isOurs = true;
    const handler = this.#handlers[protocol];
    return (handler?.onIcmpError(error) ?? false) || isOurs;
  }
}
