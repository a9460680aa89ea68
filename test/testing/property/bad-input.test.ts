/** Properties and programs that are wrong themselves: each is told as what it is, with the network in which it happened. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyProgram } from '../../../src/apps/async/any-program.ts';
import { sleep } from '../../../src/sockets/blocking.ts';
import { network } from '../../../src/testing/arbitraries/network.ts';
import { unstorable } from '../../../src/testing/case-data.ts';
import { CounterexampleError, checkNetwork } from '../../../src/testing/property/check-network.ts';
import { type NetworkPropertySpec, networkProperty } from '../../../src/testing/property/network-property.ts';
import { dataText } from '../../../src/testing/report/data-text.ts';

const two = network({ hosts: ['a', 'b'] });

describe('a check', () => {
  it('that is async is refused, since nobody would wait for it', async () => {
    const isAsync = async () => expect(1).toBe(2);
    expect((await failureOf({ play: () => isAsync as () => void })).message).toMatch(
      /returned a promise, and nobody waits for it\n {2}expected: a check that is not async/,
    );
  });

  it('that an async play() returns is refused, too', async () => {
    const play = (async () => () => false) as unknown as () => void;
    expect((await failureOf({ play })).message).toMatch(/returned a promise: it must not be async/);
  });

  it('that fails once and then holds is said to be unsteady', async () => {
    let calls = 0;
    const play = () => () => {
      if (calls++ === 3) throw new Error('the fourth time');
    };
    const found = await failureOf({ play });
    expect(found).toBeInstanceOf(CounterexampleError);
    expect(found.message).toMatch(/held when it was run once more: .* depend on more than the case/);
    expect(found.message).toContain('the fourth time');
  });

  it('whose precondition no case meets has checked nothing, and says so', async () => {
    const play = () => () => fc.pre(false);
    expect((await failureOf({ play, numRuns: 3 })).message).toMatch(
      /fc\.pre\(\) refused \d+ cases, and let 0 of 3/,
    );
  });
});

describe('a program', () => {
  it('that throws is shown in the network in which it threw, with host, call and time', async () => {
    const found = await failureOf(plays(thrower));
    expect(found.message).toMatch(
      /program 'a' on host 'a' threw after sleep at 0\.001000000 s: TypeError: mine/,
    );
    expect(found.message).toContain('a 10.0.0.1/24\n  └─ eth0 ── 1Gbps 1us ── eth0 b');
    expect((found as CounterexampleError).run?.now).toBe(1_000_000);
  });

  it.each([
    ['a while', '1ms'],
    ['no time at all', '0s'],
  ])('that sleeps for %s again and again is stopped, and named', async (_, span) => {
    const found = await failureOf(plays(sleeper(span)));
    expect(found.message).toMatch(/did not come to rest: it was stopped after 100000 events/);
    expect(found.message).toMatch(/program 'a' on a still runs, in sleep/);
    expect(found.message).toContain('1Gbps 1us ── eth0 b');
  });

  it('that forgets the star of yield* is told so', async () => {
    const forgetful = function* () {
      yield sleep('1ms') as never;
      return 0;
    };
    const found = await failureOf(plays(forgetful));
    expect(found.message).toMatch(
      /program 'a' on host 'a' threw after its start .*`yield\*` stands before calls/,
    );
  });

  it('that is started where no host is names the host that is nearest', async () => {
    const play: NetworkPropertySpec<null>['play'] = (stage) => stage.start('server', thrower);
    const found = await failureOf({ play, network: network({ hosts: ['client', 'sever'] }) });
    expect(found.message).toBe("the network has no host 'server'\n  expected: did you mean 'sever'?");
  });
});

describe('play()', () => {
  it('that throws for an input is a counterexample, made smaller', async () => {
    const property = networkProperty({
      name: 'play throws',
      network: two,
      input: fc.nat(1000),
      play: (_, input) => {
        if (input >= 17) throw new Error('too much');
      },
    });
    const found = await checkNetwork(property, { seed: 1, sink: null }).catch((error: unknown) => error);
    expect(found).toMatchObject({ name: 'CounterexampleError', testCase: { input: 17 }, run: null });
  });
});

describe('a token', () => {
  it('of another property is refused', async () => {
    const { token } = (await failureOf(plays(thrower))) as CounterexampleError;
    const other = networkProperty({ name: 'another', network: two, play: () => {} });
    await expect(checkNetwork(other, { replay: token, sink: null })).rejects.toThrow(
      "the token is of the property 'bad', and this is 'another'",
    );
  });
});

describe('the data of a case', () => {
  it('has no keys that stand for bytes', () => {
    expect(unstorable({ deep: { $bytes: 'x' } })).toBe(
      "input.deep has a key '$bytes', which stands for bytes",
    );
  });

  it('keeps a key __proto__ when it is written as a literal', () => {
    const value: unknown = JSON.parse('{"__proto__":{"x":1}}');
    expect(dataText(value)).toBe("{ ['__proto__']: { x: 1 } }");
  });
});

function* thrower() {
  yield* sleep('1ms');
  throw new TypeError('mine');
}

function sleeper(span: string): AnyProgram {
  return function* () {
    for (;;) yield* sleep(span);
  };
}

function plays(program: AnyProgram): Pick<NetworkPropertySpec<null>, 'play'> {
  return { play: (stage) => stage.start('a', program) };
}

type Wrong = Pick<NetworkPropertySpec<null>, 'play'> &
  Partial<NetworkPropertySpec<null>> & { readonly numRuns?: number };

/** What checking it throws. */
async function failureOf({ numRuns = 100, ...spec }: Wrong): Promise<Error> {
  const property = networkProperty({ name: 'bad', network: two, ...spec });
  return checkNetwork(property, { seed: 1, sink: null, numRuns }).then(
    () => Promise.reject(new Error('it holds')),
    (error: Error) => error,
  );
}
