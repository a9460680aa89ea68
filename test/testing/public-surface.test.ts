/** `fivetuple/testing` as a program uses it: one import, a scenario, and what was seen of its run. */
import { expect, it } from 'vitest';
import { runScenario } from '../../src/testing/index.ts';
import { UdpDatagram } from '../../src/transport/udp.ts';

it('runs a scenario and shows what happened', () => {
  const run = runScenario({
    title: 'an echo',
    hosts: {
      client: { interfaces: { eth0: '10.0.0.2/24' } },
      server: { interfaces: { eth0: '10.0.0.1/24' } },
    },
    links: {
      cable: { between: 'client -- server', impairments: [{ do: 'duplicate', match: 'udp', packets: 1 }] },
    },
    programs: {
      echo: { host: 'server', run: 'echo-server', protocol: 'udp' },
      client: {
        host: 'client',
        run: 'calls',
        calls: ['s = socket(udp)', 'connect(s, server:7)', 'send(s, "hello")', 'recv(s) = "hello"'],
      },
    },
  });
  expect(run.end).toBe('idle');
  const datagrams = run.packets.filter(
    ({ node, transport }) => node === 'server' && transport instanceof UdpDatagram,
  );
  const requests = datagrams.filter(({ direction }) => direction === 'in');
  expect(requests).toHaveLength(2);
  expect(requests[0]).toMatchObject({ device: 'eth0', dropped: null, rule: expect.stringContaining('L') });
  expect(new TextDecoder().decode(run.received('echo'))).toBe('hellohello');
  expect(run.program('client').task.status).toBe(0);
  expect(run.verdicts().every(({ ok }) => ok)).toBe(true);
  expect(run.fingerprint).toMatch(/^[0-9a-f]+$/);
});
