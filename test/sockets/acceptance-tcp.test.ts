/** The acceptance tests T12-T28 for TCP over IPv4: each was run live on a Linux 6.18 kernel. */
import { describe, expect, it } from 'vitest';
import { Script } from './script.ts';

const A = '10.0.0.1';
const PEER = 'eth0 10.0.0.10';
const FOUR = { 'net.ipv4.ip_local_port_range': '40000 40003' };

/** Opens and listens on sockets given as `10.0.0.1 RA`, `* RP @lo`. */
function listeners(...sockets: readonly string[]): Script {
  const script = new Script();
  for (const [i, text] of sockets.entries()) {
    const [address, ...options] = text.split(' ');
    open(script, i, options);
    expect(script.value(`bind ${i} ${address === '*' ? '0.0.0.0' : address} 5000`)).toBe(0);
    expect(script.value(`listen ${i} 100`)).toBe(0);
  }
  return script;
}

function open(script: Script, i: number, options: readonly string[]): void {
  script.run('socket tcp');
  if (options.includes('RA')) script.run(`opt ${i} REUSEADDR 1`);
  if (options.includes('RP')) script.run(`opt ${i} REUSEPORT 1`);
  const device = options.find((option) => option.startsWith('@'));
  if (device !== undefined) script.run(`opt ${i} BINDTODEVICE ${device.slice(1)}`);
}

/** Who gets the connections of forty clients. */
function winnersOfForty(script: Script, target: string): Set<number> {
  const ports = Array.from({ length: 40 }, (_, i) => 20000 + i);
  return new Set(ports.flatMap((port) => script.winners(`hs ${PEER} ${port} ${target} 5000`)));
}

describe('a SYN goes', () => {
  it('T12 to the listener on the address before the one on the wildcard, groups or not', () => {
    const script = listeners('* RP', `${A} RP`);
    expect(winnersOfForty(script, A)).toEqual(new Set([1]));
    expect(winnersOfForty(script, '10.0.0.2')).toEqual(new Set([0]));
  });

  it('T13 to the newer of a device listener and a plain one with SO_REUSEPORT; without it to the device', () => {
    expect(winnersOfForty(listeners('* RP @eth0', '* RP'), A)).toEqual(new Set([1]));
    expect(winnersOfForty(listeners('* RP', '* RP @eth0'), A)).toEqual(new Set([1]));
    const script = listeners('* RP @eth0', '* RP');
    script.run('opt 0 REUSEPORT 0\nopt 1 REUSEPORT 0');
    expect(winnersOfForty(script, A)).toEqual(new Set([0]));
  });
});

describe('a SO_REUSEPORT group', () => {
  it('is of one user: a listener that was handed to another user is out of it for newcomers', () => {
    const script = new Script();
    for (const i of [0, 1]) open(script, i, ['RP']);
    script.run(`bind 0 ${A} 5000\nlisten 0 100\nuser 0 1000`);
    expect(script.value(`bind 1 ${A} 5000\nlisten 1 100`)).toBe(0); // the port remembers the first one's former owner
    expect(winnersOfForty(script, A)).toEqual(new Set([1]));
  });
});

describe('a listener with backlog b', () => {
  it.each([0, 1, 3])('completes b + 1 connections and ignores further SYNs (b = %i)', (backlog) => {
    const script = new Script();
    script.run(`socket tcp\nbind 0 ${A} 5000\nlisten 0 ${backlog}`);
    for (let i = 0; i <= backlog; i++) expect(script.value(`hs ${PEER} ${2000 + i} ${A} 5000`)).toBe('SA');
    expect(script.value(`hs ${PEER} 3000 ${A} 5000`)).toBe('none');
    expect(script.value('accept 0')).toBe(1);
    expect(script.value(`hs ${PEER} 3001 ${A} 5000`)).toBe('SA');
  });

  it('answers with cookies when too many handshakes are half open, and believes them when they come back', () => {
    const script = new Script();
    script.run(`socket tcp\nbind 0 ${A} 5000\nlisten 0 1`);
    for (const port of [2000, 2001]) expect(script.value(`syn ${PEER} ${port} ${A} 5000`)).toBe('SA');
    expect(script.value(`syn ${PEER} 2002 ${A} 5000`)).toBe('SA');
    expect(script.run('diag')).toHaveLength(3); // the listener and two half-open children: of the third nothing is kept
    expect(script.winners(`seg ${PEER} 2002 ${A} 5000 A n+0 r+0 0`)).toEqual([0]);
    expect(script.value(`seg ${PEER} 2003 ${A} 5000 A 7 9 0`)).toBe('R');
  });
});

describe('binding TCP sockets', () => {
  it('T15 two share by SO_REUSEADDR until one listens', () => {
    const script = new Script();
    for (const i of [0, 1, 2]) open(script, i, ['RA']);
    expect(script.value(`bind 0 ${A} 5000`)).toBe(0);
    expect(script.value(`bind 1 ${A} 5000`)).toBe(0);
    expect(script.value('listen 0 5')).toBe(0);
    expect(script.value('listen 1 5')).toBe('EADDRINUSE');
    expect(script.value(`bind 2 ${A} 5000`)).toBe('EADDRINUSE');
  });

  it('T16 SO_REUSEADDR counts when the other binds, not when it was set', () => {
    const script = new Script();
    open(script, 0, []);
    open(script, 1, ['RA']);
    script.run(`bind 0 ${A} 5000`);
    expect(script.value(`bind 1 ${A} 5000`)).toBe('EADDRINUSE');
    script.run('opt 0 REUSEADDR 1');
    expect(script.value(`bind 1 ${A} 5000`)).toBe(0);
  });

  /** A listener accepts, closes the connection first, and closes: the server's port is in TIME-WAIT. */
  function serverTimeWait(options: readonly string[]): Script {
    const script = new Script();
    open(script, 0, options);
    script.run(`bind 0 ${A} 5000\nlisten 0 5\nhs ${PEER} 1111 ${A} 5000\naccept 0\nclose 1\nclose 0`);
    script.run(`pfin 10.0.0.10 1111 ${A} 5000`);
    expect(script.run('diag')).toEqual([['TIME_WAIT', A, 5000, '10.0.0.10', 1111]]);
    return script;
  }

  function bindAfter(script: Script, options: readonly string[], address: string): unknown {
    open(script, 2, options);
    return script.value(`bind 2 ${address} 5000`);
  }

  it("T17 a server's TIME-WAIT refuses, unless the listener and the newcomer have SO_REUSEADDR", () => {
    expect(bindAfter(serverTimeWait([]), [], A)).toBe('EADDRINUSE');
    expect(bindAfter(serverTimeWait([]), ['RA'], A)).toBe('EADDRINUSE');
    expect(bindAfter(serverTimeWait(['RA']), [], A)).toBe('EADDRINUSE');
    expect(bindAfter(serverTimeWait(['RA']), ['RA'], A)).toBe(0);
    expect(bindAfter(serverTimeWait(['RA']), ['RA'], '0.0.0.0')).toBe(0);
    expect(bindAfter(serverTimeWait(['RA']), ['RP'], A)).toBe('EADDRINUSE');
    expect(bindAfter(serverTimeWait(['RA']), [], '10.0.0.2')).toBe(0);
  });

  it('T18 so does a live connection after its listener has closed', () => {
    for (const [listener, newcomer, expected] of [
      [[], ['RA'], 'EADDRINUSE'],
      [['RA'], [], 'EADDRINUSE'],
      [['RA'], ['RA'], 0],
    ] as const) {
      const script = new Script();
      open(script, 0, listener);
      script.run(`bind 0 ${A} 5000\nlisten 0 5\nhs ${PEER} 1111 ${A} 5000\naccept 0\nclose 0`);
      expect(bindAfter(script, newcomer, A)).toBe(expected);
    }
  });

  it('T20 a port named by bind() takes over a TIME-WAIT at once, if timestamps tell old segments from new', () => {
    for (const [timestamps, expected] of [
      ['1', 'EINPROGRESS'],
      ['0', 'EADDRNOTAVAIL'],
    ] as const) {
      const script = new Script({ 'net.ipv4.tcp_timestamps': timestamps });
      script.run(`socket tcp\nbind 0 ${A} 5000\nlisten 0 5\nsocket tcp\nopt 1 REUSEADDR 1`);
      script.run(`bind 1 ${A} 6000\nconnect 1 ${A} 5000\naccept 0\nclose 1\nclose 2`);
      script.run('socket tcp\nopt 3 REUSEADDR 1');
      expect(script.value(`bind 3 ${A} 6000`)).toBe(0);
      expect(script.value(`connect 3 ${A} 5000`)).toBe(expected);
    }
  });

  it('devices: different ones do not conflict, one and none do', () => {
    const script = new Script();
    open(script, 0, ['@eth0']);
    open(script, 1, ['@eth1']);
    open(script, 2, []);
    expect(script.value(`bind 0 ${A} 5000`)).toBe(0);
    expect(script.value(`bind 1 ${A} 5000`)).toBe(0);
    expect(script.value(`bind 2 ${A} 5000`)).toBe('EADDRINUSE');
  });

  it('the port remembers SO_REUSEPORT: newcomers pass on the same address, or when it was the wildcard', () => {
    for (const [first, second, expected] of [
      [A, A, 0],
      ['0.0.0.0', A, 0],
      [A, '0.0.0.0', 'EADDRINUSE'],
    ] as const) {
      const script = new Script();
      open(script, 0, ['RP']);
      open(script, 1, ['RP']);
      script.run(`bind 0 ${first} 5000\nopt 0 REUSEPORT 0`);
      expect(script.value(`bind 1 ${second} 5000`)).toBe(expected);
    }
  });

  it("T19 a SYN beyond the old numbers reopens a server's TIME-WAIT", () => {
    const script = new Script();
    script.run(`socket tcp\nbind 0 ${A} 5000\nlisten 0 5\nhs ${PEER} 1111 ${A} 5000\naccept 0\nclose 1`);
    script.run(`pfin 10.0.0.10 1111 ${A} 5000`);
    expect(script.run(`hs ${PEER} 1111 ${A} 5000 n-500`)).toMatchObject({ r: 'A' });
    expect(script.winners(`hs ${PEER} 1111 ${A} 5000 n+1000`)).toEqual([0]);
  });

  it('T21 an autobound connection holds its port at its address', () => {
    const script = new Script();
    script.run('socket tcp\nconnect 0 10.0.0.10 7000');
    for (const i of [1, 2, 3]) script.run(`socket tcp\nopt ${i} REUSEADDR 1`);
    expect(script.value(`bind 1 ${A} $e1`)).toBe('EADDRINUSE');
    expect(script.value('bind 2 0.0.0.0 $e1')).toBe('EADDRINUSE');
    expect(script.value('bind 3 10.0.0.2 $e1')).toBe(0);
  });
});

describe('ephemeral TCP ports', () => {
  it('T22 connect() takes ports of the parity of the range, bind(0) the others', () => {
    const script = new Script();
    for (let i = 0; i < 60; i++) {
      script.run('socket tcp');
      script.run(i % 2 === 0 ? `connect ${i} 10.0.0.10 7000` : `bind ${i} 0.0.0.0 0`);
    }
    const ports = script.driver.ports.map(([, port]) => port);
    expect(ports.filter((port) => port % 2 === 0)).toHaveLength(30);
    expect(ports.filter((port) => port % 2 === 1)).toHaveLength(30);
  });

  it('T23 four ports serve four sockets by bind(), and four connections for each destination', () => {
    const binding = new Script(FOUR);
    for (let i = 0; i < 4; i++) expect(binding.value(`socket tcp\nbind ${i} 0.0.0.0 0`)).toBe(0);
    expect(binding.value('socket tcp\nopt 4 REUSEADDR 1\nbind 4 0.0.0.0 0')).toBe('EADDRINUSE');
    const connecting = new Script(FOUR);
    for (let i = 0; i < 8; i++) {
      const peer = i < 4 ? '10.0.0.10' : '10.0.0.11';
      expect(connecting.value(`socket tcp\nconnect ${i} ${peer} 7000`)).toBe('EINPROGRESS');
    }
    expect(connecting.value('socket tcp\nconnect 8 10.0.0.10 7000')).toBe('EADDRNOTAVAIL');
  });

  it('T24 connect() skips a port that is bound on another address, until it is closed', () => {
    const script = new Script({ 'net.ipv4.ip_local_port_range': '40000 40000' });
    expect(script.value('socket tcp\nbind 0 10.0.0.2 40000')).toBe(0);
    expect(script.value('socket tcp\nconnect 1 10.0.0.10 7000')).toBe('EADDRNOTAVAIL');
    script.run('close 0');
    expect(script.value('connect 1 10.0.0.10 7000')).toBe('EINPROGRESS');
  });
});

describe('T28 a TCP socket that connects to itself', () => {
  it('is established, and hears what it says', () => {
    const script = new Script();
    expect(script.run(`socket tcp\nbind 0 ${A} 5000\nconnect 0 ${A} 5000`)).toMatchObject({
      ts: [[0, 'ESTABLISHED']],
    });
    expect(script.run('send 0 3')).toEqual({ r: 3, rx: [[0, 3]] });
    expect(script.value('recv 0 10')).toBe(3);
  });
});

describe('T29 a call in the wrong state', () => {
  /** The value of the last line, on socket 0 of a fresh machine. */
  const after = (text: string): unknown => new Script().value(`socket tcp\n${text}`);

  it.each([
    [`bind 0 ${A} 5000\naccept 0`, 'EINVAL'],
    [`bind 0 ${A} 5000\nlisten 0 5\nlisten 0 9`, 0],
    [`bind 0 ${A} 5000\nlisten 0 5\naccept 0`, 'EAGAIN'],
    [`bind 0 ${A} 5000\nlisten 0 5\nconnect 0 10.0.0.10 7000`, 'EISCONN'],
    ['send 0 1', 'EPIPE'],
    ['recv 0 1', 'ENOTCONN'],
    ['shutdown 0 rd', 'ENOTCONN'],
    ['getpeername 0', 'ENOTCONN'],
    ['connect 0 10.0.0.10 7200', 'EINPROGRESS'],
    ['connect 0 10.0.0.10 7200\nconnect 0 10.0.0.10 7200', 'EALREADY'],
    ['connect 0 10.0.0.10 7200\nlisten 0 5', 'EINVAL'],
    ['connect 0 10.0.0.10 7000\nconnect 0 10.0.0.10 7000', 0],
    ['connect 0 10.0.0.10 7000\nconnect 0 10.0.0.10 7000\nconnect 0 10.0.0.10 7000', 'EISCONN'],
    ['connect 0 10.0.0.10 7100\nconnect 0 10.0.0.10 7100', 'ECONNREFUSED'],
    ['connect 0 10.0.0.10 7100\nconnect 0 10.0.0.10 7100\nconnect 0 10.0.0.10 7100', 'EINPROGRESS'],
    ['connect 0 10.0.0.255 7000', 'ENETUNREACH'],
    ['connect 0 239.1.1.1 7000', 'ENETUNREACH'],
    ['connect 0 192.0.2.1 7000', 'ENETUNREACH'],
    ['bindas 1000 0 10.0.0.99 80', 'EADDRNOTAVAIL'],
    ['bindas 1000 0 10.0.0.1 80', 'EACCES'],
    [`bind 0 ${A} 80\nbind 0 ${A} 81`, 'EINVAL'],
  ])('%s: %s', (text, expected) => {
    expect(after(text)).toBe(expected);
  });
});
