/**
 * What happens to the network as a whole while it runs, as a timeline: links go down, are cut silently, hosts lose power.
 * Shrinks to fewer events, earlier and shorter.
 */
import fc from 'fast-check';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { ConfigError } from '../../sim/errors.ts';
import { formatDuration, MILLISECOND } from '../../sim/time.ts';
import { nodesOf } from './impairments.ts';
import type { Topology } from './topology.ts';

export type EventKind = 'link-down' | 'partition' | 'crash';

export type Timeline = NonNullable<ScenarioInput['timeline']>;

export interface EventConstraints {
  /** What may happen. Default: everything. */
  readonly kinds?: readonly EventKind[];
  /** The hosts that may crash. Default: all. */
  readonly hosts?: readonly string[];
  /** Everything begins in the first so many ms. Default: 2000. */
  readonly within?: number;
  /** Longest time until it is mended, ms. Default: 1000. */
  readonly lasting?: number;
  /** Whether what went wrong is mended: a link that stays down or cut, a host that stays dead. Default: always. */
  readonly mends?: 'always' | 'sometimes';
  /** At most so many; each has a beginning and, if it is mended, an end in the timeline. Default: 3. */
  readonly most?: number;
}

interface Mishap {
  readonly kind: EventKind;
  /** Which link or host. */
  readonly which: number;
  /** A partition may cut one direction only: 0 both, else what comes from an end. */
  readonly side: 0 | 1 | 2;
  /** ms */
  readonly at: number;
  /** Null: it is never mended. */
  readonly lasting: number | null;
}

const KINDS: readonly EventKind[] = ['link-down', 'partition', 'crash'];

/** A timeline for each topology that is drawn. */
export function events(
  network: fc.Arbitrary<Topology>,
  constraints: EventConstraints = {},
): fc.Arbitrary<{ topology: Topology; timeline: Timeline }> {
  const { kinds = KINDS, within = 2000, lasting = 1000, most = 3, mends } = constraints;
  const unknown = kinds.find((kind) => !KINDS.includes(kind));
  if (unknown !== undefined)
    throw new ConfigError(`'${unknown}' is no kind of event`, ['kinds'], KINDS.join(', '));
  const span = fc.integer({ min: 1, max: lasting });
  const mishap: fc.Arbitrary<Mishap> = fc.record({
    kind: fc.constantFrom(...(kinds.length === 0 ? KINDS : kinds)),
    which: fc.nat(7),
    side: fc.constantFrom(0, 1, 2),
    at: fc.nat(within),
    lasting: mends === 'sometimes' ? fc.option(span, { freq: 3 }) : span,
  });
  const mishaps = fc.array(mishap, { maxLength: kinds.length === 0 ? 0 : most, size: 'max' });
  return fc
    .tuple(network, mishaps)
    .map(([drawn, all]) => ({ topology: drawn, timeline: timelineOf(drawn, all, constraints) }));
}

function timelineOf(network: Topology, all: readonly Mishap[], { hosts }: EventConstraints): Timeline {
  const able = hosts ?? Object.keys(network.hosts);
  const actions = all.flatMap((mishap) => actionsOf(network, able, mishap));
  return actions
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, action }) => ({ at: millis(at), ...action }) as Timeline[number]);
}

interface TimedAction {
  readonly at: number;
  readonly action: { readonly do: string; readonly [key: string]: string };
}

function actionsOf(network: Topology, hosts: readonly string[], mishap: Mishap): TimedAction[] {
  const { kind, which, side, at, lasting } = mishap;
  const pair = (begin: TimedAction['action'], end: TimedAction['action']): TimedAction[] => [
    { at, action: begin },
    ...(lasting === null ? [] : [{ at: at + lasting, action: end }]),
  ];
  if (kind === 'crash') {
    const host = hosts[which % hosts.length];
    return host === undefined ? [] : pair({ do: 'crash', host }, { do: 'restart', host });
  }
  const names = Object.keys(network.links).filter(
    (name) => kind === 'link-down' || !isIntoHub(network, name),
  );
  const link = names[which % names.length];
  if (link === undefined) return [];
  if (kind === 'link-down') return pair({ do: 'link-down', link }, { do: 'link-up', link });
  const from = side === 0 ? {} : { from: nodesOf(betweenOf(network, link))[side - 1]! };
  return pair({ do: 'partition', link, ...from }, { do: 'heal', link });
}

function betweenOf({ links }: Topology, name: string): string {
  const link = links[name]!;
  return typeof link === 'string' ? link : link.between;
}

function isIntoHub(network: Topology, name: string): boolean {
  return nodesOf(betweenOf(network, name)).some((node) => Object.hasOwn(network.hubs, node));
}

function millis(ms: number): string {
  return formatDuration(ms * MILLISECOND);
}
