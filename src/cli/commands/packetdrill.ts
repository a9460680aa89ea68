/** `fivetuple packetdrill`: runs packetdrill scripts, each on a fresh simulated host. */
import { writeFileSync } from 'node:fs';
import { SCRIPT_FAMILIES } from '../../conformance/packetdrill/family.ts';
import { findScripts } from '../../conformance/packetdrill/files.ts';
import { closingLine, describeOutcome, reportJson } from '../../conformance/packetdrill/report.ts';
import { runPacketdrill, type ScriptOutcome } from '../../conformance/packetdrill/run.ts';
import { simulatedHost } from '../../conformance/packetdrill/simulated-host.ts';
import { EXIT_DEFECT, EXIT_FAILED, EXIT_OK, EXIT_USAGE, UsageError } from '../exit.ts';
import { oneOf } from '../option-values.ts';
import { painter, type Terminal } from '../terminal.ts';

/** Options as the command line gives them. */
export interface PacketdrillFlags {
  readonly json?: string;
  readonly only?: string;
  readonly verbose?: true;
  readonly define: readonly string[];
  readonly family?: string;
}

/** @returns 0 when all passed; 70 after a defect of ours, 2 when a script itself is wrong, else 1 */
export function packetdrill(paths: readonly string[], flags: PacketdrillFlags, terminal: Terminal): number {
  const paint = painter(terminal);
  const report = runPacketdrill(findScripts(paths), {
    host: simulatedHost,
    defines: readDefines(flags.define),
    ...(flags.family === undefined ? {} : { family: oneOf('--family', flags.family, SCRIPT_FAMILIES) }),
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(flags.verbose === undefined ? {} : { verbose: true }),
    onProgress: (outcome, done, total) => {
      if (flags.json === '-') return;
      clearProgress(terminal);
      for (const line of describeOutcome(outcome)) terminal.out(`${line}\n`);
      showProgress(terminal, outcome, done, total);
    },
  });
  clearProgress(terminal);
  if (flags.json === '-') terminal.out(reportJson(report));
  else {
    if (flags.json !== undefined) writeFileSync(flags.json, reportJson(report));
    terminal.out(`${paint(report.failed === 0 ? 'green' : 'red', closingLine(report))}\n`);
  }
  if (report.outcomes.some(({ result }) => result === 'defect')) return EXIT_DEFECT;
  if (report.outcomes.some(({ result }) => result === 'invalid')) return EXIT_USAGE;
  return report.failed === 0 ? EXIT_OK : EXIT_FAILED;
}

function readDefines(defines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    defines.map((define) => {
      const equals = define.indexOf('=');
      if (equals <= 0) throw new UsageError(`error: '${define}' defines nothing\n  expected: WORD=value`);
      return [define.slice(0, equals), define.slice(equals + 1)];
    }),
  );
}

function showProgress(terminal: Terminal, outcome: ScriptOutcome, done: number, total: number): void {
  if (terminal.showsProgress) terminal.err(`${done}/${total} ${outcome.name}`);
}

const CLEAR_LINE = '\r\x1b[2K';

function clearProgress(terminal: Terminal): void {
  if (terminal.showsProgress) terminal.err(CLEAR_LINE);
}
