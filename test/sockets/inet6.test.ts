/** AF_INET6 beyond what was recorded: lengths of addresses, scope ids, options, sizes (ipv6(7), rule L38). */
import { describe, expect, it } from 'vitest';
import { Driver } from '../../src/conformance/sockets/driver.ts';
import { Machine } from '../../src/conformance/sockets/machine.ts';
import { EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENETUNREACH, ENODEV } from '../../src/network/errno.ts';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import type { SocketKind } from '../../src/sockets/api.ts';
import type { InetSocket } from '../../src/sockets/inet-socket.ts';

const AF_INET = 2;
const AF_INET6 = 10;

function open(kind: SocketKind, machine: Machine = new Machine({})): InetSocket {
  return machine.process.socket(kind) as InetSocket;
}

function at(address: string, port: number = 7000, scopeId: number = 0) {
  return { address: IpAddress.parse(address), port, scopeId };
}

describe('a sockaddr for an AF_INET6 socket', () => {
  it('needs 24 bytes and the right family', () => {
    expect(open('tcp6').bindRaw({ ...at('::'), family: AF_INET6, length: 23 })).toBe(-EINVAL);
    expect(open('tcp6').bindRaw({ ...at('::'), family: AF_INET, length: 28 })).toBe(-EAFNOSUPPORT);
    expect(open('tcp6').bindRaw({ ...at('::'), family: AF_INET6, length: 24 })).toBe(0);
    expect(open('tcp6').connectRaw({ ...at('10.0.0.10'), family: AF_INET, length: 16 })).toBe(-EINVAL);
    expect(open('udp6').connectRaw({ ...at('10.0.0.10'), family: AF_INET, length: 16 })).toBe(0);
    expect(open('udp').connect(at('fd00::10'))).toBe(-EAFNOSUPPORT);
  });

  it('names an interface when the address is of one link only', () => {
    expect(open('tcp6').connect(at('fe80::1'))).toBe(-EINVAL);
    expect(open('udp6').bind(at('fe80::1', 5000, 99))).toBe(-ENODEV);
    expect(open('udp6').bind(at('fe80::1', 5000, 2))).toBe(-EADDRNOTAVAIL);
    const socket = open('udp6');
    expect(socket.connect(at('ff02::1', 7000, 3))).toBe(0);
    expect([socket.device?.name, socket.localName().address.toString()]).toEqual(['eth1', 'fe80::ff:fe00:3']);
    expect(socket.connect(at('ff02::1', 7000, 2))).toBe(-EINVAL);
  });
});

describe('IPV6_V6ONLY', () => {
  it('shuts out mapped addresses, and stands once there is a port', () => {
    const socket = open('udp6');
    expect(socket.setOption('IPV6_V6ONLY', 1)).toBe(0);
    expect(socket.send(Payload.zeros(1), 0, at('::ffff:10.0.0.10'))).toBe(-ENETUNREACH);
    expect(socket.connect(at('10.0.0.10'))).toBe(-EAFNOSUPPORT);
    expect(socket.setOption('IPV6_V6ONLY', 0)).toBe(-EINVAL);
  });

  it('begins as the host has it', () => {
    expect(open('tcp6', new Machine({ 'net.ipv6.bindv6only': '1' })).getOption('IPV6_V6ONLY')).toBe(1);
    expect(open('tcp6').getOption('IPV6_V6ONLY')).toBe(0);
  });

  it('is implied by an IPv6 address', () => {
    const socket = open('tcp6');
    socket.bind(at('fd00::1'));
    expect(socket.getOption('IPV6_V6ONLY')).toBe(1);
  });
});

describe('options of IPPROTO_IPV6', () => {
  it('are for IPv6 packets, those of IPPROTO_IP for the IPv4 ones', () => {
    const machine = new Machine({});
    const socket = open('udp6', machine);
    expect(socket.setOption('IPV6_UNICAST_HOPS', 9)).toBe(0);
    expect(socket.setOption('IP_TTL', 8)).toBe(0);
    socket.send(Payload.zeros(1), 0, at('fd00::10'));
    socket.send(Payload.zeros(1), 0, at('::ffff:10.0.0.10'));
    expect(machine.settle().map(({ packet }) => packet.ttl)).toEqual([9, 8]);
    expect(socket.getOption('SO_DOMAIN')).toBe(AF_INET6);
  });

  it('join a group on an interface', () => {
    const machine = new Machine({});
    const socket = open('udp6', machine);
    const group = IpAddress.parse('ff02::1234');
    expect(socket.setOption('IPV6_JOIN_GROUP', { group, interfaceIndex: 99 })).toBe(-ENODEV);
    expect(socket.setOption('IPV6_JOIN_GROUP', { group, interfaceIndex: 2 })).toBe(0);
    expect(socket.setOption('IPV6_LEAVE_GROUP', { group, interfaceIndex: 3 })).toBe(-EADDRNOTAVAIL);
    expect(socket.setOption('IPV6_LEAVE_GROUP', { group, interfaceIndex: 2 })).toBe(0);
  });
});

describe('a connection over IPv6', () => {
  it('has segments of 1440 bytes where IPv4 has 1460', () => {
    const driver = new Driver({});
    driver.step(['socket', 'tcp6'], null);
    driver.step(['connect', 0, 'fd00::10', 7000], null);
    expect(driver.step(['getopt', 0, 'TCP_MAXSEG'], null)).toBe(1440);
    driver.step(['socket', 'tcp6'], null);
    driver.step(['connect', 1, '::ffff:10.0.0.10', 7000], null);
    expect(driver.step(['getopt', 1, 'TCP_MAXSEG'], null)).toBe(1460);
    expect(driver.step(['getpeername', 1], null)).toEqual(['::ffff:10.0.0.10', 7000]);
  });
});
