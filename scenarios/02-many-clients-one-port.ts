/**
 * Lesson 2 again, as a program: a loop makes a hundred clients. The compiler checks what YAML files are checked for
 * when they are read. Run it with: npm start -- run scenarios/02-many-clients-one-port.ts
 */
import { scenario } from '../src/scenario/define.ts';

const CLIENTS = 100;
const names = Array.from({ length: CLIENTS }, (_, i) => `client-${i + 1}`);

/** A map with one entry for each client. */
function forEachClient<T>(make: (name: string, index: number) => T): Record<string, T> {
  return Object.fromEntries(names.map((name, index) => [name, make(name, index)]));
}

export default scenario({
  title: 'A hundred clients, one port, one listener',
  teaches:
    'The server has one listening socket on port 80 and, at the same time, one connected socket for each of its\n' +
    'hundred clients, all with the local port 80. They differ in the remote end only.',
  until: '10s',
  hosts: {
    server: { interfaces: { eth0: '10.0.0.1/16' } },
    ...forEachClient((_, index) => ({
      interfaces: { eth0: `10.0.${1 + Math.floor(index / 200)}.${1 + (index % 200)}/16` },
    })),
  },
  switches: { lan: {} },
  links: {
    server: 'server -- lan',
    ...forEachClient((name) => `${name} -- lan`),
  },
  programs: {
    httpd: { host: 'server', run: 'http-server' },
    ...forEachClient((name, index) => ({
      host: name,
      run: 'http-client',
      to: 'server:80',
      count: 2,
      interval: '5s', // the connection stays open between the two requests
      start: `${100 + index}ms`,
    })),
  },
  expect: [
    { check: 'statistic', program: 'httpd', statistic: 'connections', is: CLIENTS },
    { check: 'statistic', program: 'httpd', statistic: 'requests', is: 2 * CLIENTS },
    ...names.slice(0, 5).map((_, index) => ({
      check: 'state' as const,
      host: 'server',
      socket: `tcp 10.0.0.1:80 10.0.1.${index + 1}:*`,
      is: 'ESTABLISHED' as const,
      at: '2s',
    })),
  ],
  outputs: {
    ladder: { nodes: ['server', 'client-1', 'client-2'], match: 'tcp' },
    sockets: [{ host: 'server', at: '2s', style: 'ss' }],
  },
});
