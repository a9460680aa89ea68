/**
 * Nothing vanishes: what was sent over the links has arrived, was dropped for a reason, or is still under way.
 * Tests hold every run against this.
 */
import type { EthernetDevice } from '../link/ethernet-device.ts';
import type { Cable } from './cable.ts';
import { type DropCount, type NetworkNode, sumCounts } from './node.ts';

export interface Conservation {
  /** Frames that point-to-point links took, and copies that impairments made of them. */
  readonly sent: number;
  readonly duplicated: number;
  /** Frames that devices at the other ends took in. */
  readonly received: number;
  /** Frames lost on links, or refused on arrival. */
  readonly lost: number;
  /** What remains: frames queued or on the wire. Never negative; 0 when no event is pending. */
  readonly inFlight: number;
  /** Everything that was dropped anywhere on any floor, by reason. */
  readonly dropped: readonly DropCount[];
}

/** Drops of frames that the link never took. */
const BEFORE_THE_LINK = new Set([
  'link.queue-full',
  'link.no-carrier',
  'link.device-down',
  'link.too-big',
  'link.no-handler', // behind the link: it was received
]);

export function conservationOf(nodes: readonly NetworkNode[], cables: readonly Cable[]): Conservation {
  const links = cables.flatMap(({ link }) => (link === null ? [] : [link]));
  const devices = [...new Set(links.flatMap((link) => link.devices))];
  const sent = sum(devices, (device) => device.txFrames);
  const received = sum(devices, (device) => device.rxFrames);
  const duplicated = sum(links, ({ aToB, bToA }) => aToB.duplicated + bToA.duplicated);
  const lost = sum(devices, lostOnLink);
  return {
    sent,
    duplicated,
    received,
    lost,
    inFlight: sent + duplicated - received - lost,
    dropped: sumCounts(nodes.map((node) => node.dropped())),
  };
}

function lostOnLink(device: EthernetDevice): number {
  return sum(
    device.drops.entries().filter(([reason]) => reason.startsWith('link.') && !BEFORE_THE_LINK.has(reason)),
    ([, count]) => count,
  );
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
