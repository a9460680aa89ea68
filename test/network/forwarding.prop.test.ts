/** What routers do to packets, and what any frame does to a machine. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostMachine } from '../../src/conformance/frames/host-machine.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, EthernetFrame } from '../../src/link/frame.ts';
import { deliverBytes } from '../../src/link/wire-mode.ts';
import { Ipv4Packet } from '../../src/network/ipv4.ts';
import { Ipv6Packet } from '../../src/network/ipv6.ts';
import { checksum } from '../../src/packet/checksum.ts';
import { Payload } from '../../src/packet/payload.ts';
import { bytesOf } from '../../src/packet/pdu.ts';
import { addressIn, FAMILIES, inFamily } from '../support/families.ts';
import { runs } from '../support/property.ts';
import { bytes, packets } from './arbitraries.ts';
import { ip, Nodes, watch } from './nodes.ts';

const IP_HEADER = 20;

describe.each(FAMILIES)('a routing loop of IPv%i', (family) => {
  const at = (text: string) => inFamily(family, text);

  it('is left after exactly as many hops as the TTL allows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 30 }), (routers, ttl) => {
        const nodes = new Nodes();
        const all = family === 6 ? '::/0' : '0.0.0.0/0';
        const ring = Array.from({ length: routers }, (_, i) =>
          nodes.add(
            `r${i}`,
            [`10.0.${i}.1/24`, `10.0.${(i + 1) % routers}.2/24`, `10.1.${i}.1/24`].map(at),
            true,
          ),
        );
        const host = nodes.add('host', [at('10.1.0.2/24')]);
        for (const [i, router] of ring.entries()) {
          nodes.link(router.devices[1]!, ring[(i + 1) % routers]!.devices[0]!);
          nodes.route(router, all, at(`10.0.${(i + 1) % routers}.1`));
        }
        nodes.link(host.devices[0]!, ring[0]!.devices[2]!);
        nodes.route(host, all, at('10.1.0.1'));
        for (const router of ring)
          nodes.route(router, at('10.1.0.0/24'), at(`10.0.${ring.indexOf(router)}.2`));
        const sent = ring.map(({ devices }) => watch(devices[1]!));
        const [src, dst] = ['10.1.0.2', '192.0.2.1'].map((text) => addressIn(family, text));
        const data = Payload.zeros(20);
        const packet =
          family === 6
            ? new Ipv6Packet(src!, dst!, 200, ttl, 0, 0, null, data)
            : new Ipv4Packet(src!, dst!, 200, ttl, 0, 1, 0, 0, null, data);
        const { mac } = ring[0]!.devices[2]!;
        nodes.simulator.run();
        const etherType = family === 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
        host.devices[0]!.send(new EthernetFrame(mac, host.devices[0]!.mac, etherType, packet));
        nodes.simulator.run({ maxEvents: 10_000 });
        const hops = sent.flat().filter(({ payload }) => 'protocol' in payload && payload.protocol === 200);
        expect(hops.length).toBe(ttl - 1);
      }),
      runs(40),
    );
  });
});

describe('a router', () => {
  it('changes only TTL, checksum, options and the link header of what it forwards', () => {
    fc.assert(
      fc.property(packets(600), (packet) => {
        const machine = new HostMachine('R');
        const { src, protocol, tos, id, flags, offset, options, payload } = packet;
        const onTheWay = new Ipv4Packet(
          src,
          ip('10.9.1.1'),
          protocol,
          64,
          tos,
          id,
          flags & 3,
          offset,
          options,
          payload,
        );
        const out = forwarded(machine, bytesOf(onTheWay));
        if (out === null) return; // refused for its source or its options
        expect(checksum(out, 0, (out[0]! & 15) * 4)).toBe(0);
        const before = bytesOf(onTheWay);
        expect(out[8]).toBe(before[8]! - 1);
        for (const at of [8, 10, 11]) out[at] = before[at]!;
        const optionsEnd = IP_HEADER + (options?.length ?? 0);
        expect(out.subarray(0, IP_HEADER)).toEqual(before.subarray(0, IP_HEADER));
        expect(out.subarray(optionsEnd)).toEqual(before.subarray(optionsEnd));
        if (options?.every((byte) => byte === 1))
          expect(out.subarray(0, optionsEnd)).toEqual(before.subarray(0, optionsEnd));
      }),
      runs(150),
    );
  });
});

describe('any frame', () => {
  const etherTypes = fc.constantFrom(0x0800, 0x0806, 0x8100, 0x88a8, 0x1234);
  const frames = fc
    .tuple(fc.constantFrom('00', '01'), etherTypes, bytes(120), fc.boolean())
    .map(([last, type, body, likeIp]) => {
      const bytes = new Uint8Array(14 + body.length);
      bytes.set([2, 0, 0, 0, 0, Number(last), 2, 0, 0, 0, 0, 10, type >>> 8, type & 255]);
      bytes.set(body, 14);
      if (likeIp && body.length >= IP_HEADER) makePlausible(bytes.subarray(14));
      return bytes;
    });

  it.each(['H', 'R'] as const)(
    'into machine %s ends in frames or a counted drop, never in an exception',
    (kind) => {
      fc.assert(
        fc.property(fc.array(frames, { minLength: 1, maxLength: 6 }), (list) => {
          const machine = new HostMachine(kind);
          plug(machine, () => {});
          const [port] = machine.devices;
          for (const frame of list) deliverBytes(frame, false, port!);
          expect(port!.rxFrames + port!.drops.total).toBe(list.length);
          machine.simulator.run({ until: machine.simulator.now + 20e9, maxEvents: 10_000 });
        }),
        runs(150),
      );
    },
  );
});

/** What the router sends out of port 1 for a packet that arrives on port 0, or null. */
function forwarded(machine: HostMachine, packet: Uint8Array): Uint8Array | null {
  const frames: EthernetFrame[] = [];
  plug(machine, (port, frame) => {
    if (port === 1) frames.push(frame);
  });
  const [device] = machine.devices;
  const frame = new EthernetFrame(device!.mac, device!.mac, ETHERTYPE_IPV4, new Payload(packet));
  device!.receive(frame);
  const [first] = frames;
  return first === undefined ? null : bytesOf(first.payload);
}

function plug(machine: HostMachine, onFrame: (port: number, frame: EthernetFrame) => void): void {
  for (const [port, device] of machine.devices.entries())
    device.attach({
      hasCarrier: true,
      rateBps: Number.POSITIVE_INFINITY,
      isPointToPoint: true,
      transmit: (frame) => onFrame(port, frame),
    });
}

/** Right version, length, checksum and one of the machine's own addresses, so that the packet comes further. */
function makePlausible(packet: Uint8Array): void {
  packet[0] = 0x40 | Math.max(5, Math.min(packet[0]! & 15, packet.length >>> 2));
  packet[2] = packet.length >>> 8;
  packet[3] = packet.length;
  packet.set([10, 0, 0, 10, 10, packet[16]! & 1, packet[17]! & 1, 1], 12);
  packet.set([0, 0], 10);
  const sum = checksum(packet, 0, (packet[0]! & 15) * 4);
  packet.set([sum >>> 8, sum & 255], 10);
}
