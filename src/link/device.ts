/**
 * A network device: one end of a link, with a name and a MAC address. What the network floor sees of the link floor.
 */
import type { MacAddress } from '../packet/mac-address.ts';
import type { EthernetFrame } from './frame.ts';

/** Gets the frames that a device accepted. Declared here, implemented by the floor above, wired by `src/node`. */
export interface FrameHandler {
  /** @param frame passed the FCS and the device's address filter was not applied: the handler decides by `frame.dst` */
  onFrame(device: NetDevice, frame: EthernetFrame): void;
  /** The device lost or regained its carrier, or was switched down or up. */
  onLinkChange?(device: NetDevice): void;
}

export interface NetDevice {
  /** Interface name: eth0, lo. */
  readonly name: string;
  /** 1-based number within the node, as Linux's ifindex; unique within the node. */
  readonly index: number;
  readonly mac: MacAddress;
  /** Largest payload of a frame, bytes. */
  readonly mtu: number;
  /** Frames sent come back to the same node; no addresses to resolve. */
  readonly isLoopback: boolean;
  /** Administratively up: its addresses have routes, carrier or not. */
  readonly isEnabled: boolean;
  /** Administratively up and carrier present. */
  readonly isUp: boolean;
  /** The transmit queue takes nothing now: whoever sends is told so at once. Absent = it is never known. */
  readonly isBlocked?: boolean;
  handler: FrameHandler | null;
  /** Gives the frame away. It is queued, sent, or dropped with a reason that the device counts. */
  send(frame: EthernetFrame): void;
}
