/** All scripts: our own here, those of other projects where they lie beside the checkout. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findScripts } from '../../src/conformance/packetdrill/files.ts';
import { runScript, type ScriptSource } from '../../src/conformance/packetdrill/run.ts';
import { simulatedHost } from '../../src/conformance/packetdrill/simulated-host.ts';
import { sharedPath } from '../support/shared.ts';
import { NOT_PASSED } from './not-passed.ts';

const OWN = join(import.meta.dirname, 'own');
const TIERS = ['core', 'linux-ext', 'rfc', 'tfo'];

/** Runs scripts; their names count from `root`. @returns what is wrong with the list or the stack */
function surprises(root: string, scripts: readonly ScriptSource[]): string[] {
  return scripts.flatMap((script) => {
    const name = script.name.slice(root.length + 1);
    const outcome = runScript(script, { host: simulatedHost });
    const isListed = Object.hasOwn(NOT_PASSED, name);
    if (outcome.result === 'passed') return isListed ? [`${name} passes: take it off the list`] : [];
    return isListed ? [] : [outcome.message];
  });
}

describe('packetdrill', () => {
  it('passes our own scripts', () => {
    const scripts = findScripts([OWN]);
    expect(scripts.length).toBeGreaterThan(100);
    expect(surprises(join(OWN, '..'), scripts)).toEqual([]);
  });

  it('passes what was found beside them', () => {
    const more = join(OWN, '../more');
    expect(surprises(join(more, '..'), findScripts([more]))).toEqual([]);
  });

  it.each(TIERS)('passes the scripts of other projects: %s', (tier) => {
    const root = sharedPath('packetdrill');
    if (root === null) return;
    expect(surprises(root, findScripts([join(root, tier)]))).toEqual([]);
  });
});
