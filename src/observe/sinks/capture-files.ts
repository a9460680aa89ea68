/**
 * Captures as files in a folder: `client.eth0.pcapng` for each interface. One of everything is for the eye only: a
 * program that follows connections takes a packet that is seen at several interfaces for retransmissions.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { framesByInterface, writeCapture } from '../capture.ts';
import type { RecordedFrame } from '../recorder.ts';
import { FileSink, OutputError } from './file-sink.ts';

/**
 * Writes one file per interface.
 * @param interfaces names such as `client.eth0`; default: all at which frames were seen
 * @returns the paths written
 * @throws OutputError
 */
export function writeCaptureFiles(
  folder: string,
  frames: readonly RecordedFrame[],
  interfaces?: readonly string[],
): string[] {
  try {
    makeFolder(folder);
  } catch (error) {
    throw new OutputError(folder, error);
  }
  const byInterface = framesByInterface(frames);
  return [...(interfaces ?? byInterface.keys())].map((name) =>
    writeCaptureFile(join(folder, `${name}.pcapng`), byInterface.get(name) ?? [], [name]),
  );
}

/** Writes the frames of several interfaces into one file. @returns its path @throws OutputError */
export function writeCaptureFile(
  path: string,
  frames: readonly RecordedFrame[],
  interfaces: readonly string[],
): string {
  const sink = new FileSink(path);
  try {
    writeCapture(frames, interfaces, sink);
  } finally {
    sink.close();
  }
  return path;
}

/** With the folders above it. Node's own `recursive` never comes back from where nothing can be made, such as /proc. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above);
  mkdirSync(folder);
}
