/** The compliance page, made of the index: `npm run rfc` writes it, and a test holds it against the index. */
import { type Chapter, type Evidence, type Requirement, RFC9293 } from './rfc9293.ts';

/** `63 of 69 MUST requirements shown by tests` */
export function summary(level: 'MUST' | 'SHLD' | 'MAY'): string {
  const all = RFC9293.flatMap(({ requirements }) => requirements).filter(({ id }) =>
    id.startsWith(`${level}-`),
  );
  const shown = all.filter(({ leftOut }) => leftOut === null);
  return `${shown.length} of ${all.length} ${level === 'SHLD' ? 'SHOULD' : level} requirements shown by tests`;
}

/** docs/rfc9293.md */
export function compliancePage(): string {
  return [
    '# RFC 9293, requirement by requirement',
    '',
    `The requirements of TCP by the numbers of RFC 9293's Appendix B, and the tests that show them: ${summary('MUST')}, ${summary('SHLD')}, ${summary('MAY')}. Where the RFC and Linux differ, fivetuple does as Linux does.`,
    '',
    'Made from [test/rfc/rfc9293.ts](../test/rfc/rfc9293.ts) by `npm run rfc`.',
    '',
    ...RFC9293.flatMap(chapterLines),
  ].join('\n');
}

function chapterLines({ title, requirements }: Chapter): string[] {
  return [`## ${title}`, '', '| | Requirement | Shown by |', '|---|---|---|', ...requirements.map(row), ''];
}

function row({ id, text, shownBy, leftOut }: Requirement): string {
  return `| ${id} | ${text} | ${leftOut === null ? shownBy.map(link).join('<br>') : `*not shown:* ${leftOut}`} |`;
}

function link({ file, test }: Evidence): string {
  const name = test ?? file.replace('test/packetdrill/own/', '');
  return `[${name}](../${file})`;
}
