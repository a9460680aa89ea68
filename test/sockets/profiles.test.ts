/**
 * What the same calls come to on each system, one row a decision, by machine and specification. `?`: the profile does
 * not define it, and the call is refused. Sources: rules F1 to F15, Microsoft's pages (W), netsem (N), POSIX and RFCs (R).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Operation, Result } from '../../src/conformance/sockets/case.ts';
import { asObject } from '../../src/conformance/sockets/compare.ts';
import { Driver } from '../../src/conformance/sockets/driver.ts';
import { NOT_COVERED, SpecCase } from '../../src/conformance/sockets/spec-case.ts';
import { PROFILE_NAMES, type ProfileName, UndefinedByProfile } from '../../src/sockets/profile.ts';
import { specProfile } from '../../src/sockets/spec/profiles/by-name.ts';
import { parse } from './script.ts';

const A = '10.0.0.1';
const PEER = '10.0.0.10';
/** The peer accepts connections to port 7000, and refuses those to 7100. */
const OPENED = `socket tcp\nbind 0 ${A} 6000\nconnect 0 ${PEER} 7000`;
const REFUSED = `socket tcp\nbind 0 ${A} 6000\nconnect 0 ${PEER} 7100`;
const LISTENER = `socket tcp\nbind 0 ${A} 5000\nlisten 0 2`;
const CONNECTED = `socket udp\nbind 0 ${A} 6000\nconnect 0 ${PEER} 7000`;
/** A client's connection that the server has closed first: TIME-WAIT. */
const TIME_WAIT = `${LISTENER}\nhs eth0 ${PEER} 1111 ${A} 5000\naccept 0\nclose 1\npfin ${PEER} 1111 ${A} 5000`;

type Answers = readonly [linux: unknown, freebsd: unknown, windows: unknown, rfc: unknown];

/** [decision, calls of which the last is the question, answers] */
const DECISIONS: readonly (readonly [string, string, Answers])[] = [
  [
    'bind a second time',
    `socket udp\nbind 0 ${A} 5000\nbind 0 ${A} 5001`,
    ['EINVAL', 'EINVAL', 'EINVAL', 'EINVAL'],
  ],
  ['bind TCP to a group', 'socket tcp\nbind 0 239.1.1.1 5000', [0, 'EAFNOSUPPORT', '?', '?']],
  ['bind to a broadcast address', 'socket udp\nbind 0 10.0.0.255 5000', [0, 0, '?', '?']],
  ['bind an ephemeral port', `socket tcp\nbind 0 ${A} 0`, [0, 0, 0, 0]],
  [
    'bind to port 80 without privilege',
    `socket tcp\nbindas 1000 0 ${A} 80`,
    ['EACCES', 'EACCES', 'EACCES', '?'],
  ],
  [
    'bind after the connection was refused',
    `${REFUSED}\nbind 0 ${A} 6001`,
    ['EINVAL', 'EINVAL', 'EINVAL', 'EINVAL'],
  ],
  ['listen unbound', 'socket tcp\nlisten 0 1', [0, 0, 'EINVAL', '?']],
  ['listen when connected', `${OPENED}\nlisten 0 1`, ['EINVAL', 'EINVAL', 'EISCONN', 'EINVAL']],
  ['listen with a negative backlog', `socket tcp\nbind 0 ${A} 5000\nlisten 0 -1`, [0, 0, '?', 0]],
  ['accept on UDP', 'socket udp\naccept 0', ['EOPNOTSUPP', 'EINVAL', 'EOPNOTSUPP', 'EOPNOTSUPP']],
  [
    'accept a connection that was reset',
    `${LISTENER}\nhs eth0 ${PEER} 1111 ${A} 5000\nprst ${PEER} 1111 ${A} 5000\naccept 0`,
    [1, 'ECONNABORTED', 'ECONNRESET', 'ECONNABORTED'],
  ],
  ['connect', `socket tcp\nconnect 0 ${PEER} 7000`, Array.from({ length: 4 }, () => 'EINPROGRESS') as never],
  [
    'connect again, once connected',
    `${OPENED}\nconnect 0 ${PEER} 7000`,
    [0, 'EISCONN', 'EISCONN', 'EISCONN'],
  ],
  ['connect on a listener', `${LISTENER}\nconnect 0 ${PEER} 7000`, ['EISCONN', 'EOPNOTSUPP', 'EINVAL', '?']],
  [
    'connect after a refusal',
    `${REFUSED}\ngeterr 0\nconnect 0 ${PEER} 7000`,
    ['ECONNABORTED', 'ECONNREFUSED', 'EINPROGRESS', '?'],
  ],
  [
    'connect TCP to a broadcast address',
    'socket tcp\nconnect 0 10.0.0.255 5000',
    ['ENETUNREACH', '?', '?', '?'],
  ],
  [
    'connect TCP to 255.255.255.255',
    'socket tcp\nconnect 0 255.255.255.255 5000',
    ['ENETUNREACH', 'EACCES', '?', '?'],
  ],
  [
    'connect TCP to a group',
    'socket tcp\nconnect 0 239.1.1.1 5000',
    ['ENETUNREACH', 'EAFNOSUPPORT', '?', '?'],
  ],
  [
    'connect TCP to 0.0.0.0',
    'socket tcp\nconnect 0 0.0.0.0 5000',
    ['EINPROGRESS', '?', 'EADDRNOTAVAIL', '?'],
  ],
  ['connect TCP to port 0', `socket tcp\nconnect 0 ${PEER} 0`, ['EINPROGRESS', 'EADDRNOTAVAIL', '?', '?']],
  [
    'connect to a four-tuple that exists',
    `socket tcp\nopt 0 REUSEADDR 1\nbind 0 ${A} 5000\nlisten 0 2\nhs eth0 ${PEER} 1111 ${A} 5000\naccept 0\nclose 0\nsocket tcp\nopt 2 REUSEADDR 1\nbind 2 ${A} 5000\nconnect 2 ${PEER} 1111`,
    ['EADDRNOTAVAIL', 'EADDRINUSE', 'EADDRINUSE', '?'],
  ],
  ['disconnect TCP', `${OPENED}\ndisconnect 0`, [0, '?', '?', '?']],
  ['connect UDP again', `${CONNECTED}\nconnect 0 10.0.0.11 7000`, [0, 0, 0, 0]],
  [
    'connect UDP to 0.0.0.0',
    `${CONNECTED}\nconnect 0 0.0.0.0 7000\ngetpeername 0`,
    [[A, 7000], '?', 'ENOTCONN', '?'],
  ],
  [
    'connect UDP to a broadcast address',
    'socket udp\nconnect 0 10.0.0.255 5000',
    ['EACCES', '?', 'EACCES', '?'],
  ],
  ['disconnect UDP', `${CONNECTED}\ndisconnect 0`, [0, 'EAFNOSUPPORT', 0, 0]],
  ['disconnect UDP without a peer', 'socket udp\ndisconnect 0', [0, 'EAFNOSUPPORT', 'EAFNOSUPPORT', 0]],
  [
    'send on UDP without a peer',
    'socket udp\nsend 0 3',
    ['EDESTADDRREQ', 'EDESTADDRREQ', 'ENOTCONN', 'EDESTADDRREQ'],
  ],
  ['sendto on connected UDP', `${CONNECTED}\nsendto 0 3 10.0.0.11 7000`, [3, 'EISCONN', 3, '?']],
  [
    'sendto a broadcast address',
    'socket udp\nsendto 0 3 10.0.0.255 5000',
    ['EACCES', 'EACCES', 'EACCES', '?'],
  ],
  ['sendto port 0', `socket udp\nsendto 0 3 ${PEER} 0`, ['EINVAL', 'EADDRNOTAVAIL', '?', '?']],
  ['shutdown a listener', `${LISTENER}\nshutdown 0 rd`, [0, 'ENOTCONN', 'ENOTCONN', 'ENOTCONN']],
  ['shutdown UDP for reading', `${CONNECTED}\nshutdown 0 rd`, [0, '?', '?', '?']],
  ['shutdown UDP for writing', `${CONNECTED}\nshutdown 0 wr\nsend 0 3`, ['EPIPE', 'EPIPE', 'EPIPE', 'EPIPE']],
  [
    'shutdown without a connection',
    'socket tcp\nshutdown 0 rdwr',
    ['ENOTCONN', 'ENOTCONN', 'ENOTCONN', 'ENOTCONN'],
  ],
  [
    'a RST after the peer has closed',
    `${LISTENER}\nhs eth0 ${PEER} 1111 ${A} 5000\naccept 0\npfin ${PEER} 1111 ${A} 5000\nprst ${PEER} 1111 ${A} 5000\ngeterr 1`,
    ['EPIPE', 'ECONNRESET', 'ECONNRESET', 'ECONNRESET'],
  ],
  ['SO_REUSEPORT', 'socket tcp\nopt 0 REUSEPORT 1', [0, 0, 'ENOPROTOOPT', 'ENOPROTOOPT']],
  [
    'SO_BINDTODEVICE',
    'socket tcp\nopt 0 BINDTODEVICE eth0',
    [0, 'ENOPROTOOPT', 'ENOPROTOOPT', 'ENOPROTOOPT'],
  ],
  ['a new SYN in TIME-WAIT', `${TIME_WAIT}\nsyn eth0 ${PEER} 1111 ${A} 5000 n+100`, ['SA', 'SA', '?', 'SA']],
  [
    'the same, and nobody listens',
    `${TIME_WAIT}\nclose 0\nsyn eth0 ${PEER} 1111 ${A} 5000 n+100`,
    ['A', 'RA', '?', 'A'],
  ],
  [
    'a backlog that is full',
    'socket tcp\nbind 0 0.0.0.0 5000\nlisten 0 0\nhs eth0 10.0.0.10 1111 10.0.0.1 5000',
    ['SA', '?', '?', '?'],
  ],
  [
    'port unreachable about a connected socket',
    `socket udp\nbind 0 ${A} 6000\nconnect 0 ${PEER} 7100\nsend 0 3`,
    [3, 3, 3, '?'],
  ],
];

const CASES = DECISIONS.flatMap(([what, calls, answers]) =>
  PROFILE_NAMES.map((profile, i) => [profile, what, calls, answers[i]] as const),
);

describe('on the machine', () => {
  it.each(CASES)('%s: %s', (profile, _, calls, answer) => {
    expect(answered(() => machine(profile, calls))).toEqual(answer);
  });
});

describe('in the specification', () => {
  it.each(CASES)('%s: %s', (profile, _, calls, answer) => {
    const told = answered(() => specification(profile, calls));
    if (told !== NOT_COVERED) expect(told).toEqual(answer);
  });
});

describe('the table in docs/profiles.md', () => {
  it('is this one', () => {
    const rows = DECISIONS.map(([what, , answers]) => `| ${what} | ${answers.map(shown).join(' | ')} |`);
    expect(readFileSync('docs/profiles.md', 'utf8')).toContain(
      `|---|---|---|---|---|\n${rows.join('\n')}\n\n`,
    );
  });
});

function shown(answer: unknown): string {
  if (Array.isArray(answer)) return answer.join(':');
  if (answer === '?') return 'refused';
  return answer === 1 ? 'a socket' : String(answer);
}

describe('an ICMP port unreachable', () => {
  const calls = `socket udp\nbind 0 ${A} 6000\nsocket udp\nbind 1 10.0.0.2 6000\nsendto 0 3 ${PEER} 7100`;

  it.each([
    ['linux', [0, 0]],
    ['freebsd', [0, 0]],
    ['windows', ['ECONNRESET', 'ECONNRESET']],
  ] as const)('is heard on %s by unconnected sockets as they say', (profile, errors) => {
    const driver = new Driver({}, 1, profile);
    const seen: Result[] = [];
    for (const line of calls.split('\n')) driver.step(parse(line), null);
    for (const socket of [0, 1]) {
      const error = driver.machine.sockets.sockets[socket]!.takeError();
      seen.push(error === 0 ? 0 : 'ECONNRESET');
    }
    expect(seen).toEqual(errors);
  });
});

/** `?` for what the profile leaves open. */
function answered(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (error instanceof UndefinedByProfile) return '?';
    throw error;
  }
}

function machine(profile: ProfileName, calls: string): unknown {
  const driver = new Driver({}, 1, profile);
  let result: Result = 0;
  for (const operation of operationsOf(calls)) result = driver.step(operation, null);
  return asObject(result).r;
}

function specification(profile: ProfileName, calls: string): unknown {
  const operations = operationsOf(calls);
  const made = new SpecCase(
    { id: '', sysctls: {}, ports: {}, operations, results: [] },
    specProfile(profile),
  );
  let value: unknown = 0;
  for (const operation of operations) {
    const observed = made.step(operation, 0);
    if (observed === NOT_COVERED) return NOT_COVERED;
    value = observed.r;
  }
  return value;
}

function operationsOf(calls: string): Operation[] {
  return calls.split('\n').map(parse);
}
