/** One port of a switch: its device, its VLANs, and what the spanning tree lets it do. */
import type { FrameHandler, NetDevice } from '../device.ts';
import type { EthernetDevice } from '../ethernet-device.ts';
import type { EthernetFrame } from '../frame.ts';
import type { VlanRules } from './vlans.ts';

/** Port states of IEEE 802.1D-2004 7.4: discarding covers the older disabled, blocking and listening. */
export type PortState = 'discarding' | 'learning' | 'forwarding';

/** What a port tells its switch. */
export interface PortOwner {
  onFrame(port: SwitchPort, frame: EthernetFrame): void;
  onLinkChange(port: SwitchPort): void;
}

export class SwitchPort implements FrameHandler {
  /** Position among the switch's ports, from 0. */
  readonly number: number;
  readonly device: EthernetDevice;
  /** Null on a switch that is not VLAN-aware. */
  readonly vlans: VlanRules | null;
  state: PortState = 'forwarding';
  readonly #owner: PortOwner;

  constructor(owner: PortOwner, number: number, device: EthernetDevice, vlans: VlanRules | null) {
    this.#owner = owner;
    this.number = number;
    this.device = device;
    this.vlans = vlans;
    device.handler = this;
  }

  onFrame(_device: NetDevice, frame: EthernetFrame): void {
    this.#owner.onFrame(this, frame);
  }

  onLinkChange(): void {
    this.#owner.onLinkChange(this);
  }

  /** May frames of VLAN `vid` leave here? */
  forwards(vid: number): boolean {
    return (
      this.state === 'forwarding' && this.device.isUp && (this.vlans === null || this.vlans.carries(vid))
    );
  }

  /** Sends a frame of VLAN `vid` with the tag that this port gives it. */
  transmit(frame: EthernetFrame, vid: number): void {
    this.device.forward(this.vlans === null ? frame : this.vlans.outgoing(frame, vid));
  }
}
