/** The package as a program uses it: a network, two generator programs, an async one, and what was seen. */
import { expect, it } from 'vitest';
import {
  AsyncPrograms,
  accept,
  connect,
  drawLadder,
  errnoName,
  formatFrames,
  IpAddress,
  MILLISECOND,
  Network,
  Payload,
  type Program,
  parsePrefix,
  Recorder,
  recv,
  sendAll,
} from '../src/index.ts';

const SERVER = { address: IpAddress.parse('10.0.0.2'), port: 80 };

const server: Program = function* ({ process, print }) {
  const listener = process.socket('tcp');
  if (typeof listener === 'number') return 1;
  listener.bind(SERVER);
  listener.listen(5);
  const socket = yield* accept(listener);
  if (typeof socket === 'number') return 2;
  const received = yield* recv(socket, 100);
  print(typeof received === 'number' ? errnoName(received) : new TextDecoder().decode(received.data.view()));
  return 0;
};

function twoHosts(): Network {
  const network = new Network({ seed: 1 });
  network.addHost('a', { interfaces: [{ addresses: [parsePrefix('10.0.0.1/24')] }] });
  network.addHost('b', { interfaces: [{ addresses: [parsePrefix('10.0.0.2/24')] }] });
  network.connect({
    ends: [
      { node: 'a', device: 'eth0' },
      { node: 'b', device: 'eth0' },
    ],
    delay: MILLISECOND,
  });
  return network;
}

it('builds networks and runs programs written as generators', () => {
  const network = twoHosts();
  const recorder = new Recorder(network.simulator);
  for (const name of ['a', 'b']) network.host(name).observe(recorder.tap(name));
  network.host('b').start(server, { name: 'server' });
  network.host('a').start(
    function* ({ process }) {
      const socket = process.socket('tcp');
      if (typeof socket === 'number') return 1;
      yield* connect(socket, SERVER);
      yield* sendAll(socket, Payload.text('hello'));
      return 0;
    },
    { name: 'client', at: MILLISECOND },
  );
  expect(network.run()).toBe('idle');
  expect(network.host('b').printed.map((printed) => printed.line)).toEqual(['hello']);
  expect(formatFrames(recorder.frames).join('\n')).toContain('10.0.0.2.80: Flags [S], seq');
  expect(drawLadder(recorder.frames, recorder.strayDrops, { nodes: ['a', 'b'] }).join('\n')).toContain(
    '80 [S] seq 0',
  );
});

it('runs programs written with async and await', async () => {
  const network = twoHosts();
  const programs = new AsyncPrograms(network.simulator);
  network.host('b').start(server, { name: 'server' });
  const client = programs.program(async ({ process, call }) => {
    const socket = process.socket('tcp');
    if (typeof socket === 'number') return 1;
    const result = await call(connect(socket, SERVER));
    await call(sendAll(socket, Payload.text('awaited')));
    return result;
  });
  const task = network.host('a').start(client, { name: 'client' });
  await programs.run();
  expect(task.status).toBe(0);
  expect(network.host('b').printed.map((printed) => printed.line)).toEqual(['awaited']);
});
