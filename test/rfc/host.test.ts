/** Requirements of RFC 9293 towards the IP floor and the user, shown by TCP on whole hosts. */
import { describe, expect, it } from 'vitest';
import { EthernetFrame } from '../../src/link/frame.ts';
import { ENETUNREACH } from '../../src/network/errno.ts';
import { PROTOCOL_TCP } from '../../src/network/ip-packet.ts';
import { Ipv4Packet } from '../../src/network/ipv4.ts';
import type { Host } from '../../src/node/host.ts';
import type { Network } from '../../src/node/network.ts';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { MacAddress } from '../../src/packet/mac-address.ts';
import { SECOND } from '../../src/sim/time.ts';
import type { Socket } from '../../src/sockets/api.ts';
import { SYN, TcpSegment } from '../../src/transport/tcp/header.ts';
import { endpoint, interfaces, join, pair } from '../support/lan.ts';

const BROADCAST_MAC = MacAddress.of(0xffff, 0xffffffff);

function tcp(host: Host): Socket {
  return host.newProcess('test').socket('tcp') as Socket;
}

function listener(host: Host, at: string): Socket {
  const socket = tcp(host);
  expect(socket.bind(endpoint(at))).toBe(0);
  expect(socket.listen(5)).toBe(0);
  return socket;
}

/** TCP packets that `host` sends from now on. */
function sentBy(host: Host): Ipv4Packet[] {
  const packets: Ipv4Packet[] = [];
  host.observe({
    frame(direction, _device, frame) {
      const packet = (frame as EthernetFrame).payload;
      if (direction === 'out' && packet instanceof Ipv4Packet && packet.protocol === PROTOCOL_TCP)
        packets.push(packet);
    },
    dropped() {},
    demultiplexed() {},
  });
  return packets;
}

/** What b answers to a SYN with these addresses, which arrives in a frame of the given kind. */
function answersToSyn(
  src: string,
  dst: string,
  isBroadcast: boolean,
  options: Uint8Array | null = null,
): number {
  const network = pair();
  const b = network.host('b');
  listener(b, '0.0.0.0:80');
  tcp(network.host('a')).connect(endpoint('10.0.0.2:80')); // so that a and b know each other
  network.run({ until: SECOND });
  const packets = sentBy(b);
  const [port] = b.ports;
  const syn = new TcpSegment(50000, 80, 1, 0, SYN, 65535);
  const packet = new Ipv4Packet(
    IpAddress.parse(src),
    IpAddress.parse(dst),
    PROTOCOL_TCP,
    64,
    0,
    1,
    0,
    0,
    options,
    syn,
  );
  const from = network.host('a').ports[0]!.mac;
  port!.handler!.onFrame(
    port!,
    new EthernetFrame(isBroadcast ? BROADCAST_MAC : port!.mac, from, 0x0800, packet),
  );
  network.run({ until: network.simulator.now + SECOND / 2 });
  return packets.filter(({ payload }) => payload instanceof TcpSegment && payload.dstPort === 50000).length;
}

function connected(
  network: Network,
  setUp: (client: Socket) => void,
): [packets: Ipv4Packet[], client: Socket] {
  listener(network.host('b'), '10.0.0.2:80');
  const packets = sentBy(network.host('a'));
  const client = tcp(network.host('a'));
  setUp(client);
  client.connect(endpoint('10.0.0.2:80'));
  network.run({ until: network.simulator.now + SECOND });
  return [packets, client];
}

describe('a SYN', () => {
  it('is answered, with IP options that nobody understands or without', () => {
    expect(answersToSyn('10.0.0.1', '10.0.0.2', false)).toBe(1);
    expect(answersToSyn('10.0.0.1', '10.0.0.2', false, Uint8Array.of(0x1e, 4, 0, 0))).toBe(1); // an experiment
  });

  it('to a broadcast or multicast address is dropped without a word', () => {
    expect(answersToSyn('10.0.0.1', '10.0.0.255', true)).toBe(0);
    expect(answersToSyn('10.0.0.1', '255.255.255.255', true)).toBe(0);
    expect(answersToSyn('10.0.0.1', '224.0.0.1', true)).toBe(0);
  });

  it('from the broadcast or a multicast address is dropped without a word', () => {
    expect(answersToSyn('255.255.255.255', '10.0.0.2', false)).toBe(0);
    expect(answersToSyn('224.0.0.1', '10.0.0.2', false)).toBe(0);
  });
});

describe('connect()', () => {
  it('to a broadcast or multicast address is refused', () => {
    const socket = tcp(pair().host('a'));
    for (const address of ['10.0.0.255:80', '255.255.255.255:80', '224.0.0.1:80'])
      expect(socket.connect(endpoint(address))).toBe(-ENETUNREACH);
  });

  it('takes its source address from the route, or from bind()', () => {
    const network = pair();
    network.addHost('c', { interfaces: interfaces('10.9.0.3/24', '10.0.0.3/24') });
    network.addHost('d', { interfaces: interfaces('10.0.0.4/24') });
    join(network, 'c.eth1', 'd.eth0');
    const unbound = tcp(network.host('c'));
    unbound.connect(endpoint('10.0.0.4:80'));
    expect(unbound.localName().address.toString()).toBe('10.0.0.3');
    const bound = tcp(network.host('c'));
    expect(bound.bind(endpoint('10.9.0.3:0'))).toBe(0);
    bound.connect(endpoint('10.0.0.4:80'));
    expect(bound.localName().address.toString()).toBe('10.9.0.3');
  });
});

describe('a connection', () => {
  it('keeps its source address in all segments', () => {
    const [packets] = connected(pair(), () => {});
    expect(packets.length).toBeGreaterThan(1);
    expect(new Set(packets.map(({ src }) => src.toString()))).toEqual(new Set(['10.0.0.1']));
  });

  it('sends with the TTL that the user sets', () => {
    const [packets] = connected(pair(), (client) => client.setOption('IP_TTL', 7));
    expect(packets.map(({ ttl }) => ttl)).toEqual(packets.map(() => 7));
  });

  it('sends with the Differentiated Services field that the user sets, also in mid-connection', () => {
    const network = pair();
    const [packets, client] = connected(network, (socket) => socket.setOption('IP_TOS', 0xb8));
    expect(packets.map(({ tos }) => tos)).toEqual(packets.map(() => 0xb8));
    client.setOption('IP_TOS', 0x20);
    const since = packets.length;
    client.close();
    network.run({ until: network.simulator.now + SECOND });
    expect(packets.slice(since).map(({ tos }) => tos)).toEqual(packets.slice(since).map(() => 0x20));
  });
});
