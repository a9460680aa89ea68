/** The socket table as netstat and ss show it. */
import { describe, expect, it } from 'vitest';
import { Script } from './script.ts';

describe('the rows of the socket table', () => {
  it('show listeners with their queue and backlog, connections, those nobody accepted, orphans and TIME-WAIT', () => {
    const script = new Script();
    script.run('socket tcp\nbind 0 0.0.0.0 80\nlisten 0 7');
    script.run('hs eth0 10.0.0.10 1111 10.0.0.1 80\nhs eth0 10.0.0.10 1112 10.0.0.1 80');
    script.run('hs eth0 10.0.0.10 1113 10.0.0.1 80\naccept 0\naccept 0\nauto 0\nclose 1');
    script.run('auto 1\nclose 2\npfin 10.0.0.10 1112 10.0.0.1 80');
    script.run('socket udp\nbind 3 10.0.0.1 53\nopt 3 BINDTODEVICE eth0');
    expect(rows(script)).toEqual([
      'open tcp LISTEN 1 7 0.0.0.0:80 0.0.0.0:0 fd 3',
      'orphan tcp FIN-WAIT-1 0 1 10.0.0.1:80 10.0.0.10:1111 fd -1',
      'queued tcp ESTABLISHED 0 0 10.0.0.1:80 10.0.0.10:1113 fd -1',
      'open udp CLOSED 0 0 10.0.0.1:53 0.0.0.0:0 fd 4 on eth0',
      'time-wait tcp TIME-WAIT 0 0 10.0.0.1:80 10.0.0.10:1112 fd -1',
    ]);
  });
});

function rows(script: Script): string[] {
  return script.driver.machine.sockets.rows().map((row) => {
    const { life, protocol, state, recvQueue, sendQueue, device, fd } = row;
    const names = `${row.localAddress}:${row.localPort} ${row.remoteAddress}:${row.remotePort}`;
    const on = device === null ? '' : ` on ${device}`;
    return `${life} ${protocol} ${state} ${recvQueue} ${sendQueue} ${names} fd ${fd}${on}`;
  });
}
