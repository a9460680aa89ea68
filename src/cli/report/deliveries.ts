/** Which socket got what, and why: bytes that programs read, and the rule by which the demultiplexer chose. */

import { alignColumns } from '../../observe/columns.ts';
import type { Recorder } from '../../observe/recorder.ts';
import { endpointText } from '../../packet/endpoint-text.ts';
import type { Reading } from '../../scenario/build/received.ts';

/** One row for each socket that a program read from and each sender: who, where, how much, and how it begins. */
export function readingRows(readings: readonly Reading[]): string[] {
  const groups = new Map<string, { reading: Reading; bytes: number; parts: Reading[] }>();
  for (const reading of readings) {
    const { host, program, kind, local, from } = reading;
    const sender = from === null ? '' : endpointText(from.address, from.port);
    const key = [host, program, kind, endpointText(local.address, local.port), sender].join(' ');
    const group = groups.get(key) ?? { reading, bytes: 0, parts: [] };
    groups.set(key, group);
    group.bytes += reading.data.size;
    group.parts.push(reading);
  }
  const rows = [...groups.values()].map(({ reading, bytes, parts }) => {
    const { host, program, kind, local, from } = reading;
    const sender = from === null ? '' : `from ${endpointText(from.address, from.port)}`;
    return [
      host,
      program,
      `${kind} ${endpointText(local.address, local.port)}`,
      sender,
      `${bytes} bytes`,
      beginning(parts),
    ];
  });
  return alignColumns(rows);
}

/** One row for each socket and rule: how many packets it got at that host. */
export function demuxRows(recorder: Recorder): string[] {
  const counts = new Map<string, { host: string; socket: string; rule: string; packets: number }>();
  for (const { node, socket, rule } of recorder.frames) {
    if (socket === null) continue;
    const key = `${node} ${endsOf(socket)} ${rule}`;
    const entry = counts.get(key) ?? { host: node, socket, rule: rule ?? '', packets: 0 };
    counts.set(key, entry);
    entry.socket = socket; // a connection gets a descriptor only when it is accepted
    entry.packets++;
  }
  const rows = [...counts.values()].map(({ host, socket, rule, packets }) => [
    host,
    `${packets} ${packets === 1 ? 'packet' : 'packets'}`,
    `to ${socket}`,
    rule,
  ]);
  return alignColumns(rows);
}

/** The name of a socket without its descriptor and process. */
function endsOf(socket: string): string {
  const at = socket.indexOf(' fd ');
  return at < 0 ? socket : socket.slice(0, at);
}

const SHOWN = 32;

/** The first bytes as text, when they are text. */
function beginning(readings: readonly Reading[]): string {
  const bytes = readings[0]!.data.view().subarray(0, SHOWN);
  if (bytes.some((byte) => byte < 9 || (byte > 13 && byte < 32) || byte > 126)) return '';
  const total = readings.reduce((sum, { data }) => sum + data.size, 0);
  return JSON.stringify(`${new TextDecoder().decode(bytes)}${total > SHOWN ? '…' : ''}`);
}
