/** A chat room over TCP: every line that one client sends goes to all the others. One process, one thread, poll(2). */
import { endpointText } from '../packet/endpoint-text.ts';
import { ANY_V4 } from '../packet/ip-address.ts';
import { type Endpoint, POLLIN, type Socket } from '../sockets/api.ts';
import { poll, recv, sendAll } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { listenAt } from './sockets.ts';

type ChatServerStatistics = {
  /** Clients that ever came, and how many were there at once at most. */
  clients: number;
  most: number;
  /** Pieces passed on, each counted once. */
  messages: number;
};

const BUFFER_SIZE = 4096;

export const chatServer = app({
  name: 'chat-server',
  doc: 'Passes what one client sends to all the others.',
  parameters: {
    address: {
      type: 'address',
      default: ANY_V4,
      doc: 'Local address; 0.0.0.0 takes all of IPv4, :: those of both families.',
    },
    port: { type: 'port', default: 6667, doc: 'Local port.' },
  },
  statistics: (): ChatServerStatistics => ({ clients: 0, most: 0, messages: 0 }),
  *run(context, { address, port }, statistics) {
    const listener = listenAt(context, address, port);
    if (typeof listener === 'number') return fail(context, 'listen', listener);
    let clients: Socket[] = [];
    for (;;) {
      const ready = yield* poll([listener, ...clients].map((socket) => ({ socket, events: POLLIN })));
      const talking = clients.filter((_, i) => ready[i + 1] !== 0);
      for (const client of talking) {
        if (yield* passOn(client, clients, statistics)) continue;
        clients = clients.filter((other) => other !== client);
        client.close();
      }
      if (ready[0] !== 0) clients = welcome(context, listener, clients, statistics);
    }
  },
});

/** @returns false when the client has left */
function* passOn(
  client: Socket,
  clients: readonly Socket[],
  statistics: ChatServerStatistics,
): Running<boolean> {
  const received = yield* recv(client, BUFFER_SIZE);
  if (typeof received === 'number' || received.data.size === 0) return false;
  statistics.messages++;
  for (const other of clients) if (other !== client) yield* sendAll(other, received.data);
  return true;
}

function welcome(
  context: ProgramContext,
  listener: Socket,
  clients: Socket[],
  statistics: ChatServerStatistics,
): Socket[] {
  const client = listener.accept();
  if (typeof client === 'number') return clients; // it was gone again
  const { address, port } = client.peerName() as Endpoint;
  context.print(`${endpointText(address, port)} came`);
  statistics.clients++;
  statistics.most = Math.max(statistics.most, clients.length + 1);
  return [...clients, client];
}
