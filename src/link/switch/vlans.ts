/**
 * VLANs on the ports of a switch (IEEE 802.1Q 6.9, 8.6.2): to which VLAN a received frame belongs, and with which
 * tag it leaves. A port is an access port of one VLAN, or a trunk of many with at most one of them untagged.
 */
import { ConfigError } from '../../sim/errors.ts';
import { EthernetFrame } from '../frame.ts';

/** Every VLAN ID that a frame may have. */
export type Vid = number;

export interface AccessPort {
  readonly access: Vid;
}

export interface TrunkPort {
  /** The VLANs that the trunk carries. */
  readonly trunk: readonly Vid[] | 'all';
  /** The one of them whose frames have no tag; null: frames without a tag are dropped. */
  readonly native: Vid | null;
}

export type PortVlans = AccessPort | TrunkPort;

const VID_MASK = 0xfff;
const PRIORITY_MASK = 0xf000;

/** The rules of one port, looked up in O(1). */
export class VlanRules {
  /** The VLAN of frames without a VLAN of their own, or -1. */
  readonly #pvid: number;
  /** The VLAN whose frames leave untagged, or -1. */
  readonly #untagged: number;
  readonly #members = new Uint8Array(VID_MASK + 1);

  /** @throws ConfigError when a VLAN ID is not in 1-4094, or the native VLAN is not carried */
  constructor(vlans: PortVlans) {
    const members = 'access' in vlans ? [vlans.access] : vlans.trunk;
    const untagged = 'access' in vlans ? vlans.access : vlans.native;
    if (members === 'all') this.#members.fill(1, 1, VID_MASK);
    else for (const vid of members) this.#members[checkVid(vid)] = 1;
    if (untagged !== null && this.#members[checkVid(untagged)] !== 1)
      throw new ConfigError(`VLAN ${untagged} is native to a trunk that does not carry it`, ['native']);
    this.#pvid = untagged ?? -1;
    this.#untagged = untagged ?? -1;
  }

  /** @returns the VLAN to which a frame received here belongs, or -1 when the port does not admit it */
  classify(frame: EthernetFrame): number {
    const vid = frame.tci < 0 ? 0 : frame.tci & VID_MASK;
    if (vid === 0) return this.#pvid; // no tag, or one that only says a priority
    return this.#members[vid] === 1 ? vid : -1;
  }

  carries(vid: number): boolean {
    return this.#members[vid] === 1;
  }

  /** The frame of VLAN `vid` as it leaves by this port: the same object when its tag is right already. */
  outgoing(frame: EthernetFrame, vid: number): EthernetFrame {
    const tci = vid === this.#untagged ? -1 : (frame.tci < 0 ? 0 : frame.tci & PRIORITY_MASK) | vid;
    return tci === frame.tci ? frame : withTci(frame, tci);
  }
}

function withTci(frame: EthernetFrame, tci: number): EthernetFrame {
  return new EthernetFrame(frame.dst, frame.src, frame.etherType, frame.payload, tci);
}

function checkVid(vid: number): number {
  if (!Number.isInteger(vid) || vid < 1 || vid >= VID_MASK)
    throw new ConfigError(`${vid} is not a VLAN ID`, [], 'an integer from 1 to 4094');
  return vid;
}
