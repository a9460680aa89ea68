/** Results that go to a file, or to standard output when its name is `-`. */
import { writeFile } from '../observe/sinks/file-sink.ts';
import { requireWritableFile, requireWritableFolder } from '../observe/sinks/writable.ts';
import type { Terminal } from './terminal.ts';

/** Before the work: could its results be written? @throws OutputError */
export function requireOutputs({ json, pcap }: { json?: string; pcap?: string }): void {
  if (json !== undefined) requireWritableFile(json);
  if (pcap !== undefined) requireWritableFolder(pcap);
}

/** @throws OutputError when the file cannot be written */
export function writeResult(path: string, text: string, terminal: Terminal): void {
  if (path === '-') terminal.out(text);
  else writeFile(path, text);
}

/** A document as people and programs read it. */
export function jsonText(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
