/** An inline list of calls as a program: makes them one after the other and notes what each came to. */
import { EBADF, EINVAL } from '../../network/errno.ts';
import type { IpFamily } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import type { Nanos } from '../../sim/time.ts';
import {
  type Endpoint,
  MSG_DONTWAIT,
  type OptionValue,
  type Received,
  type Socket,
} from '../../sockets/api.ts';
import { accept, connect, poll, recv, sendAll, sleep, until } from '../../sockets/blocking.ts';
import type { Program, ProgramContext, Running } from '../../sockets/program.ts';
import type { NamedEndpoint } from '../schema/endpoint.ts';
import { type CallResult, meets } from './result.ts';
import type { Call, OptionWords, SentData, SocketAction } from './syntax.ts';

/** What names mean to the calls of one host. */
export interface CallNames {
  /** @param family of the socket */
  endpoint(written: NamedEndpoint, family: IpFamily): Endpoint;
  /** 0 when there is no such interface. */
  interfaceIndex(name: string): number;
}

/** One call that was made. */
export interface CallRecord {
  readonly call: Call;
  /** Of the socket that was called: decides which address a name means. */
  readonly family: IpFamily;
  readonly startedAt: Nanos;
  /** null until it has returned. */
  result: CallResult | null;
}

/** @param records gets every call when it begins @returns a program with exit status 0 when all calls came to what they should */
export function callProgram(calls: readonly Call[], names: CallNames, records: CallRecord[]): Program {
  return function* run(context) {
    const runner = new CallRunner(context, names);
    let isRight = true;
    for (const call of calls) {
      const family = runner.familyOf(call);
      const record: CallRecord = { call, family, startedAt: context.now(), result: null };
      records.push(record);
      record.result = yield* runner.run(call);
      if (!meets(call.expected, record.result, (end) => names.endpoint(end, family))) isRight = false;
    }
    return isRight ? 0 : 1;
  };
}

class CallRunner {
  readonly #context: ProgramContext;
  readonly #names: CallNames;
  readonly #sockets = new Map<string, Socket>();
  readonly #nonblocking = new Set<Socket>();

  constructor(context: ProgramContext, names: CallNames) {
    this.#context = context;
    this.#names = names;
  }

  familyOf({ action }: Call): IpFamily {
    if (action.call === 'socket') return action.type.endsWith('6') ? 6 : 4;
    return 'socket' in action ? familyOf(this.#sockets.get(action.socket)) : 4;
  }

  *run({ action, assigns }: Call): Running<CallResult> {
    if (action.call === 'sleep') {
      yield* sleep(action.time);
      return ZERO;
    }
    if (action.call === 'until') {
      yield* until(action.time);
      return ZERO;
    }
    if (action.call === 'socket') return this.#makeSocket(action.type, action.nonblocking, assigns!);
    const socket = this.#sockets.get(action.socket);
    if (socket === undefined) return numeric(-EBADF); // the call that should have made it failed
    if (action.call === 'accept') return yield* this.#accept(socket, assigns!);
    return yield* this.#call(socket, action);
  }

  *#call(socket: Socket, action: SocketAction): Running<CallResult> {
    const waits = !this.#nonblocking.has(socket);
    switch (action.call) {
      case 'bind':
        return numeric(socket.bind(this.#resolve(socket, action.to)));
      case 'listen':
        return numeric(socket.listen(action.backlog));
      case 'connect': {
        const to = this.#resolve(socket, action.to);
        return numeric(waits ? yield* connect(socket, to) : socket.connect(to));
      }
      case 'disconnect':
        return numeric(socket.disconnect());
      case 'send':
        return numeric(yield* this.#send(socket, action.data, action.flags, null));
      case 'sendto':
        return numeric(
          yield* this.#send(socket, action.data, action.flags, this.#resolve(socket, action.to)),
        );
      case 'recv': {
        const received = waits
          ? yield* recv(socket, action.size, action.flags)
          : socket.recv(action.size, action.flags);
        return dataOrErrno(received);
      }
      case 'poll': {
        const [ready] = yield* poll([{ socket, events: action.events }], action.timeout ?? undefined);
        return { kind: 'events', events: ready ?? 0 };
      }
      case 'shutdown':
        return numeric(socket.shutdown(action.how));
      case 'close':
        return numeric(socket.close());
      case 'getsockname':
        return { kind: 'endpoint', endpoint: socket.localName() };
      case 'getpeername':
        return endpointOrErrno(socket.peerName());
      case 'setsockopt':
        return numeric(socket.setOption(action.option, this.#optionValue(action.option, action.value)));
      case 'getsockopt':
        return optionResult(action.option, socket.getOption(action.option));
    }
  }

  #makeSocket(type: Socket['kind'], nonblocking: boolean, name: string): CallResult {
    const socket = this.#context.process.socket(type);
    if (typeof socket === 'number') return numeric(socket);
    this.#sockets.set(name, socket);
    if (nonblocking) this.#nonblocking.add(socket);
    return numeric(socket.fd);
  }

  *#accept(listener: Socket, name: string): Running<CallResult> {
    const accepted = this.#nonblocking.has(listener) ? listener.accept() : yield* accept(listener);
    if (typeof accepted === 'number') return numeric(accepted);
    this.#sockets.set(name, accepted);
    return endpointOrErrno(accepted.peerName());
  }

  *#send(socket: Socket, data: SentData, flags: number, to: Endpoint | null): Running {
    const payload = 'text' in data ? Payload.text(data.text) : Payload.zeros(data.zeros);
    const all = this.#nonblocking.has(socket) ? flags | MSG_DONTWAIT : flags;
    return yield* sendAll(socket, payload, all, to);
  }

  #resolve(socket: Socket, written: NamedEndpoint): Endpoint {
    return this.#names.endpoint(written, familyOf(socket));
  }

  #optionValue(option: string, value: OptionWords): OptionValue {
    if (typeof value === 'string' && INDEX_OPTIONS.includes(option)) return this.#names.interfaceIndex(value);
    if (typeof value !== 'object') return value;
    const group = this.#names.endpoint(value.group, 4).address;
    if ('device' in value) return { group, device: this.#names.endpoint(value.device, 4).address };
    const { interface: name } = value;
    return { group, interfaceIndex: name === null ? 0 : this.#names.interfaceIndex(name) };
  }
}

/** Options of IPv6 that name an interface by its index; people write its name. */
const INDEX_OPTIONS: readonly string[] = ['IPV6_MULTICAST_IF', 'IPV6_UNICAST_IF'];

function familyOf(socket: Socket | undefined): IpFamily {
  return socket?.kind.endsWith('6') === true ? 6 : 4;
}

const ZERO: CallResult = { kind: 'number', value: 0 };

function numeric(value: number): CallResult {
  return { kind: 'number', value };
}

function dataOrErrno(received: Received | number): CallResult {
  return typeof received === 'number' ? numeric(received) : { kind: 'data', received };
}

function endpointOrErrno(endpoint: Endpoint | number): CallResult {
  return typeof endpoint === 'number' ? numeric(endpoint) : { kind: 'endpoint', endpoint };
}

/** SO_ERROR is an errno that getsockopt() gives as a value: shown by its name. */
function optionResult(option: string, value: OptionValue): CallResult {
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (typeof value !== 'number') return numeric(-EINVAL);
  return numeric(option.endsWith('ERROR') && value > 0 ? -value : value);
}
