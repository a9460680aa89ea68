/**
 * A datagram service, as UDP promises one (RFC 768): what is read was sent, whole, by that sender to that host. It may be
 * lost, and overtaken; twice it comes only where the network makes copies.
 */
import { Payload } from '../../packet/payload.ts';
import type { Socket } from '../../sockets/api.ts';
import type { Bench } from './bench.ts';
import { NetworkModel } from './network-model.ts';

/** The port that every host has bound. */
export const DATAGRAM_PORT = 9001;

export interface SentDatagram {
  readonly from: string;
  readonly to: string;
  readonly size: number;
  /** How often it was read. */
  reads: number;
}

export interface DatagramPromises {
  /** The network makes copies of packets. Default: false. */
  readonly copies?: boolean;
}

/** A datagram's first bytes are its number, so it has at least so many. */
export const LEAST_SIZE = 4;

export class DatagramModel extends NetworkModel {
  readonly sockets: Map<string, Socket> = new Map();
  readonly sent: SentDatagram[] = [];
  readonly #promises: DatagramPromises;

  constructor(promises: DatagramPromises = {}) {
    super();
    this.#promises = promises;
  }

  /** The bytes of a datagram: its number, and then a pattern. */
  static bytes(number: number, size: number): Payload {
    const bytes = Uint8Array.from({ length: size }, (_, i) => number + i * 31);
    new DataView(bytes.buffer).setUint32(0, number);
    return new Payload(bytes);
  }

  onCrash(host: string): void {
    this.sockets.delete(host);
  }

  /** Reads one datagram. @returns was there one? @throws Error saying what came that must not */
  read(bench: Bench, host: string): boolean {
    const received = this.sockets.get(host)!.recv(100_000);
    if (typeof received === 'number') return false; // nothing there, or an ICMP error, which may come
    const { data, from } = received;
    const number = data.size < LEAST_SIZE ? -1 : new DataView(data.view().slice().buffer).getUint32(0);
    const datagram = this.sent[number];
    if (datagram === undefined) throw new Error(`${host} read ${data.size} bytes that nobody sent`);
    if (datagram.to !== host) throw new Error(`${host} read a datagram that was sent to ${datagram.to}`);
    if (from?.address !== bench.endpoint(datagram.from, 0).address)
      throw new Error(`${host} read a datagram of ${datagram.from} as one of ${from?.address}`);
    const expected = DatagramModel.bytes(number, datagram.size).view();
    if (data.size !== datagram.size || expected.some((byte, i) => byte !== data.view()[i]))
      throw new Error(
        `${host} read a datagram of ${data.size} bytes otherwise than it was sent (${datagram.size} bytes)`,
      );
    if (++datagram.reads > 1 && this.#promises.copies !== true)
      throw new Error(`${host} read datagram ${number} ${datagram.reads} times`);
    return true;
  }

  atEnd(bench: Bench): void {
    for (const host of this.sockets.keys()) while (this.read(bench, host)) {}
  }
}
