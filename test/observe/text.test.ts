/** Lines of text and diagrams, as people see them. */
import { describe, expect, it } from 'vitest';
import { commentOf } from '../../src/observe/capture.ts';
import { drawLadder } from '../../src/observe/ladder.ts';
import { formatFrames } from '../../src/observe/text.ts';
import { MILLISECOND } from '../../src/sim/time.ts';
import { ACK, PSH, RST, SYN } from '../../src/transport/tcp/header.ts';
import { forwarded, Recording, tcpFrame, udpFrame } from './frames.ts';

const CLIENT = '10.0.0.2:5678';
const SERVER = '192.168.1.5:80';

/** A handshake and two data segments through a router; the second is lost there. */
function exchange(): Recording {
  const recording = new Recording();
  const steps: [from: string, to: string, frame: ReturnType<typeof tcpFrame>][] = [
    ['client', 'server', tcpFrame(CLIENT, SERVER, SYN, 4294967295, 0)],
    ['server', 'client', tcpFrame(SERVER, CLIENT, SYN | ACK, 700, 0)],
    ['client', 'server', tcpFrame(CLIENT, SERVER, PSH | ACK, 0, 701, 'hello')],
    ['client', 'server', tcpFrame(CLIENT, SERVER, PSH | ACK, 5, 701, 'lost')],
  ];
  steps.forEach(([from, to, frame], i) => {
    const start = i * 10 * MILLISECOND;
    recording.at(start).out(from, frame);
    recording.at(start + MILLISECOND).in('r1', frame, 'eth1');
    if (i === 3) {
      recording.tap('r1').dropped('ip.ttl-exceeded', frame.payload);
      return;
    }
    const next = forwarded(frame);
    recording.out('r1', next, 'eth2');
    recording.at(start + 2 * MILLISECOND).in(to, next);
    if (to === 'server')
      recording.tap('server').demultiplexed('tcp 0.0.0.0:80 fd 3 (httpd)', 'listener (L1)');
  });
  return recording;
}

describe('text', () => {
  it('shows packets as tcpdump does, with numbers from the beginning of the connection', () => {
    const lines = formatFrames(exchange().recorder.frames.filter(({ node }) => node !== 'r1'));
    expect(lines).toEqual([
      '0.000000 client.eth0 > IP 10.0.0.2.5678 > 192.168.1.5.80: Flags [S], seq 0, win 65535, length 0',
      '0.002000 server.eth0 < IP 10.0.0.2.5678 > 192.168.1.5.80: Flags [S], seq 0, win 65535, length 0' +
        ' [to tcp 0.0.0.0:80 fd 3 (httpd): listener (L1)]',
      '0.010000 server.eth0 > IP 192.168.1.5.80 > 10.0.0.2.5678: Flags [S.], seq 0, ack 1, win 65535, length 0',
      '0.012000 client.eth0 < IP 192.168.1.5.80 > 10.0.0.2.5678: Flags [S.], seq 0, ack 1, win 65535, length 0',
      '0.020000 client.eth0 > IP 10.0.0.2.5678 > 192.168.1.5.80: Flags [P.], seq 1:6, ack 1, win 65535, length 5',
      '0.022000 server.eth0 < IP 10.0.0.2.5678 > 192.168.1.5.80: Flags [P.], seq 1:6, ack 1, win 65535, length 5' +
        ' [to tcp 0.0.0.0:80 fd 3 (httpd): listener (L1)]',
      '0.030000 client.eth0 > IP 10.0.0.2.5678 > 192.168.1.5.80: Flags [P.], seq 6:10, ack 1, win 65535, length 4',
    ]);
  });

  it('counts anew when the same ends begin another connection, and shows a reset of nothing', () => {
    const recording = new Recording()
      .out('client', tcpFrame(CLIENT, SERVER, SYN, 100, 0))
      .in('client', tcpFrame(SERVER, CLIENT, RST | ACK, 0, 101))
      .out('client', tcpFrame(CLIENT, SERVER, SYN, 5000, 0))
      .in('client', tcpFrame(SERVER, CLIENT, SYN | ACK, 9000, 5001))
      .out('client', tcpFrame(CLIENT, SERVER, SYN, 7000, 0))
      .in('client', tcpFrame(SERVER, CLIENT, RST | ACK, 0, 7001));
    const numbers = formatFrames(recording.recorder.frames).map((line) => line.replace(/.*Flags/, 'Flags'));
    expect(numbers).toEqual([
      'Flags [S], seq 0, win 65535, length 0',
      'Flags [R.], seq 0, ack 1, win 65535, length 0',
      'Flags [S], seq 0, win 65535, length 0',
      'Flags [S.], seq 0, ack 1, win 65535, length 0',
      'Flags [S], seq 0, win 65535, length 0',
      'Flags [R.], seq 0, ack 1, win 65535, length 0',
    ]);
  });

  it('says why a packet went no further, and when, if that was later', () => {
    const recording = new Recording();
    const frame = udpFrame('10.0.0.1:1', '10.0.0.2:2', 10);
    recording.at(0).out('a', frame);
    recording.at(MILLISECOND).tap('a').dropped('link.lost', frame);
    expect(recording.recorder.frames.map(commentOf)).toEqual(['dropped: link.lost at 0.001000000']);
    recording.tap('a').dropped('arp.no-answer', udpFrame('10.0.0.1:1', '10.0.0.3:2', 10).payload);
    expect(recording.recorder.strayDrops.map(({ reason }) => reason)).toEqual(['arp.no-answer']);
  });
});

describe('a ladder', () => {
  it('of two hosts has the packets in its arrows', () => {
    const { frames, strayDrops } = exchange().recorder;
    const rows = drawLadder(frames, strayDrops, { nodes: ['client', 'server'], width: 90 });
    expect(rows).toEqual([
      '         client                                                          server',
      '  0.000000  |---- 5678 > 80 [S] seq 0 win 65535 len 0 --------------------->|  +2ms',
      '  0.010000  |<--- 80 > 5678 [S.] seq 0 ack 1 win 65535 len 0 ---------------|  +2ms',
      '  0.020000  |---- 5678 > 80 [P.] seq 1:6 ack 1 win 65535 len 5 ------------>|  +2ms',
      '  0.030000  |---- 5678 > 80 [P.] seq 6:10 ack 1 win 65535 l… --X            |  lost at r1: ip.ttl-exceeded',
    ]);
  });

  it('of three nodes goes hop by hop, with the packets beside it', () => {
    const { frames, strayDrops } = exchange().recorder;
    const rows = drawLadder(frames, strayDrops, { nodes: ['client', 'r1', 'server'], width: 100 });
    expect(rows.slice(0, 4)).toEqual([
      '         client                  r1                  server',
      '  0.000000  |-------------------->|                     |  5678 > 80 [S] seq 0 win 65535 len 0  +1ms',
      '  0.001000  |                     |-------------------->|  5678 > 80 [S] seq 0 win 65535 len 0  +1ms',
      '  0.010000  |                     |<--------------------|  80 > 5678 [S.] seq 0 ack 1 win 65535 len 0  +1ms',
    ]);
  });

  it('keeps what goes over a loopback device in its column', () => {
    const recording = new Recording();
    const frame = udpFrame('127.0.0.1:1', '127.0.0.1:2', 10);
    recording.in('client', frame, 'lo').in('server', udpFrame('127.0.0.1:3', '127.0.0.1:4', 5), 'lo');
    recording.tap('server').dropped('udp.no-socket', frame.payload);
    const { frames } = recording.recorder;
    const draw = (...nodes: string[]) => drawLadder(frames, [], { nodes, width: 80 }).slice(1);
    expect(draw('client', 'server')).toEqual([
      '  0.000000  |<> 1 > 2: UDP, len 10                                |',
      '  0.000000  |                                 3 > 4: UDP, len 5 <>|',
    ]);
    expect(draw('client')).toEqual(['  0.000000  |<> 1 > 2: UDP, len 10']);
    expect(draw('client', 'other', 'server')).toEqual([
      '  0.000000  |<>               |                 |  1 > 2: UDP, len 10',
      '  0.000000  |                 |               <>|  3 > 4: UDP, len 5',
    ]);
  });
});
