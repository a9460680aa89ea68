/** Any text at all gives a script or an error with a place, soon. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScript } from '../../../src/conformance/packetdrill/parser/script.ts';
import { ScriptError, SourceText } from '../../../src/conformance/packetdrill/source.ts';
import { runs } from '../../support/property.ts';
import { sharedPath } from '../../support/shared.ts';

const OWN = join(import.meta.dirname, '../../packetdrill/own');
const ownScripts = scriptsUnder(OWN);

function scriptsUnder(folder: string): { name: string; text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pkt'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

function outcome(text: string): 'script' | ScriptError {
  try {
    parseScript(new SourceText('any.pkt', text));
    return 'script';
  } catch (error) {
    if (error instanceof ScriptError) return error;
    throw error;
  }
}

function expectLocated(text: string): void {
  const result = outcome(text);
  if (result === 'script') return;
  expect(result.message).toMatch(/^any\.pkt:\d+:\d+: /);
  expect(result.place.line).toBeLessThanOrEqual(text.split('\n').length);
}

const WORDS = fc.constantFrom(
  ...'0 +0 +.1 * ~ ... < > S. . - 1:1(0) ack win 1 <mss sackOK > nop, ( ) [ ] { } = -1 EAGAIN socket close | "x" `sysctl` `ip route` %{ assert x }% icmp unreachable // /* */ \n $(( '.split(
    ' ',
  ),
);

describe('the parser', () => {
  it('gives a script or a located error for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), expectLocated), runs(300));
  });

  it('gives a script or a located error for any row of its own words', () => {
    const rows = fc.array(WORDS, { maxLength: 30 }).map((words) => words.join(' '));
    fc.assert(fc.property(rows, expectLocated), runs(1000));
  });

  it('gives a script or a located error for a script with a piece cut out', () => {
    const cut = fc
      .tuple(fc.constantFrom(...ownScripts), fc.nat(3000), fc.nat(12))
      .map(([script, at, length]) => {
        const from = at % script.text.length;
        return script.text.slice(0, from) + script.text.slice(from + length);
      });
    fc.assert(fc.property(cut, expectLocated), runs(300));
  });

  it('takes time in proportion to the text', () => {
    const started = process.cpuUsage().user;
    for (const piece of [
      '(',
      '[',
      '{',
      'poll([',
      '`',
      '0 < S ',
      '%{ (((',
      '"\\',
      '/*',
      '0 %{ assert not not not x }%\n',
    ]) {
      expectLocated(piece.repeat(20_000));
      expectLocated(`0 ${piece.repeat(20_000)}`);
    }
    expect(process.cpuUsage().user - started).toBeLessThan(5_000_000);
  });

  it('reads every script of this project', () => {
    expect(ownScripts.length).toBeGreaterThan(100);
    for (const { text } of ownScripts) expect(outcome(text)).toBe('script');
  });

  it('reads every script of the other suites', () => {
    const folder = sharedPath('packetdrill');
    if (folder === null) return;
    const defines = new Map([['TFO_COOKIE', '3021b9d889017eeb']]);
    for (const { name, text } of scriptsUnder(folder))
      parseScript(new SourceText(name, text), { defines: () => defines });
  });
});
