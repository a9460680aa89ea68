/** All scripts: our own here, those of other projects where they lie beside the checkout. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  NotApplicable,
  SCRIPT_FAMILIES,
  type ScriptFamily,
} from '../../src/conformance/packetdrill/family.ts';
import { findScripts } from '../../src/conformance/packetdrill/files.ts';
import { parseScript } from '../../src/conformance/packetdrill/parser/script.ts';
import { runScript, type ScriptSource } from '../../src/conformance/packetdrill/run.ts';
import { simulatedHost } from '../../src/conformance/packetdrill/simulated-host.ts';
import { SourceText } from '../../src/conformance/packetdrill/source.ts';
import { standardDefines } from '../../src/conformance/packetdrill/standard-defines.ts';
import { sharedPath } from '../support/shared.ts';
import { NOT_PASSED } from './not-passed.ts';

const OWN = join(import.meta.dirname, 'own');
const TIERS = ['core', 'linux-ext', 'rfc', 'tfo'];

/** Runs scripts; their names count from `root`. @returns what is wrong with the list or the stack */
function surprises(root: string, scripts: readonly ScriptSource[], family: ScriptFamily): string[] {
  return scripts.flatMap((script) => {
    const name = script.name.slice(root.length + 1);
    const outcome = runScript(script, { host: simulatedHost, family });
    if (outcome.result === 'not-applicable') return [];
    const isListed = Object.hasOwn(NOT_PASSED, name);
    if (outcome.result === 'passed') return isListed ? [`${name} passes: take it off the list`] : [];
    return isListed ? [] : [outcome.message];
  });
}

/** How many scripts are about the other family. */
function notApplicable(scripts: readonly ScriptSource[], family: ScriptFamily): number {
  const parsed = (script: ScriptSource) => () =>
    parseScript(new SourceText(script.name, script.text), { family, defines: standardDefines });
  return scripts.filter((script) => throwsNotApplicable(parsed(script))).length;
}

function throwsNotApplicable(parse: () => unknown): boolean {
  try {
    parse();
    return false;
  } catch (error) {
    if (error instanceof NotApplicable) return true;
    throw error;
  }
}

describe.each(SCRIPT_FAMILIES)('packetdrill, %s', (family) => {
  it('passes our own scripts', () => {
    const scripts = findScripts([OWN]);
    expect(scripts.length).toBeGreaterThan(100);
    expect(notApplicable(scripts, family)).toBeLessThan(family === 'ipv6' ? 10 : 1);
    expect(surprises(join(OWN, '..'), scripts, family)).toEqual([]);
  });

  it('passes what was found beside them', () => {
    const more = join(OWN, '../more');
    expect(surprises(join(more, '..'), findScripts([more]), family)).toEqual([]);
  });

  it('does what a kernel was recorded to do', () => {
    if (family !== 'ipv4') return; // recorded over IPv4, where headers are 20 bytes less
    const recorded = join(OWN, '../recorded');
    const scripts = findScripts([recorded]);
    expect(scripts.length).toBeGreaterThan(250);
    expect(surprises(join(recorded, '..'), scripts, family)).toEqual([]);
  });

  it.each(TIERS)('passes the scripts of other projects: %s', (tier) => {
    const root = sharedPath('packetdrill');
    if (root === null) return;
    expect(surprises(root, findScripts([join(root, tier)]), family)).toEqual([]);
  });

  it('passes what is about IPv6 alone, and counts it apart elsewhere', () => {
    const v6 = join(OWN, '../v6');
    const scripts = findScripts([v6]);
    expect(surprises(v6, scripts, family)).toEqual([]);
    expect(notApplicable(scripts, family)).toBe(family === 'ipv6' ? 0 : scripts.length);
  });
});
