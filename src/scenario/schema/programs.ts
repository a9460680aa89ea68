/** The schema of programs: the built-in ones of `src/apps` with their parameters, and inline lists of socket calls. */
import * as v from 'valibot';
import { parseCall } from '../calls/parse.ts';
import { notation, table } from './table.ts';
import { count, destination, duration, endpoint, instant, port, rate, reference, size } from './values.ts';

const every = {
  host: reference,
  start: v.optional(instant, '0s'),
  /** Effective user id; default: that of the host. */
  uid: v.optional(v.nullable(count), null),
};

const listening = {
  /** Local address to bind to; `*` is every address of the host. */
  address: v.optional(destination, '*'),
};

/** A local endpoint to bind to before connecting; default: the kernel chooses. */
const from = v.optional(v.nullable(endpoint), null);
const protocol = v.picklist(['tcp', 'udp']);
const positive = v.pipe(v.number('a whole number'), v.integer('a whole number'), v.minValue(1, 'at least 1'));

export const call = notation('a socket call, as in connect(s, 10.0.0.1:80)', parseCall);

export const program = v.variant('run', [
  table({ run: v.literal('calls'), ...every, calls: v.array(call) }),
  table({
    run: v.literal('echo-server'),
    ...every,
    ...listening,
    protocol: v.optional(protocol, 'tcp'),
    port: v.optional(port, 7),
  }),
  table({
    run: v.literal('http-server'),
    ...every,
    ...listening,
    port: v.optional(port, 80),
    /** Path to body. */
    pages: v.optional(v.record(v.string(), v.string()), { '/': 'It works.\n' }),
  }),
  table({
    run: v.literal('http-client'),
    ...every,
    to: endpoint,
    from,
    path: v.optional(v.string(), '/'),
  }),
  table({ run: v.literal('ftp-server'), ...every, ...listening, port: v.optional(port, 21) }),
  table({
    run: v.literal('bulk'),
    ...every,
    to: endpoint,
    from,
    size,
  }),
  table({
    run: v.literal('cbr'),
    ...every,
    to: endpoint,
    from,
    rate,
    size,
    for: v.optional(v.nullable(duration), null),
  }),
  table({
    run: v.literal('sink'),
    ...every,
    ...listening,
    protocol: v.optional(protocol, 'tcp'),
    port,
  }),
  table({
    run: v.literal('request-response'),
    ...every,
    to: endpoint,
    from,
    protocol: v.optional(protocol, 'tcp'),
    request: v.optional(size, '100B'),
    response: v.optional(size, '1000B'),
    count: v.optional(positive, 1),
  }),
  table({
    run: v.literal('ping'),
    ...every,
    to: destination,
    count: v.optional(positive, 4),
    interval: v.optional(duration, '1s'),
    size: v.optional(size, '56B'),
  }),
  table({
    run: v.literal('traceroute'),
    ...every,
    to: destination,
    hops: v.optional(positive, 30),
  }),
]);
