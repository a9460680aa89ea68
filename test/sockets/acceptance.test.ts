/**
 * The acceptance tests T1-T32 for TCP over IPv4, on the specification and on the machine: each was run live on a
 * Linux 6.18 kernel.
 */
import { describe, expect, it } from 'vitest';
import type { Operation, Result } from '../../src/conformance/sockets/case.ts';
import { asObject } from '../../src/conformance/sockets/compare.ts';
import { IMPLEMENTATIONS, type UnderTest, underTest } from '../support/socket-implementations.ts';

const A = '10.0.0.1';
const B = '10.0.0.2';
const ANY = '0.0.0.0';
const FOUR_PORTS = { 'net.ipv4.ip_local_port_range': '40000 40003' };

describe.each(IMPLEMENTATIONS)('%s', (implementation) => {
  const script = (sysctls: Readonly<Record<string, string>> = {}) =>
    new Script(underTest(implementation, sysctls));

  it('T12 two listeners with SO_REUSEPORT: the specific one gets its address, the wildcard the rest', () => {
    const it = script();
    it.listener(ANY, 'RP');
    it.listener(A, 'RP');
    for (let port = 20000; port < 20003; port++) {
      expect(it.syn(A, port)).toEqual([1]);
      expect(it.syn(B, port)).toEqual([0]);
    }
  });

  it('T13 with SO_REUSEPORT the newer listener gets everything, whatever the device; without it the device decides', () => {
    const it = script();
    it.listener(ANY, 'RP', '@eth0');
    it.listener(ANY, 'RP');
    expect(it.syn(A, 20000)).toEqual([1]);
    it.run('opt', 0, 'REUSEPORT', 0);
    it.run('opt', 1, 'REUSEPORT', 0);
    expect(it.syn(A, 20001)).toEqual([0]);
  });

  it('T15 with SO_REUSEADDR two may bind, the first may listen, then nobody else binds or listens', () => {
    const it = script();
    expect(it.bound(A, 'RA')).toBe(0);
    expect(it.bound(A, 'RA')).toBe(0);
    expect(it.value('listen', 0, 5)).toBe(0);
    expect(it.value('listen', 1, 5)).toBe('EADDRINUSE');
    expect(it.bound(A, 'RA')).toBe('EADDRINUSE');
  });

  it('T16 options count as they are when somebody binds, not as they were', () => {
    const it = script();
    expect(it.bound(A)).toBe(0);
    expect(it.bound(A, 'RA')).toBe('EADDRINUSE');
    it.run('opt', 0, 'REUSEADDR', 1);
    expect(it.value('bind', 1, A, 5000)).toBe(0);
  });

  it('T17 a TIME-WAIT of a listener without SO_REUSEADDR keeps its port, one with it lends it to its like', () => {
    const without = script();
    without.timeWait();
    expect(without.bound(A)).toBe('EADDRINUSE');
    expect(without.bound(A, 'RA')).toBe('EADDRINUSE');
    for (const [address, option, expected] of [
      [A, '', 'EADDRINUSE'],
      [A, 'RP', 'EADDRINUSE'],
      [A, 'RA', 0],
      [ANY, 'RA', 0],
      [B, '', 0],
    ] as const) {
      const having = script();
      having.timeWait('RA');
      expect(having.bound(address, option)).toBe(expected);
    }
  });

  it('T18 a connection whose listener is gone keeps the port, unless both had SO_REUSEADDR', () => {
    for (const [first, second, expected] of [
      ['', '', 'EADDRINUSE'],
      ['', 'RA', 'EADDRINUSE'],
      ['RA', '', 'EADDRINUSE'],
      ['RA', 'RA', 0],
    ] as const) {
      const it = script();
      it.listener(A, first);
      it.syn(A, 1111);
      it.run('accept', 0);
      it.run('close', 0);
      expect(it.bound(A, second)).toBe(expected);
    }
  });

  it('T19 a newer SYN into a TIME-WAIT opens a new connection at the present listener', () => {
    const it = script();
    it.listener(A, 'RA');
    it.syn(A, 1111);
    it.run('accept', 0);
    it.run('close', 1);
    it.run('pfin', '10.0.0.10', 1111, A, 5000);
    expect(it.value('hs', 'eth0', '10.0.0.10', 1111, A, 5000, 'n-1000')).toBe('A');
    expect(it.run('hs', 'eth0', '10.0.0.10', 1111, A, 5000, 'n+5000')).toMatchObject({ r: 'SA', q: [0] });
  });

  it('T20 a TIME-WAIT of the own side can be taken over from a bound port if it had timestamps', () => {
    const loopback = script();
    loopback.listener('127.0.0.1');
    expect(loopback.socket('127.0.0.1', 6000, 'RA')).toBe(0);
    loopback.run('connect', 1, '127.0.0.1', 5000);
    loopback.run('accept', 0);
    loopback.run('close', 1);
    loopback.run('close', 2);
    expect(loopback.socket('127.0.0.1', 6000, 'RA')).toBe(0);
    expect(loopback.run('connect', 3, '127.0.0.1', 5000)).toMatchObject({
      r: 'EINPROGRESS',
      ts: [[3, 'ESTABLISHED']],
    });
    const without = script();
    expect(without.socket(A, 6000, 'RA')).toBe(0);
    without.run('connect', 0, '10.0.0.10', 7000);
    without.run('close', 0);
    without.run('pfin', '10.0.0.10', 7000, A, 6000);
    expect(without.socket(A, 6000, 'RA')).toBe(0);
    expect(without.value('connect', 1, '10.0.0.10', 7000)).toBe('EADDRNOTAVAIL');
    expect(without.value('connect', 1, '10.0.0.11', 7000)).toBe('EINPROGRESS');
  });

  it('T21 a port that connect() chose cannot be bound at its address, but can at another', () => {
    for (const [first, second, expected] of [
      ['', '', 'EADDRINUSE'],
      ['', 'RA', 'EADDRINUSE'],
      ['', 'RP', 'EADDRINUSE'],
      ['RA', 'RA', 0],
    ] as const) {
      const it = script();
      it.open(first);
      it.run('connect', 0, '10.0.0.10', 7000);
      const port = it.portOf(0);
      expect(it.socket(ANY, port, second)).toBe(expected);
      if (expected !== 0) expect(it.socket(A, port, second)).toBe(expected);
      expect(it.socket(B, port, second)).toBe(0);
    }
  });

  it('T22 connect() takes even offsets of the range, bind(0) odd ones', () => {
    const it = script();
    for (let i = 0; i < 20; i += 2) {
      it.open();
      it.run('connect', i, '10.0.0.10', 7000);
      expect(it.portOf(i) % 2).toBe(0);
      expect(it.socket(ANY, 0)).toBe(0);
      expect(it.portOf(i + 1) % 2).toBe(1);
    }
  });

  it('T23 a range of four ports: four sockets, but four connections for every destination', () => {
    const binding = script(FOUR_PORTS);
    for (let i = 0; i < 4; i++) expect(binding.socket(ANY, 0)).toBe(0);
    expect(binding.socket(ANY, 0)).toBe('EADDRINUSE');
    const connecting = script(FOUR_PORTS);
    for (const remote of ['10.0.0.10', '10.0.0.11']) {
      for (let i = 0; i < 4; i++)
        expect(connecting.value('connect', connecting.open(), remote, 7000)).toBe('EINPROGRESS');
      expect(connecting.value('connect', connecting.open(), remote, 7000)).toBe('EADDRNOTAVAIL');
    }
  });

  it('T24 connect() passes over a port that is bound on another address, until it is free again', () => {
    const it = script({ 'net.ipv4.ip_local_port_range': '40000 40000' });
    expect(it.socket(B, 40000)).toBe(0);
    expect(it.value('connect', it.open(), '10.0.0.10', 7000)).toBe('EADDRNOTAVAIL');
    it.run('close', 0);
    expect(it.value('connect', 1, '10.0.0.10', 7000)).toBe('EINPROGRESS');
  });

  it('T25 a listener that is disconnected keeps a port that bind() named, and gives one back that was chosen', () => {
    const named = script();
    named.listener(A);
    named.run('disconnect', 0);
    expect(named.bound(A)).toBe('EADDRINUSE');
    expect(named.value('listen', 0, 5)).toBe(0);
    const chosen = script();
    chosen.open();
    chosen.run('listen', 0, 5);
    const port = chosen.portOf(0);
    chosen.run('disconnect', 0);
    expect(chosen.socket(ANY, port)).toBe(0);
  });

  it('T28 a socket that connects to its own name is connected to itself', () => {
    const it = script();
    expect(it.bound(A)).toBe(0);
    expect(it.run('connect', 0, A, 5000)).toMatchObject({ r: 'EINPROGRESS', ts: [[0, 'ESTABLISHED']] });
    expect(it.run('getpeername', 0)).toEqual([A, 5000]);
  });

  it('T29 calls in the wrong state get the errno that Linux gives', () => {
    const it = script();
    it.run('socket', 'udp');
    expect(it.value('listen', 0, 5)).toBe('EOPNOTSUPP');
    expect(it.value('accept', 0)).toBe('EOPNOTSUPP'); // socket number 1
    it.run('socket', 'tcp'); // 2
    expect(it.value('accept', 2)).toBe('EINVAL'); // 3
    expect(it.value('getpeername', 2)).toBe('ENOTCONN');
    expect(it.value('shutdown', 2, 'wr')).toBe('ENOTCONN');
    expect(it.value('connect', 2, '10.0.0.255', 7000)).toBe('ENETUNREACH');
    expect(it.value('connect', 2, '192.0.2.1', 7000)).toBe('ENETUNREACH');
    expect(it.value('connect', 0, '10.0.0.255', 7000)).toBe('EACCES');
    expect(it.value('bind', 2, '10.0.0.99', 80)).toBe('EADDRNOTAVAIL');
    expect(it.value('bindas', 1000, 2, A, 80)).toBe('EACCES');
    expect(it.value('connect', 2, '10.0.0.10', 7000)).toBe('EINPROGRESS');
    expect(it.value('connect', 2, '10.0.0.10', 7000)).toBe(0);
    expect(it.value('connect', 2, '10.0.0.10', 7000)).toBe('EISCONN');
    expect(it.value('listen', 2, 5)).toBe('EINVAL');
    it.run('socket', 'tcp'); // 4
    it.run('connect', 4, '10.0.0.10', 7100);
    expect(it.value('connect', 4, '10.0.0.10', 7100)).toBe('ECONNREFUSED');
    expect(it.value('connect', 4, '10.0.0.10', 7300)).toBe('EINPROGRESS');
    expect(it.value('connect', 4, '10.0.0.10', 7300)).toBe('EALREADY');
  });

  it('a backlog of n admits n + 1 connections; further SYNs are dropped without a word', () => {
    const it = script();
    it.listener(A, '', '', 1);
    expect([1, 2, 3, 4].map((port) => it.value('hs', 'eth0', '10.0.0.10', port, A, 5000))).toEqual([
      'SA',
      'SA',
      'none',
      'none',
    ]);
  });
});

/** Operations on one implementation, with what tests want to know of their results. */
class Script {
  readonly #under: UnderTest;
  #count = 0;

  constructor(under: UnderTest) {
    this.#under = under;
  }

  run(...operation: Operation): Result {
    if (operation[0] === 'socket' || operation[0] === 'accept') this.#count++;
    return this.#under.step(operation);
  }

  value(...operation: Operation): unknown {
    return asObject(this.run(...operation)).r;
  }

  /** A TCP socket with options such as RA, RP. @returns its number */
  open(...options: readonly string[]): number {
    const number = this.#count;
    this.run('socket', 'tcp');
    for (const option of options) {
      if (option === 'RA') this.run('opt', number, 'REUSEADDR', 1);
      if (option === 'RP') this.run('opt', number, 'REUSEPORT', 1);
      if (option.startsWith('@')) this.run('opt', number, 'BINDTODEVICE', option.slice(1));
    }
    return number;
  }

  /** A new socket with that name. @returns what bind() says */
  socket(address: string, port: number, ...options: readonly string[]): unknown {
    return this.value('bind', this.open(...options), address, port);
  }

  /** The same on port 5000. */
  bound(address: string, ...options: readonly string[]): unknown {
    return this.socket(address, 5000, ...options);
  }

  listener(address: string, option: string = '', device: string = '', backlog: number = 50): void {
    const number = this.open(option, device);
    expect(this.value('bind', number, address, 5000)).toBe(0);
    expect(this.value('listen', number, backlog)).toBe(0);
  }

  /** A whole handshake from 10.0.0.10. @returns the listeners that got the connection */
  syn(address: string, port: number): readonly number[] {
    return asObject(this.run('hs', 'eth0', '10.0.0.10', port, address, 5000)).q ?? [];
  }

  /** A listener on 10.0.0.1 that accepted a connection, closed it first, and is gone. */
  timeWait(...options: readonly string[]): void {
    this.listener(A, ...options);
    this.syn(A, 1111);
    this.run('accept', 0);
    this.run('close', 0);
    this.run('close', 1);
    this.run('pfin', '10.0.0.10', 1111, A, 5000);
  }

  /** The port that getsockname() shows. */
  portOf(number: number): number {
    const [, port] = this.run('getsockname', number) as readonly [string, number | string];
    return this.#under.port(port);
  }
}
