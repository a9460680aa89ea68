/** The scenario that a command is about: read, changed as the options say, and judged. */
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { setValue } from '../scenario/derive.ts';
import { type Located, type Plain, spanAt } from '../scenario/document/located.ts';
import { formatProblem, formatProblems } from '../scenario/document/problem.ts';
import { Source, type Span } from '../scenario/document/source.ts';
import { loadScenario } from '../scenario/files/load.ts';
import { parseScenario } from '../scenario/parse.ts';
import type { Scenario } from '../scenario/schema/scenario.ts';
import { ConfigError } from '../sim/errors.ts';
import { UsageError } from './exit.ts';

/** Options that change a scenario before it is judged. */
export interface ScenarioFlags {
  readonly seed?: string;
  readonly profile?: string;
  readonly set: readonly string[];
}

/** @throws UsageError with every problem of the file and the options */
export async function openScenario(file: string, flags: ScenarioFlags): Promise<Scenario> {
  const loaded = await loadScenario(file);
  if ('problems' in loaded) throw new UsageError(formatProblems(loaded.problems, file));
  const data = changed(loaded.data, flags);
  const parsed = parseScenario(data);
  if (!parsed.ok) throw new UsageError(formatProblems(parsed.problems, file));
  WRITTEN.set(parsed.scenario, { file, data });
  return parsed.scenario;
}

/** A problem that a run came to, at the place in the file that led to it. @param path as in `programs.httpd.calls.2` */
export function problemOfRun(
  scenario: Scenario,
  path: readonly (string | number)[],
  message: string,
  expected: string | undefined,
): string {
  const written = WRITTEN.get(scenario);
  const span = written === undefined ? null : spanAt(written.data, path);
  return formatProblem({ message, expected, path, span }, written?.file ?? 'the scenario');
}

/** Where scenarios were read from. */
const WRITTEN = new WeakMap<Scenario, { readonly file: string; readonly data: Located }>();

function changed(data: Located, flags: ScenarioFlags): Located {
  const changes: [option: string, text: string][] = flags.set.map((text) => ['--set', text]);
  for (const key of ['seed', 'profile'] as const)
    if (flags[key] !== undefined) changes.push([`--${key}`, `${key}=${flags[key]}`]);
  return changes.reduce((here, [option, text]) => setOne(here, option, text), data);
}

/** One `PATH=VALUE`; the value is read as YAML. */
function setOne(data: Located, option: string, text: string): Located {
  const equals = text.indexOf('=');
  if (equals < 1)
    throw new UsageError(
      `${option} ${text}: not a change\n  expected: PATH=VALUE, as in links.core.rate=1Mbps`,
    );
  const span: Span = { source: new Source(option, text), start: equals + 1, end: text.length };
  try {
    return setValue(data, pathOf(text.slice(0, equals)), parseYaml(text.slice(equals + 1)) as Plain, span);
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw new UsageError(`${option} ${text}: ${error.message.split('\n')[0]}`);
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(
      `${option} ${text}: ${error.message}${error.expected === undefined ? '' : `\n  expected: ${error.expected}`}`,
    );
  }
}

/** Keys below these have dots in them and are the last of a path. */
const DOTTED = ['sysctls', 'pages'];

function pathOf(text: string): string[] {
  const steps = text.split('.');
  const dotted = steps.findIndex((step) => DOTTED.includes(step));
  if (dotted < 0 || dotted === steps.length - 1) return steps;
  return [...steps.slice(0, dotted + 1), steps.slice(dotted + 1).join('.')];
}
