/** Captures of real runs: the same bytes in both modes, comments on what became of packets, nothing that tshark minds. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { echoClient } from '../../src/apps/echo-client.ts';
import { ftpClient } from '../../src/apps/ftp-client.ts';
import { ftpServer } from '../../src/apps/ftp-server.ts';
import { ping } from '../../src/apps/ping.ts';
import { EthernetFrame } from '../../src/link/frame.ts';
import { capturedInterfaces, writeCapture } from '../../src/observe/capture.ts';
import { dissect } from '../../src/observe/dissect.ts';
import { writeCaptureFiles } from '../../src/observe/sinks/capture-files.ts';
import { bytesOf } from '../../src/packet/pdu.ts';
import { SECOND } from '../../src/sim/time.ts';
import { endpoint, line, record, start } from '../support/lan.ts';
import { readPcapng } from './read-pcapng.ts';

const folder = mkdtempSync(joinPath(tmpdir(), 'fivetuple-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** TCP with loss, UDP to a closed port, and a ping in fragments, through two routers. */
function run(wire: boolean) {
  const network = line(2, { wire });
  const recorder = record(network);
  network.cables[1]!.impair([{ rule: 'loss', indexes: [6, 9] }], 1);
  start(network, 'server', ftpServer, { size: 20_000 });
  start(network, 'client', ftpClient, { to: endpoint('192.168.1.5:21') });
  start(network, 'client', echoClient, { to: endpoint('192.168.1.5:7'), protocol: 'udp' }, 3 * SECOND);
  start(network, 'client', ping, { to: endpoint('192.168.1.5:0').address, count: 1, size: 4000 }, 4 * SECOND);
  network.run({ until: 30 * SECOND });
  return recorder;
}

function captured(wire: boolean) {
  const { frames } = run(wire);
  const pieces: Uint8Array[] = [];
  writeCapture(frames, capturedInterfaces(frames), { write: (piece) => pieces.push(piece.slice()) });
  return readPcapng(new Uint8Array(Buffer.concat(pieces)));
}

describe('a capture', () => {
  it('has the same bytes, times and comments whether frames crossed the links as objects or as bytes', () => {
    expect(captured(true)).toEqual(captured(false));
  });

  it('has frames that parse, with padding behind them, and say what became of them', () => {
    const { packets } = captured(false);
    for (const { bytes } of packets) {
      expect(bytes.length).toBeGreaterThanOrEqual(60);
      const again = bytesOf(EthernetFrame.parse(bytes));
      expect(again).toEqual(bytes);
      const { arp, ip } = dissect(EthernetFrame.parse(bytes));
      expect(arp !== null || ip !== null).toBe(true);
    }
    const comments = packets.map(({ comment }) => comment ?? '');
    expect(comments.filter((text) => text === 'dropped: link.lost').length).toBe(2);
    expect(comments).toContain('dropped: udp.no-socket');
    expect(comments.some((text) => text.startsWith('to tcp 0.0.0.0:21 fd 3 (ftp-server): L'))).toBe(true);
  });

  it('holds nothing that tshark calls malformed, where there is one', () => {
    if (!hasTshark()) return;
    const checks = ['tcp', 'ip', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
    const filter =
      '_ws.malformed || tcp.checksum.status==0 || ip.checksum.status==0 || udp.checksum.status==0';
    for (const path of writeCaptureFiles(folder, run(false).frames)) {
      expect(tshark(...checks, '-r', path, '-Y', filter), path).toBe('');
    }
  });
});

function hasTshark(): boolean {
  try {
    tshark('--version');
    return true;
  } catch {
    console.warn('skipped: there is no tshark');
    return false;
  }
}

function tshark(...options: string[]): string {
  return execFileSync('tshark', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}
