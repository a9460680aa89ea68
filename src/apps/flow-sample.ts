/** What measured datagrams carry in front: a number (32 bits) and the time of departure in ns (64 bits). */
import { readU32, writeU32 } from '../packet/bytes.ts';
import type { Payload } from '../packet/payload.ts';
import type { Nanos } from '../sim/time.ts';

export interface FlowSample {
  readonly number: number;
  readonly sentAt: Nanos;
}

export const SAMPLE_SIZE = 12;
const TWO_32 = 4294967296;

export function writeSample(bytes: Uint8Array, sample: FlowSample): void {
  writeU32(bytes, 0, sample.number);
  writeU32(bytes, 4, Math.floor(sample.sentAt / TWO_32));
  writeU32(bytes, 8, sample.sentAt % TWO_32);
}

/** @returns null when there are too few bytes */
export function readSample(data: Payload): FlowSample | null {
  if (data.size < SAMPLE_SIZE) return null;
  const { bytes, start } = data;
  return {
    number: readU32(bytes, start),
    sentAt: readU32(bytes, start + 4) * TWO_32 + readU32(bytes, start + 8),
  };
}
