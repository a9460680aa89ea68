/**
 * Reads the calls of inline programs. A line is `[variable =] call(arguments) [= result]`, with the names and the
 * order of arguments of the man pages; without a result the call must succeed. All calls block as sockets do by default.
 */
import { isErrnoName } from '../../network/errno.ts';
import { ConfigError } from '../../sim/errors.ts';
import {
  MSG_DONTWAIT,
  MSG_EOR,
  MSG_ERRQUEUE,
  MSG_FASTOPEN,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
} from '../../sockets/api.ts';
import { TextError, unknownWord } from '../document/text-error.ts';
import type { Token } from '../filter/tokens.ts';
import { type NamedHost, parseHost } from '../schema/endpoint.ts';
import { CallCursor } from './cursor.ts';
import type { Call, CallAction, Expected, OptionWords, SentData } from './syntax.ts';

/** How each call is written: for messages and documentation. */
export const CALL_FORMS: Readonly<Record<CallAction['call'] | 'recvfrom', string>> = {
  socket: 's = socket(tcp), or s = socket(udp6, nonblocking)',
  bind: 'bind(s, 10.0.0.1:80)',
  listen: 'listen(s, 128)',
  accept: 'c = accept(s)',
  connect: 'connect(s, 10.0.0.1:80)',
  disconnect: 'disconnect(s)',
  send: 'send(s, "text"), or send(s, 64KiB)',
  sendto: 'sendto(s, "text", 10.0.0.1:80)',
  recv: 'recv(s), or recv(s, 100)',
  recvfrom: 'recvfrom(s) = "text" from 10.0.0.1:80',
  shutdown: 'shutdown(s, wr)',
  close: 'close(s)',
  getsockname: 'getsockname(s) = 10.0.0.1:80',
  getpeername: 'getpeername(s) = 10.0.0.1:80',
  setsockopt: 'setsockopt(s, SO_REUSEADDR, 1), or setsockopt(s, IPV6_JOIN_GROUP, ff15::1, eth0)',
  getsockopt: 'getsockopt(s, SO_ERROR) = 0',
  poll: 'poll(s, POLLIN, 100ms) = POLLIN',
  sleep: 'sleep(100ms)',
  until: 'until(2s)',
};

const CALL_NAMES = Object.keys(CALL_FORMS) as (keyof typeof CALL_FORMS)[];
const DEFAULT_RECV_SIZE = 65536;
const SEND_FLAGS = { MSG_DONTWAIT, MSG_EOR, MSG_FASTOPEN, MSG_MORE, MSG_OOB };
const RECV_FLAGS = { MSG_DONTWAIT, MSG_ERRQUEUE, MSG_OOB, MSG_PEEK, MSG_TRUNC };
/** 224.0.0.0/4: no name of a device looks so. */
const MULTICAST_V4 = /^2(2[4-9]|3\d)(\.\d{1,3}){3}$/;
const POLL_EVENTS = { POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLRDHUP };

/** @throws TextError with the place of the first mistake */
export function parseCall(text: string): Call {
  const cursor = new CallCursor(text);
  const equals = cursor.peek(1);
  const isAssignment = equals.kind === 'mark' && equals.text === '=';
  const assigns = isAssignment ? cursor.variable() : null;
  if (isAssignment) cursor.next();
  const name = cursor.word('a call');
  const call = CALL_NAMES.find((candidate) => candidate === name.text);
  if (call === undefined) throw unknownWord('call', name.text, name.offset, CALL_NAMES);
  const makesSocket = call === 'socket' || call === 'accept';
  if (makesSocket !== isAssignment) {
    const message = makesSocket ? `the socket of ${call}() needs a name` : `${call}() makes no socket`;
    throw new TextError(message, name.offset, name.length, CALL_FORMS[call]);
  }
  cursor.expectMark('(');
  const action = parseArguments(cursor, call);
  if (!cursor.takeMark(')')) throw cursor.unexpected(cursor.peek(), `'${CALL_FORMS[call]}'`);
  const expected = cursor.takeMark('=') ? parseExpected(cursor) : SUCCESS;
  const rest = cursor.peek();
  if (rest.kind !== 'end') throw cursor.unexpected(rest, 'the end of the call');
  return { text, assigns, action, expected };
}

const SUCCESS: Expected = { kind: 'success' };

function parseArguments(cursor: CallCursor, call: keyof typeof CALL_FORMS): CallAction {
  if (call === 'socket') return parseSocket(cursor);
  if (call === 'sleep' || call === 'until') return { call, time: cursor.duration() };
  const socket = cursor.variable();
  switch (call) {
    case 'bind':
    case 'connect':
      return { call, socket, to: second(cursor, () => cursor.endpoint()) };
    case 'listen':
      return { call, socket, backlog: second(cursor, () => cursor.number('a number of connections')) };
    case 'send':
      return {
        call,
        socket,
        data: second(cursor, () => parseData(cursor)),
        flags: parseFlags(cursor, SEND_FLAGS),
      };
    case 'sendto': {
      const data = second(cursor, () => parseData(cursor));
      const to = second(cursor, () => cursor.endpoint());
      return { call, socket, data, to, flags: parseFlags(cursor, SEND_FLAGS) };
    }
    case 'recv':
    case 'recvfrom':
      return parseRecv(cursor, socket);
    case 'shutdown':
      return { call, socket, how: second(cursor, () => cursor.oneOf('direction', ['rd', 'wr', 'rdwr'])) };
    case 'setsockopt': {
      const option = second(cursor, () => cursor.word('the name of an option').text);
      return { call, socket, option, value: second(cursor, () => parseOptionValue(cursor)) };
    }
    case 'getsockopt':
      return { call, socket, option: second(cursor, () => cursor.word('the name of an option').text) };
    case 'poll': {
      const events = second(cursor, () => cursor.bits('event', POLL_EVENTS));
      return { call, socket, events, timeout: cursor.takeMark(',') ? cursor.duration() : null };
    }
    default:
      return { call, socket };
  }
}

function parseSocket(cursor: CallCursor): CallAction {
  const type = cursor.oneOf('kind of socket', ['tcp', 'udp', 'tcp6', 'udp6']);
  const nonblocking = cursor.takeMark(',');
  if (nonblocking) cursor.oneOf('flag', ['nonblocking']);
  return { call: 'socket', type, nonblocking };
}

function parseRecv(cursor: CallCursor, socket: string): CallAction {
  let size = DEFAULT_RECV_SIZE;
  let flags = 0;
  if (cursor.takeMark(',')) {
    if (/^\d/.test(cursor.peek().text)) {
      size = cursor.size();
      flags = parseFlags(cursor, RECV_FLAGS);
    } else flags = cursor.bits('flag', RECV_FLAGS);
  }
  return { call: 'recv', socket, size, flags };
}

function parseData(cursor: CallCursor): SentData {
  if (cursor.peek().kind === 'string') return { text: cursor.next().text };
  if (cursor.peek().kind !== 'word') throw cursor.unexpected(cursor.peek(), '"text" or a size such as 1000B');
  return { zeros: cursor.size() };
}

function parseFlags(cursor: CallCursor, known: Readonly<Record<string, number>>): number {
  return cursor.takeMark(',') ? cursor.bits('flag', known) : 0;
}

function parseOptionValue(cursor: CallCursor): OptionWords {
  const token = cursor.next();
  if (token.kind === 'string') return token.text;
  if (token.kind !== 'word')
    throw cursor.unexpected(token, 'a number, a name, or a group and an interface address');
  if (/^-?\d{1,15}$/.test(token.text)) return Number(token.text);
  const isGroup = cursor.takeMark(',');
  if (token.text.includes(':')) {
    const group = { ...readHost(token), port: 0 };
    return { group, interface: isGroup ? cursor.word('the name of an interface').text : null };
  }
  if (!isGroup && !MULTICAST_V4.test(token.text)) return token.text;
  const group = { ...readHost(token), port: 0 };
  if (!isGroup) return { group, device: { ...parseHost('0.0.0.0'), port: 0 } }; // the kernel asks its routes
  return { group, device: { ...cursor.read('the address of an interface', parseHost), port: 0 } };
}

/** @throws TextError with the place of a malformed address */
function readHost({ text, offset, length }: Token): NamedHost {
  try {
    return parseHost(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new TextError(error.message, offset, length, error.expected);
  }
}

function parseExpected(cursor: CallCursor): Expected {
  const token = cursor.peek();
  if (token.kind === 'string') {
    cursor.next();
    const hasSender = cursor.peek().text === 'from';
    if (hasSender) cursor.next();
    return { kind: 'data', text: token.text, from: hasSender ? cursor.endpoint() : null };
  }
  if (token.kind !== 'word') throw cursor.unexpected(token, EXPECTED_WORDS);
  if (token.text.startsWith('POLL')) return { kind: 'events', events: cursor.bits('event', POLL_EVENTS) };
  if (token.text.includes(':')) return { kind: 'endpoint', endpoint: cursor.endpoint() };
  cursor.next();
  if (token.text === '?') return { kind: 'anything' };
  if (token.text === 'blocks') return { kind: 'blocks' };
  if (/^-?\d{1,15}$/.test(token.text)) return { kind: 'number', value: Number(token.text) };
  if (isErrnoName(token.text)) return { kind: 'errno', errno: token.text };
  throw new TextError(`'${token.text}' is no result`, token.offset, token.length, EXPECTED_WORDS);
}

const EXPECTED_WORDS = 'a number, an errno such as EADDRINUSE, "text", an endpoint, POLL…, blocks, or ?';

function second<T>(cursor: CallCursor, read: () => T): T {
  cursor.expectMark(',');
  return read();
}
