/**
 * Packets that wait until a neighbour is resolved: the newest ones, as many as fit into `unres_qlen_bytes` of buffers.
 * The sockets that sent them are charged meanwhile.
 */
import { bufferSize } from './buffer-size.ts';
import type { IpPacket } from './ip-packet.ts';
import type { Neighbour, QueuedPacket } from './neighbour.ts';
import { keptOrigin, type PacketOrigin } from './packet-origin.ts';

/** @returns the oldest packets, which had to go to make room */
export function enqueue(neighbour: Neighbour, packet: IpPacket, origin: PacketOrigin): IpPacket[] {
  const bytes = bufferSize(packet.size);
  const lost: IpPacket[] = [];
  while (neighbour.queueBytes + bytes > neighbour.config.unresQlenBytes) {
    const oldest = neighbour.queue.shift();
    if (oldest === undefined) break;
    neighbour.queueBytes -= oldest.bytes;
    discharge(oldest);
    lost.push(oldest.packet);
  }
  neighbour.queue.push({ packet, origin: keptOrigin(origin), bytes });
  neighbour.queueBytes += bytes;
  if (origin.waiting !== null) origin.waiting.bytes += bytes;
  return lost;
}

/** Takes everything out of the queue. */
export function emptied(neighbour: Neighbour): readonly QueuedPacket[] {
  const { queue } = neighbour;
  neighbour.queue = [];
  neighbour.queueBytes = 0;
  for (const queued of queue) discharge(queued);
  return queue;
}

function discharge({ origin, bytes }: QueuedPacket): void {
  if (origin.waiting !== null) origin.waiting.bytes -= bytes;
}

/** Once all is done: senders that were short of memory may go on. */
export function tell(waited: readonly QueuedPacket[]): void {
  for (const { origin } of waited) origin.waiting?.onLess();
}
