/**
 * The other end of both links, for the specification: what the driver of the recordings remembers of each connection
 * (FORMAT: "The peer keeps per 4-tuple"), reduced to what decides whether a segment is in order.
 */

/** Peer addresses that the machine under test has neighbour entries for. */
const NEIGHBOURS: Readonly<Record<string, readonly string[]>> = {
  eth0: ['10.0.0.10', '10.0.0.11', '10.0.0.12', 'fd00::10', 'fd00::11'],
  eth1: ['10.0.1.10', '10.0.1.11', 'fd01::10', 'fd01::11'],
};

export const PEER_ISS = 1_000_000;

export interface PeerConnection {
  device: string;
  /** The peer's next sequence number. */
  next: number;
  /** The handshake whose SYN or SYN-ACK the peer saw last: its segments acknowledge that one; 0 = none seen. */
  acks: number;
  /** The FIN of the machine under test was seen: what the peer sends acknowledges it. */
  sawFin: boolean;
  /** Answers the next SYN-ACK with an ACK. */
  completes: boolean;
}

/** Does a packet to `address` leaving by `device` reach the peer? */
export function reachesPeer(device: string, address: string): boolean {
  return NEIGHBOURS[device]?.includes(address) ?? false;
}

/** What a peer port does with a SYN or a datagram from the machine under test. */
export function peerPort(port: number): 'accepts' | 'refuses' | 'silent' {
  if (port >= 7000 && port < 7100) return 'accepts';
  return port >= 7100 && port < 7200 ? 'refuses' : 'silent';
}

export class Peer {
  readonly #connections = new Map<string, PeerConnection>();
  /** Acknowledges data and FINs of itself. */
  acknowledges = true;

  find(address: string, port: number, local: string, localPort: number): PeerConnection | undefined {
    return this.#connections.get(`${address}:${port} ${local}:${localPort}`);
  }

  open(
    address: string,
    port: number,
    local: string,
    localPort: number,
    made: PeerConnection,
  ): PeerConnection {
    this.#connections.set(`${address}:${port} ${local}:${localPort}`, made);
    return made;
  }
}
