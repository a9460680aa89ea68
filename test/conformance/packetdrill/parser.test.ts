/** The script language: what each form means, and where errors point. */
import { describe, expect, it } from 'vitest';
import type { Action } from '../../../src/conformance/packetdrill/ast.ts';
import { parseScript } from '../../../src/conformance/packetdrill/parser/script.ts';
import { ScriptError, SourceText } from '../../../src/conformance/packetdrill/source.ts';

function parse(text: string, defines: Record<string, string> = {}) {
  return parseScript(new SourceText('t.pkt', text), { defines: () => new Map(Object.entries(defines)) });
}

function action(text: string): Action {
  return parse(`0 ${text}`).events[0]!.action;
}

function errorOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ScriptError) return error.message;
    throw error;
  }
  return 'no error';
}

describe('a script', () => {
  it('has options, an init block, events and a cleanup block', () => {
    const script = parse(
      '--tolerance_usecs=40000\n--strict_segments // why\n`true`\n0 `false`\n+.1 `true`\n`exit 0`',
    );
    expect(script.options.map(({ name, value }) => [name, value])).toEqual([
      ['tolerance_usecs', '40000'],
      ['strict_segments', ''],
    ]);
    expect(script.init).not.toBeNull();
    expect(script.events).toHaveLength(2);
    expect(script.cleanup).not.toBeNull();
  });

  it('replaces defined words', () => {
    const text = '--define=COOKIE=00ff\n0 < S 0:0(0) win 9 <FO COOKIE>';
    const own = parse(text).events[0]!.action;
    expect(own).toMatchObject({ options: [{ kind: 'FO', bytes: Uint8Array.of(0, 255) }] });
    const over = parse(text, { COOKIE: '0102' }).events[0]!.action;
    expect(over).toMatchObject({ options: [{ kind: 'FO', bytes: Uint8Array.of(1, 2) }] });
  });

  it('may span lines and hold comments', () => {
    const { events } = parse('0 /* one */ socket(..., // two\n SOCK_STREAM,\n\tIPPROTO_TCP) = 3 // three');
    expect(events[0]!.action).toMatchObject({ name: 'socket', result: 3 });
  });
});

describe('times', () => {
  it.each([
    ['0', 'absolute', 0, null],
    ['.5', 'absolute', 500_000_000, null],
    ['+1.002', 'relative', 1_002_000_000, null],
    ['+0~+.045', 'relative', 0, 45_000_000],
    ['1.1~1.2', 'absolute', 1_100_000_000, 1_200_000_000],
    ['*', 'any', 0, null],
  ])('%s', (text, kind, from, to) => {
    expect(parse(`${text} > . 1:1(0)`).events[0]!.time).toEqual({ kind, from, to });
  });

  it('mark the end of a blocking call, with and without blanks', () => {
    expect(action('... 0.004 read(3, ..., 1) = 0')).toMatchObject({ end: 4_000_000 });
    expect(parse('+.1...0.200 read(3, ..., 1) = 0').events[0]!).toMatchObject({
      time: { kind: 'relative', from: 100_000_000 },
      action: { end: 200_000_000 },
    });
  });

  it.each([
    ['0~1 < . 1:1(0) win 1', 't.pkt:1:1: only an outbound packet may come at any time or within a range'],
    ['+2~+1 > . 1:1(0)', 't.pkt:1:3: this time range ends before it begins'],
    ['0.2...0.1 close(3) = 0', 't.pkt:1:4: this call returns before it starts'],
    ['99999999 `true`', 't.pkt:1:1: 99999999 s is too late; expected at most 2592000 s'],
  ])('refuse %s', (text, message) => expect(errorOf(text)).toBe(message));
});

describe('packets', () => {
  it('have flags in any order, with . for ACK, - for none and a digit for ACE', () => {
    const flags = (text: string) => (action(`> ${text} 1:1(0)`) as { flags: number }).flags;
    expect(flags('S')).toBe(0x02);
    expect(flags('FP.')).toBe(0x19);
    expect(flags('.')).toBe(0x10);
    expect(flags('SEW')).toBe(0xc2);
    expect(flags('-')).toBe(0);
    expect(flags('P5.')).toBe(0x158);
    expect(flags('.5')).toBe(0x150);
  });

  it('carry everything that is written', () => {
    expect(action('< (tos 0x10, ttl 3) 80 > 81 PU. 5:9(4) ack 7 win 257 urg 2')).toMatchObject({
      kind: 'tcp',
      direction: 'in',
      ip: { ecn: null, tos: 16, ttl: 3 },
      ports: { src: 80, dst: 81 },
      flags: 0x38,
      seq: 5,
      length: 4,
      ack: 7,
      window: 257,
      urgent: 2,
      options: [],
    });
    expect(action('> [ect01] . 1:1(0) ack 1 <...>')).toMatchObject({
      ip: { ecn: 'ect01' },
      window: null,
      options: 'any',
    });
  });

  it('have options in order', () => {
    const text =
      '> . 1:1(0) ack 1 <nop, nop, sack 5:4294967295,TS val 1 ecr 2,FO,mss 9,sackOK,eol,eol,nop,wscale 2>';
    expect(
      (action(text) as { options: readonly { kind: string }[] }).options.map(({ kind }) => kind),
    ).toEqual(['nop', 'nop', 'sack', 'TS', 'FO', 'mss', 'sackOK', 'eol', 'eol', 'nop', 'wscale']);
  });

  it('may be ICMP with a quoted segment', () => {
    expect(action('< icmp unreachable frag_needed mtu 1200 [1:1461(1460)]')).toMatchObject({
      type: 3,
      code: 4,
      mtu: 1200,
      echoedSeq: 1,
      echoedLength: 1460,
    });
    expect(action('< icmp source_quench [1:1(0)]')).toMatchObject({ type: 4, code: 0, mtu: 0 });
    expect(action('< icmp type_11 code_1')).toMatchObject({ type: 11, code: 1 });
  });

  it.each([
    ['0 > . 1:2(0)', 't.pkt:1:7: 1:2(0) does not add up; expected 1:1(0)'],
    [
      '0 < . 1:1(0) ack 1',
      "t.pkt:1:19: the script ends here; expected 'win N': an inbound packet states its window",
    ],
    [
      '0 > X 1:1(0)',
      "t.pkt:1:5: 'X' is no TCP flag; expected letters of FSRPUEWA and . for ACK, or - for none",
    ],
    [
      '0 > . 1:1(0) <mss 1,nop>',
      't.pkt:1:14: these options take 5 bytes; expected a multiple of 4, at most 40: pad with nop or eol',
    ],
    ['0 > . 1:1(0) <sackOk,nop,nop>', "t.pkt:1:15: unknown TCP option 'sackOk'; did you mean 'sackOK'?"],
    ['0 < . 1:1(0) win 70000', 't.pkt:1:18: 70000 is out of range; expected a window from 0 to 65535'],
    [
      '0 < icmp unreachable host_unreachabel',
      "t.pkt:1:22: unknown ICMP code 'host_unreachabel'; did you mean 'host_unreachable'?",
    ],
  ])('refuse %s', (text, message) => expect(errorOf(text)).toContain(message));
});

describe('system calls', () => {
  it('have results, errnos and notes', () => {
    expect(action('read(3, ..., 10) = -1 EAGAIN (Resource temporarily (really) unavailable)')).toMatchObject({
      result: -1,
      errno: 11,
    });
    expect(action('fcntl(3, F_GETFL) = 0x02 (flags O_RDWR)')).toMatchObject({ result: 2, errno: null });
  });

  it('take lists, structures, or-ed names and strings', () => {
    expect(action('poll([{fd=3, events=POLLIN|POLLOUT, revents=0}], 1, -1) = 1')).toMatchObject({
      args: [
        { kind: 'list', items: [{ kind: 'struct', fields: [{ name: 'fd' }, { value: { value: 5 } }, {}] }] },
        { value: 1 },
        { value: -1 },
      ],
    });
    const message = action(
      'sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 1}, {..., 2}], msg_flags=0}, MSG_MORE) = 3',
    );
    expect(message).toMatchObject({
      args: [
        {},
        { fields: [{ name: 'msg_name', argument: { kind: 'ellipsis' } }, { argument: { value: 2 } }, {}] },
        { value: 0x8000, word: 'MSG_MORE' },
      ],
    });
    expect(action('setsockopt(3, SOL_TCP, TCP_CONGESTION, "re" "no", 4) = 0')).toMatchObject({
      args: [{}, {}, {}, { kind: 'string', value: 'reno' }, {}],
    });
  });

  it.each([
    ['0 sokcet(3) = 0', "t.pkt:1:3: unknown system call 'sokcet'; did you mean 'socket'?"],
    ['0 read(3, ..., 1) = -1 EAGIAN', "t.pkt:1:24: unknown errno 'EAGIAN'"],
    [
      '0 read(3, ..., TCP_NODELAYS) = 1',
      "t.pkt:1:16: unknown word 'TCP_NODELAYS'; did you mean 'TCP_NODELAY'?",
    ],
    ['0 close(3)\n+0 close(4) = 0', "t.pkt:2:1: unexpected '+'; expected '='"],
    [
      '0 close(3) = 0\n)',
      "t.pkt:2:1: unexpected ')'; expected the time of the next event, or the end of the script",
    ],
    ['0 close(3) = 0 (oops', "t.pkt:1:16: this note does not end; expected ')'"],
    ['0 `true', "t.pkt:1:3: this shell block does not end; expected '`'"],
    ['0 /* ', "t.pkt:1:3: this comment does not end; expected '*/'"],
    ['', 't.pkt:1:1: the script ends here; expected an event: a time, then what happens'],
  ])('refuse %j', (text, message) => expect(errorOf(text)).toContain(message));
});
