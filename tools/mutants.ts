/**
 * Breaks the demultiplexer on purpose, one line at a time, and looks whether the property tests notice:
 * `npm run mutants`, or `npm run mutants -- L5 L6` for some of them. Each file is put back as it was. Exit code 1 when a mutant survives or a line is not found.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface Mutation {
  readonly breaks: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const MUTATIONS: readonly Mutation[] = [
  {
    breaks: 'L5: among equal listeners the oldest wins instead of the newest',
    file: 'src/sockets/demux/listeners.ts',
    from: 'if (score <= bestScore) continue;',
    to: 'if (score < bestScore || score === 0) continue;',
  },
  {
    breaks: 'L4: the wildcard listeners are asked first',
    file: 'src/sockets/demux/listeners.ts',
    from: 'const exact = this.bucket(local, localPort);',
    to: 'const exact = this.bucket(ANY_V4, localPort);',
  },
  {
    breaks: 'L6: a SO_REUSEPORT group does not end the search',
    file: 'src/sockets/demux/listeners.ts',
    from: 'if (socket.reusePort && socket.group !== null) {',
    to: 'if (socket.reusePort && socket.group !== null && socket.group.members.length > 1) {',
  },
  {
    breaks: 'L2: a connection is found whatever the device',
    file: 'src/sockets/tcp/flow.ts',
    from: 'if (flow.device === null || flow.device === device) return flow;',
    to: 'return flow;',
  },
  {
    breaks: 'L28: a device binding is worth nothing',
    file: 'src/sockets/demux/udp-lookup.ts',
    from: 'if (socket.device !== device) return -1;\n    score += 4;',
    to: 'if (socket.device !== device) return -1;',
  },
  {
    breaks: 'L30: a group that was connected from takes every datagram',
    file: 'src/sockets/demux/udp-lookup.ts',
    from: 'if (!group.hasConnections) return chosen;',
    to: 'return chosen;',
  },
  {
    breaks: 'L29: connect() leaves a UDP socket on the wildcard list',
    file: 'src/sockets/demux/udp-table.ts',
    from: 'if (seat.address !== socket.localAddress) {',
    to: 'if (false as boolean) {',
  },
  {
    breaks: 'L8: the hash always chooses the first member',
    file: 'src/sockets/demux/reuseport-group.ts',
    from: 'const start = Math.floor((hash * count) / 4294967296);',
    to: 'const start = hash * 0;',
  },
  {
    breaks: 'L15: SO_REUSEADDR helps against a listener',
    file: 'src/sockets/ports/bind-conflict.ts',
    from: 'newcomer.reuseAddr && holder.reuseAddr && !holder.isListening',
    to: 'newcomer.reuseAddr && holder.reuseAddr',
  },
  {
    breaks: 'L25: SO_REUSEPORT is for everybody, not for one owner',
    file: 'src/sockets/ports/udp-ports.ts',
    from: 'return holder.reusePort && newcomer.reusePort && holder.uid === newcomer.uid;',
    to: 'return holder.reusePort && newcomer.reusePort;',
  },
  {
    breaks: 'K6: the port forgets that its last user had SO_REUSEPORT',
    file: 'src/sockets/ports/bind-conflict.ts',
    from: "return strictness !== 'bind' || !bothReusePort;",
    to: 'return true || !bothReusePort;',
  },
  {
    breaks: 'L31: a broadcast goes to sockets bound to another address, too',
    file: 'src/sockets/demux/multicast-delivery.ts',
    from: 'if (!socket.localAddress.isUnspecified && socket.localAddress !== group) return false;',
    to: '',
  },
];

const ROOT = resolve(import.meta.dirname, '..');
const TESTS = ['test/sockets/spec/agreement.prop.test.ts', 'test/sockets/spec/machine-laws.prop.test.ts'];

const wanted = process.argv.slice(2);
const chosen = MUTATIONS.filter(
  ({ breaks }) => wanted.length === 0 || wanted.some((rule) => breaks.startsWith(`${rule}:`)),
);

let survivors = 0;
for (const mutation of chosen) {
  const verdict = judge(mutation);
  if (verdict !== 'caught') survivors++;
  process.stdout.write(`${verdict.padEnd(9)} ${mutation.breaks} (${mutation.file})\n`);
}
process.stdout.write(`${chosen.length - survivors} caught, ${survivors} not\n`);
process.exitCode = survivors === 0 ? 0 : 1;

function judge({ file, from, to }: Mutation): 'caught' | 'survived' | 'not found' {
  const path = resolve(ROOT, file);
  const original = readFileSync(path, 'utf8');
  if (!original.includes(from)) return 'not found';
  try {
    writeFileSync(
      path,
      original.replace(from, () => to),
    );
    const run = spawnSync('npx', ['vitest', 'run', '--bail=1', ...TESTS], { cwd: ROOT, encoding: 'utf8' });
    return run.status === 0 ? 'survived' : 'caught';
  } finally {
    writeFileSync(path, original);
  }
}
