/** Every second bind of two systems: 480 cases measured on Linux, 3,072 derived from FreeBSD's in_pcb.c. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ANY_V4, IpAddress } from '../../../src/packet/ip-address.ts';
import { FREEBSD_RULES } from '../../../src/sockets/rules/freebsd.ts';
import type { PortView } from '../../../src/sockets/rules/socket-rules.ts';
import { bind } from '../../../src/sockets/spec/bind.ts';
import { listen } from '../../../src/sockets/spec/listen.ts';
import type { SpecProfile } from '../../../src/sockets/spec/profile.ts';
import { freebsd } from '../../../src/sockets/spec/profiles/freebsd.ts';
import { linux } from '../../../src/sockets/spec/profiles/linux.ts';
import { makeWindows } from '../../../src/sockets/spec/profiles/windows.ts';
import { emptyState, NO_OPTIONS, newSocket, type SpecSocket } from '../../../src/sockets/spec/state.ts';
import { corpusHost, LOWEST } from '../../support/spec.ts';

type Column = readonly [name: string, values: readonly (string | number | boolean)[]];
interface Table {
  readonly columns: readonly Column[];
  readonly results: readonly string[];
}
type Row = Readonly<Record<string, string | number | boolean>>;

const fixtures = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/bind-conflicts.json'), 'utf8'),
) as { readonly pairs: readonly string[]; readonly linux: Table; readonly freebsd: Table };

const ADDRESSES: Readonly<Record<string, string>> = { '*': '0.0.0.0', a: '10.0.0.1', b: '10.0.0.2' };

describe('a second bind', () => {
  it('succeeds or fails as measured on Linux 6.18 (480 cases)', () => {
    const rows = rowsOf(fixtures.linux);
    expect(rows.length).toBe(480);
    expect(rows.filter((row) => linuxOutcome(row) !== row['result'])).toEqual([]);
  });

  it.each([
    ['specification', freebsdOutcome],
    ['machine', freebsdMachineOutcome],
  ] as const)('succeeds or fails as FreeBSD decides (3,072 cases), on the %s', (_, outcome) => {
    const rows = rowsOf(fixtures.freebsd);
    expect(rows.length).toBe(3072);
    expect(rows.filter((row) => outcome(row) !== row['result'])).toEqual([]);
  });

  it("follows Microsoft's table for Windows, by version and owner", () => {
    expect(windowsRow('2003', 'Dw', 1000, 1000)).toBe('ISASIS');
    expect(windowsRow('2003', 'Rw', 1000, 1001)).toBe('IASSIA');
    expect(windowsRow('2003', 'Es', 1000, 1001)).toBe('SISAII');
    expect(windowsRow('xp', 'Rs', 1000, 1001)).toBe('IISSII');
  });
});

function rowsOf({ columns, results }: Table): Row[] {
  const letters = results.join('');
  const rows: Row[] = [];
  const combinations = product(columns);
  for (const [i, combination] of combinations.entries()) {
    for (const [j, pair] of fixtures.pairs.entries()) {
      const letter = letters[i * fixtures.pairs.length + j]!;
      if (letter === '.') continue;
      rows.push({ ...combination, A: pair[0]!, B: pair[1]!, result: letter === 'U' ? 'EADDRINUSE' : 'ok' });
    }
  }
  return rows;
}

function product(columns: readonly Column[]): Row[] {
  const [first, ...rest] = columns;
  if (first === undefined) return [{}];
  const [name, values] = first;
  return values.flatMap((value) => product(rest).map((row) => ({ [name]: value, ...row })));
}

function socketA(row: Row, uid: number): SpecSocket {
  const made = newSocket(1, row['proto'] === 'tcp' ? 'tcp' : 'udp', uid);
  const options = {
    ...NO_OPTIONS,
    reuseAddr: row['raA'] === 1,
    reusePort: row['rpA'] === 1,
    reusePortLb: row['lbA'] === 1,
  };
  return { ...made, options };
}

function linuxOutcome(row: Row): string {
  const a = socketA(row, 1000);
  const b = socketB(row, row['sameuid'] === true ? 1000 : 1001);
  const start = { ...emptyState(corpusHost()), sockets: [a, b], nextId: 3 };
  const first = bind(start, { socket: 1, address: ADDRESSES[String(row['A'])]!, port: 5000 }, linux, LOWEST);
  const listening =
    row['listenA'] === true ? listen(first.state, { socket: 1, backlog: 1 }, linux, LOWEST) : first;
  return secondBind(listening.state, row, linux);
}

function freebsdOutcome(row: Row): string {
  const uidB = row['rootB'] === 1 ? 0 : 1000;
  const uidA = row['sameuid'] === 1 ? uidB : 1001;
  const local = { address: ADDRESSES[String(row['A'])]!, port: 5000 };
  const remote = row['connA'] === 1 ? { address: '10.0.0.10', port: 7000 } : null;
  const a = { ...socketA(row, uidA), local, remote };
  const state = { ...emptyState(corpusHost()), sockets: [a, socketB(row, uidB)], nextId: 3 };
  return secondBind(state, row, freebsd);
}

/** The machine's rules, asked directly. */
function freebsdMachineOutcome(row: Row): string {
  const uidB = row['rootB'] === 1 ? 0 : 1000;
  const view = (letter: string, uid: number, isConnected: boolean): PortView => ({
    localAddress: IpAddress.parse(ADDRESSES[String(row[letter])]!),
    remoteAddress: isConnected ? IpAddress.parse('10.0.0.10') : ANY_V4,
    remotePort: isConnected ? 7000 : 0,
    uid,
    reuseAddr: row[`ra${letter}`] === 1,
    reusePort: row[`rp${letter}`] === 1,
    reusePortLb: row[`lb${letter}`] === 1,
    exclusive: false,
    isListening: false,
    isStream: row['proto'] === 'tcp',
    isHidden: false,
  });
  const holder = view('A', row['sameuid'] === 1 ? uidB : 1001, row['connA'] === 1);
  return FREEBSD_RULES.mayBind(view('B', uidB, false), [holder]) === 0 ? 'ok' : 'EADDRINUSE';
}

function socketB(row: Row, uid: number): SpecSocket {
  const options = {
    ...NO_OPTIONS,
    reuseAddr: row['raB'] === 1,
    reusePort: row['rpB'] === 1,
    reusePortLb: row['lbB'] === 1,
  };
  return { ...newSocket(2, row['proto'] === 'tcp' ? 'tcp' : 'udp', uid), options };
}

/** bind(), and for TCP listen() after it: the measured cases say "ok" when both succeed. */
function secondBind(state: Parameters<typeof bind>[0], row: Row, profile: SpecProfile): string {
  const call = { socket: 2, address: ADDRESSES[String(row['B'])]!, port: 5000 };
  const bound = bind(state, call, profile, LOWEST);
  if (bound.outcome !== 0) return String(bound.outcome);
  if (row['proto'] !== 'tcp' || profile.name !== 'linux') return 'ok';
  const outcome = listen(bound.state, { socket: 2, backlog: 1 }, profile, LOWEST).outcome;
  return outcome === 0 ? 'ok' : String(outcome);
}

function windowsRow(version: '2003' | 'xp', first: string, uidA: number, uidB: number): string {
  const profile = makeWindows(version);
  const letters = { '0': 'S', EADDRINUSE: 'I', EACCES: 'A' } as const;
  const socket = (id: number, cell: string, uid: number): SpecSocket => ({
    ...newSocket(id, 'tcp', uid),
    options: { ...NO_OPTIONS, reuseAddr: cell[0] === 'R', exclusive: cell[0] === 'E' },
    local: { address: '0.0.0.0', port: 0 },
  });
  return ['Dw', 'Ds', 'Rw', 'Rs', 'Ew', 'Es']
    .map((second) => {
      const sockets = [socket(1, first, uidA), socket(2, second, uidB)];
      const start = { ...emptyState(corpusHost()), sockets, nextId: 3 };
      const address = (cell: string) => (cell[1] === 'w' ? '0.0.0.0' : '10.0.0.1');
      const bound = bind(start, { socket: 1, address: address(first), port: 5000 }, profile, LOWEST);
      const outcome = bind(
        bound.state,
        { socket: 2, address: address(second), port: 5000 },
        profile,
        LOWEST,
      ).outcome;
      return letters[String(outcome) as keyof typeof letters];
    })
    .join('');
}
