/**
 * Random programs of socket calls and packets, in the operations of the recorded cases: valid and invalid ones, over few
 * addresses and ports so that sockets meet. They shrink to a few operations, and print as a line of the corpus.
 */
import fc from 'fast-check';
import type { Operation, Result } from '../../src/conformance/sockets/case.ts';

export interface ProgramKinds {
  readonly tcp?: boolean;
  readonly udp?: boolean;
}

/** One step before sockets have numbers: `pick` chooses among those made so far. */
type Step = (pick: number, count: number) => Operation[];
type Steps = fc.Arbitrary<Step>;
interface Weighted {
  readonly weight: number;
  readonly arbitrary: Steps;
}

type Remote = readonly [address: string, port: number];
type Peer = readonly [device: string, address: string, port: number];

/** What programs speak of. */
interface Words {
  readonly bindAddress: fc.Arbitrary<string>;
  readonly bindPort: fc.Arbitrary<number>;
  readonly device: fc.Arbitrary<string>;
  readonly peer: fc.Arbitrary<Peer>;
  readonly remote: fc.Arbitrary<Remote>;
  /** Where packets are sent. */
  readonly target: fc.Arbitrary<string>;
  readonly port: fc.Arbitrary<number>;
  /** How many of ten sockets are opened together with others of the same name. */
  readonly twins: number;
}

const ANY = '0.0.0.0';

/** Everything there is. */
const WIDE: Words = {
  bindAddress: fc.constantFrom(
    ANY,
    ANY,
    '10.0.0.1',
    '10.0.0.1',
    '10.0.0.2',
    '127.0.0.1',
    '10.0.1.1',
    '10.0.0.255',
    '10.0.0.99',
  ),
  bindPort: fc.constantFrom(5000, 5000, 5000, 5001, 80, 0),
  device: fc.constantFrom('eth0', 'eth1', 'lo', ''),
  peer: fc.constantFrom<Peer>(
    ['eth0', '10.0.0.10', 1111],
    ['eth0', '10.0.0.10', 7000],
    ['eth0', '10.0.0.11', 1111],
    ['eth1', '10.0.1.10', 1111],
    ['eth1', '10.0.0.10', 1111],
  ),
  remote: fc.constantFrom<Remote>(
    ['10.0.0.10', 7000],
    ['10.0.0.10', 7000],
    ['10.0.0.11', 7000],
    ['10.0.0.10', 7100],
    ['10.0.0.10', 1111],
    ['10.0.1.10', 7000],
    ['10.0.0.1', 5000],
    ['127.0.0.1', 5000],
    ['10.0.0.2', 5001],
    [ANY, 5000],
    ['192.0.2.1', 7000],
    ['10.0.0.255', 5000],
  ),
  target: fc.constantFrom('10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.1.1', '10.0.0.255'),
  port: fc.constantFrom(5000, 5000, 5000, 5001, 80),
  twins: 1,
};

/** One name and little else: sockets share, and every rule that chooses among them has work. */
const NARROW: Words = {
  bindAddress: fc.constantFrom(ANY, '10.0.0.1', '10.0.0.1'),
  bindPort: fc.constant(5000),
  device: fc.constantFrom('eth0', ''),
  peer: fc.constantFrom<Peer>(
    ['eth0', '10.0.0.10', 1111],
    ['eth0', '10.0.0.11', 1111],
    ['eth1', '10.0.1.10', 1111],
  ),
  remote: fc.constantFrom<Remote>(['10.0.0.10', 1111], ['10.0.0.11', 1111], ['10.0.0.10', 7000]),
  target: fc.constant('10.0.0.1'),
  port: fc.constant(5000),
  twins: 5,
};

/** Programs of up to about 25 steps. */
export function programs(kinds: ProgramKinds = {}): fc.Arbitrary<Operation[]> {
  return fc.oneof(programsIn(WIDE, kinds), programsIn(NARROW, kinds));
}

/** The line of a corpus that repeats the program; `fivetuple corpus` runs it. */
export function corpusLine(operations: readonly Operation[], results: readonly Result[]): string {
  return JSON.stringify({ id: 'P.1', t: 'found by a property', ops: operations, res: results });
}

function programsIn(words: Words, { tcp = true, udp = true }: ProgramKinds): fc.Arbitrary<Operation[]> {
  const both = [...(tcp ? (['tcp'] as const) : []), ...(udp ? (['udp'] as const) : [])];
  const steps: Weighted[] = [
    { weight: 5, arbitrary: calls(words) },
    ...both.map((kind) => ({ weight: 3, arbitrary: opening(words, kind) })),
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
function opening(words: Words, kind: 'tcp' | 'udp'): Steps {
  const { bindAddress, bindPort, device, twins } = words;
  const options = fc.subarray(['REUSEADDR', 'REUSEPORT']);
  const how = fc.record({
    names: options,
    address: bindAddress,
    port: bindPort,
    listens: fc.boolean(),
    devices: fc.array(fc.option(device, { freq: 2 }), { minLength: 3, maxLength: 3 }),
    together: fc.integer({ min: 1, max: 10 }).map((draw) => (draw > twins ? 1 : draw % 2 === 0 ? 2 : 3)),
  });
  return how.map(({ names, address, port, listens, devices, together }): Step => {
    const chosen = together > 1 ? [...new Set([...names, 'REUSEPORT'])] : names;
    return (_, count) =>
      Array.from({ length: together }, (_, i) => count + i).flatMap((number, i): Operation[] => [
        ['socket', kind],
        ...chosen.map((name): Operation => ['opt', number, name, 1]),
        ...(devices[i] == null ? [] : [['opt', number, 'BINDTODEVICE', devices[i]] as Operation]),
        ['bind', number, address, port],
        ...(kind === 'tcp' && listens ? [['listen', number, 5] as Operation] : []),
      ]);
  });
}

/** Socket calls that both transports have. */
function calls({ bindAddress, bindPort, device, remote }: Words): Steps {
  const sharing = fc.constantFrom('REUSEADDR', 'REUSEPORT');
  return fc.oneof(
    onSocket(5, fc.tuple(bindAddress, bindPort), ([address, port]) => ['bind', address, port]),
    onSocket(2, sharing, (name) => ['opt', name, 1]),
    onSocket(3, sharing, (name) => ['opt', name, 0]),
    onSocket(2, device, (name) => ['opt', 'BINDTODEVICE', name]),
    onSocket(4, remote, ([address, port]) => ['connect', address, port]),
    onSocket(2, fc.constant(null), () => ['disconnect']),
    onSocket(1, fc.constantFrom('rd', 'wr', 'rdwr'), (how) => ['shutdown', how]),
    onSocket(2, fc.constant(null), () => ['close']),
    onSocket(1, fc.constantFrom('getsockname', 'getpeername', 'geterr'), (name) => [name]),
    onSocket(1, fc.constantFrom(1000, 1001), (uid) => ['user', uid]),
  );
}

function tcpCalls(): Steps {
  return fc.oneof(
    onSocket(5, fc.constantFrom(0, 1, 5), (backlog) => ['listen', backlog]),
    onSocket(3, fc.constant(null), () => ['accept']),
  );
}

function udpCalls({ remote }: Words): Steps {
  return fc.oneof(
    onSocket(1, fc.constant(null), () => ['opt', 'BROADCAST', 1]),
    onSocket(2, remote, ([address, port]) => ['sendto', 3, address === ANY ? '127.0.0.1' : address, port]),
  );
}

function udpPackets({ peer, target, port }: Words): Steps {
  return fc.tuple(peer, target, port).map(([[by, src, sport], dst, dport]) => () => [
    ['udp', by, src, sport, dst, dport],
  ]);
}

function tcpPackets({ peer, target, port }: Words): Steps {
  const from = fc.tuple(peer, target, port);
  const handshake = from.map(
    ([[by, src, sport], dst, dport]): Step =>
      () => [['hs', by, src, sport, dst, dport]],
  );
  const end = fc.tuple(from, fc.constantFrom('pfin', 'prst')).map(
    ([[[, src, sport], dst, dport], name]): Step =>
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
