/** The acceptance tests T1-T32 for UDP over IPv4: each was run live on a Linux 6.18 kernel. */
import { describe, expect, it } from 'vitest';
import { Script } from './script.ts';

const A = '10.0.0.1';
const FROM_PEER = `udp eth0 10.0.0.10 1111 ${A} 5000`;
const FROM_OTHER = `udp eth0 10.0.0.11 1111 ${A} 5000`;

/** Opens sockets bound as told: `10.0.0.1`, `*`; with options such as `RA`, `RP`, `@lo`, `>10.0.0.10:1111`. */
function open(...sockets: readonly string[]): Script {
  const script = new Script();
  for (const [i, text] of sockets.entries()) {
    const [address, ...words] = text.split(' ');
    script.run('socket udp');
    for (const word of words) {
      if (word === 'RA') script.run(`opt ${i} REUSEADDR 1`);
      if (word === 'RP') script.run(`opt ${i} REUSEPORT 1`);
      if (word.startsWith('@')) script.run(`opt ${i} BINDTODEVICE ${word.slice(1)}`);
    }
    expect(script.value(`bind ${i} ${address === '*' ? '0.0.0.0' : address} 5000`)).toBe(0);
    const peer = words.find((word) => word.startsWith('>'));
    if (peer !== undefined) script.run(`connect ${i} ${peer.slice(1).replace(':', ' ')}`);
  }
  return script;
}

describe('a UDP datagram goes', () => {
  it('T1 to the specific address, not the wildcard, in both creation orders', () => {
    expect(open('* RA', `${A} RA`).winners(FROM_PEER)).toEqual([1]);
    expect(open(`${A} RA`, '* RA').winners(FROM_PEER)).toEqual([0]);
  });

  it('T2 to the third of three equal sockets', () => {
    expect(open(`${A} RA`, `${A} RA`, `${A} RA`).winners(FROM_PEER)).toEqual([2]);
  });

  it('T3 to the connected socket for its peer, to the newest unconnected one for others', () => {
    const script = open(`${A} RA`, `${A} RA >10.0.0.10:1111`, `${A} RA`);
    expect(script.winners(FROM_PEER)).toEqual([1]);
    expect(script.winners(FROM_OTHER)).toEqual([2]);
  });

  it('T4 to the second of two sockets that are connected to the same peer', () => {
    expect(open(`${A} RA >10.0.0.10:1111`, `${A} RA >10.0.0.10:1111`).winners(FROM_PEER)).toEqual([1]);
  });

  it('T5 to a wildcard socket that is connected before a later wildcard one', () => {
    const script = open('* RA >10.0.0.10:1111', '* RA');
    expect(script.winners(FROM_PEER)).toEqual([0]);
    expect(script.winners(FROM_OTHER)).toEqual([1]);
  });

  it('T6 to the specific address before the right device, to the device before the wildcard', () => {
    expect(open('* RA @eth0', `${A} RA`, '* RA').winners(FROM_PEER)).toEqual([1]);
    expect(open('* RA @eth0', '* RA').winners(FROM_PEER)).toEqual([0]);
  });

  it('T7 to nobody when the only socket has another address: port unreachable', () => {
    expect(open('10.0.0.2').value(FROM_PEER)).toBe('unreach');
  });

  it('T9 to one member of a SO_REUSEPORT group, the same for the same flow; a connected member takes its peer only', () => {
    const script = open(`${A} RP`, `${A} RP`, `${A} RP`, `${A} RP`);
    const counts = [0, 0, 0, 0];
    for (let port = 10000; port < 10400; port++) {
      const [winner] = script.winners(`udp eth0 10.0.0.10 ${port} ${A} 5000`);
      counts[winner!]!++;
      expect(script.winners(`udp eth0 10.0.0.10 ${port} ${A} 5000`)).toEqual([winner]);
    }
    for (const count of counts) expect(count).toBeGreaterThan(60);
    script.run('connect 0 10.0.0.12 9');
    expect(script.winners(`udp eth0 10.0.0.12 9 ${A} 5000`)).toEqual([0]);
    for (let port = 10000; port < 10100; port++) {
      expect(script.winners(`udp eth0 10.0.0.10 ${port} ${A} 5000`)).not.toContain(0);
    }
  });

  it('T10 to all who want a multicast group', () => {
    const script = new Script();
    script.run(`socket udp\nsocket udp\nsocket udp\nsocket udp`);
    for (const i of [0, 1, 2, 3]) script.run(`opt ${i} REUSEADDR 1`);
    script.run(`bind 0 0.0.0.0 5000\nbind 1 0.0.0.0 5000\nbind 2 239.1.1.1 5000\nbind 3 ${A} 5000`);
    const multicast = 'udp eth0 10.0.0.10 1111 239.1.1.1 5000';
    expect(script.winners(multicast)).toEqual([]);
    script.driver.step(['opt', 0, 'JOIN', ['239.1.1.1', A]], null);
    expect(script.winners(multicast)).toEqual([0, 1, 2]);
    script.run('opt 1 MULTICAST_ALL 0');
    expect(script.winners(multicast)).toEqual([0, 2]);
  });

  it('T11 to every wildcard or broadcast-bound socket when it is a broadcast', () => {
    const script = open('* RA', '* RA', '10.0.0.255 RA', `${A} RA`);
    expect(script.winners('udp eth0 10.0.0.10 1111 10.0.0.255 5000')).toEqual([0, 1, 2]);
  });
});

describe('the order of UDP sockets', () => {
  it('of two that are connected to the same peer: from the wire the one bound last, from the host itself the one connected last', () => {
    const script = open(`${A} RA`, `${A} RA`);
    script.run('connect 1 10.0.0.10 1111\nconnect 0 10.0.0.10 1111');
    expect(script.winners(FROM_PEER)).toEqual([1]);
    const fresh = open(`${A} RA`, `${A} RA`);
    fresh.run('connect 1 10.0.0.2 6000\nconnect 0 10.0.0.2 6000\nsocket udp\nbind 2 10.0.0.2 6000');
    expect(fresh.winners(`sendto 2 1 ${A} 5000`)).toEqual([0]);
  });

  it('a group one of whose members was ever connected goes by scores: that one gets what the newest would get', () => {
    const script = open(`${A} RP`, `${A} RP`);
    script.run('connect 1 10.0.0.12 9\ndisconnect 1');
    for (let port = 10000; port < 10040; port++) {
      expect(script.winners(`udp eth0 10.0.0.10 ${port} ${A} 5000`)).toEqual([1]);
    }
  });
});

describe('a socket that connects a second time', () => {
  it('gets what its new peer sends, although a group was bound after it', () => {
    const script = open(`${A} RP`, `${A} RP`, `${A} RP`);
    script.run('connect 0 10.0.0.10 1111\nconnect 0 10.0.0.10 2222');
    expect(script.winners(`udp eth0 10.0.0.10 2222 ${A} 5000`)).toEqual([0]);
    expect(script.winners(FROM_PEER)).not.toEqual([0]);
  });
});

describe('UDP ports and errors', () => {
  it('the scan for conflicts runs from the newest back and ends at the first that shares by SO_REUSEPORT', () => {
    const sharing = open(A, '10.0.0.2 RP');
    sharing.run('socket udp\nopt 2 REUSEADDR 1\nopt 2 REUSEPORT 1');
    expect(sharing.value('bind 2 0.0.0.0 5000')).toBe(0);
    const conflicting = open('10.0.0.2 RP', A);
    conflicting.run('socket udp\nopt 2 REUSEADDR 1\nopt 2 REUSEPORT 1');
    expect(conflicting.value('bind 2 0.0.0.0 5000')).toBe('EADDRINUSE');
  });

  it('among more than ten sockets, too, a wildcard newcomer is held against those on other addresses', () => {
    const few = open(...Array.from({ length: 10 }, () => `${A} RA`));
    expect(few.value('socket udp\nbind 10 0.0.0.0 5000')).toBe('EADDRINUSE');
    const crowd = open(...Array.from({ length: 11 }, () => `${A} RA`));
    expect(crowd.value('socket udp\nbind 11 0.0.0.0 5000')).toBe('EADDRINUSE');
  });

  const FOUR = { 'net.ipv4.ip_local_port_range': '40000 40003' };

  it('T23 a range of four ports gives four sockets, and any number with SO_REUSEADDR', () => {
    const script = new Script(FOUR);
    for (let i = 0; i < 4; i++) expect(script.value(`socket udp\nbind ${i} 0.0.0.0 0`)).toBe(0);
    expect(script.value('socket udp\nbind 4 0.0.0.0 0')).toBe('EADDRINUSE');
    expect(script.value('sendto 4 1 10.0.0.10 7000')).toBe('EAGAIN');
    const sharing = new Script(FOUR);
    for (let i = 0; i < 9; i++) {
      expect(sharing.value(`socket udp\nopt ${i} REUSEADDR 1\nbind ${i} 0.0.0.0 0`)).toBe(0);
    }
  });

  it('T25 disconnecting keeps what bind() named and gives up the rest', () => {
    const script = new Script();
    script.run(`socket udp\nbind 0 ${A} 0\nconnect 0 10.0.0.10 9\ndisconnect 0`);
    expect(script.run('getsockname 0')).toEqual([A, 0]);
    script.run('socket udp\nbind 1 0.0.0.0 6111\nconnect 1 10.0.0.10 9\ndisconnect 1');
    expect(script.run('getsockname 1')).toEqual(['0.0.0.0', 6111]);
    script.run('socket udp\nconnect 2 10.0.0.10 9\ndisconnect 2');
    expect(script.run('getsockname 2')).toEqual(['0.0.0.0', 0]);
  });

  it('T26 a refusal is told once, and to connected sockets only', () => {
    const script = new Script();
    script.run('socket udp\nconnect 0 127.0.0.1 9');
    expect(script.run('send 0 1')).toEqual({ r: 1, err: [0] });
    expect(script.value('recv 0 10')).toBe('ECONNREFUSED');
    expect(script.value('recv 0 10')).toBe('EAGAIN');
    script.run('socket udp');
    expect(script.value('sendto 1 1 127.0.0.1 9')).toBe(1);
    expect(script.value('recv 1 10')).toBe('EAGAIN');
  });

  it('T27 an ICMP error goes to the socket that a lookup with the quoted addresses finds', () => {
    const script = open(`${A} RA`, `${A} RA >10.0.0.10:7100`);
    expect(script.run('sendto 0 1 10.0.0.10 7100')).toMatchObject({ err: [1] });
    expect(script.run('sendto 0 1 10.0.0.11 7100')).not.toHaveProperty('err');
  });

  it('T28 a socket that is connected to itself hears itself', () => {
    const script = new Script();
    script.run(`socket udp\nbind 0 ${A} 5000\nconnect 0 ${A} 5000`);
    expect(script.winners('send 0 3')).toEqual([0]);
  });
});
