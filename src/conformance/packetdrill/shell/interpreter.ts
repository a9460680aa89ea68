/**
 * Runs shell blocks against the host under test. Each command is one small function that gives an exit status;
 * a word that a command does not know is an error with its place, never skipped.
 */
import { ScriptError, SourceText } from '../source.ts';
import type { ShellProgram, SimpleCommand } from './ast.ts';
import { attempt, type CommandContext } from './context.ts';
import { suiteDefaults } from './defaults.ts';
import type { ShellHost } from './host.ts';
import { type CommandName, commandKey } from './names.ts';
import { changeQueue, routeCommand } from './network-commands.ts';
import { parseShell } from './parser.ts';

/** How deeply files may source files. */
const DEEPEST = 8;

/** @returns the exit status of the last command that ran @throws ScriptError for what is not understood */
export function runShell(
  source: SourceText,
  program: ShellProgram,
  host: ShellHost,
  depth: number = 0,
): number {
  let status = 0;
  for (const { when, pipeline } of program) {
    if ((when === 'and' && status !== 0) || (when === 'or' && status === 0)) continue;
    for (const command of pipeline) {
      status = runCommand(source, command, host, depth);
      if (commandKey(command.words[0]!.text) === 'exit') return status;
    }
  }
  return status;
}

function runCommand(source: SourceText, command: SimpleCommand, host: ShellHost, depth: number): number {
  const fail = (at: number, problem: string, expected?: string): never => {
    throw new ScriptError(source, at, problem, expected);
  };
  const run = COMMANDS[commandKey(command.words[0]!.text)!];
  return run({ source, host, command, depth, fail });
}

const COMMANDS: Readonly<Record<CommandName, (context: CommandContext) => number>> = {
  true: () => 0,
  false: () => 1,
  set: () => 0,
  exit: ({ command }) => Number(command.words[1]?.text ?? 0),
  restore: () => 0,
  // Counters of the whole kernel: read for people, not compared here.
  nstat: () => 0,
  grep: () => 0,
  sysctl: runSysctl,
  'set_sysctls.py': runSetSysctls,
  'defaults.sh': runDefaults,
  script: sourceFile,
  ip: routeCommand,
  tc: changeQueue,
  ethtool: runEthtool,
  echo: runEcho,
};

/** sysctl(8): flags, then `name=value` or the name of a value to show. */
function runSysctl(context: CommandContext): number {
  const { command, host } = context;
  let ignoreUnknown = false;
  for (const { at, text } of command.words.slice(1)) {
    if (/^-[qwen]+$/.test(text)) {
      ignoreUnknown ||= text.includes('e');
      continue;
    }
    const equals = text.indexOf('=');
    const name = (equals < 0 ? text : text.slice(0, equals)).replaceAll('/', '.');
    if (!host.hasSysctl(name) && ignoreUnknown) continue;
    setSysctl(context, at, name, equals < 0 ? null : text.slice(equals + 1));
  }
  return 0;
}

/** `/proc/sys/net/ipv4/name=value …`: sysctls by path. */
function runSetSysctls(context: CommandContext): number {
  for (const { at, text } of context.command.words.slice(1)) {
    const match = /^\/proc\/sys\/([^=]+)=(.*)$/s.exec(text);
    if (match === null) context.fail(at, `unexpected '${text}'`, '/proc/sys/net/ipv4/name=value');
    setSysctl(context, at, match[1]!.replaceAll('/', '.'), match[2]!);
  }
  return 0;
}

function setSysctl(context: CommandContext, at: number, name: string, value: string | null): void {
  if (value !== null) attempt(context, at, () => context.host.setSysctl(name, value));
  else if (!context.host.hasSysctl(name)) context.fail(at, `unknown sysctl '${name}'`);
}

/** The file beside the script if there is one, else what the third-party suites set under this name. */
function runDefaults(context: CommandContext): number {
  const { host, command } = context;
  const path = command.words[0]!.text;
  if (host.readFile(path) !== null) return sourceFile(context);
  host.flushTcpMetrics();
  for (const [parameter, value] of suiteDefaults(path)) {
    const name = `net.ipv4.${parameter}`;
    if (host.hasSysctl(name)) host.setSysctl(name, value);
  }
  return 0;
}

/** Runs the commands of another file. */
function sourceFile(context: CommandContext): number {
  const { at, text: path } = context.command.words[0]!;
  const text = context.host.readFile(path);
  if (text === null) context.fail(at, `there is no file '${path}'`);
  if (context.depth >= DEEPEST) context.fail(at, `'${path}' calls itself`);
  const source = new SourceText(path, text);
  return runShell(source, parseShell(source, text, 0), context.host, context.depth + 1);
}

/** `ethtool -K tun0 tso off gso off`. */
function runEthtool(context: CommandContext): number {
  const [, flag, device, ...rest] = context.command.words;
  if (flag?.text !== '-K' || device === undefined || rest.length % 2 !== 0) {
    context.fail(
      context.command.at,
      'this ethtool command is not built',
      'ethtool -K DEVICE FEATURE on|off …',
    );
  }
  for (let i = 0; i < rest.length; i += 2) {
    const state = rest[i + 1]!;
    if (state.text !== 'on' && state.text !== 'off')
      context.fail(state.at, `unexpected '${state.text}'`, 'on or off');
    context.host.setOffload(rest[i]!.text, state.text === 'on');
  }
  return 0;
}

/** `echo VALUE > FILE`, where FILE is a kernel parameter; without a file it only talks. */
function runEcho(context: CommandContext): number {
  const value = context.command.words
    .slice(1)
    .map(({ text }) => text)
    .join(' ');
  for (const { at, operator, target } of context.command.redirections) {
    if (!operator.startsWith('>') || target === '/dev/null') continue;
    const module = /^\/sys\/module\/(\w+)\/parameters\/(\w+)$/.exec(target);
    const sysctl = /^\/proc\/sys\/(.+)$/.exec(target);
    if (module !== null) {
      attempt(context, at, () => context.host.setModuleParameter(module[1]!, module[2]!, value));
    } else if (sysctl !== null) setSysctl(context, at, sysctl[1]!.replaceAll('/', '.'), value);
    else context.fail(at, `writing to '${target}' is not built`, 'a file of /proc/sys or /sys/module');
  }
  return 0;
}
