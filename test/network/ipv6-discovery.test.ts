/** Addresses that interfaces give themselves: duplicate address detection, router discovery, SLAAC, listener reports. */
import { describe, expect, it } from 'vitest';
import { ETHERTYPE_IPV6, EthernetFrame } from '../../src/link/frame.ts';
import { PROTOCOL_ICMPV6, PROTOCOL_UDP } from '../../src/network/ip-packet.ts';
import { Ipv6Packet } from '../../src/network/ipv6.ts';
import { EXTENSION_HOP_BY_HOP, Ipv6Extension } from '../../src/network/ipv6-extension.ts';
import { ROUTER_ALERT_HEADER } from '../../src/network/ipv6-options.ts';
import { MldQuery } from '../../src/network/mld.ts';
import { ANY_V6, IpAddress } from '../../src/packet/ip-address.ts';
import { MacAddress } from '../../src/packet/mac-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { parsePrefix } from '../../src/packet/prefix.ts';
import { SECOND } from '../../src/sim/time.ts';
import { UdpDatagram } from '../../src/transport/udp.ts';
import { ip, type Node, Nodes, PLAIN, watch } from './nodes.ts';

const CHECKED = { detectDuplicates: true };

function addressesOf({ stack, devices }: Node): string[] {
  return stack.addresses(devices[0]!).map(({ address, length }) => `${address}/${length}`);
}

/** Two nodes on one link, without IPv6 addresses yet. */
function pair(): { nodes: Nodes; a: Node; b: Node } {
  const nodes = new Nodes();
  const [a, b] = [nodes.add('a', ['10.0.0.1/24']), nodes.add('b', ['10.0.0.2/24'])];
  nodes.link(a.devices[0]!, b.devices[0]!);
  return { nodes, a, b };
}

describe('duplicate address detection', () => {
  it('asks from :: and then uses an address that nobody has', () => {
    const { nodes, a } = pair();
    const frames = watch(a.devices[0]!);
    a.stack.addAddress(a.devices[0]!, parsePrefix('fd00::1/64'), CHECKED);
    expect(a.stack.isLocal(ip('fd00::1'))).toBe(false);
    nodes.simulator.run({ until: 3 * SECOND });
    expect(a.stack.isLocal(ip('fd00::1'))).toBe(true);
    const texts = frames.map(({ payload }) => payload.format());
    expect(texts).toContain(
      ':: > ff02::1:ff00:1: ICMP6, hlim 255, length 24: ICMP6, neighbor solicitation, who has fd00::1, length 24',
    );
    expect(texts.some((text) => text.includes('[gaddr ff02::1:ff00:1 to_ex, 0 source(s)]'))).toBe(true);
  });

  it('leaves an address to the node that has it', () => {
    const { nodes, a, b } = pair();
    b.stack.addAddress(b.devices[0]!, parsePrefix('fd00::1/64'));
    a.stack.addAddress(a.devices[0]!, parsePrefix('fd00::1/64'), CHECKED);
    nodes.simulator.run({ until: 3 * SECOND });
    expect(a.stack.isLocal(ip('fd00::1'))).toBe(false);
    expect(b.stack.isLocal(ip('fd00::1'))).toBe(true);
    expect(a.drops.count('ndp.duplicate-address')).toBe(1);
  });

  it('gives an address to whom nobody heard before, of two that want it at once', () => {
    const { nodes, a, b } = pair();
    for (const { sysctls } of [a, b]) sysctls.set('net.ipv6.conf.eth0.dad_transmits', 3);
    for (const { stack, devices } of [a, b])
      stack.addAddress(devices[0]!, parsePrefix('fd00::1/64'), CHECKED);
    nodes.simulator.run({ until: 6 * SECOND });
    expect([a, b].map(({ stack }) => stack.isLocal(ip('fd00::1')))).toEqual([false, true]);
    expect(a.drops.count('ndp.duplicate-address')).toBe(1);
  });

  it('is off where the sysctls say so', () => {
    const { a } = pair();
    a.sysctls.set('net.ipv6.conf.eth0.accept_dad', 0);
    a.stack.addAddress(a.devices[0]!, parsePrefix('fd00::1/64'), CHECKED);
    expect(a.stack.isLocal(ip('fd00::1'))).toBe(true);
  });
});

describe('SLAAC', () => {
  function network(): { nodes: Nodes; host: Node; router: Node; far: Node } {
    const nodes = new Nodes();
    const router = nodes.add('router', ['fd00::1/64 1400', 'fd01::1/64'], true);
    const far = nodes.add('far', ['fd01::2/64']);
    const host = nodes.add('host', ['10.0.0.1/24']);
    nodes.link(router.devices[0]!, host.devices[0]!);
    nodes.link(router.devices[1]!, far.devices[0]!);
    nodes.route(far, '::/0', 'fd01::1');
    return { nodes, host, router, far };
  }

  it('makes an address, a default route and an MTU of what a router advertises', () => {
    const { nodes, host, router, far } = network();
    router.stack.advertiseIpv6(router.devices[0]!);
    host.stack.autoconfigureIpv6(host.devices[0]!);
    nodes.simulator.run({ until: 10 * SECOND });
    expect(addressesOf(host)).toEqual(['10.0.0.1/24', 'fe80::ff:fe00:4/64', 'fd00::ff:fe00:4/64']);
    const route = host.stack.route(ip('fd01::2'), null, PLAIN);
    expect(route).toMatchObject({ mtu: 1400, nextHop: ip('fe80::ff:fe00:1') });
    let heard = 0;
    far.stack.register(PROTOCOL_UDP, { onPacket: () => heard++, onIcmpError: () => false });
    host.stack.send(ANY_V6, ip('fd01::2'), PROTOCOL_UDP, new UdpDatagram(1, 2, Payload.zeros(9)), PLAIN);
    nodes.simulator.run({ until: 12 * SECOND });
    expect(heard).toBe(1);
  });

  it('comes to rest after three questions without a router that answers', () => {
    const { nodes, host } = network();
    const frames = watch(host.devices[0]!);
    host.stack.autoconfigureIpv6(host.devices[0]!);
    nodes.simulator.run();
    const asked = frames.filter(({ payload }) => payload.format().includes('router solicitation'));
    expect(asked.map(({ dst }) => dst.toString())).toEqual(new Array(3).fill('33:33:00:00:00:02'));
    expect(addressesOf(host)).toEqual(['10.0.0.1/24', 'fe80::ff:fe00:4/64']);
  });

  it('reaches a link-local neighbour only by the link that is named', () => {
    const { nodes, host, router } = network();
    host.stack.autoconfigureIpv6(host.devices[0]!);
    nodes.simulator.run({ until: 5 * SECOND });
    const target = ip('fe80::ff:fe00:1');
    const data = new UdpDatagram(1, 2, Payload.zeros(9));
    let heard = 0;
    router.stack.register(PROTOCOL_UDP, { onPacket: () => heard++, onIcmpError: () => false });
    expect(host.stack.send(ANY_V6, target, PROTOCOL_UDP, data, PLAIN)).toBe(-22);
    const named = { ...PLAIN, device: host.devices[0]! };
    expect(host.stack.send(ANY_V6, target, PROTOCOL_UDP, data, named)).toBe(0);
    nodes.simulator.run({ until: 6 * SECOND });
    expect(heard).toBe(1);
  });
});

describe('a node without IPv6', () => {
  it('says nothing and knows nothing of it', () => {
    const { nodes, a, b } = pair();
    const frames = watch(a.devices[0]!);
    b.stack.addAddress(b.devices[0]!, parsePrefix('fd00::2/64'));
    nodes.simulator.run();
    expect(frames.filter(({ etherType }) => etherType === 0x86dd)).toEqual([]);
    expect(IpAddress.parse('fd00::2').family).toBe(6);
  });
});

describe('a router that knows listener discovery version 1 only', () => {
  const group = ip('ff15::7');
  const ask = (b: Node, isVersion1: boolean) => {
    const alert = new Ipv6Extension(EXTENSION_HOP_BY_HOP, ROUTER_ALERT_HEADER);
    const query = new MldQuery(1000, ANY_V6, isVersion1);
    const packet = new Ipv6Packet(ip('fe80::99'), ip('ff02::1'), PROTOCOL_ICMPV6, 1, 0, 0, [alert], query);
    const [device] = b.devices;
    device!.send(new EthernetFrame(MacAddress.of(0x3333, 1), device!.mac, ETHERTYPE_IPV6, packet));
  };

  it('is told of each group in its own words, and for a while of what begins and ends', () => {
    const { nodes, a, b } = pair();
    for (const { stack, devices } of [a, b]) stack.addAddress(devices[0]!, parsePrefix('fe80::1:1/64'));
    a.stack.joinGroup(group, a.devices[0]!);
    nodes.simulator.run({ until: 5 * SECOND });
    const frames = watch(a.devices[0]!);
    const said = () => frames.splice(0).map(({ payload }) => payload.format().replace(/^.*ICMP6, m/, 'm'));
    ask(b, true);
    nodes.simulator.run({ until: 7 * SECOND });
    expect(said()).toContain('multicast listener report max resp delay: 0 addr: ff15::7, length 24');
    a.stack.leaveGroup(group, a.devices[0]!);
    nodes.simulator.run({ until: 7.5 * SECOND });
    expect(said()[0]).toBe('multicast listener done max resp delay: 0 addr: ff15::7, length 24');
    nodes.simulator.run({ until: 60 * SECOND });
    said();
    ask(b, false);
    nodes.simulator.run({ until: 65 * SECOND });
    expect(said().join()).toMatch(/listener report v2/);
  });
});
