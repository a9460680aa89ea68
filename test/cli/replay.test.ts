/** `fivetuple replay`: a token as a user pastes it, whole or damaged, with its property in place or gone. */
import { describe, expect, it } from 'vitest';
import { encodeToken } from '../../src/testing/files/token.ts';
import { fivetuple } from './support.ts';

const SCENARIO = {
  title: 'somebody listens',
  hosts: { a: { interfaces: { eth0: '10.0.0.1/24' } }, b: { interfaces: { eth0: '10.0.0.2/24' } } },
  links: { cable: 'a -- b' },
  programs: { client: { host: 'a', run: 'calls', calls: ['s = socket(tcp)', 'connect(s, b:80)'] } },
};
const content = {
  isWhole: true,
  module: null,
  name: 'somebody listens',
  scenario: SCENARIO,
  input: null,
  fingerprint: null,
};

describe('replay', () => {
  it('runs a case that is data through and through', async () => {
    const { code, out } = await fivetuple('replay', encodeToken(content));
    expect(code).toBe(1);
    expect(out).toContain('connect(s, b:80): came to ECONNREFUSED, not success');
  });

  it('says when it is not the run that the token was made of', async () => {
    const { code, err } = await fivetuple(
      'replay',
      encodeToken({ ...content, fingerprint: '0123456789abcdef' }),
    );
    expect(code).toBe(1);
    expect(err).toMatch(
      /not the run that the token was made of \(fingerprint [0-9a-f]{16}, was 0123456789abcdef\)/,
    );
  });

  it('refuses what is no token, and a token whose property is gone', async () => {
    const gone = encodeToken({ ...content, isWhole: false, module: 'test/cli/gone.ts' });
    expect(await fivetuple('replay', 'hello')).toMatchObject({
      code: 2,
      err: expect.stringContaining("'hello' is no replay token"),
    });
    expect(await fivetuple('replay', gone.slice(0, 50))).toMatchObject({
      code: 2,
      err: expect.stringContaining('the replay token is damaged'),
    });
    expect(await fivetuple('replay', gone)).toMatchObject({
      code: 2,
      err: expect.stringContaining('test/cli/gone.ts: there is no such file'),
    });
  });

  it('asks where the property is when the token does not say', async () => {
    const { code, err } = await fivetuple('replay', encodeToken({ ...content, isWhole: false }));
    expect(code).toBe(2);
    expect(err).toContain("the token does not say where the property 'somebody listens' is");
  });

  it('names the nearest property of a module that has another', async () => {
    const token = encodeToken({ ...content, isWhole: false, name: 'lines arrive as they were sad' });
    const { code, err } = await fivetuple('replay', token, '--property', 'examples/chat/property.ts');
    expect(code).toBe(2);
    expect(err).toContain("the module exports no property 'lines arrive as they were sad'");
    expect(err).toContain("did you mean 'lines arrive as they were said'?");
  });
});
