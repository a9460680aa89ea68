/**
 * Replay tokens: a whole case in one word, for a mail, an issue or a commit message. It carries the case itself, not the
 * way to it, so it means the same with another version of fast-check, of the arbitraries, or of Node.
 */
import { readFileSync } from 'node:fs';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { ConfigError } from '../../sim/errors.ts';
import { fromJson, toJson } from '../case-data.ts';

export interface TokenContent {
  /** Of fivetuple. */
  readonly version: string;
  /** The scenario stands by itself: it has its programs and expectations, and needs no property. */
  readonly isWhole: boolean;
  /** The module of the property, relative to where the tests run; null when the property named none. */
  readonly module: string | null;
  /** The name of the property. */
  readonly name: string;
  readonly scenario: ScenarioInput;
  readonly input: unknown;
  /** Of the run; null when it could not be finished. */
  readonly fingerprint: string | null;
}

const PREFIX = 'ft1-';

export function encodeToken(content: Omit<TokenContent, 'version'>): string {
  const { isWhole, module, name, scenario, input, fingerprint } = content;
  const fields = [packageVersion(), isWhole, module, name, fingerprint, input ?? null, scenario];
  return PREFIX + deflateRawSync(toJson(fields), { level: 9 }).toString('base64url');
}

/** @throws ConfigError for text that is no token, or one that was cut off */
export function decodeToken(token: string): TokenContent {
  const expected = `a word that begins with ${PREFIX}, as a failing check prints it`;
  if (!token.startsWith(PREFIX))
    throw new ConfigError(`'${shortened(token)}' is no replay token`, [], expected);
  try {
    const bytes = inflateRawSync(Buffer.from(token.slice(PREFIX.length), 'base64url'));
    const fields = fromJson(bytes.toString('utf8')) as unknown[];
    const [version, isWhole, module, name, fingerprint, input, scenario] = fields;
    return { version, isWhole, module, name, fingerprint, input, scenario } as TokenContent;
  } catch {
    throw new ConfigError(`the replay token is damaged: '${shortened(token)}'`, [], 'all of the word');
  }
}

/** package.json lies three folders up, from `src/testing/files` as from `dist/testing/files`. */
function packageVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function shortened(text: string): string {
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
}
