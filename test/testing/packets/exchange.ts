/** A little of everything: ARP, a connection, a datagram to a closed port, and one that the link loses. */
import type { ScenarioInput } from '../../../src/scenario/schema/scenario.ts';

export const EXCHANGE: ScenarioInput = {
  title: 'an exchange',
  until: '200s',
  hosts: {
    client: { interfaces: { eth0: '10.0.0.2/24' } },
    server: { interfaces: { eth0: '10.0.0.1/24' } },
  },
  links: {
    cable: {
      between: 'client -- server',
      rate: '10Mbps',
      delay: '5ms',
      impairments: [{ do: 'drop', match: 'udp dst port 9', packets: 1 }],
    },
  },
  programs: {
    httpd: {
      host: 'server',
      run: 'calls',
      calls: [
        's = socket(tcp)',
        'bind(s, *:80)',
        'listen(s, 5)',
        'c = accept(s)',
        'recv(c) = "GET"',
        'send(c, "page")',
        'recv(c) = ""',
        'close(c)',
      ],
    },
    browser: {
      host: 'client',
      start: '100ms',
      run: 'calls',
      calls: [
        's = socket(tcp)',
        'connect(s, server:80)',
        'send(s, "GET")',
        'recv(s) = "page"',
        'close(s)',
        'u = socket(udp)',
        'sendto(u, "lost", server:9)',
        'sendto(u, "refused", server:10)',
      ],
    },
  },
};
