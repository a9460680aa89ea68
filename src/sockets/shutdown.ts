/** The argument of shutdown(2). */
import { EINVAL } from '../network/errno.ts';
import type { ShutdownHow } from './api.ts';

const BITS: Readonly<Record<ShutdownHow, number>> = { rd: 1, wr: 2, rdwr: 3 };

/** @param how a word, or the number as programs pass it (SHUT_RD 0, SHUT_WR 1, SHUT_RDWR 2) @returns bits or -EINVAL */
export function shutdownBits(how: ShutdownHow | number): number {
  const bits = typeof how === 'string' ? BITS[how] : how + 1;
  return Number.isInteger(bits) && bits >= 1 && bits <= 3 ? bits : -EINVAL;
}
