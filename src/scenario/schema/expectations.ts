/** The schema of expectations: what must be true of the run. Each kind has its checker in `src/scenario/expect`. */
import * as v from 'valibot';
import { TCP_STATES } from '../../transport/tcp/state.ts';
import { watchPoint } from './links.ts';
import { parseSocketPattern } from './socket-pattern.ts';
import { notation, table } from './table.ts';
import { count, duration, endpoint, filter, instant, reference } from './values.ts';

const socket = notation(
  'protocol, local end, remote end, * for anything, as in tcp 10.0.0.1:80 *:*',
  parseSocketPattern,
);

/** A number, or a duration in ns. */
const figure = v.union([v.number(), duration]);

const every = {
  /** What the report says instead of the words that are made from the other keys. */
  name: v.optional(v.nullable(v.string()), null),
};

/** Exactly `count`, or at least `min` and at most `max`. */
const bounds = {
  count: v.optional(v.nullable(count), null),
  min: v.optional(v.nullable(count), null),
  max: v.optional(v.nullable(count), null),
};

/** When the network is looked at; null = at the end of the run. */
const at = v.optional(v.nullable(instant), null);

export const expectation = v.variant('check', [
  /** The application read these bytes, and no others, from the sockets that match. */
  table({
    check: v.literal('received'),
    ...every,
    host: reference,
    socket,
    /** Only what came from here. */
    from: v.optional(v.nullable(endpoint), null),
    text: v.optional(v.nullable(v.string()), null),
    bytes: v.optional(v.nullable(count), null),
  }),
  /** A connection is in this state, or gone. */
  table({
    check: v.literal('state'),
    ...every,
    host: reference,
    socket,
    is: v.picklist([...TCP_STATES, 'gone']),
    at,
  }),
  /** The socket table, as `netstat` shows it: protocol, local end, remote end, state. */
  table({
    check: v.literal('sockets'),
    ...every,
    host: reference,
    table: v.array(v.string('one line of the table')),
    at,
  }),
  /** Packets that were seen at an interface. */
  table({
    check: v.literal('packets'),
    ...every,
    where: watchPoint,
    match: v.optional(v.nullable(filter), null),
    direction: v.optional(v.picklist(['in', 'out', 'both']), 'both'),
    after: v.optional(v.nullable(instant), null),
    before: v.optional(v.nullable(instant), null),
    ...bounds,
  }),
  /** Time between a packet leaving one interface and entering another, for all that match. */
  table({
    check: v.literal('delay'),
    ...every,
    match: v.optional(v.nullable(filter), null),
    from: watchPoint,
    to: watchPoint,
    min: v.optional(v.nullable(duration), null),
    max: v.optional(v.nullable(duration), null),
  }),
  /** Packets that a node or link dropped for a reason. */
  table({
    check: v.literal('drops'),
    ...every,
    where: reference,
    reason: v.string('a reason such as ip.ttl-exceeded'),
    ...bounds,
  }),
  /** A program has ended with this exit status, still runs, or was killed. */
  table({
    check: v.literal('program'),
    ...every,
    program: reference,
    is: v.picklist(['exited', 'running', 'killed']),
    status: v.optional(v.nullable(count), null),
  }),
  /** A figure that a program keeps: exactly `is`, or within bounds; durations may have units. */
  table({
    check: v.literal('statistic'),
    ...every,
    program: reference,
    statistic: v.string('the name of a statistic of the program'),
    is: v.optional(v.nullable(v.union([v.number(), v.boolean(), v.string()])), null),
    min: v.optional(v.nullable(figure), null),
    max: v.optional(v.nullable(figure), null),
  }),
  /** A program printed a line that contains the text, as often as the bounds say; default: at least once. */
  table({
    check: v.literal('printed'),
    ...every,
    program: reference,
    text: v.string('the text that was printed'),
    ...bounds,
  }),
  /** Only in TypeScript: a function that gets the run when it is over, and throws what does not hold. */
  table({
    check: v.literal('holds'),
    ...every,
    that: v.custom<(run: never) => void>((value) => typeof value === 'function'),
  }),
]);
