/** Commands on reliable byte streams: listen, connect, send, read, close and abort. */
import fc from 'fast-check';
import { EAGAIN, ECONNREFUSED, EINPROGRESS, errnoName } from '../../network/errno.ts';
import { type CommandKinds, command } from './command.ts';
import { networkCommands } from './network-commands.ts';
import { STREAM_PORT, StreamConnection, type StreamEnd, type StreamModel } from './stream-model.ts';

const ANY = 7;
const BACKLOG = 16;

type OnEnd = {
  readonly connection: number;
  readonly end: 0 | 1;
};

const onEnd = { connection: fc.nat(ANY), end: fc.constantFrom<0 | 1>(0, 1) };

/** All commands of {@link networkCommands} and those on streams, for {@link StreamModel} and what extends it. */
export function streamCommands<M extends StreamModel>(): CommandKinds<M> {
  return {
    listen: command<M, { host: number }>({
      arguments: { host: fc.nat(ANY) },
      weight: 3,
      check: (model, bench, { host }) => {
        const name = bench.host(host);
        return !model.listeners.has(name) && !model.dead.has(name);
      },
      run: (model, bench, { host }) => {
        const name = bench.host(host);
        const socket = bench.socket(name, 'tcp');
        socket.setOption('SO_REUSEADDR', 1);
        demand('bind', socket.bind(bench.endpoint(name, STREAM_PORT)));
        demand('listen', socket.listen(BACKLOG));
        model.listeners.set(name, socket);
      },
    }),
    connect: command<M, { host: number; to: number }>({
      arguments: { host: fc.nat(ANY), to: fc.nat(ANY) },
      weight: 4,
      check: (model, bench, { host, to }) =>
        model.listeners.has(bench.host(to)) &&
        !model.dead.has(bench.host(host)) &&
        bench.host(host) !== bench.host(to),
      run: (model, bench, { host, to }) => {
        const [from, server] = [bench.host(host), bench.host(to)];
        const socket = bench.socket(from, 'tcp');
        const result = socket.connect(bench.endpoint(server, STREAM_PORT));
        if (result !== -EINPROGRESS) demand('connect', result);
        model.connections.push(newConnection(model, from, server, socket));
      },
    }),
    send: command<M, OnEnd & { bytes: number }>({
      arguments: { ...onEnd, bytes: fc.integer({ min: 1, max: 5000 }) },
      weight: 8,
      check: isOpen,
      run: (model, _, { bytes, ...at }) => {
        const { connection, end } = found(model, at);
        const taken = end.socket!.send(connection.bytes(end, end.written, bytes));
        if (taken >= 0) end.written += taken;
        else if (taken !== -EAGAIN) connection.isBroken = true; // why, the reader says
      },
    }),
    read: command<M, OnEnd & { bytes: number }>({
      arguments: { ...onEnd, bytes: fc.integer({ min: 1, max: 10_000 }) },
      weight: 6,
      check: isOpen,
      run: (model, _, { bytes, ...at }) => {
        const { connection, end } = found(model, at);
        model.read(connection, end, bytes);
      },
    }),
    close: command<M, OnEnd>({
      arguments: onEnd,
      check: isOpen,
      run: (model, _, at) => {
        const { connection, end } = found(model, at);
        const hasUnread = end.read < connection.other(end).written;
        demand('close', end.socket!.close());
        end.isClosed = true;
        if (hasUnread) connection.isBroken = true; // RFC 2525 2.17: it resets
      },
    }),
    abort: command<M, OnEnd>({
      arguments: onEnd,
      check: isOpen,
      run: (model, _, at) => {
        const { connection, end } = found(model, at);
        end.socket!.setOption('LINGER', 0);
        demand('close', end.socket!.close());
        end.isClosed = true;
        connection.isBroken = true;
      },
    }),
    ...networkCommands<M>(),
  };
}

function newConnection(
  model: StreamModel,
  from: string,
  to: string,
  socket: ConstructorParameters<typeof StreamConnection>[3],
) {
  return new StreamConnection(model.connections.length, from, to, socket);
}

/** The end of a connection that may still be used; the server's side is accepted when it is looked for. */
function isOpen(model: Readonly<StreamModel>, _bench: unknown, { connection, end }: OnEnd): boolean {
  const one = model.connection(connection);
  if (one === null) return false;
  model.acceptAll(one.ends[1].host);
  const { socket, isClosed, host, hasSeenEnd } = one.ends[end];
  return socket !== null && !isClosed && !hasSeenEnd && !model.dead.has(host) && socket.fd >= 0;
}

function found(
  model: StreamModel,
  { connection, end }: OnEnd,
): { connection: StreamConnection; end: StreamEnd } {
  const one = model.connection(connection)!;
  return { connection: one, end: one.ends[end] };
}

function demand(call: string, result: number): void {
  if (result < 0 && result !== -ECONNREFUSED) throw new Error(`${call}() failed with ${errnoName(result)}`);
}
