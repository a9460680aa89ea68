/**
 * A request-response protocol with retries over UDP: a client deposits amounts at a bank, one after the other. A request
 * is `NUMBER AMOUNT`, the answer is its number. Who gets no answer asks again.
 *
 * The bank has a bug: it does not remember which requests it has done.
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
}

/** Adds up what it is sent, and confirms each request. */
export function bank(account: Account, port: number): Program {
  return function* ({ process, print }) {
    const socket = process.socket('udp');
    if (typeof socket === 'number') return 1;
    socket.bind({ address: ANYWHERE, port });
    for (;;) {
      const request = yield* recv(socket, 100);
      if (typeof request === 'number') {
        print(`recv: ${errnoName(request)}`);
        continue;
      }
      const [number, amount] = textOf(request).split(' ');
      account.balance += Number(amount); // the bug: a request that comes twice is done twice
      yield* sendAll(socket, Payload.text(number!), 0, request.from);
    }
  };
}

/** Deposits each amount; asks again after half a second without an answer, at most ten times. */
export function depositor(amounts: readonly number[], to: Endpoint): Program {
  return function* ({ process }) {
    const socket = process.socket('udp');
    if (typeof socket === 'number') return 1;
    socket.connect(to);
    for (const [number, amount] of amounts.entries()) {
      let isDone = false;
      for (let attempt = 0; !isDone; attempt++) {
        if (attempt === 10) return 1;
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
