/** Files: what is written is there, and what cannot be written is said in one line. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { capturedInterfaces } from '../../../src/observe/capture.ts';
import { writeCaptureFile, writeCaptureFiles } from '../../../src/observe/sinks/capture-files.ts';
import { OutputError, writeFile } from '../../../src/observe/sinks/file-sink.ts';
import { Recording, udpFrame } from '../frames.ts';
import { readPcapng } from '../read-pcapng.ts';

const folder = mkdtempSync(join(tmpdir(), 'fivetuple-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('files', () => {
  it('hold a capture for each interface and one of all', () => {
    const frame = udpFrame('10.0.0.1:1', '10.0.0.2:2', 100);
    const recording = new Recording()
      .at(5)
      .out('a', frame)
      .at(7)
      .in('b', frame)
      .in('b', frame, 'lo')
      .out('b', frame, 'lo');
    const paths = writeCaptureFiles(folder, recording.recorder.frames);
    expect(readdirSync(folder).sort()).toEqual(['a.eth0.pcapng', 'b.eth0.pcapng', 'b.lo.pcapng']);
    expect(paths.map((path) => readPcapng(readFileSync(path)).packets.length)).toEqual([1, 1, 1]);
    const { frames } = recording.recorder;
    const all = readPcapng(
      readFileSync(writeCaptureFile(join(folder, 'all.pcapng'), frames, capturedInterfaces(frames))),
    );
    expect(all.interfaces.map(({ name }) => name)).toEqual(['a.eth0', 'b.eth0', 'b.lo']);
    expect(all.packets.map(({ interfaceName, time }) => [interfaceName, time])).toEqual([
      ['a.eth0', 5],
      ['b.eth0', 7],
      ['b.lo', 7], // once, as libpcap does on Linux
    ]);
  });

  it('go into a folder that is made, with those above it, or cannot be', () => {
    const deep = join(folder, 'made', 'on', 'demand');
    expect(
      writeCaptureFiles(
        deep,
        new Recording().out('a', udpFrame('10.0.0.1:1', '10.0.0.2:2', 100)).recorder.frames,
      ),
    ).toHaveLength(1);
    expect(() => writeCaptureFiles(join(deep, 'a.eth0.pcapng'), [])).toThrow(OutputError);
    if (existsSync('/proc/self')) expect(() => writeCaptureFiles('/proc/captures', [])).toThrow(OutputError);
  });

  it('that cannot be written are reported with their name and the reason', () => {
    const path = join(folder, 'no', 'such', 'folder');
    expect(() => writeFile(path, 'x')).toThrow(OutputError);
    expect(() => writeFile(path, 'x')).toThrow(`cannot write ${path}: no such file or directory`);
    if (existsSync('/dev/full'))
      expect(() => writeFile('/dev/full', 'x'.repeat(100))).toThrow(
        'cannot write /dev/full: no space left on device',
      );
  });
});
