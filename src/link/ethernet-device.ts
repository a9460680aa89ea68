/**
 * An Ethernet interface: between the network floor (or a switch) and whatever medium it is plugged into.
 * It knows its MTU, whether it is up, and counts; queueing and transmission are the medium's.
 */
import { DropCounters } from '../packet/drops.ts';
import type { MacAddress } from '../packet/mac-address.ts';
import type { Tap } from '../packet/tap.ts';
import { ConfigError, invariant } from '../sim/errors.ts';
import type { FrameHandler, NetDevice } from './device.ts';
import { ETHERNET_HEADER_SIZE, type EthernetFrame, paddedSize, VLAN_TAG_SIZE } from './frame.ts';
import type { Medium } from './medium.ts';

export const ETHERNET_MTU = 1500;

export interface EthernetDeviceOptions {
  /** Interface name: eth0. */
  readonly name: string;
  /** 1-based, unique within the node. */
  readonly index: number;
  readonly mac: MacAddress;
  /** Largest payload, bytes; default 1500. */
  readonly mtu?: number;
}

export class EthernetDevice implements NetDevice {
  readonly name: string;
  readonly index: number;
  readonly mac: MacAddress;
  readonly isLoopback = false;
  /** Frames refused, lost on the way to the peer, or refused on arrival, by reason. */
  readonly drops: DropCounters = new DropCounters();
  mtu: number;
  handler: FrameHandler | null = null;
  isUp = false;

  /** Frames given to the wire and taken from it, and their bytes with header and padding, without FCS. */
  txFrames = 0;
  txBytes = 0;
  rxFrames = 0;
  rxBytes = 0;

  #tap: Tap | null = null;
  #medium: Medium | null = null;
  #isEnabled = true;

  constructor(options: EthernetDeviceOptions) {
    const mtu = options.mtu ?? ETHERNET_MTU;
    if (!Number.isInteger(mtu) || mtu < 68 || mtu > 65535)
      throw new ConfigError(`an MTU of ${mtu} is not possible`, ['mtu'], 'an integer from 68 to 65535');
    this.name = options.name;
    this.index = options.index;
    this.mac = options.mac;
    this.mtu = mtu;
  }

  /** Who watches the node that this device belongs to. */
  get tap(): Tap | null {
    return this.#tap;
  }

  set tap(tap: Tap | null) {
    this.#tap = tap;
    this.drops.tap = tap;
  }

  /** Plugs the cable in: the medium says from now on whether there is a carrier. */
  attach(medium: Medium): void {
    if (this.#medium !== null)
      throw new ConfigError(`${this.name} is plugged in twice`, [], 'a device of its own for every link');
    this.#medium = medium;
    this.carrierChanged();
  }

  get isAttached(): boolean {
    return this.#medium !== null;
  }

  /** Bits per second of what it is plugged into; 0 when it is not. */
  get rateBps(): number {
    return this.#medium?.rateBps ?? 0;
  }

  /** Is there exactly one device at the other end of the cable? */
  get isPointToPoint(): boolean {
    return this.#medium?.isPointToPoint ?? true;
  }

  /** Pulls the cable out. */
  detach(): void {
    this.#medium = null;
    this.carrierChanged();
  }

  /** Switches the device on or off (`ip link set dev NAME up|down`). */
  setEnabled(enabled: boolean): void {
    this.#isEnabled = enabled;
    this.carrierChanged();
  }

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** The medium gained or lost its carrier. */
  carrierChanged(): void {
    const isUp = this.#isEnabled && this.#medium?.hasCarrier === true;
    if (isUp === this.isUp) return;
    this.isUp = isUp;
    this.handler?.onLinkChange?.(this);
  }

  send(frame: EthernetFrame): void {
    const largest = this.mtu + ETHERNET_HEADER_SIZE + (frame.tci >= 0 ? VLAN_TAG_SIZE : 0);
    if (frame.size > largest) this.drops.drop('link.too-big', frame);
    else this.#transmit(frame);
  }

  /** Passes on a frame that another device received: refused only when a device would not take it in. */
  forward(frame: EthernetFrame): void {
    if (!this.accepts(frame.size)) this.drops.drop('link.too-big', frame);
    else this.#transmit(frame);
  }

  #transmit(frame: EthernetFrame): void {
    if (!this.isUp) {
      this.drops.drop(this.#isEnabled ? 'link.no-carrier' : 'link.device-down', frame);
      return;
    }
    invariant(this.#medium !== null, 'a device without a medium has no carrier');
    this.#medium.transmit(frame);
  }

  /** The medium took the frame: it is queued or on the wire. */
  sent(frame: EthernetFrame): void {
    this.txFrames++;
    this.txBytes += paddedSize(frame);
    if (this.#tap !== null) this.#tap.frame('out', this.name, frame);
  }

  /** A frame has arrived from the medium. */
  receive(frame: EthernetFrame): void {
    if (frame.badFcs) {
      this.drops.drop('link.bad-fcs', frame);
      return;
    }
    if (!this.isUp) {
      this.drops.drop('link.receiver-down', frame);
      return;
    }
    if (!this.accepts(frame.size)) {
      this.drops.drop('link.oversize', frame);
      return;
    }
    this.rxFrames++;
    this.rxBytes += paddedSize(frame);
    if (this.#tap !== null) this.#tap.frame('in', this.name, frame);
    if (this.handler !== null) this.handler.onFrame(this, frame);
    else this.drops.drop('link.no-handler', frame);
  }

  /** Is a frame of this many bytes taken in? As Linux: MTU, header and room for one tag, tagged or not. */
  accepts(size: number): boolean {
    return size <= this.mtu + ETHERNET_HEADER_SIZE + VLAN_TAG_SIZE;
  }
}
