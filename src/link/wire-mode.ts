/**
 * Wire mode: a frame crosses the link as the bytes that a real one would, padding included, and is parsed again on
 * arrival. A run in wire mode gives the same results as one that hands header objects over, which shows that those
 * hide nothing.
 */
import { DecodeError } from '../sim/errors.ts';
import type { EthernetDevice } from './ethernet-device.ts';
import { EthernetFrame, FCS_SIZE, VLAN_TAG_SIZE } from './frame.ts';
import type { Framing } from './framing.ts';

/** The bytes of a frame without FCS, padded with zeros as the framing demands. */
export function wireBytes(frame: EthernetFrame, framing: Framing): Uint8Array {
  const tag = frame.tci < 0 ? 0 : VLAN_TAG_SIZE;
  const bytes = new Uint8Array(Math.max(frame.size, framing.minimum + tag - FCS_SIZE));
  frame.emit(bytes, 0);
  return bytes;
}

/** Hands `frame` to `device` as what its bytes say. */
export function overWire(frame: EthernetFrame, framing: Framing, device: EthernetDevice): void {
  deliverBytes(wireBytes(frame, framing), frame.badFcs, device);
}

/** Hands bytes from a wire to `device`, which counts them as a drop when they are no frame. */
export function deliverBytes(bytes: Uint8Array, badFcs: boolean, device: EthernetDevice): void {
  let frame: EthernetFrame;
  try {
    frame = EthernetFrame.parse(bytes, badFcs);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    device.drops.drop(`link.${error.reason}`, null);
    return;
  }
  device.receive(frame);
}
