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

const ANY = '0.0.0.0';
const OWN = ['10.0.0.1', '10.0.0.2', '127.0.0.1', '10.0.1.1'] as const;
const bindAddress = fc.constantFrom(ANY, ANY, ...OWN, '10.0.0.1', '10.0.0.255', '10.0.0.99');
const ownAddress = fc.constantFrom('10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.1.1');
const port = fc.constantFrom(5000, 5000, 5000, 5001, 80);
const bindPort = fc.constantFrom(5000, 5000, 5000, 5001, 80, 0);
const device = fc.constantFrom('eth0', 'eth1', 'lo', '');
const peer = fc.constantFrom(
  ['eth0', '10.0.0.10', 1111],
  ['eth0', '10.0.0.10', 7000],
  ['eth0', '10.0.0.11', 1111],
  ['eth1', '10.0.1.10', 1111],
  ['eth1', '10.0.0.10', 1111],
) as fc.Arbitrary<readonly [string, string, number]>;
const remote = fc.constantFrom(
  ['10.0.0.10', 7000],
  ['10.0.0.10', 7000],
  ['10.0.0.11', 7000],
  ['10.0.0.10', 7100],
  ['10.0.0.10', 1111],
  ['10.0.1.10', 7000],
  ['10.0.0.1', 5000],
  ['127.0.0.1', 5000],
  ['10.0.0.2', 5001],
  ['0.0.0.0', 5000],
  ['192.0.2.1', 7000],
  ['10.0.0.255', 5000],
) as fc.Arbitrary<readonly [string, number]>;

/** Socket calls that both transports have. */
const calls: fc.Arbitrary<Step> = fc.oneof(
  weighted(6, fc.tuple(bindAddress, bindPort), ([address, number]) => ['bind', address, number]),
  weighted(3, fc.constantFrom('REUSEADDR', 'REUSEPORT'), (name) => ['opt', name, 1]),
  weighted(1, fc.constantFrom('REUSEADDR', 'REUSEPORT'), (name) => ['opt', name, 0]),
  weighted(2, device, (name) => ['opt', 'BINDTODEVICE', name]),
  weighted(4, remote, ([address, number]) => ['connect', address, number]),
  weighted(1, fc.constant(null), () => ['disconnect']),
  weighted(1, fc.constantFrom('rd', 'wr', 'rdwr'), (how) => ['shutdown', how]),
  weighted(2, fc.constant(null), () => ['close']),
  weighted(1, fc.constantFrom('getsockname', 'getpeername', 'geterr'), (name) => [name]),
  weighted(1, fc.constantFrom(1000, 1001), (uid) => ['user', uid]),
);

const tcpCalls: fc.Arbitrary<Step> = fc.oneof(
  weighted(5, fc.constantFrom(0, 1, 5), (backlog) => ['listen', backlog]),
  weighted(3, fc.constant(null), () => ['accept']),
);

const udpCalls: fc.Arbitrary<Step> = fc.oneof(
  weighted(1, fc.constant(null), () => ['opt', 'BROADCAST', 1]),
  weighted(2, remote, ([address, number]) => ['sendto', 3, address === ANY ? '127.0.0.1' : address, number]),
);

/** The peer's part. */
const udpPackets: fc.Arbitrary<Step> = fc
  .tuple(peer, fc.oneof(ownAddress, fc.constant('10.0.0.255')), port)
  .map(([[by, src, sport], dst, dport]) => () => [['udp', by, src, sport, dst, dport]]);

const tcpPackets: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(peer, ownAddress, port).map(
      ([[by, src, sport], dst, dport]): Step =>
        () => [['hs', by, src, sport, dst, dport]],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(peer, ownAddress, port, fc.constantFrom('pfin', 'prst')).map(
      ([[, src, sport], dst, dport, name]): Step =>
        () => [[name, src, sport, dst, dport]],
    ),
  },
);

function weighted<T>(
  weight: number,
  arbitrary: fc.Arbitrary<T>,
  operands: (value: T) => readonly [string, ...(string | number)[]],
): { weight: number; arbitrary: fc.Arbitrary<Step> } {
  const step = arbitrary.map((value): Step => {
    const [name, ...rest] = operands(value);
    return (pick, count) => (count === 0 ? [] : [[name, pick % count, ...rest]]);
  });
  return { weight, arbitrary: step };
}

/** A new socket, bound at once as most are. */
function opening(kind: 'tcp' | 'udp'): fc.Arbitrary<Step> {
  const options = fc.subarray(['REUSEADDR', 'REUSEPORT']);
  return fc.tuple(options, bindAddress, bindPort, fc.boolean()).map(
    ([names, address, number, listens]): Step =>
      (_, count) => [
        ['socket', kind],
        ...names.map((name): Operation => ['opt', count, name, 1]),
        ['bind', count, address, number],
        ...(kind === 'tcp' && listens ? [['listen', count, 5] as Operation] : []),
      ],
  );
}

/** Programs of up to about 25 steps. */
export function programs({ tcp = true, udp = true }: ProgramKinds = {}): fc.Arbitrary<Operation[]> {
  const steps: { weight: number; arbitrary: fc.Arbitrary<Step> }[] = [{ weight: 5, arbitrary: calls }];
  if (tcp) {
    steps.push({ weight: 3, arbitrary: opening('tcp') }, { weight: 2, arbitrary: tcpCalls });
    steps.push({ weight: 3, arbitrary: tcpPackets });
  }
  if (udp) {
    steps.push({ weight: 3, arbitrary: opening('udp') }, { weight: 1, arbitrary: udpCalls });
    steps.push({ weight: 3, arbitrary: udpPackets });
  }
  const step = fc.tuple(fc.oneof(...steps), fc.nat(1000));
  return fc.array(step, { maxLength: 25, size: 'max' }).map(concrete);
}

/** Numbers the sockets: each `socket` and `accept` uses up one. */
function concrete(steps: readonly (readonly [Step, number])[]): Operation[] {
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

/** The line of a corpus that repeats the program; `fivetuple corpus` runs it. */
export function corpusLine(operations: readonly Operation[], results: readonly Result[]): string {
  return JSON.stringify({ id: 'P.1', t: 'found by a property', ops: operations, res: results });
}
