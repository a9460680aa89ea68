/** Runs system calls one at a time and holds their results against the script: value, errno, out-parameters, time. */
import { errnoName } from '../../network/errno.ts';
import type { Nanos } from '../../sim/time.ts';
import type { SystemCall } from './ast.ts';
import { CallRunner, type CallThread } from './call-thread.ts';
import { ScriptFailure } from './failure.ts';
import { CallContext, type CallEnvironment } from './syscalls/call-context.ts';
import { CALL_HANDLERS } from './syscalls/table.ts';
import type { ScriptClock } from './time.ts';

interface CallInProgress {
  readonly context: CallContext;
  readonly thread: CallThread;
  /** Script time at which a blocking call must return. */
  readonly end: Nanos | null;
}

export class CallJudge {
  readonly #env: CallEnvironment;
  readonly #clock: ScriptClock;
  readonly #runner: CallRunner;
  /** The last call that was started and not judged yet. */
  #current: CallInProgress | null = null;

  constructor(env: CallEnvironment, clock: ScriptClock) {
    this.#env = env;
    this.#clock = clock;
    this.#runner = new CallRunner(env.host.simulator);
  }

  /** Makes a call now. @param end script time at which it must return, null for a call that may not block */
  start(call: SystemCall, end: Nanos | null): void {
    const context = new CallContext(call, this.#env);
    const thread = this.#runner.start(() => CALL_HANDLERS[call.name](context));
    this.#current = { context, thread, end };
  }

  get isBlocked(): boolean {
    return this.#current !== null && !this.#current.thread.isOver;
  }

  /** The call that is in progress, or null. */
  get blocked(): SystemCall | null {
    return this.isBlocked ? this.#current!.context.call : null;
  }

  /** Judges a call that is over. @throws ScriptFailure when it did not do what is written */
  throwIfWrong(): void {
    const current = this.#current;
    if (current === null || !current.thread.isOver) return;
    this.#current = null;
    const { context, thread, end } = current;
    const { call } = context;
    const problem =
      resultProblem(call, thread.result) ?? context.problems[0] ?? this.#timeProblem(thread, end);
    if (problem !== null) throw new ScriptFailure(call.at, `${call.name}() ${problem}`);
  }

  #timeProblem(thread: CallThread, end: Nanos | null): string | null {
    if (end === null) return null;
    const problem = this.#clock.checkReturn(this.#clock.toScript(thread.startedAt), end, thread.endedAt);
    return problem === null ? null : `returned: ${problem}`;
  }
}

/** @returns how a result differs from what the script says, or null */
function resultProblem(call: SystemCall, result: number): string | null {
  if (call.result >= 0) {
    return result === call.result ? null : `returned ${format(result)}, expected ${call.result}`;
  }
  const isRight = result < 0 && (call.errno === null || result === -call.errno);
  if (isRight) return null;
  return `returned ${format(result)}, expected ${call.errno === null ? call.result : format(-call.errno)}`;
}

function format(result: number): string {
  return result >= 0 ? String(result) : `-1 ${errnoName(result)}`;
}
