/** The data of a case as a TypeScript literal: what fits on a line stays on a line. */
import { Payload } from '../../packet/payload.ts';

const WIDTH = 100;

/** @param indent of the line on which it begins, characters */
export function dataText(value: unknown, indent: number = 0): string {
  const flat = flatText(value);
  const isWhole = value instanceof Uint8Array || value instanceof Payload;
  if (indent + flat.length <= WIDTH || typeof value !== 'object' || value === null || isWhole) return flat;
  const inner = ' '.repeat(indent + 2);
  const lines = Array.isArray(value)
    ? value.map((item) => `${inner}${dataText(item, indent + 2)},\n`)
    : entriesOf(value).map(([key, item]) => `${inner}${keyText(key)}: ${dataText(item, indent + 2)},\n`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${lines.join('')}${' '.repeat(indent)}${close}`;
}

function flatText(value: unknown): string {
  if (typeof value === 'string') return stringText(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Uint8Array) return `Uint8Array.of(${value.join(', ')})`;
  if (value instanceof Payload) return `new Payload(${flatText(value.view())})`;
  if (Array.isArray(value)) return `[${value.map(flatText).join(', ')}]`;
  const entries = entriesOf(value).map(([key, item]) => `${keyText(key)}: ${flatText(item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function entriesOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined);
}

/** A literal's `__proto__` is no key but the prototype, unless it is computed. */
function keyText(key: string): string {
  if (key === '__proto__') return "['__proto__']";
  return /^[A-Za-z_]\w*$/.test(key) ? key : stringText(key);
}

function stringText(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.includes("'") ? quoted : `'${quoted.slice(1, -1).replaceAll('\\"', '"')}'`;
}
