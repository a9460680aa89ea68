/**
 * The device of the host under test: a tunnel whose other end is the script. It has no neighbours to resolve; what
 * it is given leaves at once, or is lost when its queue holds nothing (`pfifo limit 0`).
 */
import type { NetDevice } from '../../link/device.ts';
import type { EthernetFrame } from '../../link/frame.ts';
import type { MacAddress } from '../../packet/mac-address.ts';
import { ZERO_MAC } from '../../packet/mac-address.ts';
import type { Pdu } from '../../packet/pdu.ts';

export class TunDevice implements NetDevice {
  readonly name = 'tun0';
  readonly index = 2;
  readonly mac: MacAddress = ZERO_MAC;
  readonly isLoopback = false;
  readonly isEnabled: boolean = true;
  readonly isUp = true;
  readonly mtu: number;
  handler: NetDevice['handler'] = null;
  /** Packets that may wait; 0 loses all. */
  queueLimit = 1000;
  /** Gets the packets that leave. */
  onTransmit: (packet: Pdu) => void = () => {};

  constructor(mtu: number) {
    this.mtu = mtu;
  }

  send(frame: EthernetFrame): void {
    this.transmit(frame.payload);
  }

  /** @returns false when the packet was lost here */
  transmit(packet: Pdu): boolean {
    if (this.queueLimit === 0) return false;
    this.onTransmit(packet);
    return true;
  }
}
