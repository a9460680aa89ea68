/**
 * A leader lease: an arbiter promises a node for one second that nobody else leads, and the leader renews the lease ten
 * times a second. Datagrams; `NAME NUMBER` asks, and the arbiter answers NUMBER when it grants.
 *
 * The leader counts its second from when it asked, so it stops before the arbiter does. An arbiter that was down does
 * not know what it had promised: it waits for a while in which only a leader may come back.
 */
import {
  type Endpoint,
  type Nanos,
  Payload,
  type Program,
  parseDuration,
  recv,
  recvWithin,
  type Socket,
  sendAll,
  until,
} from 'fivetuple';

const LEASE = parseDuration('1s');
const PERIOD = parseDuration('100ms');

/** A span in which a node took itself for the leader. */
export interface Reign {
  readonly node: string;
  readonly from: Nanos;
  to: Nanos;
}

/** The arbiter's disk: has it been up before? */
export interface Disk {
  hasRun: boolean;
}

/** @param grace how long it waits after it was down; shorter than a lease is a bug */
export function arbiter(port: Endpoint, disk: Disk, grace: Nanos): Program {
  return function* ({ process, now }) {
    const socket = process.socket('udp') as Socket;
    socket.bind(port);
    const openAt = disk.hasRun ? now() + grace : 0;
    disk.hasRun = true;
    let holder = '';
    let endsAt = 0;
    for (;;) {
      const request = yield* recv(socket, 100);
      if (typeof request === 'number') continue;
      const [node, number, isLeading] = textOf(request.data).split(' ') as [string, string, string];
      const isFree = now() >= endsAt && (now() >= openAt || isLeading === 'leading');
      if (node !== holder && !isFree) continue;
      holder = node;
      endsAt = now() + LEASE;
      yield* sendAll(socket, Payload.text(number), 0, request.from);
    }
  };
}

/** Asks for the lease, or renews it, once in every period; writes down when it leads. */
export function candidate(name: string, to: Endpoint, reigns: Reign[]): Program {
  return function* ({ process, now }) {
    const socket = process.socket('udp') as Socket;
    socket.connect(to);
    let reign: Reign = { node: name, from: 0, to: 0 };
    for (let number = 0; ; number++) {
      const asked = now();
      const isLeading = asked < reign.to;
      yield* sendAll(socket, Payload.text(`${name} ${number} ${isLeading ? 'leading' : 'asking'}`));
      const answer = yield* recvWithin(socket, 100, PERIOD);
      if (typeof answer !== 'number' && textOf(answer.data) === String(number)) {
        if (now() >= reign.to) {
          reign = { node: name, from: now(), to: 0 };
          reigns.push(reign);
        }
        reign.to = asked + LEASE;
      }
      yield* until(asked + PERIOD);
    }
  };
}

function textOf(data: Payload): string {
  return new TextDecoder().decode(data.view());
}
