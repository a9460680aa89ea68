/**
 * A VLAN interface (IEEE 802.1Q; Linux: `ip link add link eth0 name eth0.10 type vlan id 10`): a device of its own to
 * the floors above, whose frames travel over another device with a tag. It has the MAC address of that device, is up
 * only with it, and takes no frames without its tag, nor those that only say a priority.
 */
import { DropCounters } from '../packet/drops.ts';
import type { MacAddress } from '../packet/mac-address.ts';
import { ConfigError } from '../sim/errors.ts';
import type { FrameHandler, NetDevice } from './device.ts';
import { EthernetFrame } from './frame.ts';

const MAX_VID = 4094;

/** What the name of a VLAN interface says. */
export interface VlanName {
  /** The device beneath. */
  readonly parent: string;
  readonly vid: number;
}

/** Reads `eth0.10`. @returns null for a name without a VLAN @throws ConfigError for a VLAN that cannot be */
export function parseVlanName(name: string): VlanName | null {
  const match = /^(.+)\.(\d+)$/.exec(name);
  if (match === null) return null;
  const vid = Number(match[2]);
  if (vid < 1 || vid > MAX_VID || match[2]!.startsWith('0'))
    throw new ConfigError(`'${name}' names no VLAN`, [], `a VLAN from 1 to ${MAX_VID}, as in ${match[1]}.10`);
  return { parent: match[1]!, vid };
}

export interface VlanDeviceOptions {
  /** Interface name: eth0.10. */
  readonly name: string;
  /** 1-based, unique within the node. */
  readonly index: number;
  readonly parent: NetDevice;
  /** 1-4094. */
  readonly vid: number;
  /** Largest payload, bytes; at most, and by default, the parent's. */
  readonly mtu?: number;
}

export class VlanDevice implements NetDevice {
  readonly name: string;
  readonly index: number;
  readonly mac: MacAddress;
  readonly mtu: number;
  readonly isLoopback = false;
  readonly parent: NetDevice;
  readonly vid: number;
  /** Frames refused here; what the wire refuses the parent counts. */
  readonly drops: DropCounters = new DropCounters();
  handler: FrameHandler | null = null;

  /** Frames and their bytes, without the tag, padding and FCS. */
  txFrames = 0;
  txBytes = 0;
  rxFrames = 0;
  rxBytes = 0;

  #isEnabled = true;

  /** @throws ConfigError for an MTU that the parent cannot carry */
  constructor({ name, index, parent, vid, mtu = parent.mtu }: VlanDeviceOptions) {
    if (!Number.isInteger(mtu) || mtu < 68 || mtu > parent.mtu)
      throw new ConfigError(
        `an MTU of ${mtu} is not possible at ${name}`,
        ['mtu'],
        `an integer from 68 to ${parent.mtu}, the MTU of ${parent.name}`,
      );
    this.name = name;
    this.index = index;
    this.mac = parent.mac;
    this.mtu = mtu;
    this.parent = parent;
    this.vid = vid;
  }

  get isEnabled(): boolean {
    return this.#isEnabled && this.parent.isEnabled;
  }

  get isUp(): boolean {
    return this.#isEnabled && this.parent.isUp;
  }

  /** `ip link set dev eth0.10 up|down`. */
  setEnabled(enabled: boolean): void {
    if (enabled === this.#isEnabled) return;
    this.#isEnabled = enabled;
    this.parentChanged();
  }

  /** The parent was switched on or off, or its carrier came or went. */
  parentChanged(): void {
    this.handler?.onLinkChange?.(this);
  }

  send(frame: EthernetFrame): void {
    if (!this.#isEnabled) {
      this.drops.drop('link.device-down', frame);
      return;
    }
    if (frame.payload.size > this.mtu) {
      this.drops.drop('link.too-big', frame);
      return;
    }
    this.txFrames++;
    this.txBytes += frame.size;
    this.parent.send(new EthernetFrame(frame.dst, frame.src, frame.etherType, frame.payload, this.vid));
  }

  /** A frame with the tag of this VLAN has arrived at the parent. */
  receive(frame: EthernetFrame): void {
    if (!this.#isEnabled) {
      this.drops.drop('link.receiver-down', frame);
      return;
    }
    const untagged = new EthernetFrame(frame.dst, frame.src, frame.etherType, frame.payload);
    this.rxFrames++;
    this.rxBytes += untagged.size;
    if (this.handler !== null) this.handler.onFrame(this, untagged);
    else this.drops.drop('link.no-handler', frame);
  }
}
