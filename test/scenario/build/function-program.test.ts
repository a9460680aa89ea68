/** Programs that a scenario in TypeScript brings along, as generators on the blocking socket calls. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import { Payload } from '../../../src/packet/payload.ts';
import { ScenarioRun } from '../../../src/scenario/build/run.ts';
import { scenario } from '../../../src/scenario/define.ts';
import { type Located, locate, type Plain } from '../../../src/scenario/document/located.ts';
import { formatProblems } from '../../../src/scenario/document/problem.ts';
import { Source } from '../../../src/scenario/document/source.ts';
import { checkExpectations } from '../../../src/scenario/expect/check.ts';
import { loadScenario } from '../../../src/scenario/files/load.ts';
import { parseScenario } from '../../../src/scenario/parse.ts';
import { recv, sendAll, sleep } from '../../../src/sockets/blocking.ts';

const COUNTING = scenario({
  title: 'a program of our own',
  hosts: {
    client: { interfaces: { eth0: '10.0.0.2/24' } },
    server: { interfaces: { eth0: '10.0.0.1/24' } },
  },
  links: { cable: 'client -- server' },
  programs: {
    echo: { host: 'server', run: 'echo-server', protocol: 'udp' },
    count: {
      host: 'client',
      start: '1s',
      *run({ process, print }) {
        const socket = process.socket('udp');
        if (typeof socket === 'number') return 1;
        socket.connect({ address: IpAddress.parse('10.0.0.1'), port: 7 });
        for (let i = 1; i <= 3; i++) {
          yield* sendAll(socket, Payload.text(`number ${i}`));
          const received = yield* recv(socket, 100);
          if (typeof received !== 'number') print(new TextDecoder().decode(received.data.view()));
          yield* sleep('10ms');
        }
        return 0;
      },
    },
  },
  expect: [
    { check: 'printed', program: 'count', text: 'number 3', count: 1 },
    { check: 'program', program: 'count', is: 'exited', status: 0 },
    { check: 'received', host: 'server', socket: 'udp *:7', text: 'number 1number 2number 3' },
  ],
});

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'program-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a function as a program', () => {
  it('runs like the others', () => {
    const parsed = parseScenario(located(COUNTING));
    if (!parsed.ok) throw new Error(formatProblems(parsed.problems, 'test'));
    const run = new ScenarioRun(parsed.scenario);
    run.run();
    expect(checkExpectations(run).filter(({ ok }) => !ok)).toEqual([]);
  });

  it('may stand in a module, but nowhere else in it', async () => {
    const text = (run: string, title: string) =>
      `export default { title: ${title}, hosts: { a: { interfaces: {} } }, programs: { p: { host: 'a', run: ${run} } } };`;
    writeFileSync(join(folder, 'good.mjs'), text('function* () { return 0; }', "'t'"));
    writeFileSync(join(folder, 'bad.mjs'), text("'calls'", '() => 1'));
    const good = await loadScenario(join(folder, 'good.mjs'));
    expect('problems' in good ? good.problems : parseScenario(good.data)).toMatchObject({ ok: true });
    const bad = await loadScenario(join(folder, 'bad.mjs'));
    expect('problems' in bad && bad.problems[0]?.message).toBe('a function is not data');
  });
});

function located(input: object): Located {
  return locate(input as Plain, { source: new Source('test', null), start: 0, end: 0 });
}
