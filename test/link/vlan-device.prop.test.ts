/** VLAN interfaces: what goes in without a tag goes out with it, and comes back without; nothing else gets through. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ETHERTYPE_IPV4, EthernetFrame } from '../../src/link/frame.ts';
import { connect } from '../../src/link/link.ts';
import { parseVlanName, VlanDevice } from '../../src/link/vlan-device.ts';
import { Network } from '../../src/node/network.ts';
import { MacAddress } from '../../src/packet/mac-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { bytesOf } from '../../src/packet/pdu.ts';
import { parsePrefix } from '../../src/packet/prefix.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { runs } from '../support/property.ts';
import { mac, Station, TEST_TYPE } from './support.ts';

const vid = fc.integer({ min: 1, max: 4094 });

/** A VLAN interface whose frames are kept. */
function vlanOver(parent: Station, id: number, index: number = 2) {
  const device = new VlanDevice({ name: `eth0.${id}`, index, parent: parent.device, vid: id });
  const received: EthernetFrame[] = [];
  device.handler = { onFrame: (_device, frame) => received.push(frame) };
  return { device, received };
}

describe('a VLAN interface', () => {
  it('gives its tag to what it sends, and takes off that of what it gets: the same frame comes out', () => {
    fc.assert(
      fc.property(
        vid,
        fc.nat({ max: 7 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.boolean(),
        (id, priority, body, wire) => {
          const simulator = new Simulator();
          const [a, b] = [new Station(simulator, 1), new Station(simulator, 2)];
          connect(simulator, a.device, b.device, { rateBps: 1e9, delayNs: 1000, wire });
          const [from, to] = [vlanOver(a, id), vlanOver(b, id)];
          const frame = new EthernetFrame(mac(2), mac(1), TEST_TYPE, new Payload(body));
          from.device.send(frame);
          simulator.run();
          const onTheWire = b.received[0]!.frame;
          expect(onTheWire.tci).toBe(id); // priority 0
          const { dst, src, etherType, payload } = onTheWire;
          to.device.receive(new EthernetFrame(dst, src, etherType, payload, (priority << 13) | id));
          const back = to.received[0]!;
          expect(back.tci).toBe(-1);
          expect(bytesOf(back).subarray(0, frame.size)).toEqual(bytesOf(frame));
        },
      ),
      runs(200),
    );
  });

  it('hears its own VLAN only, for its own address or a group; the port hears what has no VLAN', () => {
    const tags = fc.option(fc.record({ priority: fc.nat({ max: 7 }), id: fc.integer({ min: 0, max: 4 }) }), {
      nil: null,
    });
    fc.assert(
      fc.property(tags, fc.boolean(), (tag, isForUs) => {
        const network = new Network();
        const host = network.addHost('h', { interfaces: [{}, { name: 'eth0.1' }, { name: 'eth0.3' }] });
        const [port] = host.ports;
        const peer = new Station(network.simulator, 99);
        connect(network.simulator, port!, peer.device, { rateBps: 1e9, delayNs: 1000 });
        const seen: string[] = [];
        for (const { name, handler } of host.vlans.map((vlan) => ({ name: vlan.name, handler: vlan }))) {
          handler.handler = { onFrame: () => seen.push(name) };
        }
        const tci = tag === null ? -1 : (tag.priority << 13) | tag.id;
        const dst = isForUs ? port!.mac : MacAddress.of(0x0200, 77);
        port!.receive(new EthernetFrame(dst, mac(99), ETHERTYPE_IPV4, Payload.zeros(46), tci));
        const vlan = tag === null ? 0 : tag.id;
        expect(seen).toEqual(isForUs && (vlan === 1 || vlan === 3) ? [`eth0.${vlan}`] : []);
        const [reason] = host.dropped()[0] ?? ['none'];
        if (!isForUs) expect(reason).toBe('eth.other-host');
        else if (vlan === 2 || vlan === 4) expect(reason).toBe('eth.foreign-vlan');
        else expect(reason).toBe(vlan === 0 ? 'ip.bad-version' : 'none');
      }),
      runs(100),
    );
  });

  it('has the MAC address and at most the MTU of the port, goes up and down with it, and can be switched off', () => {
    const network = new Network();
    const host = network.addHost('h', {
      interfaces: [
        { name: 'eth0.10', addresses: [parsePrefix('10.0.10.1/24')] },
        { name: 'eth0', mtu: 1400 },
        { name: 'eth0.20', mtu: 1000 },
      ],
    });
    const [port] = host.ports;
    const [ten, twenty] = host.vlans;
    expect([ten!.mac, ten!.mtu, twenty!.mtu]).toEqual([port!.mac, 1400, 1000]);
    expect([ten!.isEnabled, ten!.isUp]).toEqual([true, false]);
    const peer = new Station(network.simulator, 99);
    const link = connect(network.simulator, port!, peer.device, { rateBps: 1e9, delayNs: 1000 });
    expect(ten!.isUp).toBe(true);
    const routes = () => host.ip.routes().map(({ prefix }) => prefix);
    expect(routes()).toHaveLength(1);
    port!.setEnabled(false);
    expect([ten!.isEnabled, ten!.isUp, routes().length]).toEqual([false, false, 0]);
    port!.setEnabled(true);
    expect([ten!.isUp, routes().length]).toEqual([true, 1]);
    link.setUp(false);
    expect([ten!.isEnabled, ten!.isUp, routes().length]).toEqual([true, false, 1]);
    link.setUp(true);
    ten!.setEnabled(false);
    expect([ten!.isUp, twenty!.isUp, routes().length]).toEqual([false, true, 0]);
    ten!.receive(new EthernetFrame(ten!.mac, mac(99), TEST_TYPE, Payload.zeros(46), 10));
    ten!.send(new EthernetFrame(mac(99), ten!.mac, TEST_TYPE, Payload.zeros(46)));
    twenty!.send(new EthernetFrame(mac(99), ten!.mac, TEST_TYPE, Payload.zeros(1001)));
    expect(ten!.drops.entries()).toEqual([
      ['link.device-down', 1],
      ['link.receiver-down', 1],
    ]);
    expect(twenty!.drops.entries()).toEqual([['link.too-big', 1]]);
    host.crash();
    host.restart();
    expect([ten!.isUp, routes().length]).toEqual([true, 1]); // a boot switches everything on
  });

  it('is named by the port and the VLAN, and refused when there is none', () => {
    expect(parseVlanName('eth0.10')).toEqual({ parent: 'eth0', vid: 10 });
    expect(parseVlanName('eth0')).toBeNull();
    for (const name of ['eth0.0', 'eth0.4095', 'eth0.010'])
      expect(() => parseVlanName(name)).toThrow('no VLAN');
    const network = new Network();
    expect(() => network.addHost('a', { interfaces: [{}, { name: 'eth1.10' }] })).toThrow(
      "a has no interface 'eth1' beneath 'eth1.10'",
    );
    expect(() => network.addHost('b', { interfaces: [{}, { name: 'eth0.10', mac: mac(5) }] })).toThrow(
      'b.eth0.10 has the MAC address of eth0',
    );
    expect(() => network.addHost('c', { interfaces: [{}, { name: 'eth0.10', mtu: 1501 }] })).toThrow(
      'an MTU of 1501 is not possible',
    );
    expect(() => network.addHost('d', { interfaces: [{}, { name: 'eth0.1' }, { name: 'eth0.1' }] })).toThrow(
      "d has two interfaces called 'eth0.1'",
    );
  });
});
