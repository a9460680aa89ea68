/**
 * Runs packetdrill scripts, each on a fresh host, and says for each whether it passed or what went wrong. Scripts
 * come as texts with names; where they lie and how they are read is the business of `files.ts`.
 */
import { ConfigError } from '../../sim/errors.ts';
import { execute } from './executor.ts';
import { ScriptFailure } from './failure.ts';
import { NotApplicable, type ScriptFamily } from './family.ts';
import type { HostFactory } from './host-under-test.ts';
import { readOptions } from './options.ts';
import { parseScript } from './parser/script.ts';
import { ScriptError, SourceText } from './source.ts';
import { standardDefines } from './standard-defines.ts';

/** One script to run. */
export interface ScriptSource {
  /** As messages name it. */
  readonly name: string;
  readonly text: string;
  /** A file beside the script by its relative path: its text, or null. Default: there are none. */
  readonly readFile?: (path: string) => string | null;
}

export interface PacketdrillOptions {
  /** Only scripts whose name contains this. */
  readonly only?: string;
  /** Keep a line for every call and packet. */
  readonly verbose?: boolean;
  /** Words and what stands for them, as `--define`; beside those of {@link standardDefines}. */
  readonly defines?: ReadonlyMap<string, string>;
  /** Options for all scripts, by name without dashes: they win over a script's own. */
  readonly settings?: ReadonlyMap<string, string>;
  /** All scripts run in this family, whatever they say. Default: what a script says itself, else IPv4. */
  readonly family?: ScriptFamily;
  /** Told after each script. */
  readonly onProgress?: (outcome: ScriptOutcome, done: number, total: number) => void;
  /** What the scripts run on. */
  readonly host: HostFactory;
}

export interface ScriptOutcome {
  readonly name: string;
  /**
   * 'not-applicable': it is about the other IP family. 'invalid': the script itself is wrong, or asks for what is not
   * built. 'defect': this program is wrong.
   */
  readonly result: 'passed' | 'failed' | 'not-applicable' | 'invalid' | 'defect';
  /** 0 when it passed. */
  readonly line: number;
  /** `file:line: what was expected and what came`; '' when it passed. */
  readonly message: string;
  /** The line of the script, with a caret where that is known; '' when it passed. */
  readonly excerpt: string;
  /** What happened, with {@link PacketdrillOptions.verbose}. */
  readonly log: readonly string[];
}

export interface PacketdrillReport {
  readonly outcomes: readonly ScriptOutcome[];
  readonly passed: number;
  readonly failed: number;
  readonly notApplicable: number;
}

/** Runs scripts in the given order. Nothing about a script throws: a wrong one is an 'invalid' outcome. */
export function runPacketdrill(
  sources: readonly ScriptSource[],
  options: PacketdrillOptions,
): PacketdrillReport {
  const chosen = sources.filter(({ name }) => options.only === undefined || name.includes(options.only));
  const outcomes: ScriptOutcome[] = [];
  for (const source of chosen) {
    const outcome = runScript(source, options);
    outcomes.push(outcome);
    options.onProgress?.(outcome, outcomes.length, chosen.length);
  }
  const passed = outcomes.filter(({ result }) => result === 'passed').length;
  const notApplicable = outcomes.filter(({ result }) => result === 'not-applicable').length;
  return { outcomes, passed, notApplicable, failed: outcomes.length - passed - notApplicable };
}

/** Runs one script on a fresh host. */
export function runScript(source: ScriptSource, options: PacketdrillOptions): ScriptOutcome {
  const text = new SourceText(source.name, source.text);
  const log: string[] = [];
  const onLine = options.verbose === true ? (line: string) => void log.push(line) : null;
  const readFile = source.readFile ?? (() => null);
  try {
    const { family } = options;
    const defines = (runIn: ScriptFamily) => new Map([...standardDefines(runIn), ...(options.defines ?? [])]);
    const script = parseScript(text, family === undefined ? { defines } : { defines, family });
    const settings = readOptions(script, options.settings ?? new Map());
    const host = options.host(settings.addresses);
    execute(script, host, settings, { readFile, onLine });
    return { name: source.name, result: 'passed', line: 0, message: '', excerpt: '', log };
  } catch (error) {
    return { ...describe(text, error), log };
  }
}

function describe(source: SourceText, error: unknown): Omit<ScriptOutcome, 'log'> {
  const { name } = source;
  if (error instanceof ScriptFailure) {
    const { line } = source.place(error.at);
    const message = `${name}:${line}: ${error.message}`;
    return { name, result: 'failed', line, message, excerpt: source.excerpt(error.at) };
  }
  if (error instanceof ScriptError) {
    const result = error instanceof NotApplicable ? 'not-applicable' : 'invalid';
    return { name, result, line: error.place.line, message: error.message, excerpt: error.excerpt };
  }
  if (error instanceof ConfigError) {
    return { name, result: 'invalid', line: 1, message: `${name}:1: ${error.message}`, excerpt: '' };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { name, result: 'defect', line: 0, message: `${name}: a defect of fivetuple: ${text}`, excerpt: '' };
}
