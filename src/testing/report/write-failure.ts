/** The files of a counterexample: a scenario that `fivetuple run` repeats, a capture, a ladder, a trace, the report. */
import { stringify } from 'yaml';
import { capturedInterfaces, writeCapture } from '../../observe/capture.ts';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import type { FailureSink } from '../files/sink.ts';
import type { TestRun } from '../run/test-run.ts';
import { dataText } from './data-text.ts';
import { errorText, type Failure, ladderOf } from './failure.ts';
import { traceOf } from './trace.ts';

/** Where the programs of a failure come from: a module, or nowhere, when the scenario is data through and through. */
export type Origin = { readonly module: string } | { readonly data: ScenarioInput } | null;

/** @returns what was written, as {@link Again} lists it */
export function writeFailure(failure: Failure, origin: Origin, sink: FailureSink): [string, string][] {
  const { run } = failure;
  const written: [string, string][] = [];
  if (origin !== null) {
    const { name, text } =
      'data' in origin ? yamlFile(failure, origin.data) : moduleFile(failure, origin.module, sink);
    written.push(['run', `fivetuple run ${sink.write(name, text)}`]);
  }
  if (run !== null) {
    written.push(['capture', sink.write('capture.pcapng', captureOf(run))]);
    written.push(['ladder', sink.write('ladder.txt', lines(ladderOf(run)))]);
    written.push(['trace', sink.write('trace.txt', lines(traceOf(run)))]);
  }
  return written;
}

function moduleFile(failure: Failure, module: string, sink: FailureSink): { name: string; text: string } {
  const { name, testCase, error } = failure;
  const isTypeScript = /\.m?ts$/.test(module);
  const heading = [`A counterexample to '${name}':`, ...errorText(error).split('\n')];
  const [scenario, input] = [dataText(testCase.scenario, 2), dataText(testCase.input ?? null, 2)];
  const text = [
    '/**',
    ...heading.map((line) => ` * ${line.replaceAll('*/', '* /')}`.trimEnd()),
    ' */',
    ...(input.includes('new Payload(') ? ["import { Payload } from 'fivetuple';"] : []),
    "import { counterexample } from 'fivetuple/testing';",
    `import * as properties from '${sink.importPath(module)}';`,
    '',
    `export default counterexample(properties, ${dataText(name)}, {`,
    `  scenario: ${scenario},`,
    `  input: ${input},`,
    '});',
    '',
  ];
  return { name: isTypeScript ? 'scenario.ts' : 'scenario.mjs', text: text.join('\n') };
}

function yamlFile({ name, error }: Failure, data: ScenarioInput): { name: string; text: string } {
  const heading = [`A counterexample to '${name}':`, ...errorText(error).split('\n')];
  return {
    name: 'scenario.yaml',
    text: `${heading.map((line) => `# ${line}\n`).join('')}${stringify(data, { lineWidth: 110 })}`,
  };
}

function captureOf(run: TestRun): Uint8Array {
  const pieces: Uint8Array[] = [];
  writeCapture(run.frames, capturedInterfaces(run.frames), {
    write: (piece) => void pieces.push(piece.slice()),
  });
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function lines(rows: readonly string[]): string {
  return rows.map((row) => `${row}\n`).join('');
}
