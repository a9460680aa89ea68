/**
 * Random programs of socket calls and packets, in the operations of the recorded cases: valid and invalid ones, over few
 * addresses and ports so that sockets meet. They shrink to a few operations, and print as a line of the corpus.
 */
import fc from 'fast-check';
import type { Operation, Result } from '../../src/conformance/sockets/case.ts';
import type { IpFamily } from '../../src/packet/ip-address.ts';
import type { ProfileName } from '../../src/sockets/profile.ts';
import { familyOf, isAny } from '../../src/sockets/spec/address.ts';
import { narrowWords, type Words, wideWords } from './socket-words.ts';

export interface ProgramKinds {
  readonly tcp?: boolean;
  readonly udp?: boolean;
  /** Of the sockets and the packets; both unless given. */
  readonly families?: readonly IpFamily[];
}

/** One step before sockets have numbers: `pick` chooses among those made so far. */
type Step = (pick: number, count: number) => Operation[];
type Steps = fc.Arbitrary<Step>;
interface Weighted {
  readonly weight: number;
  readonly arbitrary: Steps;
}

/** Programs of up to about 25 steps. */
export function programs(kinds: ProgramKinds = {}): fc.Arbitrary<Operation[]> {
  const { families = [4, 6] } = kinds;
  return fc.oneof(...[wideWords(families), narrowWords(families)].map((words) => programsIn(words, kinds)));
}

/** The line of a corpus that repeats the program; `fivetuple corpus` runs it. */
export function corpusLine(operations: readonly Operation[], results: readonly Result[]): string {
  return JSON.stringify({ id: 'P.1', t: 'found by a property', ops: operations, res: results });
}

/** The options that the system has in place of Linux's. */
export function wordsOf(name: ProfileName): (operation: Operation) => Operation {
  const option = name === 'windows' ? 'EXCLUSIVEADDRUSE' : 'REUSEPORT_LB';
  return (operation) => {
    const [call, socket, what, value] = operation;
    const isSpoken =
      call === 'opt' && what === 'REUSEPORT' && (name === 'windows' || Number(socket) % 2 === 1);
    return isSpoken ? [call, socket!, option, value!] : operation;
  };
}

function programsIn(words: Words, { tcp = true, udp = true }: ProgramKinds): fc.Arbitrary<Operation[]> {
  const both = [...(tcp ? (['tcp'] as const) : []), ...(udp ? (['udp'] as const) : [])];
  const steps: Weighted[] = [
    { weight: 5, arbitrary: calls(words) },
    ...both.flatMap((kind) =>
      words.families.map((family) => ({
        weight: words.families.length === 1 ? 4 : 2,
        arbitrary: opening(words, kind, family),
      })),
    ),
    ...both.flatMap((kind) =>
      words.families.length === 1 ? [] : [{ weight: 1, arbitrary: sideBySide(words, kind) }],
    ),
    ...both.map((kind) => ({ weight: 1, arbitrary: kind === 'tcp' ? tcpCalls() : udpCalls(words) })),
    ...both.map((kind) => ({ weight: 3, arbitrary: kind === 'tcp' ? tcpPackets(words) : udpPackets(words) })),
  ];
  const step = fc.tuple(fc.oneof(...steps), fc.nat(1000));
  return fc.array(step, { maxLength: 25, size: 'max' }).map(numbered);
}

/** Numbers the sockets: each `socket` and `accept` uses up one. */
function numbered(steps: readonly (readonly [Step, number])[]): Operation[] {
  const operations: Operation[] = [];
  let count = 0;
  for (const [step, pick] of steps) {
    for (const operation of step(pick, count)) {
      operations.push(operation);
      if (operation[0] === 'socket' || operation[0] === 'accept') count++;
    }
  }
  return operations;
}

/** New sockets, bound at once as most are, and listening: one, or several of the same name that share it. */
function opening(words: Words, kind: 'tcp' | 'udp', family: IpFamily): Steps {
  const { bindAddress, bindPort, device, twins } = words;
  const options = fc.subarray(['REUSEADDR', 'REUSEPORT']);
  const how = fc.record({
    names: options,
    address: bindAddress[family],
    v6Only: fc.constantFrom(false, false, true),
    port: bindPort,
    listens: fc.boolean(),
    devices: fc.array(fc.option(device, { freq: 2 }), { minLength: 3, maxLength: 3 }),
    together: fc.integer({ min: 1, max: 10 }).map((draw) => (draw > twins ? 1 : draw % 2 === 0 ? 2 : 3)),
  });
  return how.map(({ names, address, v6Only, port, listens, devices, together }): Step => {
    const chosen = together > 1 ? [...new Set([...names, 'REUSEPORT'])] : names;
    return (_, count) =>
      Array.from({ length: together }, (_, i) => count + i).flatMap((number, i): Operation[] => [
        ['socket', family === 6 ? `${kind}6` : kind],
        ...(family === 6 && v6Only ? [['opt', number, 'V6ONLY', 1] as Operation] : []),
        ...chosen.map((name): Operation => ['opt', number, name, 1]),
        ...(devices[i] == null ? [] : [['opt', number, 'BINDTODEVICE', devices[i]] as Operation]),
        ['bind', number, address, port],
        ...(kind === 'tcp' && listens ? [['listen', number, 5] as Operation] : []),
      ]);
  });
}

/**
 * Sockets of either family on one port, which share it and then perhaps do so no more, and packets for all of them: an
 * AF_INET and an AF_INET6 socket compare by their scores only where no SO_REUSEPORT group ends the search.
 */
function sideBySide({ bindPort, device, flow }: Words, kind: 'tcp' | 'udp'): Steps {
  const one = fc.record({
    family: fc.constantFrom<IpFamily>(4, 6),
    named: fc.option(device, { freq: 2 }),
    keepsSharing: fc.boolean(),
  });
  const what = fc.record({
    sockets: fc.array(one, { minLength: 2, maxLength: 3 }),
    port: bindPort,
    probes: fc.array(flow, { minLength: 1, maxLength: 3 }),
  });
  return what.map(({ sockets, port, probes }): Step => {
    return (_, count) => [
      ...sockets.flatMap(({ family, named }, i): Operation[] => [
        ['socket', family === 6 ? `${kind}6` : kind],
        ['opt', count + i, 'REUSEPORT', 1],
        ...(named === null ? [] : [['opt', count + i, 'BINDTODEVICE', named] as Operation]),
        ['bind', count + i, family === 6 ? '::' : '0.0.0.0', port],
        ...(kind === 'tcp' ? [['listen', count + i, 5] as Operation] : []),
      ]),
      ...sockets.flatMap(({ keepsSharing }, i): Operation[] =>
        keepsSharing ? [] : [['opt', count + i, 'REUSEPORT', 0]],
      ),
      ...probes.map(([[by, src, sport], dst]): Operation => {
        return [kind === 'tcp' ? 'hs' : 'udp', by, src, sport, dst, port];
      }),
    ];
  });
}

/** Socket calls that both transports have. */
function calls({ bindAddress, bindPort, device, remote, families }: Words): Steps {
  const anyAddress = fc.oneof(...families.map((family) => bindAddress[family]));
  const sharing = fc.constantFrom('REUSEADDR', 'REUSEPORT');
  return fc.oneof(
    onSocket(5, fc.tuple(anyAddress, bindPort), ([address, port]) => ['bind', address, port]),
    ...(families.includes(6)
      ? [onSocket(1, fc.constantFrom(0, 1), (value) => ['opt', 'V6ONLY', value])]
      : []),
    onSocket(2, sharing, (name) => ['opt', name, 1]),
    onSocket(3, sharing, (name) => ['opt', name, 0]),
    onSocket(2, device, (name) => ['opt', 'BINDTODEVICE', name]),
    onSocket(4, remote, ([address, port]) => ['connect', address, port]),
    onSocket(2, fc.constant(null), () => ['disconnect']),
    onSocket(1, fc.constantFrom('rd', 'wr', 'rdwr'), (how) => ['shutdown', how]),
    onSocket(2, fc.constant(null), () => ['close']),
    onSocket(1, fc.constantFrom('getsockname', 'getpeername', 'geterr'), (name) => [name]),
    onSocket(1, fc.constant(10), (size) => ['recv', size]),
    onSocket(1, fc.constantFrom(1000, 1001), (uid) => ['user', uid]),
  );
}

function tcpCalls(): Steps {
  return fc.oneof(
    onSocket(5, fc.constantFrom(0, 1, 5), (backlog) => ['listen', backlog]),
    onSocket(3, fc.constant(null), () => ['accept']),
  );
}

const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const;

function udpCalls({ remote }: Words): Steps {
  return fc.oneof(
    onSocket(1, fc.constant(null), () => ['opt', 'BROADCAST', 1]),
    onSocket(2, remote, ([address, port]) => [
      'sendto',
      3,
      isAny(address) ? LOOPBACK[familyOf(address)] : address,
      port,
    ]),
  );
}

function udpPackets({ flow, port }: Words): Steps {
  return fc.tuple(flow, port).map(([[[by, src, sport], dst], dport]) => () => [
    ['udp', by, src, sport, dst, dport],
  ]);
}

function tcpPackets({ flow, port }: Words): Steps {
  const from = fc.tuple(flow, port);
  const handshake = from.map(
    ([[[by, src, sport], dst], dport]): Step =>
      () => [['hs', by, src, sport, dst, dport]],
  );
  const end = fc.tuple(from, fc.constantFrom('pfin', 'prst')).map(
    ([[[[, src, sport], dst], dport], name]): Step =>
      () => [[name, src, sport, dst, dport]],
  );
  return fc.oneof({ weight: 4, arbitrary: handshake }, { weight: 1, arbitrary: end });
}

/** A call on one of the sockets made so far; nothing while there is none. */
function onSocket<T>(
  weight: number,
  arbitrary: fc.Arbitrary<T>,
  operands: (value: T) => readonly [string, ...(string | number)[]],
): Weighted {
  const step = arbitrary.map((value): Step => {
    const [name, ...rest] = operands(value);
    return (pick, count) => (count === 0 ? [] : [[name, pick % count, ...rest]]);
  });
  return { weight, arbitrary: step };
}
