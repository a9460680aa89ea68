/** What the calls of programs came to: a program is where it is because of these, whatever it keeps in variables. */
import type { Nanos } from '../../sim/time.ts';
import type { Process, Received, Socket } from '../../sockets/api.ts';

export interface CallLog {
  /** Every result with its time, in order, as a text. */
  readonly results: string[];
  readonly disguise: (owner: Process) => Process;
  /** The clock of the run, to be set when it is built; without one, times do not matter. */
  now: () => Nanos;
}

export function callLog(): CallLog {
  const results: string[] = [];
  const log: CallLog = { results, disguise: (owner) => noted(owner, owner.name), now: () => 0 };
  const noted = <T extends object>(target: T, name: string): T =>
    new Proxy(target, {
      get: (object, key) => {
        const value: unknown = Reflect.get(object, key, object);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]): unknown => {
          const result: unknown = Reflect.apply(value, object, given);
          if (!UNSEEN.includes(String(key)))
            results.push(`${log.now()} ${name} ${String(key)} ${resultText(result)}`);
          return isSocket(result) ? noted(result, `${name} fd ${result.fd}`) : result;
        };
      },
      set: (object, key, value) => Reflect.set(object, key, value, object),
    });
  return log;
}

/** These tell nothing that a later call would not, and blocking calls make them as often as they are woken. */
const UNSEEN: readonly string[] = ['poll', 'wait'];

function isSocket(result: unknown): result is Socket {
  return typeof result === 'object' && result !== null && 'fd' in result;
}

function resultText(result: unknown): string {
  if (isSocket(result)) return `fd ${result.fd}`;
  if (typeof result !== 'object' || result === null || !('data' in result)) return String(result);
  const { data, from } = result as Received;
  return `${new TextDecoder('latin1').decode(data.view())} from ${from?.address}:${from?.port}`;
}
