/** The Python subset of `%{ }%` blocks. */
import { describe, expect, it } from 'vitest';
import { PythonSession } from '../../../src/conformance/packetdrill/python/evaluate.ts';
import { parsePython } from '../../../src/conformance/packetdrill/python/parser.ts';
import { SourceText } from '../../../src/conformance/packetdrill/source.ts';

const INFO = new Map([
  ['tcpi_snd_cwnd', 10],
  ['tcpi_options', 0x27],
  ['tcpi_bytes', 5_000_000_000],
  ['TCP_CA_Open', 0],
]);

/** What the assertion says when it fails, or null. */
function run(code: string): string | null {
  const source = new SourceText('t.pkt', code);
  return new PythonSession(source).run(parsePython(source, code, 0), INFO)?.message ?? null;
}

describe('python', () => {
  it.each([
    'assert tcpi_snd_cwnd == 10',
    'assert 9 <= tcpi_snd_cwnd < 11 and not tcpi_snd_cwnd == 9',
    'assert (tcpi_options & 32) != 0, tcpi_options',
    'assert tcpi_options & 6 == 6 % 8',
    'x = 0x10; assert x + 2 * 3 - 1 == 21;',
    'assert -7 // 2 == -4 and -7 % 3 == 2 and 7 / 2 == 3.5',
    'assert tcpi_bytes & 0xffffffff == 705032704 and tcpi_bytes >> 8 == 19531250',
    "assert 'cwnd: %d %s %x %%' % (10, 'a', 255) == 'cwnd: 10 a ff %'",
    'assert (1, 2) == (1, 2) and (1, 2) != (1, 3) and not ()',
    'assert 1 == 1, "a" ; \\\n assert 2 == 2',
    'assert (1 +\n 1) == 2 # comment',
    'assert max(1, 3) - min(1, 3) == abs(-2) and True and not None',
    'assert 0 or 5',
    '\n\n  assert 1\n  assert 2\n',
  ])('%j holds', (code) => expect(run(code)).toBeNull());

  it('says which assertion failed and what its message is', () => {
    expect(run('assert tcpi_snd_cwnd == 9, tcpi_snd_cwnd')).toBe('assertion failed: tcpi_snd_cwnd == 9: 10');
    expect(run("assert 1 > 2, ('a', 1)")).toBe('assertion failed: 1 > 2: (a, 1)');
    expect(run('assert 1 < 2 < 2')).toBe('assertion failed: 1 < 2 < 2');
  });

  it.each([
    ['assert tcpi_snd_cwn == 1', "t.pkt:1:8: unknown name 'tcpi_snd_cwn'; did you mean 'tcpi_snd_cwnd'?"],
    ['assert 1 / 0', 't.pkt:1:10: division by zero'],
    ["assert 'a' + 1", 't.pkt:1:12: a is not a number'],
    ['if x: pass', "t.pkt:1:5: ':' is not in this subset of Python"],
    ['import os', "t.pkt:1:1: 'import' is not in this subset of Python"],
    ['assert open(1)', "t.pkt:1:8: unknown function 'open'"],
    ['assert 1 1', "t.pkt:1:10: unexpected '1'; expected the end of the statement"],
    ['assert (1', "t.pkt:1:10: the code ends here; expected ')'"],
  ])('%j is an error', (code, message) => expect(() => run(code)).toThrow(message));

  it('keeps variables from block to block, and what was printed', () => {
    const source = new SourceText('t.pkt', '');
    const session = new PythonSession(source);
    session.run(parsePython(source, 'x = 3', 0), INFO);
    expect(session.run(parsePython(source, 'print("x", x); assert x == 3', 0), INFO)).toBeNull();
    expect(session.printed).toEqual(['x 3']);
  });
});
