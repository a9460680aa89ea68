/** Captures as files in a folder: `client.eth0.pcapng` for each interface, and `all.pcapng` with everything. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { capturedInterfaces, writeCapture } from '../capture.ts';
import type { RecordedFrame } from '../recorder.ts';
import { FileSink, OutputError } from './file-sink.ts';

/**
 * Writes one file per interface and a merged one.
 * @param interfaces names such as `client.eth0`; default: all at which frames were seen
 * @returns the paths written
 * @throws OutputError
 */
export function writeCaptureFiles(
  folder: string,
  frames: readonly RecordedFrame[],
  interfaces: readonly string[] = capturedInterfaces(frames),
): string[] {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new OutputError(folder, error);
  }
  const files = interfaces.map((name) => writeOne(join(folder, `${name}.pcapng`), frames, [name]));
  return interfaces.length > 1 ? [...files, writeOne(join(folder, 'all.pcapng'), frames, interfaces)] : files;
}

function writeOne(path: string, frames: readonly RecordedFrame[], interfaces: readonly string[]): string {
  const sink = new FileSink(path);
  try {
    writeCapture(frames, interfaces, sink);
  } finally {
    sink.close();
  }
  return path;
}
