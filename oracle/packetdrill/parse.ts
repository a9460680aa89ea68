/**
 * Scripts as JSON, one a line: there is one grammar, the simulator's own, and the program that asks the real kernel
 * needs none. Usage: node --import tsx parse.ts SCRIPT… ; texts of shell and code blocks stay as they are written.
 */
import { readFileSync } from 'node:fs';
import type { Action, ScriptEvent } from '../../src/conformance/packetdrill/ast.ts';
import { readOptions } from '../../src/conformance/packetdrill/options.ts';
import { parseScript } from '../../src/conformance/packetdrill/parser/script.ts';
import { SourceText } from '../../src/conformance/packetdrill/source.ts';
import { standardDefines } from '../../src/conformance/packetdrill/standard-defines.ts';

for (const path of process.argv.slice(2)) {
  try {
    console.log(JSON.stringify(scriptAsJson(path), plain));
  } catch (error) {
    console.log(JSON.stringify({ path, error: String(error instanceof Error ? error.message : error) }));
  }
}

function scriptAsJson(path: string): object {
  const source = new SourceText(path, readFileSync(path, 'utf8'));
  const script = parseScript(source, { defines: standardDefines, family: 'ipv4' });
  const { events } = script;
  const asJson = (event: ScriptEvent, index: number): object => ({
    line: source.place(event.at).line,
    text: source.text
      .slice(event.at, events[index + 1]?.at ?? script.cleanup?.at ?? source.text.length)
      .trim(),
    time: event.time,
    action: actionAsJson(source, event.action),
  });
  return {
    path,
    head: source.text.slice(0, events[0]!.at).trim(),
    settings: readOptions(script, new Map()),
    options: Object.fromEntries(script.options.map(({ name, value }) => [name, value])),
    init: script.init === null ? null : blockText(source, script.init.at),
    events: events.map(asJson),
    cleanup: script.cleanup === null ? null : blockText(source, script.cleanup.at),
  };
}

function actionAsJson(source: SourceText, action: Action): object {
  if (action.kind === 'shell') return { kind: 'shell', text: blockText(source, action.at) };
  if (action.kind === 'code') return { kind: 'code', text: blockText(source, action.at) };
  return action;
}

/** What stands between back-quotes, or between `%{` and `}%`. */
function blockText(source: SourceText, at: number): string {
  const isShell = source.text[at] === '`';
  let end = source.text.indexOf(isShell ? '`' : '}%', at + 1);
  while (isShell && source.text[end - 1] === '\\') end = source.text.indexOf('`', end + 1);
  return source.text.slice(at + (isShell ? 1 : 2), end);
}

/** Addresses as text, bytes in hexadecimal, sets as lists. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Set) return [...value];
  if (typeof value === 'object' && value !== null && 'w3' in value) return String(value);
  return value;
}
