/** The schema of what is shown and recorded. */
import * as v from 'valibot';
import { watchPoint } from './links.ts';
import { table } from './table.ts';
import { filter, instant, reference } from './values.ts';

const match = v.optional(v.nullable(filter), null);

/** A ladder diagram: who sent what to whom, top to bottom. */
const ladder = table({
  /** Its columns from left to right; default: all hosts. */
  nodes: v.optional(v.nullable(v.array(reference)), null),
  match,
});

export const outputs = table({
  /** Interfaces with a capture under `--pcap`; default: all of hosts and routers. */
  captures: v.optional(v.nullable(v.array(watchPoint)), null),
  /** Packets at an interface, one line each as tcpdump prints them. */
  text: v.optional(v.array(table({ where: watchPoint, match })), []),
  ladder: v.optional(v.nullable(ladder), {}),
  /** Socket tables; default: those of all hosts at the end. */
  sockets: v.optional(
    v.nullable(
      v.array(
        table({
          host: reference,
          at: v.optional(v.nullable(instant), null),
          style: v.optional(v.nullable(v.picklist(['linux', 'bsd', 'ss'])), null),
        }),
      ),
    ),
    null,
  ),
});
