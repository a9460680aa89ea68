/**
 * A store-and-forward learning switch (IEEE 802.1D 7, 802.1Q 8.6): it learns from source addresses, forwards to the
 * one port where the destination lives, floods what it does not know, and never sends a frame back where it came
 * from. Without VLANs and spanning tree it does what a Linux bridge without STP does, also to odd frames.
 */
import { DropCounters } from '../../packet/drops.ts';
import { type MacAddress, ZERO_MAC } from '../../packet/mac-address.ts';
import type { Tap } from '../../packet/tap.ts';
import type { Simulator } from '../../sim/simulator.ts';
import type { Nanos } from '../../sim/time.ts';
import type { EthernetDevice } from '../ethernet-device.ts';
import type { EthernetFrame } from '../frame.ts';
import { DEFAULT_AGEING, MacTable } from './mac-table.ts';
import { isReserved, RESERVED_BRIDGE_GROUP, RESERVED_PAUSE } from './reserved-addresses.ts';
import { type PortOwner, SwitchPort } from './switch-port.ts';
import { type PortVlans, VlanRules } from './vlans.ts';

/** A bridge may look into frames before it learns from them and before they leave, as Linux's netfilter makes it do. */
export interface SwitchFilter {
  /** @returns the frame to go on with, or why it is dropped */
  onIngress(frame: EthernetFrame): EthernetFrame | string;
  /** @returns why the frame does not leave, or null */
  onForward(frame: EthernetFrame): string | null;
}

/** The spanning tree protocol, as far as the switch sees it. */
export interface BridgeProtocol {
  onBpdu(port: SwitchPort, frame: EthernetFrame): void;
  onLinkChange(port: SwitchPort): void;
}

export interface SwitchOptions {
  /** How long an address is remembered; default 300 s, 0 for never. */
  readonly ageing?: Nanos;
  readonly filter?: SwitchFilter;
}

export class LearningSwitch implements PortOwner {
  readonly name: string;
  readonly ports: SwitchPort[] = [];
  readonly table: MacTable;
  /** Frames that were received and went nowhere, by reason; what the ports' devices drop they count themselves. */
  readonly drops: DropCounters = new DropCounters();
  bridgeProtocol: BridgeProtocol | null = null;

  readonly #simulator: Simulator;
  readonly #filter: SwitchFilter | null;
  /** Addresses of the ports, by id. */
  readonly #own: (MacAddress | null)[] = [];

  constructor(simulator: Simulator, name: string, options: SwitchOptions = {}) {
    this.#simulator = simulator;
    this.name = name;
    this.table = new MacTable(options.ageing ?? DEFAULT_AGEING);
    this.#filter = options.filter ?? null;
  }

  /** @param vlans null: the port does not look at tags. Either all ports of a switch have VLANs, or none has. */
  addPort(device: EthernetDevice, vlans: PortVlans | null = null): SwitchPort {
    const rules = vlans === null ? null : new VlanRules(vlans);
    const port = new SwitchPort(this, this.ports.length, device, rules);
    this.ports.push(port);
    while (this.#own.length <= device.mac.id) this.#own.push(null);
    this.#own[device.mac.id] = device.mac;
    return port;
  }

  set tap(tap: Tap | null) {
    this.drops.tap = tap;
    for (const port of this.ports) port.device.tap = tap;
  }

  onFrame(port: SwitchPort, frame: EthernetFrame): void {
    if (frame.src.isGroup || frame.src === ZERO_MAC) this.drops.drop('switch.bad-source', frame);
    else if (frame.dst.isGroup && isReserved(frame.dst)) this.#onReserved(port, frame);
    else this.#onOrdinary(port, frame);
  }

  onLinkChange(port: SwitchPort): void {
    if (!port.device.isUp) this.table.flush(port.number);
    this.bridgeProtocol?.onLinkChange(port);
  }

  /** Frames to 01-80-C2-00-00-00 to -0F never cross a switch (802.1D 7.12.6), but for one that runs no such protocol. */
  #onReserved(port: SwitchPort, frame: EthernetFrame): void {
    if (frame.dst === RESERVED_BRIDGE_GROUP && this.bridgeProtocol === null) {
      this.#onOrdinary(port, frame);
    } else if (frame.dst === RESERVED_PAUSE) {
      this.drops.drop('switch.pause-frame', frame); // for the link's own ends, it teaches nothing
    } else {
      const vid = port.vlans === null ? 0 : port.vlans.classify(frame);
      if (vid >= 0 && port.state !== 'discarding') this.#learn(port, frame, vid);
      if (frame.dst === RESERVED_BRIDGE_GROUP) this.bridgeProtocol?.onBpdu(port, frame);
      else this.drops.drop('switch.reserved-address', frame);
    }
  }

  #onOrdinary(port: SwitchPort, arrived: EthernetFrame): void {
    if (port.state === 'discarding') {
      this.drops.drop('switch.port-discarding', arrived);
      return;
    }
    let frame = arrived;
    if (this.#filter !== null) {
      const passed = this.#filter.onIngress(arrived);
      if (typeof passed === 'string') {
        this.drops.drop(passed, arrived);
        return;
      }
      frame = passed;
    }
    const vid = port.vlans === null ? 0 : port.vlans.classify(frame);
    if (vid < 0) {
      this.drops.drop('switch.vlan-not-admitted', frame);
      return;
    }
    this.#learn(port, frame, vid);
    if (port.state === 'learning') this.drops.drop('switch.port-learning', frame);
    else if (this.#isOwn(frame.dst)) this.drops.drop('switch.own-address', frame);
    else this.#forward(port, frame, vid);
  }

  #isOwn(address: MacAddress): boolean {
    return address.id < this.#own.length && this.#own[address.id]! !== null;
  }

  #learn(port: SwitchPort, frame: EthernetFrame, vid: number): void {
    if (!this.#isOwn(frame.src)) this.table.learn(frame.src, vid, port.number, this.#simulator.now);
  }

  #forward(from: SwitchPort, frame: EthernetFrame, vid: number): void {
    const refusal = this.#filter === null ? null : this.#filter.onForward(frame);
    if (refusal !== null) {
      this.drops.drop(refusal, frame);
      return;
    }
    const known = frame.dst.isGroup ? -1 : this.table.lookup(frame.dst, vid, this.#simulator.now);
    if (known < 0) {
      this.#flood(from, frame, vid);
      return;
    }
    const to = this.ports[known]!;
    if (to === from) this.drops.drop('switch.same-port', frame);
    else if (to.forwards(vid)) to.transmit(frame, vid);
    else this.drops.drop('switch.port-not-forwarding', frame);
  }

  #flood(from: SwitchPort, frame: EthernetFrame, vid: number): void {
    let copies = 0;
    for (const port of this.ports) {
      if (port === from || !port.forwards(vid)) continue;
      port.transmit(frame, vid);
      copies++;
    }
    if (copies === 0) this.drops.drop('switch.nowhere-to-flood', frame);
  }
}
