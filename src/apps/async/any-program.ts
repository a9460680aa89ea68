/**
 * One way in for programs of three styles: generators (`yield* recv(...)`), async functions (`await call(recv(...))`)
 * and callbacks (`on(socket, ...)`). All find the same context; what the function returns tells its style.
 */
import type { Program, ProgramContext, Running } from '../../sockets/program.ts';
import { EventLoop, type LoopContext } from '../event-loop.ts';
import type { AsyncContext, AsyncPrograms } from './async-programs.ts';

/** The context of all three styles. */
export interface AnyContext extends ProgramContext, LoopContext, Pick<AsyncContext, 'call'> {}

/** Its exit status comes from return, or from exit() when it is written with callbacks; none is 0. */
export type AnyProgram = (
  context: AnyContext,
) => Running<number | void> | Promise<number | void> | number | void;

/** The program as the engine takes it. An async one makes progress only as {@link AsyncPrograms} says. */
export function engineProgram(main: AnyProgram, promises: AsyncPrograms): Program {
  return function* run(context) {
    const loop = new EventLoop(context);
    const calls = promises.calls(context);
    const { on, after, exit } = loop;
    const begun = main({ ...context, on, after, exit, call: calls.call });
    if (typeof begun !== 'object') return begun ?? (yield* loop.run());
    if ('then' in begun) return (yield* promises.drive(begun, calls)) ?? 0;
    return (yield* begun) ?? 0;
  };
}
