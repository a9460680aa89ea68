/** What holds for every program of socket calls, however nonsensical, and every packet. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation, Result } from '../../src/conformance/sockets/case.ts';
import { isObject } from '../../src/conformance/sockets/compare.ts';
import { Driver } from '../../src/conformance/sockets/driver.ts';
import type { SocketLayer } from '../../src/sockets/socket-layer.ts';
import { runs } from '../support/property.ts';
import { program, socketCall } from './arbitrary-program.ts';

const HOUR = 3600e9;

describe('any program of socket calls', () => {
  it('gets an answer to every call, and gives a unicast datagram to at most one socket', () => {
    fc.assert(
      fc.property(program, (operations) => {
        const driver = new Driver({});
        for (const operation of operations) {
          const result = driver.step(operation, null);
          if (operation[0] === 'udp' && !isToMany(operation)) {
            expect(receivers(result)).toBeLessThanOrEqual(1);
          }
        }
      }),
      runs(300),
    );
  });

  it('leaves nothing behind when every socket is closed and time has gone by', () => {
    fc.assert(
      fc.property(program, (operations) => {
        const driver = new Driver({});
        for (const operation of operations) driver.step(operation, null);
        driver.machine.process.exit();
        driver.pass(HOUR);
        expect(leftIn(driver.machine.sockets)).toEqual(NOTHING);
      }),
      runs(150),
    );
  });

  it('answers calls on one port alike, whatever happens on another in between', () => {
    const calls = fc.array(socketCall, { minLength: 3, maxLength: 15 });
    fc.assert(
      fc.property(calls, calls, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), (a, b, order) => {
        const mine = ownPorts(a, 0, { 5000: 5000, 5001: 5001 });
        const other = ownPorts(b, OTHER_SOCKETS, { 5000: 6000, 5001: 6001 });
        const alone = interleave(mine, other, []);
        const mixed = interleave(mine, other, order);
        expect(mixed).toEqual(alone);
      }),
      runs(150),
    );
  });

  it('has the same answers and fingerprint when it is run again', () => {
    fc.assert(
      fc.property(program, (operations) => {
        expect(runAll(operations)).toEqual(runAll(operations));
      }),
      runs(50),
    );
  });
});

/** Where the other program's sockets are numbered from: sockets 0-5 are made for the first, 6-11 for the second. */
const OTHER_SOCKETS = 6;
const KINDS = ['tcp', 'udp', 'tcp', 'udp', 'tcp', 'udp'];
const NOTHING = { rows: 0, udpPorts: 0, udpFlows: 0, tcpPorts: 0, tcpFlows: 0, listeners: 0, timeWaits: 0 };

function leftIn(sockets: SocketLayer): typeof NOTHING {
  const { udp, tcp } = sockets;
  return {
    rows: sockets.rows().length,
    udpPorts: udp.table.size,
    udpFlows: udp.table.flows.size,
    tcpPorts: tcp.ports.buckets.size,
    tcpFlows: tcp.flows.size,
    listeners: tcp.listeners.size,
    timeWaits: tcp.timeWaits.size,
  };
}

function runAll(operations: readonly Operation[]): { results: Result[]; fingerprint: string } {
  const driver = new Driver({});
  const results = operations.map((operation) => driver.step(operation, null));
  return { results, fingerprint: String(driver.machine.simulator.fingerprint) };
}

/** Calls that name ports: kept when the ports are explicit, and moved to ports of the program's own. */
function ownPorts(
  operations: readonly Operation[],
  firstSocket: number,
  ports: Readonly<Record<number, number>>,
): Operation[] {
  const named = ['opt', 'bind', 'listen', 'getsockname', 'geterr', 'close'];
  return operations
    .filter(([name, , , port]) => named.includes(name) && (name !== 'bind' || port === 5000 || port === 5001))
    .map(([name, index, third, fourth]): Operation => {
      const socket = (index as number) + firstSocket;
      if (name === 'bind') return [name, socket, third!, ports[fourth as number]!];
      if (name === 'opt') return [name, socket, third!, fourth!];
      return name === 'listen' ? [name, socket, third!] : [name, socket];
    });
}

/** Runs both programs in the given order (true: the first one's next call) and gives the results of the first. */
function interleave(
  mine: readonly Operation[],
  other: readonly Operation[],
  order: readonly boolean[],
): Result[] {
  const driver = new Driver({});
  for (const kind of [...KINDS, ...KINDS]) driver.step(['socket', kind], null);
  const results: Result[] = [];
  const left = [...mine];
  const right = [...other];
  for (const isMine of [...order, ...mine.map(() => true), ...other.map(() => false)]) {
    const next = isMine ? left.shift() : right.shift();
    if (next === undefined) continue;
    const result = driver.step(next, null);
    if (isMine) results.push(withoutChance(result));
  }
  return results;
}

/** listen() on an unbound socket takes a port at random, and ports are named in the order in which they come to sight. */
function withoutChance(result: Result): Result {
  return JSON.parse(JSON.stringify(result).replaceAll(/"\$e\d+"/g, '"$e"')) as Result;
}

function isToMany([, , , , target]: Operation): boolean {
  return target === '10.0.0.255' || target === '239.1.1.1';
}

function receivers(result: Result): number {
  return isObject(result) ? (result.rx ?? []).length : 0;
}
