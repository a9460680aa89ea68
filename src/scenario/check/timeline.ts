/** Actions of the timeline must name what exists, at times that make sense. */
import { formatDuration } from '../../sim/time.ts';
import type { ActionSpec } from '../schema/scenario.ts';
import { type CheckContext, own, type Path } from './context.ts';
import { checkFilter } from './filter.ts';
import { checkImpairments, checkSide, isIntoHub } from './links.ts';

export function checkTimeline(context: CheckContext): void {
  const { timeline } = context.scenario;
  for (const [index, action] of timeline.entries()) {
    const path = ['timeline', index];
    context.within([...path, 'at'], action.at);
    checkAction(context, path, action);
    if (action.do === 'restart') checkRestart(context, path, action.host, action.at);
  }
}

function checkAction(context: CheckContext, path: Path, action: ActionSpec): void {
  if ('link' in action) checkLinkAction(context, path, action);
  if ('program' in action) context.refer([...path, 'program'], 'program', action.program, ['programs']);
  if (!('host' in action)) return;
  const isThere = context.refer([...path, 'host'], 'host', action.host, ['hosts', 'routers']);
  const node = context.ipNode(action.host);
  if (!isThere || node === undefined || !('interface' in action)) return;
  const end = { node: action.host, device: action.interface };
  context.interfaceOf([...path, 'interface'], end, Object.keys(node.interfaces));
}

function checkLinkAction(
  context: CheckContext,
  path: Path,
  action: Extract<ActionSpec, { link: string }>,
): void {
  const isThere = context.refer([...path, 'link'], 'link', action.link, ['links']);
  const link = own(context.scenario.links, action.link);
  if (!isThere || link === undefined) return;
  if (action.do !== 'link-down' && action.do !== 'link-up' && isIntoHub(context, link))
    context.report(
      [...path, 'do'],
      `'${action.link}' goes into a hub: only collisions happen there`,
      'link-down, link-up',
    );
  if ('from' in action) checkSide(context, [...path, 'from'], link, action.from);
  if ('match' in action) checkFilter(context, [...path, 'match'], action.match);
  if ('impairments' in action) checkImpairments(context, [...path, 'impairments'], link, action.impairments);
}

function checkRestart(context: CheckContext, path: Path, host: string, at: number): void {
  const crashes = context.scenario.timeline.filter((other) => other.do === 'crash' && other.host === host);
  if (crashes.some((crash) => crash.at <= at)) return;
  const [first] = crashes;
  const expected =
    first === undefined ? 'a crash before' : `a time after ${formatDuration(first.at)}, when it crashes`;
  context.report([...path, 'at'], `'${host}' is not down at ${formatDuration(at)}`, expected);
}
