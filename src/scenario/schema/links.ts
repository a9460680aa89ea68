/** The schema of links and of what can go wrong on them. */
import * as v from 'valibot';
import { ConfigError } from '../../sim/errors.ts';
import { notation, table } from './table.ts';
import { duration, filter, indexes, percentage, queueLimit, rate, reference } from './values.ts';

/** One end of a link as written: `r1.eth0`, or `client` when there is but one choice. */
export interface LinkEnd {
  readonly node: string;
  readonly device: string | null;
}

export type LinkEnds = readonly [LinkEnd, LinkEnd];

const ENDS = 'two ends joined by --, as in client.eth0 -- r1.eth1';

/** Reads `client.eth0 -- r1.eth1`. */
export function parseEnds(text: string): LinkEnds {
  const match = /^\s*(\S+)\s+--\s+(\S+)\s*$/.exec(text);
  if (match === null) throw new ConfigError(`'${text}' does not join two ends`, [], ENDS);
  return [parseEnd(match[1]!), parseEnd(match[2]!)];
}

/** Reads `r1.eth0` or `r1`. */
export function parseEnd(text: string): LinkEnd {
  const match = /^([A-Za-z][\w-]*)(?:\.([A-Za-z][\w-]*(?:\.\d+)?))?$/.exec(text.trim());
  if (match === null)
    throw new ConfigError(`'${text}' is not the end of a link`, [], 'a node and an interface, as in r1.eth0');
  return { node: match[1]!, device: match[2] ?? null };
}

export function formatEnd({ node, device }: LinkEnd): string {
  return device === null ? node : `${node}.${device}`;
}

const ends = notation(ENDS, parseEnds);
/** A place where packets can be watched. */
export const watchPoint = notation('an interface, as in r1.eth0', parseEnd);

/** Where a cable can be plugged in. */
export const freeEnd = notation('a port or interface, as in lan2.port7 or lan2', parseEnd);

const which = {
  /** The node from whose side the packets come; default: both directions, counted apart. */
  from: v.optional(v.nullable(reference), null),
  /** Only packets that match; default: all. */
  match: v.optional(v.nullable(filter), null),
  /** Of these, the ones with these numbers, counted from 1 in each direction; default: all. */
  packets: v.optional(v.nullable(indexes), null),
  /** Of these, each with this probability; default: all. */
  chance: v.optional(v.nullable(percentage), null),
};

const positive = v.pipe(
  v.number('a whole number'),
  v.safeInteger('a whole number'),
  v.minValue(1, 'at least 1'),
);

export const impairment = v.variant('do', [
  table({ do: v.literal('drop'), ...which }),
  /** Copies follow at once. */
  table({ do: v.literal('duplicate'), ...which, copies: v.optional(positive, 1) }),
  /** Held back, so that what was sent after it overtakes. */
  table({ do: v.literal('reorder'), ...which, by: duration }),
  /** Later by `by` and a random part of `jitter`; what was sent after it waits behind it. */
  table({
    do: v.literal('delay'),
    ...which,
    by: v.optional(duration, '0s'),
    jitter: v.optional(duration, '0s'),
  }),
  /** Bits are flipped. `bad`: the receiver's FCS finds it; `recomputed`: only the checksums of IP, TCP and UDP can. */
  table({
    do: v.literal('corrupt'),
    ...which,
    bits: v.optional(positive, 1),
    fcs: v.optional(v.picklist(['bad', 'recomputed']), 'bad'),
  }),
]);

const linkTable = table({
  between: ends,
  /** Default: 1Gbps. A link into a hub has the hub's rate. */
  rate: v.optional(v.nullable(rate), null),
  delay: v.optional(duration, '1us'),
  /** What `routing: shortest-path` counts for a packet that leaves a host or router by this link. */
  cost: v.optional(positive, 1),
  queue: v.optional(queueLimit, '1000 packets'),
  /** Tried in this order; the first that drops a packet ends its way. */
  impairments: v.optional(v.array(impairment), []),
});

/** `client.eth0 -- r1.eth1`, or the full form. */
export const link = v.union([
  v.pipe(
    v.string(ENDS),
    v.transform((between) => ({ between })),
    linkTable,
  ),
  linkTable,
]);
