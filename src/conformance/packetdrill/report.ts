/** What people read about a run of scripts. */
import type { PacketdrillReport, ScriptOutcome } from './run.ts';

/** The lines of one script that did not pass, with what happened if it was kept; nothing for one that did. */
export function describeOutcome(outcome: ScriptOutcome): string[] {
  if (outcome.result === 'passed')
    return outcome.log.length === 0 ? [] : [`${outcome.name}: passed`, ...outcome.log];
  const excerpt = outcome.excerpt === '' ? [] : outcome.excerpt.split('\n').map((line) => `    ${line}`);
  return [...outcome.log, outcome.message, ...excerpt];
}

/** The closing line: `N passed, M failed`. */
export function closingLine(report: PacketdrillReport): string {
  return `${report.passed} passed, ${report.failed} failed`;
}

/** The report as one JSON document. */
export function reportJson(report: PacketdrillReport): string {
  const { outcomes, passed, failed } = report;
  const scripts = outcomes.map(({ name, result, line, message }) => ({ name, result, line, message }));
  return `${JSON.stringify({ passed, failed, scripts }, null, 2)}\n`;
}
