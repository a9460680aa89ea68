/** Shell blocks: which commands change what of the host, and what is refused. */
import { describe, expect, it } from 'vitest';
import type { ShellHost } from '../../../src/conformance/packetdrill/shell/host.ts';
import { runShell } from '../../../src/conformance/packetdrill/shell/interpreter.ts';
import { parseShell } from '../../../src/conformance/packetdrill/shell/parser.ts';
import { SourceText } from '../../../src/conformance/packetdrill/source.ts';
import { ConfigError } from '../../../src/sim/errors.ts';

const KNOWN = ['tcp_sack', 'tcp_rmem', 'tcp_wmem', 'tcp_ecn', 'tcp_fastopen'].map(
  (name) => `net.ipv4.${name}`,
);

function run(text: string, files: Record<string, string> = {}) {
  const log: string[] = [];
  const host: ShellHost = {
    hasSysctl: (name) => KNOWN.includes(name),
    setSysctl: (name, value) => {
      if (!KNOWN.includes(name)) throw new ConfigError(`unknown sysctl '${name}'`);
      log.push(`${name} = ${value}`);
    },
    flushTcpMetrics: () => void log.push('flush'),
    changeRoute: (change) => void log.push(`route ${JSON.stringify(change)}`),
    setQueueLimit: (packets) => void log.push(`queue ${packets}`),
    setOffload: (feature, on) => void log.push(`${feature} ${on}`),
    setModuleParameter: (module, parameter, value) => void log.push(`${module}.${parameter} = ${value}`),
    readFile: (path) => files[path] ?? null,
  };
  const source = new SourceText('t.pkt', text);
  return { status: runShell(source, parseShell(source, text, 0), host), log };
}

describe('the shell', () => {
  it('sets sysctls in every spelling', () => {
    const text = `sysctl -q net.ipv4.tcp_sack=1 net.ipv4.tcp_rmem="4096 131072 $((32*1024*1024))" # why
      sysctl -w net/ipv4/tcp_ecn='2'
      sysctl -q -e net.ipv4.nothing=1
      ../x/set_sysctls.py /proc/sys/net/ipv4/tcp_sack=0 \\
         /proc/sys/net/ipv4/tcp_wmem="1 2 3"
      echo 1 > /proc/sys/net/ipv4/tcp_ecn`;
    expect(run(text).log).toEqual([
      'net.ipv4.tcp_sack = 1',
      'net.ipv4.tcp_rmem = 4096 131072 33554432',
      'net.ipv4.tcp_ecn = 2',
      'net.ipv4.tcp_sack = 0',
      'net.ipv4.tcp_wmem = 1 2 3',
      'net.ipv4.tcp_ecn = 1',
    ]);
  });

  it('knows the defaults of the suites by name, and takes a file where there is one', () => {
    expect(run('../common/defaults.sh').log).toContain('net.ipv4.tcp_fastopen = 0x70403');
    expect(run('./defaults.sh').log).toContain('net.ipv4.tcp_fastopen = 0x3');
    const own = run('../defaults.sh\nsysctl -q net.ipv4.tcp_ecn=1', {
      '../defaults.sh':
        '#!/bin/sh\nip tcp_metrics flush all >/dev/null 2>&1\nsysctl -q net.ipv4.tcp_sack=1\nexit 0\n',
    });
    expect(own.log).toEqual(['flush', 'net.ipv4.tcp_sack = 1', 'net.ipv4.tcp_ecn = 1']);
  });

  it('changes routes, queues, offloads and module parameters', () => {
    const text = ` ip route change 192.0.2.1 via 192.168.0.2 dev tun0 advmss 600 mtu lock 640 initcwnd 11
 ethtool -K tun0 gso off tso on
 tc qdisc replace dev tun0 root pfifo limit 0
 tc qdisc replace dev tun0 root pfifo
 echo 3 > /sys/module/tcp_cubic/parameters/hystart_detect
 /tmp/sysctl_restore_\${PPID}.sh
 nstat > /dev/null; nstat | grep TcpExtTCPLoss | grep " 1 "`;
    expect(run(text).log).toEqual([
      'route {"destination":"192.0.2.1","advmss":600,"mtuLocked":true,"mtu":640,"initcwnd":11}',
      'gso false',
      'tso true',
      'queue 0',
      'queue 1000',
      'tcp_cubic.hystart_detect = 3',
    ]);
  });

  it('gives the status of the last command', () => {
    expect(run('true').status).toBe(0);
    expect(run('false || exit 3; sysctl net.ipv4.tcp_sack=1').status).toBe(3);
    expect(run('false && exit 3').status).toBe(1);
  });

  it.each([
    ['iptables -A INPUT', "t.pkt:1:1: unknown command 'iptables'"],
    ['sysctl -q net.ipv4.nothing=1', "t.pkt:1:11: unknown sysctl 'net.ipv4.nothing'"],
    ['if true; then false; fi', "t.pkt:1:1: the shell word 'if' is not built"],
    ['true $HOME', 't.pkt:1:6: this expansion is not built'],
    ['ip link set x up', "t.pkt:1:4: this ip command is not built: 'link set x up'"],
    ['ip route change 1.2.3.4 weight 3', "t.pkt:1:25: unknown route option 'weight'"],
    ['tc qdisc replace dev tun0 root netem', 't.pkt:1:32: only the pfifo queue is built'],
    ['echo 1 > /tmp/x', "t.pkt:1:8: writing to '/tmp/x' is not built"],
    ["echo 'x", 't.pkt:1:6: this quote does not end'],
    ['../nowhere/other.sh', "t.pkt:1:1: there is no file '../nowhere/other.sh'"],
  ])('refuses %j', (text, message) => expect(() => run(text)).toThrow(message));
});
