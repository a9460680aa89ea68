/** What people read about a run of scripts. */
import type { PacketdrillReport, ScriptOutcome } from './run.ts';

/** The lines of one script that did not pass, with what happened if it was kept; nothing for one that did. */
export function describeOutcome(outcome: ScriptOutcome): string[] {
  if (outcome.result === 'passed')
    return outcome.log.length === 0 ? [] : [`${outcome.name}: passed`, ...outcome.log];
  if (outcome.result === 'not-applicable') return [outcome.message];
  const excerpt = outcome.excerpt === '' ? [] : outcome.excerpt.split('\n').map((line) => `    ${line}`);
  return [...outcome.log, outcome.message, ...excerpt];
}

/** The closing line: `N passed, M failed`, and how many are about the other family. */
export function closingLine(report: PacketdrillReport): string {
  const { passed, failed, notApplicable } = report;
  const others = notApplicable === 0 ? '' : `, ${notApplicable} not applicable`;
  return `${passed} passed, ${failed} failed${others}`;
}

/** The report as one JSON document. */
export function reportJson(report: PacketdrillReport): string {
  const { outcomes, passed, failed, notApplicable } = report;
  const scripts = outcomes.map(({ name, result, line, message }) => ({ name, result, line, message }));
  return `${JSON.stringify({ passed, failed, notApplicable, scripts }, null, 2)}\n`;
}
