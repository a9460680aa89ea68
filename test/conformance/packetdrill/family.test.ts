/** The three families of a run: what a script names decides whether it applies. */
import { describe, expect, it } from 'vitest';
import type { ScriptFamily } from '../../../src/conformance/packetdrill/family.ts';
import { readOptions } from '../../../src/conformance/packetdrill/options.ts';
import { parseScript } from '../../../src/conformance/packetdrill/parser/script.ts';
import { runPacketdrill } from '../../../src/conformance/packetdrill/run.ts';
import { simulatedHost } from '../../../src/conformance/packetdrill/simulated-host.ts';
import { SourceText } from '../../../src/conformance/packetdrill/source.ts';

const SYN = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>
`;

function report(text: string, family?: ScriptFamily, name: string = 't.pkt') {
  const scripts = [{ name, text }];
  return runPacketdrill(scripts, { host: simulatedHost, ...(family === undefined ? {} : { family }) });
}

function message(text: string, family: ScriptFamily, name?: string): string {
  const [outcome] = report(text, family, name).outcomes;
  return outcome!.result === 'not-applicable' ? outcome!.message : outcome!.result;
}

describe('the family of a run', () => {
  it.each(['ipv4', 'ipv6', 'mapped'] as const)('gives a segment 1460 bytes: %s', (family) => {
    expect(report(SYN, family).outcomes[0]!.message).toBe('');
  });

  it('counts what is about the other family apart', () => {
    const text = `${SYN}+0 < icmp unreachable frag_needed mtu 1000 [0:0(0)]\n`;
    expect(report(text, 'ipv6')).toMatchObject({ passed: 0, failed: 0, notApplicable: 1 });
    expect(message(text, 'ipv6')).toBe('t.pkt:5:11: names IPv4: icmp unreachable frag_needed');
  });

  it.each([
    [`${SYN}+0 setsockopt(3, SOL_IP, IP_TOS, [4], 4) = 0`, 'ipv6', 'names IPv4: SOL_IP'],
    [`${SYN}+0 setsockopt(3, SOL_IP, IP_TOS, [4], 4) = 0`, 'mapped', 'passed'],
    ['0 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3', 'mapped', 'names IPv4: AF_INET'],
    ['0 socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 3', 'ipv4', 'names IPv6: AF_INET6'],
    ['0 socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 3', 'mapped', 'passed'],
    [`${SYN}+0 < icmp packet_too_big mtu 1300 [0:0(0)]`, 'ipv4', 'names IPv6: packet_too_big'],
    [`${SYN}+0 < icmp packet_too_big mtu 1300 [0:0(0)]`, 'ipv6', 'passed'],
    [`${SYN}+0 < [flowlabel 0x12345] . 1:1(0) ack 1 win 8`, 'ipv4', 'names IPv6: flowlabel'],
    ['`ip route change 192.0.2.1 via 192.168.0.2`\n0 close(3) = -1 EBADF', 'ipv6', 'names IPv4: 192.0.2.1'],
    ['`sysctl -q net.ipv4.tcp_sack=0`\n0 close(3) = -1 EBADF', 'ipv6', 'passed'],
    [
      `${SYN}+0 < S. 0:0(0) ack 1 win 9 <FO 3021b9d889017eeb,nop,nop>`,
      'ipv6',
      'names IPv4: 3021b9d889017eeb',
    ],
  ] as const)('%s, %s: %s', (text, family, expected) => {
    expect(message(text, family)).toMatch(new RegExp(`${expected}$`));
  });

  it('heeds the end of a name', () => {
    expect(message(SYN, 'ipv6', 'probe-v4.pkt')).toBe('probe-v4.pkt:1:1: names IPv4: probe-v4.pkt');
    expect(message(SYN, 'mapped', 'probe-v4.pkt')).toBe('passed');
    expect(message(SYN, 'ipv4', 'probe-v6.pkt')).toMatch(/names IPv6/);
    expect(report(SYN, undefined, 'probe-v6.pkt').passed).toBe(1);
  });

  it('lets a script choose, and the run override it', () => {
    const familyOf = (text: string, family?: ScriptFamily) =>
      parseScript(new SourceText('t.pkt', text), family === undefined ? {} : { family }).family;
    const mapped = `--ip_version=ipv4-mapped-ipv6\n${SYN}`;
    expect(familyOf(SYN)).toBe('ipv4');
    expect(familyOf(mapped)).toBe('mapped');
    expect(familyOf(mapped, 'ipv6')).toBe('ipv6');
  });

  it('takes addresses of its own family, the default instead of others', () => {
    const text = `--local_ip=10.1.1.1\n--remote_ip=fd00::9\n${SYN}`;
    const settings = (family: ScriptFamily) =>
      readOptions(parseScript(new SourceText('t.pkt', text), { family }), new Map()).addresses;
    expect(String(settings('ipv4').local)).toBe('10.1.1.1');
    expect(String(settings('ipv4').remote)).toBe('192.0.2.1');
    expect(String(settings('ipv6').local)).toBe('fd3d:a0b:17d6::1');
    expect(String(settings('ipv6').remote)).toBe('fd00::9');
    expect(report(`--ip_version=ipv5\n${SYN}`).outcomes[0]!.message).toMatch(
      /t\.pkt:1:1: unknown IP version/,
    );
    expect(report(`--local_ip=10.1.1\n${SYN}`).outcomes[0]!.message).toMatch(/t\.pkt:1:1: .*not an IPv4/);
  });
});
