/** Packet assertions on runs whose packets are known: what they accept, what they refuse, and in which words. */
import { describe, expect, it } from 'vitest';
import { runScenario } from '../../../src/testing/run/run-scenario.ts';
import '../../../src/testing/vitest.ts';
import { anyOf, atLeast, between, not, satisfies } from '../../../src/testing/packets/condition.ts';
import {
  expectEventually,
  expectLeadsTo,
  expectNever,
  expectPacket,
  expectPackets,
  expectSequence,
  findPackets,
} from '../../../src/testing/packets/expect-packets.ts';
import { withFlags, withoutFlags } from '../../../src/testing/packets/flags.ts';
import { icmp, icmpv6, igmp, mld, ndp } from '../../../src/testing/packets/icmp.ts';
import { ip, ipv4, ipv6 } from '../../../src/testing/packets/ip.ts';
import { arp, ethernet } from '../../../src/testing/packets/link.ts';
import type { PacketMatcher } from '../../../src/testing/packets/matcher.ts';
import { tcp, udp } from '../../../src/testing/packets/transport.ts';
import { delivered, either, lost, receivedBy, sentBy } from '../../../src/testing/packets/where.ts';
import { EXCHANGE } from './exchange.ts';

const run = runScenario(EXCHANGE);

describe('matchers', () => {
  const syn = findPackets(run, sentBy('client', tcp({ flags: 'SYN' })))[0]!;
  const request = findPackets(run, sentBy('client', tcp({ length: atLeast(1) })))[0]!;
  const query = findPackets(run, sentBy('client', arp()))[0]!;

  it.each<[PacketMatcher, boolean]>([
    [tcp(), true],
    [tcp({ flags: 'SYN', dstPort: 80, seq: 0, mss: 1460, sackPermitted: true, timestamps: true }), true],
    [tcp({ flags: 'SYN,ACK' }), false],
    [tcp({ flags: withFlags('SYN') }), true],
    [tcp({ flags: withoutFlags('ACK') }), true],
    [tcp({ flags: withFlags('SYN,ACK') }), false],
    [tcp({ src: '10.0.0.2', dst: '10.0.0.1', ttl: 64, length: 0 }), true],
    [tcp({ dst: anyOf('10.0.0.1', '10.0.0.9') }), true],
    [tcp({ dst: not('10.0.0.1') }), false],
    [
      tcp({ srcPort: between(32768, 60999), windowScale: satisfies('odd', (shift) => shift % 2 === 1) }),
      true,
    ],
    [tcp({ payload: '' }), true],
    [ip({ protocol: 6, fragment: false }), true],
    [ipv4({ df: true, options: 0 }), true],
    [ipv6(), false],
    [ethernet({ etherType: 0x800, vlan: null }), true],
    [udp(), false],
    [icmp(), false],
    [arp(), false],
    [receivedBy('server', tcp()), false],
    [sentBy('client.eth0', tcp()), true],
    [sentBy('client.eth1', tcp()), false],
    [either(udp(), tcp({ dstPort: 80 })), true],
    [either(udp(), tcp({ dstPort: 81 })), false],
  ])('%o against a SYN: %s', (matcher, is) => {
    expect(matcher.compare(syn).every(({ ok }) => ok)).toBe(is);
    if (is) expect(syn).toMatchPacket(matcher);
    else expect(syn).not.toMatchPacket(matcher);
  });

  it('do not count PSH unless it is named, and count sequence numbers from the beginning', () => {
    expectPacket(request, tcp({ flags: 'ACK', seq: 1, ack: 1, payload: 'GET' }));
    expectPacket(request, tcp({ flags: 'PSH,ACK', payload: new TextEncoder().encode('GET') }));
    expect(() => expectPacket(request, tcp({ seq: 2 }))).toThrow(/x seq\s+expected 2\s+found 1/);
    expect(() => expectPacket(syn, tcp({ flags: 'PSH,SYN' }))).toThrow();
    const { relative, ...bare } = request;
    expectPacket(bare.frame, tcp({ rawSeq: not(1), payload: 'GET' }));
    expect(relative!.seq).toBe(1);
  });

  it('know ARP, lost packets and the sockets that packets reached', () => {
    expectPacket(query, arp({ operation: 'request', senderIp: '10.0.0.2', targetIp: '10.0.0.1' }));
    expect(run).toHavePackets(arp({ operation: 'reply' }));
    expectPackets(run, lost(udp({ dstPort: 9 }), 'link.lost'), { times: 1 });
    expect(() => expectPackets(run, lost(udp({ dstPort: 9 }), 'link.down'))).toThrow(
      /x dropped\s+expected link.down\s+found link.lost/,
    );
    expectPackets(run, receivedBy('server', delivered('(httpd)', tcp())), { atLeast: 3 });
    expectNever(run, delivered('(nobody)', tcp()));
  });

  it('know ICMP', () => {
    expectPackets(run, sentBy('server', icmp({ type: 'unreachable', code: 3 })), { times: 1 });
    expect(() => expectPackets(run, icmp({ type: 'echo' }))).toThrow(/expected echo\s+found unreachable/);
    expectNever(run, igmp());
  });

  it('say which flag was meant', () => {
    expect(() => tcp({ flags: withFlags('SYM') })).toThrow("did you mean 'SYN'?");
  });
});

describe('assertions', () => {
  it('count', () => {
    expect(run).toHaveSent(tcp({ flags: 'SYN' }), { by: 'client', times: 1 });
    expect(run).toHaveReceived(tcp({ flags: 'SYN' }), { by: 'server', times: 1 });
    expect(run).toHavePackets(tcp({ flags: 'SYN' }), { times: 2 });
    expect(run).not.toHaveSent(tcp({ flags: 'RST' }));
    expect(run).toHaveSent(tcp(), { before: '1s', atLeast: 5 });
    expect(run).not.toHaveSent(tcp(), { after: '30s' });
    expect(() => expectPackets(run, tcp(), { atMost: 2 })).toThrow(
      /at most 2 of tcp\(\), found \d+\n(.*\n)*.*more/,
    );
  });

  it('show the nearest packet, what is wrong with it first', () => {
    const missing = sentBy('server', tcp({ flags: 'SYN,ACK', dstPort: 80 }));
    expect(() => expectPackets(run, missing)).toThrow(
      new RegExp(
        [
          "^expected at least 1 of sentBy\\('server', tcp\\(\\{ flags: 'SYN,ACK', dstPort: 80 \\}\\)\\), found 0",
          '  the nearest of \\d+ packets:',
          '    0\\.1\\d+ server\\.eth0 > IP 10\\.0\\.0\\.1\\.80 > .*Flags \\[S\\.\\].*',
          '    x dstPort {4}expected 80 {2}found \\d+',
          '    = where {6}server',
          '    = direction {2}out',
          '    = flags {6}SYN,ACK$',
        ].join('\n'),
      ),
    );
    expect(() => expectPackets(run, ndp())).toThrow(/none of \d+ packets comes near/);
    expectNever(run, either(mld(), icmpv6()));
  });

  it('follow an order', () => {
    const handshake = [
      sentBy('client', tcp({ flags: 'SYN' })),
      { packet: sentBy('server', tcp({ flags: 'SYN,ACK' })), within: '20ms' },
      sentBy('client', tcp({ flags: 'ACK', length: 0 })),
    ];
    expect(expectSequence(run, handshake).map(({ node }) => node)).toEqual(['client', 'server', 'client']);
    expect(run).toHaveSequence(handshake);
    expect(run).not.toHaveSequence([...handshake].reverse());
    expect(run).not.toHaveSequence(handshake, { strict: true }); // arrivals lie between
    const sent = run.packets.filter(({ direction, transport }) => direction === 'out' && transport !== null);
    const tcpSent = sent.filter(({ relative }) => relative !== null);
    expectSequence(tcpSent, handshake, { strict: true });
    expect(() => expectSequence(run, [handshake[0]!, tcp({ flags: 'RST' })])).toThrow(
      /^step 2 of 2 is missing: tcp\(.*\n {2}1 {2}.*Flags \[S\]/,
    );
    const tooFast = { packet: sentBy('server', tcp({ flags: 'SYN,ACK' })), within: '1us' };
    expect(() => expectSequence(run, [handshake[0]!, tooFast])).toThrow('within 1us');
  });

  it('know late from never', () => {
    const [syn] = findPackets(run, sentBy('client', tcp({ flags: 'SYN' })));
    const answer = receivedBy('client', tcp({ flags: 'SYN,ACK' }));
    expectEventually(run, answer, { within: '25ms', after: syn! });
    expect(() => expectEventually(run, answer, { within: '1ms', after: syn! })).toThrow('too late');
    expect(() => expectEventually(run, answer, { within: '1s', after: '30s' })).toThrow('it never came');
    expect(run).toHaveEventually(answer, { within: '200ms' });
    expect(run).not.toHaveEventually(answer, { within: '10ms' });
  });

  it('want an answer to each request', () => {
    const isSyn = sentBy('client', tcp({ flags: 'SYN' }));
    const isAnswer = sentBy('server', tcp({ flags: 'SYN,ACK' }));
    expectLeadsTo(run, isSyn, isAnswer, { within: '50ms' });
    expectLeadsTo(run, isSyn, ({ relative }) => sentBy('server', tcp({ dstPort: relative!.srcPort })), {
      within: '50ms',
    });
    expect(() => expectLeadsTo(run, isAnswer, isSyn, { within: '50ms' })).toThrow(/^after .*Flags \[S\.\]/);
  });
});
