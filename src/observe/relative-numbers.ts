/**
 * Sequence numbers as people read them: counted from the first one of each direction, as tcpdump does. Stateful:
 * segments are to be shown to it in the order in which they were sent.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import { ACK, SYN, TcpSegment } from '../transport/tcp/header.ts';
import { TcpOptions } from '../transport/tcp/options.ts';
import { seqAdd, seqDiff } from '../transport/tcp/seq.ts';

interface Ends {
  readonly src: IpAddress;
  readonly dst: IpAddress;
}

export class RelativeNumbers {
  /** First sequence number of each direction, by `source > destination`. */
  readonly #bases = new Map<string, number>();

  /** The segment with sequence, acknowledgement and SACK numbers counted from the beginning of the connection. */
  relative(ends: Ends, segment: TcpSegment): TcpSegment {
    const forward = `${ends.src}.${segment.srcPort} > ${ends.dst}.${segment.dstPort}`;
    const backward = `${ends.dst}.${segment.dstPort} > ${ends.src}.${segment.srcPort}`;
    if (segment.has(SYN) || !this.#bases.has(forward)) this.#begin(forward, backward, segment);
    const isAck = segment.has(ACK);
    if (isAck && !this.#bases.has(backward)) this.#bases.set(backward, seqAdd(segment.ack, -1));
    const ours = this.#bases.get(forward)!;
    const theirs = this.#bases.get(backward) ?? 0;
    return new TcpSegment(
      segment.srcPort,
      segment.dstPort,
      difference(segment.seq, ours),
      isAck ? difference(segment.ack, theirs) : 0,
      segment.flags,
      segment.wnd,
      withSack(segment.options, theirs),
      segment.payload,
      segment.urg,
    );
  }

  /** A SYN with a new number begins a new connection between the same ends. */
  #begin(forward: string, backward: string, segment: TcpSegment): void {
    if (this.#bases.get(forward) === segment.seq) return; // the same SYN once more
    this.#bases.set(forward, segment.seq);
    if (segment.has(SYN) && !segment.has(ACK)) this.#bases.delete(backward);
  }
}

function difference(a: number, b: number): number {
  return seqDiff(a, b) >>> 0;
}

function withSack(options: TcpOptions, base: number): TcpOptions {
  if (options.sack.length === 0) return options;
  return new TcpOptions(
    options.mss,
    options.wscale,
    options.sackPermitted,
    options.tsval,
    options.tsecr,
    options.sack.map((edge) => difference(edge, base)),
    options.fastOpen,
    options.fastOpenExperimental,
    options.unknown,
  );
}
