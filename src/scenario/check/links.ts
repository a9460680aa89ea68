/** Links must join two ends that exist and are free; their impairments must be able to happen. */
import { formatEnd, type LinkEnd } from '../schema/links.ts';
import type { ImpairmentSpec, LinkSpec } from '../schema/scenario.ts';
import { type CheckContext, NODE_SECTIONS, nearestWord, type Path, portNames } from './context.ts';
import { checkFilter } from './filter.ts';

export function checkLinks(context: CheckContext): void {
  const taken = new Map<string, string>();
  for (const [name, link] of Object.entries(context.scenario.links)) {
    const path = ['links', name, 'between'];
    const [a, b] = link.between;
    if (a.node === b.node) context.report(path, `'${a.node}' is linked to itself`, 'two different nodes');
    else for (const end of link.between) checkEnd(context, path, name, end, taken);
    checkImpairments(context, ['links', name, 'impairments'], link, link.impairments);
    if (isIntoHub(context, link)) checkDropCable(context, ['links', name], link);
  }
}

/** Does one end of the link go into a hub? */
export function isIntoHub(context: CheckContext, link: LinkSpec): boolean {
  return link.between.some((end) => context.names('hubs').includes(end.node));
}

/** What a hub decides cannot be said of the cable to it. */
function checkDropCable(context: CheckContext, path: Path, link: LinkSpec): void {
  if (link.rate !== null)
    context.report(
      [...path, 'rate'],
      'a link into a hub has the rate of the hub',
      'rate: of the hub, or none here',
    );
  if (link.impairments.length > 0)
    context.report(
      [...path, 'impairments'],
      'nothing but collisions happens on the way into a hub',
      'no impairments',
    );
  if (link.between.every((end) => context.names('hubs').includes(end.node)))
    context.report([...path, 'between'], 'two hubs cannot be joined', 'a switch between them');
}

function checkEnd(
  context: CheckContext,
  path: Path,
  link: string,
  end: LinkEnd,
  taken: Map<string, string>,
): void {
  if (!context.refer(path, 'node', end.node, NODE_SECTIONS)) return;
  const node = context.ipNode(end.node);
  const isIpNode = context.names('hosts').includes(end.node) || context.names('routers').includes(end.node);
  if (isIpNode && node === undefined) return;
  const device = node === undefined ? end.device : context.interfaceOf(path, end, portNames(node));
  if (device === null) return; // a switch or hub: the next free port
  const socket = formatEnd({ node: end.node, device });
  const other = taken.get(socket);
  if (other !== undefined) context.report(path, `${socket} is taken: the link '${other}' ends there`);
  else taken.set(socket, link);
}

/** @param path to the list of impairments */
export function checkImpairments(
  context: CheckContext,
  path: Path,
  link: LinkSpec,
  impairments: readonly ImpairmentSpec[],
): void {
  for (const [index, rule] of impairments.entries()) {
    const at = [...path, index];
    checkSide(context, [...at, 'from'], link, rule.from);
    checkFilter(context, [...at, 'match'], rule.match);
    if (rule.do === 'delay' && rule.by === 0 && rule.jitter === 0)
      context.report(at, 'this delays nothing', 'by: or jitter:');
  }
}

/** `from` must be one of the two nodes that the link joins. */
export function checkSide(context: CheckContext, path: Path, link: LinkSpec, from: string | null): void {
  const nodes = link.between.map((end) => end.node);
  if (from === null || nodes.includes(from)) return;
  context.report(path, `'${from}' is not at this link`, nodes.join(', '), nearestWord(from, nodes));
}
