/** The bind conflict tables that were measured on Linux 6.18: 480 pairs of IPv4 sockets (rules L15, L25), 98 across families (L37). */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Machine } from '../../../src/conformance/sockets/machine.ts';
import { errnoName } from '../../../src/network/errno.ts';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import type { InetSocket } from '../../../src/sockets/inet-socket.ts';

interface Pair {
  readonly proto: 'tcp' | 'udp';
  readonly listenA: boolean;
  readonly A: string;
  readonly B: string;
  readonly raA: number;
  readonly rpA: number;
  readonly raB: number;
  readonly rpB: number;
  readonly sameuid: boolean;
  /** bind, and for TCP `/` listen, of the second socket. */
  readonly res: string;
}

const PAIRS = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../fixtures/linux-6.18-bind-v4.json'), 'utf8'),
) as Pair[];
const ADDRESSES: Readonly<Record<string, string>> = { '*': '0.0.0.0', a: '10.0.0.1', b: '10.0.0.2' };
const PORT = 5000;

describe('two sockets on one port', () => {
  for (const proto of ['tcp', 'udp'] as const) {
    it(`conflict as measured: ${proto}`, () => {
      const wrong = PAIRS.filter((pair) => pair.proto === proto && bindBoth(pair) !== pair.res);
      expect(wrong).toEqual([]);
      expect(PAIRS.filter((pair) => pair.proto === proto).length).toBeGreaterThan(100);
    });
  }
});

type Mixed = readonly [proto: 'tcp' | 'udp', first: string, second: string, result: string];

const MIXED = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../fixtures/linux-6.18-bind-v6.json'), 'utf8'),
) as Mixed[];

/** Kind of socket, IPV6_V6ONLY, address. */
const NAMES: Readonly<Record<string, readonly [family: '' | '6', v6only: number, address: string]>> = {
  '*4': ['', 0, '0.0.0.0'],
  a4: ['', 0, '10.0.0.1'],
  '*6d': ['6', 0, '::'],
  '*6o': ['6', 1, '::'],
  a6: ['6', 0, 'fd00::1'],
  'm*': ['6', 0, '::ffff:0.0.0.0'],
  ma: ['6', 0, '::ffff:10.0.0.1'],
};

describe('two sockets of two families on one port', () => {
  for (const proto of ['tcp', 'udp'] as const) {
    it(`conflict as measured: ${proto}`, () => {
      const pairs = MIXED.filter(([of]) => of === proto);
      expect(pairs).toHaveLength(49);
      expect(pairs.filter((pair) => bindMixed(pair) !== pair[3])).toEqual([]);
    });
  }
});

function bindMixed([proto, first, second]: Mixed): string {
  const machine = new Machine({});
  expect(bindNamed(machine, proto, first)).toBe(0);
  return named(bindNamed(machine, proto, second));
}

function bindNamed(machine: Machine, proto: 'tcp' | 'udp', name: string): number {
  const [family, v6only, address] = NAMES[name]!;
  const socket = machine.process.socket(`${proto}${family}`) as InetSocket;
  if (v6only === 1) expect(socket.setOption('IPV6_V6ONLY', 1)).toBe(0);
  return socket.bind({ address: IpAddress.parse(address), port: PORT });
}

function bindBoth(pair: Pair): string {
  const machine = new Machine({});
  const a = open(machine, pair.proto, pair.raA, pair.rpA);
  expect(a.bind(endpoint(pair.A))).toBe(0);
  if (pair.listenA) expect(a.listen(5)).toBe(0);
  const b = open(machine, pair.proto, pair.raB, pair.rpB);
  if (!pair.sameuid) b.chown(1001);
  const bound = b.bind(endpoint(pair.B));
  if (bound < 0 || pair.proto === 'udp') return named(bound);
  return `ok/${named(b.listen(5))}`;
}

function open(machine: Machine, kind: 'tcp' | 'udp', reuseAddr: number, reusePort: number): InetSocket {
  const socket = machine.process.socket(kind) as InetSocket;
  socket.setOption('SO_REUSEADDR', reuseAddr);
  socket.setOption('SO_REUSEPORT', reusePort);
  return socket;
}

function endpoint(name: string) {
  return { address: IpAddress.parse(ADDRESSES[name]!), port: PORT };
}

function named(result: number): string {
  return result < 0 ? errnoName(result) : 'ok';
}
