/**
 * Runs a parsed script on a host in virtual time: calls are made, packets injected, and what leaves the host is held
 * against the script strictly in order. The first thing that is not as written ends the script.
 *
 * A script's own actions at an instant come before timers of the host that are due at the same instant: a real
 * kernel's timers are late, never early.
 */
import { type Nanos, SECOND } from '../../sim/time.ts';
import type { CodeBlock, IcmpPacket, Script, ScriptEvent, ShellBlock, SystemCall, TcpPacket } from './ast.ts';
import { CallJudge } from './call-judge.ts';
import { ScriptFailure } from './failure.ts';
import { FlowTracker } from './flow-tracker.ts';
import { formatExpected } from './format.ts';
import type { HostUnderTest } from './host-under-test.ts';
import { buildInboundIcmp, buildInboundTcp } from './inbound.ts';
import type { ScriptSettings } from './options.ts';
import { PacketJudge } from './packet-judge.ts';
import { runHost } from './run-host.ts';
import { runShell } from './shell/interpreter.ts';
import { Snippets } from './snippets.ts';
import { FileTable } from './syscalls/file-table.ts';
import { type Due, ScriptClock, seconds } from './time.ts';

/** How long a system call waits for the one before it, and the script's end for the last one. */
const CALL_PATIENCE = SECOND;
export interface ExecutorOptions {
  /** Files beside the script, for shell blocks: the text, or null. */
  readonly readFile: (path: string) => string | null;
  /** Gets a line for each thing that happens, for people. */
  readonly onLine: ((line: string) => void) | null;
}

/**
 * @throws ScriptFailure when something was not as written
 * @throws ScriptError when the script asks for what is not built
 */
export function execute(
  script: Script,
  host: HostUnderTest,
  settings: ScriptSettings,
  options: ExecutorOptions,
): void {
  new Executor(script, host, settings, options).run();
}

class Executor {
  readonly #script: Script;
  readonly #host: HostUnderTest;
  readonly #settings: ScriptSettings;
  readonly #options: ExecutorOptions;
  readonly #clock: ScriptClock;
  readonly #flows: FlowTracker;
  readonly #calls: CallJudge;
  readonly #snippets: Snippets;
  readonly #packets: PacketJudge;

  constructor(script: Script, host: HostUnderTest, settings: ScriptSettings, options: ExecutorOptions) {
    this.#script = script;
    this.#host = host;
    this.#settings = settings;
    this.#options = options;
    this.#clock = new ScriptClock(host.simulator.now, settings.tolerance);
    this.#flows = new FlowTracker(host, settings);
    this.#snippets = new Snippets(script.source);
    this.#calls = new CallJudge(
      { source: script.source, files: new FileTable(), flows: this.#flows, host, settings },
      this.#clock,
    );
    this.#packets = new PacketJudge(host, settings, this.#clock, this.#flows, (line) => this.#log(line));
  }

  run(): void {
    const { init, events, cleanup } = this.#script;
    if (init !== null) this.#runShell(init);
    const first = events[0]!;
    if (first.time.kind === 'absolute' && first.time.from !== 0) {
      throw new ScriptFailure(first.at, 'the first event is not at time 0');
    }
    let previous: ScriptEvent | null = null;
    try {
      for (const event of events) {
        this.#runEvent(event, previous);
        this.#calls.throwIfWrong();
        previous = event;
      }
      this.#awaitCall('the script ends');
    } finally {
      if (cleanup !== null) this.#runShell(cleanup);
    }
    this.#snippets.run();
  }

  #runEvent(event: ScriptEvent, previous: ScriptEvent | null): void {
    const { action } = event;
    const base = this.#clock.base(this.#now, isInbound(event) && isInbound(previous));
    const due = this.#clock.advance(event.time, base);
    if (typeof due === 'string') throw new ScriptFailure(event.at, due);
    if (!isOutbound(event)) this.#waitUntil(event, due);
    if (action.kind === 'call') this.#awaitCall(`${action.name}() is to run`);
    switch (action.kind) {
      case 'call':
        this.#call(event, action, base);
        break;
      case 'shell':
        this.#runShell(action);
        break;
      case 'code':
        this.#snapshot(action);
        break;
      case 'tcp':
        if (action.direction === 'in') this.#injectTcp(event, action);
        else this.#fatalUnless('packet', () => this.#packets.expectTcp(event.at, action, due));
        break;
      case 'icmp':
        if (action.direction === 'in') this.#injectIcmp(event, action);
        else this.#fatalUnless('packet', () => this.#packets.expectIcmp(event.at, action, due));
        break;
    }
  }

  // --- time ---

  get #now(): Nanos {
    return this.#host.simulator.now;
  }

  /** Runs the host up to, and not including, what it does of itself at the event's time. */
  #waitUntil(event: ScriptEvent, due: Due): void {
    const target = this.#clock.toLive(due.from);
    const { simulator } = this.#host;
    if (target > simulator.now) {
      runHost(this.#host, target - 1, null);
      simulator.now = target;
    }
    const late = this.#now - target;
    if (late > this.#clock.allowance) {
      throw new ScriptFailure(event.at, `could only happen ${seconds(late)} after its time`);
    }
  }

  /** What follows at once from the last action: handlers that the host runs as events of the same instant. */
  #settle(): void {
    runHost(this.#host, this.#now, null);
  }

  // --- calls, commands, code ---

  #call(event: ScriptEvent, call: SystemCall, base: Nanos): void {
    const end = call.end === null ? null : call.end + (event.time.kind === 'relative' ? base : 0);
    this.#log(`${call.name}() = ${call.result}`);
    this.#fatalUnless('syscall', () => {
      this.#calls.start(call, end);
      if (end === null) {
        const limit = this.#now + CALL_PATIENCE;
        if (this.#calls.isBlocked) runHost(this.#host, limit, () => !this.#calls.isBlocked);
        if (this.#calls.isBlocked) throw new ScriptFailure(call.at, `${call.name}() blocks`);
      }
      this.#settle();
      this.#calls.throwIfWrong();
    });
  }

  /** One call at a time: waits for the one that blocks. */
  #awaitCall(why: string): void {
    const blocked = this.#calls.blocked;
    if (blocked === null) return;
    runHost(this.#host, this.#now + CALL_PATIENCE, () => !this.#calls.isBlocked);
    if (this.#calls.isBlocked) {
      throw new ScriptFailure(blocked.at, `${blocked.name}() still blocks when ${why}`);
    }
    this.#calls.throwIfWrong();
  }

  #runShell(block: ShellBlock): void {
    const host = { ...shellHost(this.#host), readFile: this.#options.readFile };
    const status = runShell(this.#script.source, block.program, host);
    this.#settle();
    if (status !== 0)
      throw new ScriptFailure(block.at, `the command ended with status ${status}, expected 0`);
  }

  #snapshot(code: CodeBlock): void {
    const flow = this.#flows.current;
    if (flow === null || flow.socket === null) {
      throw new ScriptFailure(
        code.at,
        'there is no descriptor for the connection under test yet: no TCP_INFO',
      );
    }
    const info = this.#host.socketInfo(flow.socket);
    if (typeof info === 'number')
      throw new ScriptFailure(code.at, 'the socket under test has no TCP_INFO: it is closed');
    this.#snippets.add(code.program, info);
  }

  #fatalUnless(kind: 'packet' | 'syscall', action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof ScriptFailure) || !this.#settings.nonFatal.has(kind)) throw error;
      const { line } = this.#script.source.place(error.at);
      this.#log(`${this.#script.source.name}:${line}: not fatal: ${error.message}`);
    }
  }

  // --- inbound packets ---

  #injectTcp(event: ScriptEvent, packet: TcpPacket): void {
    this.#packets.observeAll();
    const flow = this.#flows.forInbound(packet);
    if (flow === null) throw new ScriptFailure(event.at, 'the socket under test takes no packets yet');
    const bytes = buildInboundTcp(packet, flow);
    if (typeof bytes === 'string') throw new ScriptFailure(event.at, bytes);
    this.#log(`< ${formatExpected(packet)}`);
    const merged = packet.length > this.#settings.mergeSize ? this.#settings.mergeSize : 0;
    this.#host.inject(bytes, merged);
    this.#settle();
  }

  #injectIcmp(event: ScriptEvent, packet: IcmpPacket): void {
    const flow = this.#flows.current;
    if (flow === null) throw new ScriptFailure(event.at, 'there is no connection that ICMP could be about');
    this.#packets.observeAll();
    this.#log(`< icmp type ${packet.type} code ${packet.code}`);
    this.#host.inject(buildInboundIcmp(packet, flow), 0);
    this.#settle();
  }

  #log(line: string): void {
    this.#options.onLine?.(`${seconds(this.#clock.toScript(this.#now))} ${line}`);
  }
}

function isInbound(event: ScriptEvent | null): boolean {
  const action = event?.action;
  return (action?.kind === 'tcp' || action?.kind === 'icmp') && action.direction === 'in';
}

function isOutbound(event: ScriptEvent): boolean {
  const { action } = event;
  return (action.kind === 'tcp' || action.kind === 'icmp') && action.direction === 'out';
}

/** The part of a host that shell blocks use, as functions of their own. */
function shellHost(host: HostUnderTest) {
  return {
    hasSysctl: (name: string) => host.hasSysctl(name),
    setSysctl: (name: string, value: string) => host.setSysctl(name, value),
    flushTcpMetrics: () => host.flushTcpMetrics(),
    changeRoute: (change: Parameters<HostUnderTest['changeRoute']>[0]) => host.changeRoute(change),
    setQueueLimit: (packets: number) => host.setQueueLimit(packets),
    setOffload: (feature: string, on: boolean) => host.setOffload(feature, on),
    setModuleParameter: (module: string, parameter: string, value: string) =>
      host.setModuleParameter(module, parameter, value),
  };
}
