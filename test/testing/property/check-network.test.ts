/** A property that does not hold: found, made small, told, written to files, and seen again from each of them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { depositsOnce } from '../../../examples/deposits/property.ts';
import type { Payload } from '../../../src/packet/payload.ts';
import { sleep } from '../../../src/sockets/blocking.ts';
import { payload } from '../../../src/testing/arbitraries/bytes.ts';
import { network } from '../../../src/testing/arbitraries/network.ts';
import { directorySink } from '../../../src/testing/files/sink.ts';
import { decodeToken, encodeToken } from '../../../src/testing/files/token.ts';
import { CounterexampleError, checkNetwork } from '../../../src/testing/property/check-network.ts';
import { networkProperty } from '../../../src/testing/property/network-property.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const quiet = network({ hosts: ['a', 'b'], routers: 0, impairments: false });

let folder = '';
let found: CounterexampleError;

beforeAll(async () => {
  folder = mkdtempSync(join(ROOT, 'fivetuple-failures-'));
  found = await failureOf(
    checkNetwork(depositsOnce, { seed: 1, sink: directorySink(depositsOnce.name, folder) }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a counterexample', () => {
  it('is as small as it can be', () => {
    const { scenario, input } = found.testCase;
    expect(input).toEqual([1]);
    expect(scenario).toEqual({
      title: 'a generated network',
      until: '1h',
      hosts: {
        client: { interfaces: { eth0: { addresses: ['10.0.0.1/24'] } } },
        bank: { interfaces: { eth0: { addresses: ['10.0.0.2/24'] } } },
      },
      links: {
        'client-bank': {
          between: 'client.eth0 -- bank.eth0',
          impairments: [{ do: 'duplicate', from: 'client', match: 'ip', packets: [1] }],
        },
      },
    });
  });

  it('is told with network, faults, input, ladder, events, and how to see it again', () => {
    for (const part of [
      "'what is deposited arrives, and arrives once' does not hold",
      'the balance is 2, deposited were 1',
      'eth0 ── 1Gbps 1us ── eth0 bank',
      "client-bank: { do: 'duplicate', from: 'client', match: 'ip', packets: [1] }",
      'UDP, len 3',
      'a copy',
      'reads 3 bytes "0 1"',
      'fivetuple replay ft1-',
      'fivetuple run ',
    ])
      expect(found.message).toContain(part);
  });

  it('is repeated in a test by its token, and by its seed and path', async () => {
    const byToken = await failureOf(checkNetwork(depositsOnce, { replay: found.token, sink: null }));
    const bySeed = await failureOf(
      checkNetwork(depositsOnce, { seed: found.seed, path: found.path!, sink: null }),
    );
    expect(byToken.run!.fingerprint).toBe(found.run!.fingerprint);
    expect(bySeed.testCase).toEqual(found.testCase);
  });

  it('is the same when every frame is made of bytes at every hop', async () => {
    const options = { replay: found.token, wire: true, sink: null };
    const wired = await failureOf(checkNetwork(depositsOnce, options));
    expect(wired.run!.fingerprint).toBe(found.run!.fingerprint);
  });

  it('is repeated by fivetuple run and by fivetuple replay, with the same fingerprint', async () => {
    const file = join(folder, 'what-is-deposited-arrives-and-arrives-once', 'scenario.ts');
    const { fingerprint } = decodeToken(found.token);
    expect(fingerprint).toBe(found.run!.fingerprint);
    for (const args of [
      ['run', file],
      ['replay', found.token],
    ]) {
      const { code, document } = await fivetuple(args);
      expect(code).toBe(1);
      expect(document.fingerprint).toBe(fingerprint);
      expect(document.expectations.filter(({ ok }) => !ok)).toEqual([
        {
          name: depositsOnce.name,
          ok: false,
          detail: expect.stringContaining('the balance is 2, deposited were 1'),
        },
      ]);
    }
  });

  it('leaves a capture, a ladder, a trace and the report', () => {
    const read = (name: string) =>
      readFileSync(join(folder, 'what-is-deposited-arrives-and-arrives-once', name));
    expect(read('capture.pcapng').readUInt32LE(0)).toBe(0x0a0d0d0a);
    expect(read('ladder.txt').toString()).toContain('a copy');
    expect(read('trace.txt').toString()).toContain('arrives again');
    expect(read('report.txt').toString().trim()).toBe(found.message);
  });
});

describe('a property', () => {
  it('that holds says nothing', async () => {
    const holds = networkProperty({
      name: 'nothing happens',
      network: quiet,
      play: () => (run) => run.now >= 0,
    });
    await expect(checkNetwork(holds, { numRuns: 20 })).resolves.toBeUndefined();
  });

  it('without functions becomes a YAML file', async () => {
    const written = new Map<string, string | Uint8Array>();
    const sink = {
      write: (name: string, text: string | Uint8Array) => (written.set(name, text), name),
      importPath: (m: string) => m,
    };
    const refused = networkProperty({
      name: 'somebody listens',
      network: quiet,
      play: (stage) => {
        const calls = ['s = socket(tcp)', 'connect(s, b:80)'];
        stage.start('a', { run: 'calls', calls });
      },
    });
    const { message, token } = await failureOf(checkNetwork(refused, { seed: 3, sink }));
    const again = await failureOf(checkNetwork(refused, { replay: token, sink: null }));
    expect(again.message).toContain('came to ECONNREFUSED, not success');
    expect(message).toContain('connect(s, b:80): came to ECONNREFUSED, not success');
    expect(written.get('scenario.yaml')).toContain('- connect(s, b:80)');
  });

  it('that never ends is stopped, and who still has work is named', async () => {
    const endless = networkProperty({
      name: 'ends',
      network: quiet,
      play: (stage) =>
        stage.start('b', function* () {
          for (;;) yield* sleep('1s');
        }),
    });
    const { message } = await failureOf(checkNetwork(endless, { numRuns: 3, sink: null }));
    expect(message).toContain('did not come to rest: it was stopped after 3600s of virtual time');
    expect(message).toContain('one event is waiting, at 3601.000000 s');
    expect(message).toContain("program 'b' on b still runs, in sleep");
    const bounded = { ...endless, until: '10s' };
    await expect(checkNetwork(bounded, { numRuns: 3, sink: null })).resolves.toBeUndefined();
  });

  it('whose program throws is told with host, call and time', async () => {
    const throws = networkProperty({
      name: 'throws',
      network: quiet,
      input: fc.integer({ min: 1, max: 9 }),
      play: (stage, seconds) =>
        stage.start('b', async ({ call }) => {
          await call(sleep(`${seconds}s`));
          if (seconds > 4) throw new RangeError('too long');
        }),
    });
    const { message, testCase } = await failureOf(checkNetwork(throws, { sink: null, seed: 1 }));
    expect(testCase.input).toBe(5);
    expect(message).toContain(
      "program 'b' on host 'b' threw after sleep at 5.000000000 s: RangeError: too long",
    );
  });

  it('may be given bytes, and is told when its input cannot be stored', async () => {
    const fails = (input: fc.Arbitrary<unknown>) =>
      networkProperty({
        name: 'fails',
        module: import.meta.url,
        network: quiet,
        input,
        play: () => () => false,
      });
    const written = new Map<string, string | Uint8Array>();
    const sink = {
      write: (name: string, text: string | Uint8Array) => (written.set(name, text), name),
      importPath: () => './p.ts',
    };
    const stream = await failureOf(
      checkNetwork(fails(fc.record({ data: payload({ min: 2 }) })), { numRuns: 1, sink }),
    );
    expect(written.get('scenario.ts')).toContain('input: { data: new Payload(Uint8Array.of(0, 0)) }');
    expect(written.get('scenario.ts')).toContain("import { Payload } from 'fivetuple';");
    expect((decodeToken(stream.token).input as { data: Payload }).data.view()).toEqual(new Uint8Array(2));
    const date = await failureOf(
      checkNetwork(fails(fc.record({ when: fc.date() })), { numRuns: 1, sink: null }),
    );
    expect(date.message).toContain('not from a file or token: input.when is a Date, which is not plain data');
  });

  it('that names a host which is not there is refused', async () => {
    const wrong = networkProperty({ name: 'w', network: quiet, play: (stage) => stage.start('bb', () => 0) });
    await expect(checkNetwork(wrong, { sink: null })).rejects.toThrow("the network has no host 'bb'");
  });
});

describe('a token', () => {
  it('survives any case', () => {
    const scenario = { title: 't' };
    fc.assert(
      fc.property(fc.jsonValue(), (input) => {
        const content = { isWhole: false, module: null, name: 'n', scenario, input, fingerprint: 'f' };
        expect(decodeToken(encodeToken(content))).toEqual({
          ...content,
          input: JSON.parse(JSON.stringify(input)),
          version: '0.1.0',
        });
      }),
    );
  });

  it('that is none is refused with a message', () => {
    expect(() => decodeToken('hello')).toThrow("'hello' is no replay token");
    expect(() => decodeToken(found.token.slice(0, 40))).toThrow('the replay token is damaged');
  });
});

async function failureOf(check: Promise<void>): Promise<CounterexampleError> {
  const error = await check.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof CounterexampleError) return error;
  throw error ?? new Error('the property holds');
}

interface RunDocument {
  readonly fingerprint: string;
  readonly expectations: readonly { name: string; ok: boolean; detail: string }[];
}

/** Runs the command line in a process of its own, where TypeScript is imported as users import it. */
async function fivetuple(args: readonly string[]): Promise<{ code: number; document: RunDocument }> {
  const main = ['--import', 'tsx', 'src/cli/main.ts', ...args, '--json', '-'];
  const { code, stdout } = await promisify(execFile)(process.execPath, main, { cwd: ROOT }).then(
    (said) => ({ code: 0, ...said }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  return { code, document: JSON.parse(stdout) as RunDocument };
}
