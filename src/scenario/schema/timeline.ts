/** The schema of the timeline: what is done to the network while it runs. */
import * as v from 'valibot';
import { freeEnd, impairment } from './links.ts';
import { table } from './table.ts';
import { address, address6, filter, indexes, instant, prefix, reference } from './values.ts';

const at = { at: instant };
const from = v.optional(v.nullable(reference), null);

/** A function of a scenario in TypeScript; it gets the run (`src/scenario/build/run.ts`), which stands still meanwhile. */
const func = v.custom<(run: never) => void>((value) => typeof value === 'function');

export const action = v.variant('do', [
  /** Both ends lose their carrier; what is under way is lost. */
  table({ ...at, do: v.literal('link-down'), link: reference }),
  table({ ...at, do: v.literal('link-up'), link: reference }),
  /** The end of a cable at one node is pulled out and plugged in elsewhere: `end: lan1, to: lan2.port7`. */
  table({
    ...at,
    do: v.literal('replug'),
    link: reference,
    /** The node at which it is pulled out. */
    end: reference,
    /** A free port or interface; of a switch, the next free one when none is named. */
    to: freeEnd,
  }),
  /** The link looks up, but nothing passes: both ways, or only what comes from one node. */
  table({ ...at, do: v.literal('partition'), link: reference, from }),
  table({ ...at, do: v.literal('heal'), link: reference }),
  /** The link's impairments from now on. */
  table({ ...at, do: v.literal('impair'), link: reference, impairments: v.array(impairment) }),
  /** Drops packets that match, counted from now on. */
  table({
    ...at,
    do: v.literal('drop'),
    link: reference,
    from,
    match: v.optional(v.nullable(filter), null),
    packets: v.optional(indexes, 1),
  }),
  /** The power goes: connections and programs are gone without a word to anybody. */
  table({ ...at, do: v.literal('crash'), host: reference }),
  /** A crashed host comes back, and its programs start anew. */
  table({ ...at, do: v.literal('restart'), host: reference }),
  /** The program is killed; the kernel closes its sockets. */
  table({ ...at, do: v.literal('stop'), program: reference }),
  /** A program that has ended runs again. */
  table({ ...at, do: v.literal('start'), program: reference }),
  table({
    ...at,
    do: v.literal('set'),
    host: reference,
    sysctl: v.string('the name of a sysctl'),
    value: v.union([v.number(), v.string()]),
  }),
  /** Addresses come and go as with ip-address(8). */
  table({
    ...at,
    do: v.literal('add-address'),
    host: reference,
    interface: reference,
    address: prefix,
  }),
  table({
    ...at,
    do: v.literal('remove-address'),
    host: reference,
    interface: reference,
    address: v.union([address, address6]),
  }),
  /** Only in TypeScript: calls a function at an instant. */
  table({ ...at, do: v.literal('call'), run: func }),
]);
