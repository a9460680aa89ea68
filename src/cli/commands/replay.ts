/** `fivetuple replay`: the case that a replay token carries, run as `fivetuple run` runs a scenario. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { decodeToken } from '../../testing/files/token.ts';
import { counterexample } from '../../testing/property/assemble.ts';
import { completeScenario } from '../../testing/run/complete.ts';
import { EXIT_FAILED, EXIT_OK, UsageError } from '../exit.ts';
import { requireFile } from '../input-file.ts';
import type { Terminal } from '../terminal.ts';
import { type RunFlags, runAndReport } from './run.ts';

export interface ReplayFlags extends Pick<RunFlags, 'pcap' | 'json' | 'wire' | 'quiet' | 'maxEvents'> {
  /** Where the property is now. */
  readonly property?: string;
}

/** @returns 1 when the property fails again, 0 when it holds @throws UsageError, ConfigError */
export async function replay(token: string, flags: ReplayFlags, terminal: Terminal): Promise<number> {
  const content = decodeToken(token);
  const { name, input, fingerprint, version } = content;
  const testCase = { scenario: content.scenario, input };
  const module = flags.property ?? content.module;
  const scenario = content.isWhole
    ? content.scenario
    : counterexample(await imported(module, name), name, testCase);
  const again = await runAndReport(
    completeScenario(scenario as ScenarioInput),
    name,
    `replay ${token}`,
    { ...flags, set: [] },
    terminal,
  );
  if (fingerprint !== null && fingerprint !== again.fingerprint) {
    terminal.err(
      `This is not the run that the token was made of (fingerprint ${again.fingerprint}, was ${fingerprint}): ` +
        `the property's programs or fivetuple (${version} then) have changed.\n`,
    );
  }
  return again.verdicts.every(({ ok }) => ok) ? EXIT_OK : EXIT_FAILED;
}

async function imported(module: string | null, name: string): Promise<object> {
  if (module === null)
    throw new UsageError(
      `the token does not say where the property '${name}' is\n  expected: --property FILE; or a property with module: import.meta.url`,
    );
  requireFile(module, 'the module of the property; the token names it from where its tests were run');
  try {
    return (await import(pathToFileURL(resolve(module)).href)) as object;
  } catch (error) {
    const isTypeScript =
      error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION';
    const what = isTypeScript
      ? 'this Node.js cannot import TypeScript by itself: run fivetuple with NODE_OPTIONS="--import tsx"'
      : `the module failed: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
    throw new UsageError(`${module}: ${what}`);
  }
}
