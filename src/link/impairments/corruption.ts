/**
 * Flipped bits. The frame becomes bytes, as on a real wire, and goes on as what these now say. Either the FCS gives
 * it away and the receiving device drops it, or a device on the way has computed a new FCS (as a router or a switch
 * with bad memory does) and only the checksums of IP, TCP and UDP can catch it (Stone and Partridge, SIGCOMM 2000).
 */
import { ConfigError, DecodeError } from '../../sim/errors.ts';
import type { RandomStream } from '../../sim/random.ts';
import { ETHERNET_HEADER_SIZE, EthernetFrame } from '../frame.ts';
import { wireBytes } from '../wire-mode.ts';
import type { Impairment, ImpairmentContext } from './impairment.ts';
import { type Selection, selector } from './selection.ts';

export interface CorruptionRule extends Selection {
  readonly rule: 'corrupt';
  /** `bad`: the FCS no longer fits. `recomputed`: it fits the damaged frame. */
  readonly fcs: 'bad' | 'recomputed';
  /** How many different bits are flipped, drawn at random; default 1. */
  readonly bits?: number;
  /** The first byte that may be hit; default 0 with a bad FCS, 14 (behind the header) with a recomputed one. */
  readonly from?: number;
}

/** @throws ConfigError when the number of bits or the first byte is not possible */
export function corruption(rule: CorruptionRule, context: ImpairmentContext): Impairment {
  const selects = selector(rule, context.random);
  const bits = rule.bits ?? 1;
  const from = rule.from ?? (rule.fcs === 'bad' ? 0 : ETHERNET_HEADER_SIZE);
  if (!Number.isSafeInteger(bits) || bits < 1)
    throw new ConfigError(`${bits} flipped bits are not possible`, ['bits'], 'an integer from 1 on');
  if (!Number.isSafeInteger(from) || from < 0)
    throw new ConfigError(`${from} is not a position in a frame`, ['from'], 'an integer from 0 on');
  return (transit, pass) => {
    if (!selects(transit.frame)) {
      pass(transit);
      return;
    }
    const bytes = wireBytes(transit.frame, context.framing);
    flip(bytes, from, bits, context.random);
    const frame = reread(bytes, transit.frame.badFcs || rule.fcs === 'bad');
    if (typeof frame === 'string') context.drop(frame, transit.frame);
    else pass({ frame, extraDelay: transit.extraDelay, mayBeOvertaken: transit.mayBeOvertaken });
  };
}

/** Flips `count` different bits from byte `from` on, or all there are if fewer. */
function flip(bytes: Uint8Array, from: number, count: number, random: RandomStream): void {
  const available = Math.max(0, bytes.length - from) * 8;
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, available)) chosen.add(random.int(0, available - 1));
  for (const bit of chosen) bytes[from + (bit >> 3)]! ^= 0x80 >> (bit & 7);
}

/** @returns the frame that the bytes now are, or why they are none */
function reread(bytes: Uint8Array, badFcs: boolean): EthernetFrame | string {
  try {
    return EthernetFrame.parse(bytes, badFcs);
  } catch (error) {
    if (error instanceof DecodeError) return `link.${error.reason}`;
    throw error;
  }
}
