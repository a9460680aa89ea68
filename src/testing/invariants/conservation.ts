/**
 * Nothing vanishes: what was sent over the links has arrived, was dropped for a reason, or is under way; and what came to a
 * host that it was meant for met a socket or a reason, too.
 */
import { UdpDatagram } from '../../transport/udp.ts';
import type { Invariant } from '../invariant.ts';
import type { SeenPacket } from '../run/seen-packet.ts';
import type { TestRun } from '../run/test-run.ts';
import { InvariantViolation } from './violation.ts';

const NAME = 'conservation of packets';

export const CONSERVATION: Invariant = {
  name: NAME,
  check: (run) => {
    const { sent, duplicated, received, lost, inFlight } = run.network.conservation();
    const sums = `${sent} sent and ${duplicated} duplicated, ${received} received and ${lost} lost`;
    const { now: time } = run;
    if (inFlight < 0) throw new InvariantViolation(NAME, { time }, `more arrived than was sent: ${sums}`);
    if (run.end === 'idle' && inFlight !== 0)
      throw new InvariantViolation(NAME, { time }, `${inFlight} frames are neither here nor there: ${sums}`);
    const vanished = run.packets.find((packet) => hasVanished(run, packet));
    if (vanished === undefined) return;
    const { node: host, time: when, text } = vanished;
    throw new InvariantViolation(NAME, { time: when, host }, `neither delivered nor dropped: ${text}`);
  },
};

/** A datagram came for this very host, and nobody knows what became of it. */
function hasVanished(run: TestRun, packet: SeenPacket): boolean {
  const { node, direction, ip, transport, socket, dropped } = packet;
  if (direction !== 'in' || ip === null || ip.isFragment || !(transport instanceof UdpDatagram)) return false;
  if (socket !== null || dropped !== null) return false;
  if (!run.network.host(node).addresses.some(({ address }) => address === ip.dst)) return false;
  return !run.strayDrops.some((drop) => drop.node === node && drop.time >= packet.time);
}
