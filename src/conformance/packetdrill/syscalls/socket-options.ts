/** setsockopt and getsockopt: numbers become the names that the socket API takes, structures its plain values. */
import { EINVAL, ENOPROTOOPT } from '../../../network/errno.ts';
import type { OptionValue } from '../../../sockets/api.ts';
import { IP_OPTIONS, IPV6_OPTIONS, SOCKET_OPTIONS, TCP_OPTIONS } from '../symbols.ts';
import type { CallContext } from './call-context.ts';

const LEVELS: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map([
  [0, names(IP_OPTIONS)],
  [1, names(SOCKET_OPTIONS)],
  [6, names(TCP_OPTIONS)],
  [41, names(IPV6_OPTIONS)],
]);

function names(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([name, value]) => [value, name]));
}

/** Options about copies, clocks and queues of a real kernel: accepted up to a value, remembered, without effect. */
const INERT: ReadonlyMap<string, number> = new Map([
  ['SO_ZEROCOPY', 1],
  ['SO_TIMESTAMP', 1],
  ['SO_TIMESTAMPING', 0x7fffffff],
  ['SO_BUSY_POLL', 0x7fffffff],
  ['SO_TXTIME', 0x7fffffff],
  ['SO_DEBUG', 1],
  ['TCP_INQ', 1],
  ['TCP_SAVE_SYN', 2],
]);

/** setsockopt(fd, level, option, value, length) */
export function setsockopt(context: CallContext): number {
  context.expectArguments(5);
  const file = context.socketFile();
  if (typeof file === 'number') return file;
  const name = optionName(context);
  if (name === null) return -ENOPROTOOPT;
  const value = valueToSet(context, name);
  const largest = INERT.get(name);
  if (largest !== undefined) {
    if (value === null || Number(value) < 0 || Number(value) > largest) return -EINVAL;
    file.inert.set(name, Number(value));
    return 0;
  }
  return value === null ? -EINVAL : file.socket.setOption(name, value);
}

/** getsockopt(fd, level, option, [value], [length]): value and length are compared. */
export function getsockopt(context: CallContext): number {
  context.expectArguments(5);
  const file = context.socketFile();
  if (typeof file === 'number') return file;
  const name = optionName(context);
  if (name === null) return -ENOPROTOOPT;
  const actual = INERT.has(name) ? (file.inert.get(name) ?? 0) : file.socket.getOption(name);
  if (typeof actual === 'number' && actual < -1) return actual; // -1 is a value: nobody answers EPERM
  const expected = expectedValue(context, name);
  if (expected !== null && String(actual) !== String(expected)) {
    context.problems.push(`${name} is ${String(actual)}, expected ${String(expected)}`);
  }
  return 0;
}

function optionName(context: CallContext): string | null {
  return LEVELS.get(context.integer(1))?.get(context.integer(2)) ?? null;
}

/** `[4]`, `4`, `"cubic"`, `{onoff=1, linger=0}`, `{tv_sec=1, tv_usec=0}`; null for a length that does not fit. */
function valueToSet(context: CallContext, name: string): OptionValue | null {
  const value = context.arg(3);
  if (value.kind === 'string') return value.value;
  if (value.kind === 'struct') return structValue(context);
  if (value.kind === 'number') return value.value;
  const integer = context.integerInList(3);
  const length = context.arg(4);
  if (length.kind === 'number' && length.value < 4 && name !== 'IP_TOS' && name !== 'IP_TTL') return null;
  return integer;
}

function structValue(context: CallContext): OptionValue {
  const fields = context.fieldsOf(context.arg(3), [
    'onoff',
    'linger',
    'l_onoff',
    'l_linger',
    'tv_sec',
    'tv_usec',
  ]);
  const number = (...candidates: readonly string[]): number => {
    const field = candidates.map((name) => fields.get(name)).find((found) => found !== undefined);
    return field === undefined ? 0 : context.integerOf(field);
  };
  if (fields.has('tv_sec') || fields.has('tv_usec')) return number('tv_sec') * 1e6 + number('tv_usec');
  return number('onoff', 'l_onoff') === 0 ? -1 : number('linger', 'l_linger');
}

/** What the script says that the option is; null when it does not say. */
function expectedValue(context: CallContext, name: string): OptionValue | null {
  const value = context.arg(3);
  if (value.kind === 'ellipsis') return null;
  if (value.kind === 'string') return value.value;
  if (value.kind === 'struct') return structValue(context);
  const expected = context.integerInList(3);
  const length = context.arg(4);
  if (length.kind === 'list' && length.items.length === 1) {
    const bytes = context.integerInList(4);
    if (bytes !== 4 && name !== 'SO_LINGER') context.problems.push(`${name} has 4 bytes, expected ${bytes}`);
  }
  return expected;
}
