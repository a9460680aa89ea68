/** Commands on a datagram service: bind, send and read. */
import fc from 'fast-check';
import { errnoName } from '../../network/errno.ts';
import { type CommandKinds, command } from './command.ts';
import { DATAGRAM_PORT, DatagramModel, LEAST_SIZE } from './datagram-model.ts';
import { networkCommands } from './network-commands.ts';

const ANY = 7;

/** All commands of {@link networkCommands} and those on datagrams, for {@link DatagramModel} and what extends it. */
export function datagramCommands<M extends DatagramModel>(): CommandKinds<M> {
  return {
    bind: command<M, { host: number }>({
      arguments: { host: fc.nat(ANY) },
      weight: 3,
      check: (model, bench, { host }) => {
        const name = bench.host(host);
        return !model.sockets.has(name) && !model.dead.has(name);
      },
      run: (model, bench, { host }) => {
        const name = bench.host(host);
        const socket = bench.socket(name, 'udp');
        const result = socket.bind(bench.endpoint(name, DATAGRAM_PORT));
        if (result < 0) throw new Error(`bind() failed with ${errnoName(result)}`);
        model.sockets.set(name, socket);
      },
    }),
    send: command<M, { host: number; to: number; bytes: number }>({
      arguments: { host: fc.nat(ANY), to: fc.nat(ANY), bytes: fc.integer({ min: LEAST_SIZE, max: 4000 }) },
      weight: 8,
      check: (model, bench, { host }) => model.sockets.has(bench.host(host)),
      run: (model, bench, { host, to, bytes }) => {
        const [from, target] = [bench.host(host), bench.host(to)];
        const number = model.sent.length;
        const socket = model.sockets.get(from)!;
        const taken = socket.send(
          DatagramModel.bytes(number, bytes),
          0,
          bench.endpoint(target, DATAGRAM_PORT),
        );
        if (taken >= 0) model.sent.push({ from, to: target, size: bytes, reads: 0 });
      },
    }),
    read: command<M, { host: number }>({
      arguments: { host: fc.nat(ANY) },
      weight: 6,
      check: (model, bench, { host }) => model.sockets.has(bench.host(host)),
      run: (model, bench, { host }) => {
        model.read(bench, bench.host(host));
      },
    }),
    ...networkCommands<M>(),
  };
}
