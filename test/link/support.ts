/** Small worlds for the tests of the link floor. */
import type { FrameHandler, NetDevice } from '../../src/link/device.ts';
import { EthernetDevice } from '../../src/link/ethernet-device.ts';
import { EthernetFrame } from '../../src/link/frame.ts';
import { MacAddress } from '../../src/packet/mac-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import type { Simulator } from '../../src/sim/simulator.ts';
import type { Nanos } from '../../src/sim/time.ts';

/** An experimental EtherType (IEEE 802 local experimental 1). */
export const TEST_TYPE = 0x88b5;

/** 02:00:00:00:00:`n`. */
export function mac(n: number): MacAddress {
  return MacAddress.of(0x0200, n);
}

/** A frame between two numbered stations whose payload is zeros. */
export function frame(from: number, to: number, payloadSize = 100): EthernetFrame {
  return new EthernetFrame(mac(to), mac(from), TEST_TYPE, Payload.zeros(payloadSize));
}

/** A frame whose payload begins with a number, to tell frames apart. */
export function numberedFrame(n: number, payloadSize = 100): EthernetFrame {
  const bytes = new Uint8Array(payloadSize);
  new DataView(bytes.buffer).setUint32(0, n);
  return new EthernetFrame(mac(2), mac(1), TEST_TYPE, new Payload(bytes));
}

export function numberOf(numbered: EthernetFrame): number {
  const view = (numbered.payload as Payload).view();
  return new DataView(view.buffer, view.byteOffset).getUint32(0);
}

export interface Received {
  readonly at: Nanos;
  readonly frame: EthernetFrame;
}

/** A station that keeps what it gets. */
export class Station implements FrameHandler {
  readonly device: EthernetDevice;
  readonly received: Received[] = [];
  readonly carrier: boolean[] = [];
  readonly #simulator: Simulator;

  constructor(simulator: Simulator, n: number, mtu = 1500) {
    this.#simulator = simulator;
    this.device = new EthernetDevice({ name: `eth${n}`, index: 1, mac: mac(n), mtu });
    this.device.handler = this;
  }

  onFrame(_device: NetDevice, received: EthernetFrame): void {
    this.received.push({ at: this.#simulator.now, frame: received });
  }

  onLinkChange(device: NetDevice): void {
    this.carrier.push(device.isUp);
  }

  get times(): Nanos[] {
    return this.received.map(({ at }) => at);
  }
}
