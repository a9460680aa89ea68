/** What a case may be made of, so that a file or a token can carry it: JSON, and bytes. */
import { Payload } from '../packet/payload.ts';

const BYTES = '$bytes';
const PAYLOAD = '$payload';

/** @returns the place of the first value that would not come back as it was, as in `input.when is a Date`; null when all do */
export function unstorable(value: unknown, place: string = 'input'): string | null {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return null;
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? null : `${place} is ${String(value)}`;
  if (value instanceof Uint8Array || value instanceof Payload) return null;
  if (typeof value !== 'object')
    return `${place} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
  const isPlain =
    Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
  if (!isPlain) return `${place} is a ${value.constructor.name}`;
  for (const [key, item] of Object.entries(value)) {
    if (key === BYTES || key === PAYLOAD) return `${place} has a key '${key}', which stands for bytes`;
    const found = unstorable(item, Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

/** JSON in which bytes are lists of numbers under a key of their own. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (item instanceof Uint8Array) return { [BYTES]: [...item] };
    return item instanceof Payload ? { [PAYLOAD]: [...item.view()] } : item;
  });
}

/** Reads what {@link toJson} wrote. @throws SyntaxError */
export function fromJson(text: string): unknown {
  return JSON.parse(text, (_, item: unknown) => {
    if (typeof item !== 'object' || item === null) return item;
    if (BYTES in item) return Uint8Array.from(item[BYTES] as number[]);
    return PAYLOAD in item ? new Payload(Uint8Array.from(item[PAYLOAD] as number[])) : item;
  });
}
