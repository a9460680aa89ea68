/** Actions of the timeline must name what exists, at times that make sense. */
import { formatDuration } from '../../sim/time.ts';
import { formatEnd, type LinkEnd } from '../schema/links.ts';
import type { ActionSpec } from '../schema/scenario.ts';
import { type CheckContext, own, type Path, portNames } from './context.ts';
import { checkFilter } from './filter.ts';
import { checkImpairments, checkSide, isIntoHub } from './links.ts';
import { type Replug, replugsOf } from './replugs.ts';

export function checkTimeline(context: CheckContext): void {
  const { timeline } = context.scenario;
  for (const [index, action] of timeline.entries()) {
    const path = ['timeline', index];
    context.within([...path, 'at'], action.at);
    checkAction(context, path, action);
    if (action.do === 'restart') checkRestart(context, path, action.host, action.at);
  }
  for (const replug of replugsOf(context.scenario)) checkReplug(context, replug);
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

/** A cable must be where it is pulled out, and its new place must be there and free. */
function checkReplug(context: CheckContext, { action, index, side, to, ends, others }: Replug): void {
  const path = ['timeline', index];
  if (side === null) {
    const nodes = ends.map(({ node }) => node).join(', ');
    context.report([...path, 'end'], `'${action.link}' is not plugged in at '${action.end}' then`, nodes);
    return;
  }
  if (!context.refer([...path, 'to'], 'node', to.node, ['hosts', 'routers', 'switches'])) return;
  const other = ends[1 - side]!;
  if (to.node === other.node) context.report([...path, 'to'], `'${to.node}' would be linked to itself`);
  const place = placeOf(context, [...path, 'to'], to);
  const holds = (end: LinkEnd) => end.node === to.node && placeOf(context, null, end) === place;
  if (place !== null && [...ends, ...others].some(holds))
    context.report(
      [...path, 'to'],
      `${formatEnd({ node: to.node, device: place })} is taken then`,
      'a free port',
    );
}

/** The port that an end means; null for any free one of a switch. @param path null: nothing is reported */
function placeOf(context: CheckContext, path: Path | null, end: LinkEnd): string | null {
  const node = context.ipNode(end.node);
  if (node === undefined) return end.device;
  const ports = portNames(node);
  if (path !== null) return context.interfaceOf(path, end, ports);
  return end.device ?? ports[0] ?? null;
}

function checkRestart(context: CheckContext, path: Path, host: string, at: number): void {
  const crashes = context.scenario.timeline.filter((other) => other.do === 'crash' && other.host === host);
  if (crashes.some((crash) => crash.at <= at)) return;
  const [first] = crashes;
  const expected =
    first === undefined ? 'a crash before' : `a time after ${formatDuration(first.at)}, when it crashes`;
  context.report([...path, 'at'], `'${host}' is not down at ${formatDuration(at)}`, expected);
}
