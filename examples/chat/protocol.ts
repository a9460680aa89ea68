/**
 * A chat over TCP: who sends a line has it sent to everybody else, by the server. The server is written with callbacks,
 * the speaker with async and await, the listener as a generator.
 */
import { connect, type Endpoint, Payload, type Program, recv, type Socket, sendAll, sleep } from 'fivetuple';
import type { AnyProgram } from 'fivetuple/testing';

const SIZE = 4096;

/**
 * Passes lines on.
 * @param assembles does it put a line together that comes in pieces? Without that it has a bug
 */
export function chatServer(port: Endpoint, assembles: boolean): AnyProgram {
  return ({ process, on }) => {
    const listener = process.socket('tcp') as Socket;
    listener.bind(port);
    listener.listen(8);
    const clients = new Set<Socket>();
    on(listener, () => {
      const client = listener.accept();
      if (typeof client === 'number') return;
      clients.add(client);
      let rest = '';
      on(client, () => {
        const received = client.recv(SIZE);
        if (typeof received === 'number' || received.data.size === 0) {
          clients.delete(client);
          client.close();
          return;
        }
        const lines = (rest + textOf(received.data)).split('\n');
        rest = assembles ? lines.pop()! : '';
        for (const line of lines)
          if (line !== '')
            for (const other of clients) if (other !== client) other.send(Payload.text(`${line}\n`));
      });
    });
  };
}

/** Says its lines, in pieces as they come from the keyboard, and leaves. */
export function speaker(pieces: readonly Payload[], to: Endpoint): AnyProgram {
  return async ({ process, call }) => {
    const socket = process.socket('tcp') as Socket;
    if ((await call(connect(socket, to))) < 0) return 1;
    for (const piece of pieces) {
      await call(sendAll(socket, piece));
      await call(sleep('100ms'));
    }
    return 0;
  };
}

/** Writes down what it hears. */
export function listener(heard: string[], to: Endpoint): Program {
  return function* ({ process }) {
    const socket = process.socket('tcp') as Socket;
    if ((yield* connect(socket, to)) < 0) return 1;
    let text = '';
    for (;;) {
      const received = yield* recv(socket, SIZE);
      if (typeof received === 'number' || received.data.size === 0) return 1;
      text += textOf(received.data);
      const lines = text.split('\n');
      text = lines.pop()!;
      heard.push(...lines);
    }
  };
}

function textOf(data: Payload): string {
  return new TextDecoder().decode(data.view());
}
