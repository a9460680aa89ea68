/**
 * The device of the host under test: a tunnel whose other end is the script. What it is given leaves at once, or is
 * lost when its queue holds nothing (`pfifo limit 0`).
 */
import type { NetDevice } from '../../link/device.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, EthernetFrame } from '../../link/frame.ts';
import { MacAddress } from '../../packet/mac-address.ts';
import { Payload } from '../../packet/payload.ts';
import type { Pdu } from '../../packet/pdu.ts';
import type { Tap } from '../../packet/tap.ts';

/** A tunnel has no hardware addresses; frames carry made-up ones so that captures are readable everywhere. */
const OWN_MAC = MacAddress.of(0x0200, 1);
export const OTHER_MAC: MacAddress = MacAddress.of(0x0200, 2);

export class TunDevice implements NetDevice {
  readonly name = 'tun0';
  readonly index = 2;
  readonly mac: MacAddress = OWN_MAC;
  readonly isLoopback = false;
  readonly isEnabled = true;
  readonly isUp = true;
  readonly mtu: number;
  handler: NetDevice['handler'] = null;
  /** Packets that may wait; 0 loses all. */
  queueLimit = 1000;
  /** Gets the packets that leave. */
  onTransmit: (packet: Pdu) => void = () => {};
  /** Who watches the wire; null = nobody. */
  tap: Tap | null = null;

  /** `pfifo limit 0`: there is no room, and the sender hears of it (NET_XMIT_DROP). */
  get isBlocked(): boolean {
    return this.queueLimit === 0;
  }

  constructor(mtu: number) {
    this.mtu = mtu;
  }

  send(frame: EthernetFrame): void {
    if ((frame.etherType !== ETHERTYPE_IPV4 && frame.etherType !== ETHERTYPE_IPV6) || this.isBlocked) return;
    this.tap?.frame('out', this.name, frame);
    this.onTransmit(frame.payload);
  }

  /** A packet comes out of the tunnel. */
  receive(packet: Uint8Array): void {
    const etherType = packet[0]! >>> 4 === 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
    const frame = new EthernetFrame(OWN_MAC, OTHER_MAC, etherType, new Payload(packet));
    this.tap?.frame('in', this.name, frame);
    this.handler?.onFrame(this, frame);
  }
}
