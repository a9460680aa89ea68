/**
 * A request-response protocol with retries over UDP: a client deposits amounts at a bank, one after the other. A request
 * is `NUMBER AMOUNT`, the answer is its number. Who gets no answer asks again.
 */
import {
  type Endpoint,
  errnoName,
  IpAddress,
  Payload,
  type Program,
  type Received,
  recv,
  recvWithin,
  sendAll,
} from 'fivetuple';

const ANYWHERE = IpAddress.parse('0.0.0.0');

/** What is on the bank's disk. */
export interface Account {
  balance: number;
  /** The requests that are done. */
  readonly done: Set<string>;
}

/**
 * Adds up what it is sent, and confirms each request.
 * @param remembers does it know a request that it has done? Without that it has a bug
 */
export function bank(account: Account, port: number, remembers: boolean): Program {
  return function* ({ process, print }) {
    const socket = process.socket('udp');
    if (typeof socket === 'number') return 1;
    socket.bind({ address: ANYWHERE, port });
    for (;;) {
      const request = yield* recv(socket, 100);
      if (typeof request === 'number') {
        print(`recv: ${errnoName(request)}`); // an answer found nobody: the client has ended
        continue;
      }
      const [number, amount] = textOf(request).split(' ') as [string, string];
      if (!remembers || !account.done.has(number)) account.balance += Number(amount);
      account.done.add(number);
      yield* sendAll(socket, Payload.text(number), 0, request.from);
    }
  };
}

/** Deposits each amount; asks again after half a second without its answer, at most twenty times. */
export function depositor(amounts: readonly number[], to: Endpoint): Program {
  return function* ({ process }) {
    const socket = process.socket('udp');
    if (typeof socket === 'number') return 1;
    socket.connect(to);
    for (const [number, amount] of amounts.entries()) {
      let isDone = false;
      for (let attempt = 0; !isDone; attempt++) {
        if (attempt === 20) return 1;
        yield* sendAll(socket, Payload.text(`${number} ${amount}`));
        const answer = yield* recvWithin(socket, 100, '500ms');
        isDone = typeof answer !== 'number' && textOf(answer) === String(number);
      }
    }
    return 0;
  };
}

function textOf({ data }: Received): string {
  return new TextDecoder().decode(data.view());
}
