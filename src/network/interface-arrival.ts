/** The facts about the packet that an interface is receiving just now; one object per interface, reused. */
import type { NetDevice } from '../link/device.ts';
import type { Interface } from './interface.ts';
import type { ParsedOptions } from './ipv4-options.ts';
import type { PacketOrigin } from './packet-origin.ts';
import type { Arrival } from './ports.ts';

/** What a route of either family says about whom a packet is for. */
interface Destination {
  readonly isForUs: boolean;
  readonly isGroup: boolean;
}

export class InterfaceArrival implements Arrival, PacketOrigin {
  readonly device: NetDevice;
  readonly inbound: Interface;
  readonly waiting = null;
  entered: NetDevice;
  isByLocalRoute = true;
  isHostFrame = true;
  isUnicast = true;
  isForUs = false;
  isGroup = false;
  options: ParsedOptions | null = null;

  constructor(inbound: Interface) {
    this.inbound = inbound;
    this.device = inbound.device;
    this.entered = inbound.device;
  }

  /** A packet has come in by a frame to this node alone, or to others as well. */
  begin(isHostFrame: boolean, route: Destination): void {
    this.isHostFrame = isHostFrame;
    this.options = null;
    this.entered = this.device;
    this.isByLocalRoute = true;
    this.routed(route);
  }

  /** A packet of this node has come back through the loopback device. */
  beginLooped(loopback: NetDevice, isByLocalRoute: boolean): void {
    this.isHostFrame = true;
    this.options = null;
    this.entered = loopback;
    this.isByLocalRoute = isByLocalRoute;
    this.isForUs = true;
    this.isGroup = false;
    this.isUnicast = true;
  }

  routed(route: Destination): void {
    this.isForUs = route.isForUs;
    this.isGroup = route.isGroup;
    this.isUnicast = !route.isGroup;
  }
}
