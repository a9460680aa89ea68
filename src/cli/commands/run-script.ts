/** `fivetuple run x.pkt`: a packetdrill script with the outputs of a scenario. */
import { writeFileSync } from 'node:fs';
import { scriptFile } from '../../conformance/packetdrill/files.ts';
import { describeOutcome } from '../../conformance/packetdrill/report.ts';
import { runScriptAsScenario, type ScriptRun } from '../../conformance/packetdrill/scenario.ts';
import { writeCaptureFiles } from '../../observe/sinks/capture-files.ts';
import { formatFrames } from '../../observe/text.ts';
import { EXIT_DEFECT, EXIT_FAILED, EXIT_OK, EXIT_USAGE } from '../exit.ts';
import { painter, type Terminal } from '../terminal.ts';

/** The options of `run` that mean something for a script. */
export interface RunScriptFlags {
  readonly pcap?: string;
  readonly json?: string;
  readonly quiet?: true;
}

export function runScriptFile(path: string, flags: RunScriptFlags, terminal: Terminal): number {
  const paint = painter(terminal);
  const started = process.hrtime.bigint();
  const run = runScriptAsScenario(scriptFile(path));
  const wallSeconds = Number(process.hrtime.bigint() - started) / 1e9;
  const { outcome } = run;
  if (flags.pcap !== undefined) {
    for (const file of writeCaptureFiles(flags.pcap, run.frames)) terminal.err(`wrote ${file}\n`);
  }
  if (flags.json === '-') terminal.out(documentOf(path, run, wallSeconds));
  else {
    if (flags.json !== undefined) writeFileSync(flags.json, documentOf(path, run, wallSeconds));
    if (flags.quiet === undefined) for (const line of formatFrames(run.frames)) terminal.out(`${line}\n`);
    for (const line of describeOutcome(outcome)) terminal.out(`${line}\n`);
    if (outcome.result === 'passed') terminal.out(`${paint('green', '✓')} ${path}\n`);
  }
  if (outcome.result === 'defect') return EXIT_DEFECT;
  if (outcome.result === 'invalid') return EXIT_USAGE;
  return outcome.result === 'passed' ? EXIT_OK : EXIT_FAILED;
}

function documentOf(path: string, run: ScriptRun, wallSeconds: number): string {
  const { outcome, fingerprint, simTimeNs, events } = run;
  const expectation = { name: path, ok: outcome.result === 'passed', detail: outcome.message };
  const document = {
    scenario: path,
    seed: 1,
    profile: 'linux',
    fingerprint,
    simTimeNs,
    events,
    wallSeconds,
    expectations: [expectation],
    hosts: ['dut'],
    links: [],
    sockets: [],
    flows: [],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
