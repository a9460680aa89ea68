/**
 * A web service behind SO_REUSEPORT: several workers of one host listen at the same port, and the kernel spreads
 * connections over them. For a new version they are replaced one after the other: the new worker comes first, so that
 * there is always one that listens.
 *
 * It is not enough: connections that the kernel has finished and the leaving worker has not accepted are reset with it.
 */
import {
  accept,
  connect,
  type Endpoint,
  Payload,
  type Program,
  type Running,
  recv,
  type Socket,
  sendAll,
  sleep,
} from 'fivetuple';

/** Tells a worker to go, as SIGTERM does. */
export interface Signal {
  isRaised: boolean;
}

/** Serves one connection after the other, each for 5 ms; ends between two of them when it is told to. */
export function worker(port: Endpoint, terminate: Signal): Program {
  return function* ({ process }) {
    const listener = process.socket('tcp') as Socket;
    listener.setOption('SO_REUSEPORT', 1);
    listener.bind(port);
    listener.listen(64);
    while (!terminate.isRaised) {
      const connection = yield* accept(listener);
      if (typeof connection === 'number') return 1;
      yield* recv(connection, 100);
      yield* sleep('5ms');
      yield* sendAll(connection, Payload.text('done'));
      connection.close();
    }
    return 0;
  };
}

/**
 * Makes a request.
 * @param attempts more than one: it asks again when the connection is reset before the answer
 * @returns was it answered?
 */
export function* request(
  process: { socket(kind: 'tcp'): Socket | number },
  to: Endpoint,
  attempts: number,
): Running<boolean> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const socket = process.socket('tcp') as Socket;
    if ((yield* connect(socket, to)) === 0) {
      yield* sendAll(socket, Payload.text('please'));
      const answer = yield* recv(socket, 100);
      if (typeof answer !== 'number' && answer.data.size > 0) {
        socket.close();
        return true;
      }
    }
    socket.close();
  }
  return false;
}
