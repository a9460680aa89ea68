/** `fivetuple explain` on a scenario that comes with the program. */
import { describe, expect, it } from 'vitest';
import { fivetuple } from './support.ts';

const AT = ['scenarios/04-bind-to-one-or-all.yaml', '--host', 'server', '--at', '50ms'];
const PACKET = 'udp 10.0.0.2:9 > 10.0.0.1:5000';

describe('explain', () => {
  it('says who gets a packet and why', async () => {
    const said = await fivetuple('explain', ...AT, PACKET);
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out).toContain('first-only/3 (10.0.0.1:5000) gets it');
    expect(said.out).toContain('L27');
    expect(said.out).toContain('If the packet were for address');
  });

  it('gives plain data, too, and the rules of another system', async () => {
    const said = await fivetuple('explain', ...AT, '--profile', 'freebsd', '--json', '-', PACKET);
    expect(JSON.parse(said.out)).toMatchObject({
      profile: 'freebsd',
      host: 'server',
      deciding: { rule: 'F3' },
    });
  });

  it('shows the place of a mistake', async () => {
    const said = await fivetuple('explain', ...AT, 'udp 10.0.0.2 > 10.0.0.1:5000');
    expect(said.code).toBe(2);
    expect(said.err.split('\n').slice(1, 3)).toEqual(['  udp 10.0.0.2 > 10.0.0.1:5000', '      ^']);
  });
});
