/** What people get to read when their file is wrong: each message as a whole, with place, caret and advice. */
import { describe, expect, it } from 'vitest';
import { problemsOf, scenarioOf, TWO_HOSTS } from './support.ts';

/** The two hosts with IPv6 addresses. */
const SIX = TWO_HOSTS.replace('10.0.0.2/24', '"fd00::2/64"').replace('10.0.0.1/24', '"fd00::1/64"');

describe('a scenario file with a mistake', () => {
  it('has an unknown key', () => {
    expect(problemsOf(TWO_HOSTS.replace('links:', 'linkz:'))).toBe(`s.yaml:5:1: unknown key 'linkz'
 5 | linkz:
   | ^^^^^
  expected: title, teaches, seed, until, profile, routing, hosts, routers, switches, hubs, links, programs, timeline, expect, outputs
  did you mean 'links'?`);
  });

  it('has a value of the wrong type', () => {
    expect(
      problemsOf(TWO_HOSTS.replace('10.0.0.2/24', '10')),
    ).toBe(`s.yaml:3:33: the number 10 cannot stand here
 3 |   client: { interfaces: { eth0: 10 } }
   |                                 ^^
  expected: an address with its prefix length, or a map`);
  });

  it('has a malformed IPv6 address', () => {
    expect(
      problemsOf(TWO_HOSTS.replace('10.0.0.2/24', '"fd00:::2/64"')),
    ).toBe(`s.yaml:3:33: 'fd00:::2' is not an IPv6 address
 3 |   client: { interfaces: { eth0: "fd00:::2/64" } }
   |                                 ^^^^^^^^^^^^^
  expected: eight groups of hexadecimal digits or ::, as in fd00::1`);
  });

  it('names an interface that is not there as the zone of an address', () => {
    const text = `${SIX}programs: { p: { host: client, run: ping, to: "fe80::1%eth1" } }\n`;
    expect(problemsOf(text)).toMatch(
      /^s\.yaml:7:47: 'client' has no interface 'eth1'[\s\S]*expected: lo, eth0\n/,
    );
  });

  it('does not say which link a link-local address is on', () => {
    const text = `${SIX}programs: { p: { host: client, run: http-client, to: "[fe80::1]:80" } }\n`;
    expect(problemsOf(text)).toMatch(
      /^s\.yaml:7:54: fe80::1 may be on any link of 'client'[\s\S]*expected: the interface, as in fe80::1%eth0$/,
    );
  });

  it('gives a zone to an address that needs none', () => {
    const text = `${SIX}programs: { p: { host: client, run: ping, to: "fd00::1%eth0" } }\n`;
    expect(problemsOf(text)).toMatch(
      /^s\.yaml:7:47: 'fd00::1%eth0' has a zone, but the address is no link-local/,
    );
  });

  it('has a list where a map belongs', () => {
    expect(problemsOf('title: t\nhosts: [a, b]\n')).toBe(`s.yaml:2:8: a list cannot stand here
 2 | hosts: [a, b]
   |        ^^^^^^
  expected: a map`);
  });

  it('has a number without its unit', () => {
    const text = TWO_HOSTS.replace('client -- server', '{ between: client -- server, delay: 10 }');
    expect(problemsOf(text)).toBe(`s.yaml:6:46: the number 10 cannot stand here
 6 |   cable: { between: client -- server, delay: 10 }
   |                                              ^^
  expected: a duration with its unit, as in 10ms`);
  });

  it('has a unit that does not exist', () => {
    const text = TWO_HOSTS.replace('client -- server', '{ between: client -- server, rate: 10Mbit }');
    expect(problemsOf(text)).toBe(`s.yaml:6:45: '10Mbit' is not a bit rate
 6 |   cable: { between: client -- server, rate: 10Mbit }
   |                                             ^^^^^^
  expected: a bit rate with its unit: bps, kbps, Mbps or Gbps, as in 100Mbps; or unlimited
  did you mean '10Mbps'?`);
  });

  it('gives two interfaces one address', () => {
    expect(problemsOf(TWO_HOSTS.replace('10.0.0.1/24', '10.0.0.2/24'))).toBe(
      `s.yaml:4:33: 10.0.0.2 is already the address of client.eth0
 4 |   server: { interfaces: { eth0: 10.0.0.2/24 } }
   |                                 ^^^^^^^^^^^`,
    );
  });

  it('links a host that does not exist', () => {
    expect(problemsOf(TWO_HOSTS.replace('-- server', '-- sever'))).toBe(`s.yaml:6:20: there is no node 'sever'
 6 |   cable: client -- sever
   |                    ^^^^^
  expected: client, server
  did you mean 'server'?`);
  });

  it('has one name for two nodes', () => {
    expect(problemsOf(`${TWO_HOSTS}switches:\n  client: {}\n`)).toBe(
      `s.yaml:8:3: the name 'client' is taken: there is one among the hosts
 8 |   client: {}
   |   ^^^^^^
  expected: a name that no other host, router, switch or hub has`,
    );
  });

  it('has one key twice', () => {
    expect(problemsOf('title: a\ntitle: b\n')).toBe(`s.yaml:2:1: the key 'title' is already in line 1
 2 | title: b
   | ^^^^^`);
  });

  it('is not YAML', () => {
    expect(problemsOf('title: "x\nhosts: {')).toBe(`s.yaml:2:9: not YAML: missing closing "quote
 2 | hosts: {
   |         ^`);
  });

  it('is empty', () => {
    expect(problemsOf('# nothing\n')).toBe(`s.yaml:1:1: the file is empty
 1 | # nothing
   | ^
  expected: a scenario, beginning with title:`);
  });

  it('is a single word', () => {
    expect(problemsOf('hello')).toBe(`s.yaml:1:1: 'hello' cannot stand here
 1 | hello
   | ^^^^^
  expected: a map`);
  });

  it('is binary', () => {
    expect(problemsOf('\u007fELF\u0002\u0001\u0000')).toBe(`s.yaml:1:1: not text: a binary file
 1 | ·ELF···
   | ^
  expected: YAML in UTF-8`);
  });

  it('sends a program to where no route leads', () => {
    const text = `${TWO_HOSTS}programs:\n  p: { host: client, run: http-client, to: '10.9.9.9:80' }\n`;
    expect(problemsOf(text)).toBe(`s.yaml:8:44: host 'client' has no route to 10.9.9.9
 8 |   p: { host: client, run: http-client, to: '10.9.9.9:80' }
   |                                            ^^^^^^^^^^^^^
  expected: a gateway: or routes: there, or routing: shortest-path for the whole network`);
  });

  it('wants something to happen in the past', () => {
    const text = `${TWO_HOSTS}timeline:\n  - { at: -1s, do: link-down, link: cable }\n`;
    expect(problemsOf(text)).toBe(`s.yaml:8:11: '-1s' lies in the past
 8 |   - { at: -1s, do: link-down, link: cable }
   |           ^^^
  expected: a time of the run, which begins at 0s`);
  });

  it('wants something to happen after the end', () => {
    const text = `${TWO_HOSTS}until: 5s\ntimeline:\n  - { at: 6s, do: link-down, link: cable }\n`;
    expect(problemsOf(text)).toBe(`s.yaml:9:11: this is after the end of the run
 9 |   - { at: 6s, do: link-down, link: cable }
   |           ^^
  expected: a time not after until: (default 60s)`);
  });

  it('restarts what is not down', () => {
    const text = `${TWO_HOSTS}timeline:\n  - { at: 1s, do: restart, host: server }\n  - { at: 2s, do: crash, host: server }\n`;
    expect(problemsOf(text)).toBe(`s.yaml:8:11: 'server' is not down at 1s
 8 |   - { at: 1s, do: restart, host: server }
   |           ^^
  expected: a time after 2s, when it crashes`);
  });

  it('has two servers on one port', () => {
    const text = `${TWO_HOSTS}programs:\n  a: { host: server, run: http-server }\n  b: { host: server, run: http-server, port: 80 }\n`;
    expect(problemsOf(text)).toBe(
      `s.yaml:9:46: tcp port 80 of 'server' is wanted twice: program 'a' listens there
 9 |   b: { host: server, run: http-server, port: 80 }
   |                                              ^^
  expected: another port, another address, or a program of calls when the refusal is the lesson`,
    );
  });

  it('has an address that is no address for an interface', () => {
    expect(problemsOf(TWO_HOSTS.replace('10.0.0.2/24', '10.0.0.255/24'))).toBe(
      `s.yaml:3:33: 10.0.0.255 is the broadcast address of 10.0.0.0/24
 3 |   client: { interfaces: { eth0: 10.0.0.255/24 } }
   |                                 ^^^^^^^^^^^^^
  expected: an address for one interface`,
    );
  });

  it('has a gateway that is no neighbour', () => {
    const text = TWO_HOSTS.replace('10.0.0.2/24 }', '10.0.0.2/24 }, gateway: 10.0.1.1');
    expect(problemsOf(text)).toBe(`s.yaml:3:57: the gateway 10.0.1.1 is in no network of 'client'
 3 |   client: { interfaces: { eth0: 10.0.0.2/24 }, gateway: 10.0.1.1 }
   |                                                         ^^^^^^^^
  expected: an address in 10.0.0.0/24`);
  });

  it('plugs two links into one interface', () => {
    const text = `${TWO_HOSTS}  second: client -- server.eth0\n`;
    expect(problemsOf(text)).toBe(`s.yaml:7:11: client.eth0 is taken: the link 'cable' ends there
 7 |   second: client -- server.eth0
   |           ^^^^^^^^^^^^^^^^^^^^^

s.yaml:7:11: server.eth0 is taken: the link 'cable' ends there
 7 |   second: client -- server.eth0
   |           ^^^^^^^^^^^^^^^^^^^^^`);
  });

  it('has a mistake inside a filter', () => {
    const text = `${TWO_HOSTS}expect:\n  - { check: packets, where: client, match: 'tcp and dts port 80', count: 1 }\n`;
    expect(problemsOf(text)).toContain(`s.yaml:8:54: unknown filter word 'dts'
 8 |   - { check: packets, where: client, match: 'tcp and dts port 80', count: 1 }
   |                                                      ^^^
  expected: arp, ip`);
    expect(problemsOf(text)).toContain("did you mean 'dst'?");
  });

  it('has a mistake inside a socket call', () => {
    const calls = `programs:\n  p:\n    host: client\n    run: calls\n    calls:\n      - s = socket(tcp)\n      - conect(s, server:80)\n`;
    expect(problemsOf(TWO_HOSTS + calls)).toContain(`s.yaml:13:9: unknown call 'conect'
 13 |       - conect(s, server:80)
    |         ^^^^^^`);
  });

  it('uses a socket that no call made', () => {
    const calls = `programs:\n  p:\n    host: client\n    run: calls\n    calls:\n      - sock = socket(tcp)\n      - connect(sokc, server:80)\n`;
    expect(problemsOf(TWO_HOSTS + calls)).toBe(`s.yaml:13:17: no socket is called 'sokc' here
 13 |       - connect(sokc, server:80)
    |                 ^^^^
  expected: sock
  did you mean 'sock'?`);
  });

  it('sets a sysctl that does not exist', () => {
    const text = TWO_HOSTS.replace('10.0.0.2/24 }', '10.0.0.2/24 }, sysctls: { net.ipv4.tcp_sak: 0 }');
    expect(problemsOf(text)).toBe(`s.yaml:3:59: unknown sysctl 'net.ipv4.tcp_sak'
 3 |   client: { interfaces: { eth0: 10.0.0.2/24 }, sysctls: { net.ipv4.tcp_sak: 0 } }
   |                                                           ^^^^^^^^^^^^^^^^
  did you mean 'net.ipv4.tcp_sack'?`);
  });

  it('sets a socket option that does not exist', () => {
    const calls = `programs:\n  p:\n    host: client\n    run: calls\n    calls:\n      - s = socket(tcp)\n      - setsockopt(s, SO_REUSEADR, 1)\n`;
    expect(problemsOf(TWO_HOSTS + calls)).toBe(`s.yaml:13:23: there is no socket option 'SO_REUSEADR'
 13 |       - setsockopt(s, SO_REUSEADR, 1)
    |                       ^^^^^^^^^^^
  expected: a name as in socket(7), ip(7), ipv6(7), tcp(7) or udp(7), such as SO_REUSEADDR
  did you mean 'SO_REUSEADDR'?`);
  });

  it('makes a socket, sets an option or runs a program that the profile of its host does not have', () => {
    const calls = `profile: windows\nprograms:\n  p:\n    host: client\n    run: calls\n    calls:\n      - s = socket(tcp6)\n      - setsockopt(s, SO_REUSEPORT, 1)\n  t: { host: client, run: traceroute, to: server }\n`;
    expect(
      problemsOf(TWO_HOSTS + calls),
    ).toBe(`s.yaml:13:9: profile 'windows' of 'client' does not define IPv6 sockets
 13 |       - s = socket(tcp6)
    |         ^^^^^^^^^^^^^^^^
  expected: tcp or udp

s.yaml:14:23: profile 'windows' of 'client' has no option 'SO_REUSEPORT'
 14 |       - setsockopt(s, SO_REUSEPORT, 1)
    |                       ^^^^^^^^^^^^
  expected: = ENOPROTOOPT behind the call when that is the lesson

s.yaml:15:27: profile 'windows' of 'client' has no IP_RECVERR, by which traceroute hears of ICMP errors
 15 |   t: { host: client, run: traceroute, to: server }
    |                           ^^^^^^^^^^
  expected: a host with profile linux`);
    const own = TWO_HOSTS.replace('client: {', 'client: { profile: linux,');
    expect(problemsOf(own + calls)).toBe('');
  });

  it('impairs the way into a hub', () => {
    const text = TWO_HOSTS.replace(
      'client -- server',
      '{ between: client -- hub, rate: 1Mbps }\nhubs: { hub: {} }',
    );
    expect(problemsOf(text)).toBe(`s.yaml:6:42: a link into a hub has the rate of the hub
 6 |   cable: { between: client -- hub, rate: 1Mbps }
   |                                          ^^^^^
  expected: rate: of the hub, or none here`);
  });

  it('has several mistakes: all are told, references too, in the order of the text', () => {
    const text = `${TWO_HOSTS.replace('title: two hosts', 'titel: x').replace('-- server', '-- sever')}
timeline:
  - { at: 1s, do: explode }
  - { at: 1s, do: crash, host: cliend }
`;
    const heads = problemsOf(text)
      .split('\n')
      .filter((line) => line.startsWith('s.yaml'));
    expect(heads).toEqual([
      "s.yaml:1:1: the key 'title' is missing",
      "s.yaml:1:1: unknown key 'titel'",
      "s.yaml:6:20: there is no node 'sever'",
      "s.yaml:9:19: 'explode' cannot stand here",
      "s.yaml:10:32: there is no host 'cliend'",
    ]);
  });

  it('counts the problems that it does not show', () => {
    const keys = Array.from({ length: 25 }, (_, index) => `k${index}: 1`).join('\n');
    expect(problemsOf(`title: t\n${keys}`).split('\n').at(-1)).toBe('... and 5 more problems');
  });

  it('would otherwise be right', () => {
    expect(scenarioOf(TWO_HOSTS).title).toBe('two hosts');
  });
});
