/** Socket tables, column for column as the systems print them. */
import { describe, expect, it } from 'vitest';
import { formatSockets } from '../../src/observe/netstat.ts';
import { ANY_V4, ANY_V6, IpAddress, LOOPBACK_V6 } from '../../src/packet/ip-address.ts';
import type { SocketRow } from '../../src/sockets/rows.ts';

const BASE: SocketRow = {
  id: 1,
  protocol: 'tcp',
  domain: 4,
  v6only: false,
  state: 'LISTEN',
  recvQueue: 0,
  sendQueue: 0,
  localAddress: ANY_V4,
  localPort: 80,
  remoteAddress: ANY_V4,
  remotePort: 0,
  device: null,
  uid: 0,
  process: 'httpd',
  pid: 1000,
  fd: 3,
  holdsPort: true,
  life: 'open',
};

const server = IpAddress.parse('192.168.1.5');
const client = IpAddress.parse('10.0.0.2');

const ROWS: readonly SocketRow[] = [
  {
    ...BASE,
    id: 5,
    protocol: 'udp',
    state: 'CLOSED',
    localPort: 53,
    process: 'named',
    pid: 1002,
    fd: 4,
    device: 'lo',
  },
  { ...BASE, sendQueue: 128, recvQueue: 1 },
  { ...BASE, id: 2, state: 'CLOSED', fd: 4 }, // neither listening nor connected: the kernel does not list it
  {
    ...BASE,
    id: 3,
    state: 'ESTABLISHED',
    localAddress: server,
    remoteAddress: client,
    remotePort: 5678,
    recvQueue: 12,
    fd: 5,
  },
  {
    ...BASE,
    id: 4,
    state: 'TIME-WAIT',
    localAddress: server,
    remoteAddress: client,
    remotePort: 5679,
    life: 'time-wait',
    process: null,
    pid: 0,
    fd: -1,
  },
  {
    ...BASE,
    id: 6,
    protocol: 'udp',
    state: 'ESTABLISHED',
    localAddress: server,
    localPort: 40000,
    remoteAddress: IpAddress.parse('255.255.255.254'),
    remotePort: 65535,
    sendQueue: 768,
  },
];

const long = IpAddress.parse('2001:db8:aaaa:bbbb:cccc:dddd:eeee:1');
const V6: SocketRow = { ...BASE, domain: 6, localAddress: ANY_V6, remoteAddress: ANY_V6 };

/** A listener for both families with a connection of each, and one for IPv6 alone. */
const DUAL: readonly SocketRow[] = [
  V6,
  { ...V6, id: 2, localPort: 443, v6only: true },
  {
    ...V6,
    id: 3,
    state: 'ESTABLISHED',
    localAddress: server.mapped(),
    remoteAddress: client.mapped(),
    remotePort: 5678,
  },
  { ...V6, id: 4, state: 'ESTABLISHED', localAddress: LOOPBACK_V6, remoteAddress: long, remotePort: 40000 },
  { ...V6, id: 5, protocol: 'udp', state: 'CLOSED', localPort: 53 },
];

describe('the socket table of the dual stack', () => {
  it('in net-tools: tcp6 by the socket, mapped addresses as IPv4, long ones cut', () => {
    expect(formatSockets(DUAL, 'linux').slice(2)).toEqual([
      'tcp6       0      0 :::80                   :::*                    LISTEN',
      'tcp6       0      0 :::443                  :::*                    LISTEN',
      'tcp6       0      0 192.168.1.5:80          10.0.0.2:5678           ESTABLISHED',
      'tcp6       0      0 ::1:80                  2001:db8:aaaa:bbb:40000 ESTABLISHED',
      'udp6       0      0 :::53                   :::*',
    ]);
  });

  it('in ss: * takes both families, [::] only IPv6', () => {
    const tcp = DUAL.filter(({ protocol }) => protocol === 'tcp');
    expect(formatSockets(tcp, 'ss')).toEqual([
      'State  Recv-Q Send-Q        Local Address:Port                          Peer Address:Port  Process',
      'LISTEN 0      0                         *:80                                       *:*',
      'LISTEN 0      0                      [::]:443                                   [::]:*',
      'ESTAB  0      0      [::ffff:192.168.1.5]:80                       [::ffff:10.0.0.2]:5678',
      'ESTAB  0      0                     [::1]:80   [2001:db8:aaaa:bbbb:cccc:dddd:eeee:1]:40000',
    ]);
  });

  it('in FreeBSD: tcp46 until one family is chosen', () => {
    expect(formatSockets(DUAL, 'bsd').slice(2)).toEqual([
      'tcp46      0      0 *.80                   *.*                    LISTEN',
      'tcp6       0      0 *.443                  *.*                    LISTEN',
      'tcp4       0      0 192.168.1.5.80         10.0.0.2.5678          ESTABLISHED',
      'tcp6       0      0 ::1.80                 2001:db8:aaaa:bbbb:ccc ESTABLISHED',
      'udp46      0      0 *.53                   *.*',
    ]);
  });
});

describe('the socket table', () => {
  it("as Linux's netstat -anp prints it", () => {
    expect(formatSockets(ROWS, 'linux', { processes: true })).toEqual([
      'Active Internet connections (servers and established)',
      'Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name',
      'tcp        1      0 0.0.0.0:80              0.0.0.0:*               LISTEN      1000/httpd',
      'tcp       12      0 192.168.1.5:80          10.0.0.2:5678           ESTABLISHED 1000/httpd',
      'tcp        0      0 192.168.1.5:80          10.0.0.2:5679           TIME_WAIT   -',
      'udp        0      0 0.0.0.0:53              0.0.0.0:*                           1002/named',
      'udp        0    768 192.168.1.5:40000       255.255.255.254:65535   ESTABLISHED 1000/httpd',
    ]);
  });

  it('without listeners, as netstat -n prints it', () => {
    expect(formatSockets(ROWS, 'linux', { all: false })).toEqual([
      'Active Internet connections (w/o servers)',
      'Proto Recv-Q Send-Q Local Address           Foreign Address         State',
      'tcp       12      0 192.168.1.5:80          10.0.0.2:5678           ESTABLISHED',
      'tcp        0      0 192.168.1.5:80          10.0.0.2:5679           TIME_WAIT',
      'udp        0    768 192.168.1.5:40000       255.255.255.254:65535   ESTABLISHED',
    ]);
  });

  it('as ss -anp prints it: queue and backlog of listeners, devices, columns as wide as needed', () => {
    expect(formatSockets(ROWS, 'ss', { processes: true })).toEqual([
      'Netid State     Recv-Q Send-Q Local Address:Port     Peer Address:Port  Process',
      'tcp   LISTEN    1      128          0.0.0.0:80            0.0.0.0:*     users:(("httpd",pid=1000,fd=3))',
      'tcp   ESTAB     12     0        192.168.1.5:80           10.0.0.2:5678  users:(("httpd",pid=1000,fd=5))',
      'tcp   TIME-WAIT 0      0        192.168.1.5:80           10.0.0.2:5679',
      'udp   UNCONN    0      0         0.0.0.0%lo:53            0.0.0.0:*     users:(("named",pid=1002,fd=4))',
      'udp   ESTAB     0      768      192.168.1.5:40000 255.255.255.254:65535 users:(("httpd",pid=1000,fd=3))',
    ]);
    expect(
      formatSockets(
        ROWS.filter(({ protocol }) => protocol === 'tcp'),
        'ss',
      )[0],
    ).toBe('State     Recv-Q Send-Q Local Address:Port Peer Address:Port Process');
  });

  it("as FreeBSD's netstat -an prints it: dots before ports, stars, columns cut at 22", () => {
    expect(formatSockets(ROWS, 'bsd')).toEqual([
      'Active Internet connections (including servers)',
      'Proto Recv-Q Send-Q Local Address          Foreign Address        (state)',
      'tcp4       0      0 *.80                   *.*                    LISTEN',
      'tcp4      12      0 192.168.1.5.80         10.0.0.2.5678          ESTABLISHED',
      'tcp4       0      0 192.168.1.5.80         10.0.0.2.5679          TIME_WAIT',
      'udp4       0      0 *.53                   *.*',
      'udp4       0    768 192.168.1.5.40000      255.255.255.254.65535',
    ]);
  });
});
