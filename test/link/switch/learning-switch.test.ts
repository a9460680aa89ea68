/** A learning switch: learning, moving, ageing, flooding, addresses that stay on their link, VLANs. */
import { describe, expect, it } from 'vitest';
import { EthernetFrame } from '../../../src/link/frame.ts';
import type { PortVlans } from '../../../src/link/switch/vlans.ts';
import { BROADCAST_MAC, MacAddress, ZERO_MAC } from '../../../src/packet/mac-address.ts';
import { Payload } from '../../../src/packet/payload.ts';
import { ConfigError } from '../../../src/sim/errors.ts';
import { SECOND } from '../../../src/sim/time.ts';
import { frame, mac, TEST_TYPE } from '../support.ts';
import { SwitchWorld } from './switch-world.ts';

const PAYLOAD = Payload.zeros(46);

function between(src: MacAddress, dst: MacAddress, tci = -1): EthernetFrame {
  return new EthernetFrame(dst, src, TEST_TYPE, PAYLOAD, tci);
}

describe('a switch without VLANs', () => {
  it('floods what it does not know and learns who sent it', () => {
    const world = new SwitchWorld(4);
    expect(world.reached(1, frame(10, 20))).toEqual([0, 2, 3]);
    expect(world.reached(3, frame(20, 10))).toEqual([1]);
    expect(world.reached(1, frame(10, 20))).toEqual([3]);
    expect(world.switch.table.rows(0)).toEqual([
      { mac: mac(10), vid: 0, port: 1 },
      { mac: mac(20), vid: 0, port: 3 },
    ]);
  });

  it('sends nothing back where it came from', () => {
    const world = new SwitchWorld(3);
    world.exchange(0, frame(10, 20));
    expect(world.reached(0, frame(20, 10))).toEqual([]);
    expect(world.switch.drops.entries()).toEqual([['switch.same-port', 1]]);
  });

  it('follows a station that moves', () => {
    const world = new SwitchWorld(3);
    world.exchange(0, frame(10, 20));
    world.exchange(2, frame(10, 20));
    expect(world.reached(1, frame(30, 10))).toEqual([2]);
  });

  it('forgets after the ageing time, counted from the last frame', () => {
    const world = new SwitchWorld(3, { ageing: 10 * SECOND });
    world.exchange(0, frame(10, 20));
    world.simulator.run({ until: 9 * SECOND });
    world.exchange(0, frame(10, 20));
    world.simulator.run({ until: 19 * SECOND - 1 });
    expect(world.reached(1, frame(30, 10))).toEqual([0]);
    world.simulator.run({ until: 19 * SECOND });
    expect(world.reached(1, frame(30, 10))).toEqual([0, 2]);
    expect(world.switch.table.rows(world.simulator.now)).toEqual([{ mac: mac(30), vid: 0, port: 1 }]);
  });

  it('keeps nothing when the ageing time is 0', () => {
    const world = new SwitchWorld(3, { ageing: 0 });
    world.exchange(0, frame(10, 20));
    expect(world.reached(1, frame(30, 10))).toEqual([0, 2]);
  });

  it('forgets what lived behind a port whose link goes down', () => {
    const world = new SwitchWorld(3);
    world.exchange(0, frame(10, 20));
    world.stations[0]!.device.setEnabled(false); // the cable's other end: the carrier stays
    expect(world.reached(1, frame(30, 10))).toEqual([]);
    world.switch.ports[0]!.device.setEnabled(false);
    expect(world.reached(1, frame(30, 10))).toEqual([2]);
  });

  it('floods broadcasts and groups', () => {
    const world = new SwitchWorld(3);
    expect(world.reached(0, between(mac(10), BROADCAST_MAC))).toEqual([1, 2]);
    expect(world.reached(0, between(mac(10), MacAddress.parse('01:00:5e:00:00:01')))).toEqual([1, 2]);
  });

  it('keeps reserved addresses on their link, pause frames unlearned, and floods BPDUs that it does not use', () => {
    const reached = (last: string): [number[], number] => {
      const world = new SwitchWorld(3);
      const ports = world.reached(0, between(mac(10), MacAddress.parse(`01:80:c2:00:00:${last}`)));
      return [ports, world.switch.table.rows(0).length];
    };
    expect(reached('00')).toEqual([[1, 2], 1]);
    expect(reached('01')).toEqual([[], 0]);
    expect(reached('02')).toEqual([[], 1]);
    expect(reached('0f')).toEqual([[], 1]);
    expect(reached('10')).toEqual([[1, 2], 1]);
  });

  it('drops frames from groups and from nobody', () => {
    const world = new SwitchWorld(3);
    expect(world.reached(0, between(ZERO_MAC, BROADCAST_MAC))).toEqual([]);
    expect(world.reached(0, between(BROADCAST_MAC, mac(10)))).toEqual([]);
    expect(world.switch.table.rows(0)).toEqual([]);
    expect(world.switch.drops.count('switch.bad-source')).toBe(2);
  });

  it('keeps frames for itself and learns nobody who claims to be it', () => {
    const world = new SwitchWorld(3);
    expect(world.reached(0, frame(10, 0xff02))).toEqual([]);
    expect(world.reached(0, frame(0xff01, 30))).toEqual([1, 2]);
    expect(world.switch.table.rows(0)).toEqual([{ mac: mac(10), vid: 0, port: 0 }]);
  });

  it('passes tags on as they are, and learns across them', () => {
    const world = new SwitchWorld(3);
    const tagged = between(mac(10), mac(20), 0xe005);
    expect(world.exchange(0, tagged)).toEqual(
      new Map([
        [1, tagged],
        [2, tagged],
      ]),
    );
    expect(world.reached(1, between(mac(20), mac(10), 7))).toEqual([0]);
  });

  it('passes what its ports take in: 4 bytes beyond the MTU, tagged or not', () => {
    const world = new SwitchWorld(2);
    const device = world.stations[0]!.device;
    device.mtu = 2000;
    world.stations[1]!.device.mtu = 2000;
    expect(world.reached(0, frame(10, 20, 1504))).toEqual([1]);
    expect(world.reached(0, frame(10, 20, 1505))).toEqual([]);
    expect(world.switch.ports[0]!.device.drops.entries()).toEqual([['link.oversize', 1]]);
  });

  it('drops damaged frames: it stores before it forwards', () => {
    const world = new SwitchWorld(2);
    expect(world.reached(0, new EthernetFrame(mac(20), mac(10), TEST_TYPE, PAYLOAD, -1, true))).toEqual([]);
  });
});

describe('a switch with VLANs', () => {
  const access = (vid: number): PortVlans => ({ access: vid });
  const trunk: PortVlans = { trunk: [5, 6, 7], native: 7 };

  it('keeps access ports of different VLANs apart', () => {
    const world = new SwitchWorld([access(5), access(5), access(6), trunk]);
    const out = world.exchange(0, frame(10, 20));
    expect([...out.keys()]).toEqual([1, 3]);
    expect(out.get(1)!.tci).toBe(-1);
    expect(out.get(3)!.tci).toBe(5);
  });

  it('takes tags off towards access ports and admits only VLANs that the port carries', () => {
    const world = new SwitchWorld([access(5), access(6), trunk]);
    expect(world.exchange(2, between(mac(10), BROADCAST_MAC, 6)).get(1)!.tci).toBe(-1);
    expect(world.reached(2, between(mac(10), BROADCAST_MAC, 9))).toEqual([]);
    expect(world.reached(0, between(mac(10), BROADCAST_MAC, 6))).toEqual([]);
    expect(world.switch.drops.count('switch.vlan-not-admitted')).toBe(2);
  });

  it('gives untagged and priority-tagged frames to the native VLAN, and keeps the priority', () => {
    const world = new SwitchWorld([access(7), trunk, { trunk: 'all', native: null }]);
    const plain = world.exchange(1, between(mac(10), BROADCAST_MAC));
    expect([...plain].map(([port, { tci }]) => [port, tci])).toEqual([
      [0, -1],
      [2, 7],
    ]);
    const urgent = world.exchange(1, between(mac(10), BROADCAST_MAC, 0xa000));
    expect([...urgent].map(([port, { tci }]) => [port, tci])).toEqual([
      [0, -1],
      [2, 0xa007],
    ]);
    expect(world.exchange(2, between(mac(11), BROADCAST_MAC, 0xa007)).get(1)!.tci).toBe(-1);
    expect(world.reached(2, between(mac(12), BROADCAST_MAC))).toEqual([]); // no native VLAN there
  });

  it('learns per VLAN: one address may live in two places', () => {
    const world = new SwitchWorld([access(5), access(6), trunk]);
    world.exchange(0, frame(10, 99));
    world.exchange(1, frame(10, 99));
    expect(world.reached(2, between(mac(20), mac(10), 5))).toEqual([0]);
    expect(world.reached(2, between(mac(20), mac(10), 6))).toEqual([1]);
    expect(world.switch.table.rows(0).map(({ vid, port }) => [vid, port])).toEqual([
      [5, 0],
      [5, 2],
      [6, 1],
      [6, 2],
    ]);
  });

  it.each([{ access: 0 }, { access: 4095 }, { trunk: [5], native: 6 }, { trunk: [1.5], native: null }])(
    'refuses %j',
    (vlans) => {
      expect(() => new SwitchWorld([vlans])).toThrow(ConfigError);
    },
  );
});
