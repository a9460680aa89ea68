/** TCP options between the script's list and bytes (RFC 9293 3.2 and those that each kind names). */
import { readU16, readU32, writeU16, writeU32 } from '../../packet/bytes.ts';
import type { TcpOption } from './ast.ts';
import { optionSize } from './parser/tcp-options.ts';

const KIND_EOL = 0;
const KIND_NOP = 1;
const KIND_MSS = 2;
const KIND_WSCALE = 3;
const KIND_SACK_OK = 4;
const KIND_SACK = 5;
const KIND_TIMESTAMPS = 8;
const KIND_MD5 = 19;
const KIND_FAST_OPEN = 34;
/** AccECN option with e0b first, and with e1b first. */
const KIND_ACCECN_0 = 172;
const KIND_ACCECN_1 = 174;
/** Shared by experiments (RFC 6994); Fast Open's had the magic number 0xf989. */
const KIND_EXPERIMENT = 254;
const FAST_OPEN_MAGIC = 0xf989;

/** The bytes of an option list, in its order. */
export function encodeOptions(options: readonly TcpOption[]): Uint8Array {
  const bytes = new Uint8Array(options.reduce((sum, option) => sum + optionSize(option), 0));
  let at = 0;
  for (const option of options) {
    writeOption(bytes, at, option);
    at += optionSize(option);
  }
  return bytes;
}

function writeOption(bytes: Uint8Array, at: number, option: TcpOption): void {
  const head = (kind: number): void => {
    bytes[at] = kind;
    bytes[at + 1] = optionSize(option);
  };
  switch (option.kind) {
    case 'eol':
      bytes[at] = KIND_EOL;
      return;
    case 'nop':
      bytes[at] = KIND_NOP;
      return;
    case 'mss':
      head(KIND_MSS);
      writeU16(bytes, at + 2, option.value);
      return;
    case 'wscale':
      head(KIND_WSCALE);
      bytes[at + 2] = option.shift;
      return;
    case 'sackOK':
      head(KIND_SACK_OK);
      return;
    case 'sack':
      head(KIND_SACK);
      for (const [i, { left, right }] of option.blocks.entries()) {
        writeU32(bytes, at + 2 + 8 * i, left);
        writeU32(bytes, at + 6 + 8 * i, right);
      }
      return;
    case 'TS':
      head(KIND_TIMESTAMPS);
      writeU32(bytes, at + 2, option.val);
      writeU32(bytes, at + 6, option.ecr);
      return;
    case 'FO':
    case 'md5':
      head(option.kind === 'FO' ? KIND_FAST_OPEN : KIND_MD5);
      bytes.set(option.bytes, at + 2);
      return;
    case 'FOEXP':
      head(KIND_EXPERIMENT);
      writeU16(bytes, at + 2, FAST_OPEN_MAGIC);
      bytes.set(option.bytes, at + 4);
      return;
    case 'ECN':
      head(option.counters[0]?.name === 'e1b' ? KIND_ACCECN_1 : KIND_ACCECN_0);
      for (const [i, { value }] of option.counters.entries()) {
        bytes[at + 2 + 3 * i] = value >>> 16;
        writeU16(bytes, at + 3 + 3 * i, value & 0xffff);
      }
      return;
  }
}

/** Reads option bytes. @returns the list, or what is wrong with the bytes */
export function decodeOptions(bytes: Uint8Array): readonly TcpOption[] | string {
  const options: TcpOption[] = [];
  let at = 0;
  while (at < bytes.length) {
    const kind = bytes[at]!;
    if (kind === KIND_EOL || kind === KIND_NOP) {
      options.push({ kind: kind === KIND_EOL ? 'eol' : 'nop' });
      at++;
      continue;
    }
    const size = bytes[at + 1] ?? 0;
    if (size < 2 || at + size > bytes.length) return `TCP option ${kind} has length ${size}`;
    const option = readOption(kind, bytes, at + 2, size - 2);
    if (option === null) return `TCP option ${kind} of length ${size} is not understood`;
    options.push(option);
    at += size;
  }
  return options;
}

function readOption(kind: number, bytes: Uint8Array, at: number, size: number): TcpOption | null {
  if (kind === KIND_MSS && size === 2) return { kind: 'mss', value: readU16(bytes, at) };
  if (kind === KIND_WSCALE && size === 1) return { kind: 'wscale', shift: bytes[at]! };
  if (kind === KIND_SACK_OK && size === 0) return { kind: 'sackOK' };
  if (kind === KIND_TIMESTAMPS && size === 8) {
    return { kind: 'TS', val: readU32(bytes, at), ecr: readU32(bytes, at + 4) };
  }
  if (kind === KIND_SACK && size > 0 && size % 8 === 0) {
    const blocks = Array.from({ length: size / 8 }, (_, i) => ({
      left: readU32(bytes, at + 8 * i),
      right: readU32(bytes, at + 8 * i + 4),
    }));
    return { kind: 'sack', blocks };
  }
  if (kind === KIND_FAST_OPEN) return { kind: 'FO', bytes: bytes.slice(at, at + size) };
  if (kind === KIND_MD5) return { kind: 'md5', bytes: bytes.slice(at, at + size) };
  if (kind === KIND_EXPERIMENT && size >= 2 && readU16(bytes, at) === FAST_OPEN_MAGIC) {
    return { kind: 'FOEXP', bytes: bytes.slice(at + 2, at + size) };
  }
  return kind === KIND_ACCECN_0 || kind === KIND_ACCECN_1 ? readCounters(kind, bytes, at, size) : null;
}

function readCounters(kind: number, bytes: Uint8Array, at: number, size: number): TcpOption {
  const names = kind === KIND_ACCECN_0 ? (['e0b', 'ceb', 'e1b'] as const) : (['e1b', 'ceb', 'e0b'] as const);
  const counters = names.slice(0, Math.floor(size / 3)).map((name, i) => ({
    name,
    value: bytes[at + 3 * i]! * 65536 + readU16(bytes, at + 3 * i + 1),
  }));
  return { kind: 'ECN', counters };
}

/** As a script would write it. */
export function formatOption(option: TcpOption): string {
  switch (option.kind) {
    case 'mss':
      return `mss ${option.value}`;
    case 'wscale':
      return `wscale ${option.shift}`;
    case 'sack':
      return `sack ${option.blocks.map(({ left, right }) => `${left}:${right}`).join(' ')}`;
    case 'TS':
      return `TS val ${option.val} ecr ${option.ecr}`;
    case 'FO':
    case 'FOEXP':
    case 'md5':
      return `${option.kind} ${[...option.bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`.trim();
    case 'ECN':
      return `ECN ${option.counters.map(({ name, value }) => `${name} ${value}`).join(' ')}`;
    default:
      return option.kind;
  }
}
