/**
 * A rule of a socket layer, and a reason: a rule applied to something. Every decision of the specification comes with
 * its reasons, so that a person can be told who says so. Rules are numbered R (standards), L (Linux, read), K (Linux,
 * seen in recorded behaviour), F (FreeBSD), W (Windows); `rules.ts` lists them all with their sources.
 */
import { RULES, type RuleId } from './rules.ts';

export interface Reason {
  readonly rule: RuleId;
  /** Document, function or man page that says so. */
  readonly source: string;
  /** The rule applied to the case, in plain words. */
  readonly text: string;
}

/** @param text the rule applied to the case; without it the rule's own words */
export function because(rule: RuleId, text: string = RULES[rule].says): Reason {
  return { rule, source: RULES[rule].source, text };
}
