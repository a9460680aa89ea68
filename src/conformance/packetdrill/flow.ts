/**
 * The connection under test: one at a time. Its live addresses and ports, and the maps from the script's numbers
 * to live ones. It begins as a socket() call, becomes active by connect() or, at the first inbound packet for a
 * listener (or for nobody), passive.
 */
import type { IpAddress } from '../../packet/ip-address.ts';
import type { Socket } from '../../sockets/api.ts';
import { SequenceMap } from './sequence-map.ts';
import { TimestampMap, type TimestampRules } from './timestamp-map.ts';
import type { WireSegment } from './wire.ts';

export type FlowPhase = 'fresh' | 'listening' | 'connecting' | 'active' | 'passive';

export class Flow {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** 0 until a SYN shows it. */
  localPort: number;
  remotePort: number;
  phase: FlowPhase;
  /** The socket behind it, for TCP_INFO; null before accept(). */
  socket: Socket | null;
  /** Our first SYN on a connection that the host opened has shown our ISN. */
  isRemoteKnown = false;
  readonly sequence: SequenceMap = new SequenceMap();
  readonly timestamps: TimestampMap;

  constructor(
    local: IpAddress,
    remote: IpAddress,
    phase: FlowPhase,
    socket: Socket | null,
    rules: TimestampRules,
  ) {
    this.local = local;
    this.remote = remote;
    this.localPort = 0;
    this.remotePort = 0;
    this.phase = phase;
    this.socket = socket;
    this.timestamps = new TimestampMap(rules);
  }

  /** Did the host send this segment on this connection? @param ports the script's own, if it names any */
  sent(segment: WireSegment, ports: { readonly src: number; readonly dst: number } | null): boolean {
    return (
      segment.src === this.local &&
      segment.dst === this.remote &&
      segment.srcPort === (ports?.src ?? this.localPort) &&
      segment.dstPort === (ports?.dst ?? this.remotePort)
    );
  }
}
