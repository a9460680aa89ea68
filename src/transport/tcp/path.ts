/** What routing says about the way to the peer: a port that the owner of a connection fills. */

export interface TcpPath {
  /** Path MTU, bytes. */
  readonly mtu: number;
  /** IP header and options of every packet, bytes: 20 or 40 without options. */
  readonly ipHeaderSize: number;
  /** Metric advmss of the route, bytes; 0 = from the device's MTU. */
  readonly advmss: number;
  /** Metric initcwnd, segments; 0 = 10. */
  readonly initcwnd: number;
  /** Metric initrwnd, segments; 0 = from the buffer. */
  readonly initrwnd: number;
  /** Chunks of several segments leave at once, as with TSO or GSO: see `tso.ts`. */
  readonly hasSegmentationOffload: boolean;
  /** IP_MTU_DISCOVER: packets carry DF, and "fragmentation needed" is obeyed. */
  readonly discoversMtu: boolean;
  /** `mtu lock`: path MTU discovery is off. */
  readonly isMtuLocked: boolean;
}
