/**
 * Packets to the machine under test as far as the specification knows them: who to whom, by which interface, and for
 * TCP what kind of segment it is.
 */
import type { SpecPacket } from '../../sockets/spec/profile.ts';
import type { SpecEndpoint } from '../../sockets/spec/state.ts';

export interface Datagram {
  readonly socket: number;
  readonly from: SpecEndpoint;
  readonly size: number;
}

/** Any packet to the machine under test, as far as demultiplexing looks at it. */
export interface Arrival {
  readonly transport: 'udp' | 'tcp';
  readonly device: string;
  readonly from: SpecEndpoint;
  readonly to: SpecEndpoint;
  readonly flags: SpecPacket['flags'];
  readonly isNewer?: boolean;
  /** Bytes of a datagram; the peer's have 5. */
  readonly size?: number;
}

/** A segment to the machine under test. */
export interface Segment {
  readonly device: string;
  readonly from: SpecEndpoint;
  readonly to: SpecEndpoint;
  /** `refusal`: a RST that acknowledges the SYN. */
  readonly kind: 'syn' | 'syn-ack' | 'ack' | 'data' | 'fin' | 'rst' | 'refusal';
  readonly sequence: number;
  readonly size: number;
  readonly acksFin: boolean;
  /** The handshake that it acknowledges (`PeerConnection.acks`); -1: the right one. */
  readonly acks: number;
}

export function packetOf(given: Arrival): SpecPacket {
  return {
    transport: given.transport,
    src: given.from.address,
    srcPort: given.from.port,
    dst: given.to.address,
    dstPort: given.to.port,
    device: given.device,
    flags: given.flags,
    isNewer: given.isNewer ?? false,
  };
}

export function tuple(from: SpecEndpoint, to: SpecEndpoint): string {
  return `${from.address}:${from.port} ${to.address}:${to.port}`;
}
