/** The scenario file as a whole. Input is what people write; output is complete: every default filled, every unit read. */
import * as v from 'valibot';
import { expectation } from './expectations.ts';
import { link } from './links.ts';
import { host, hub, profile, router, switchNode } from './nodes.ts';
import { outputs } from './outputs.ts';
import { program } from './programs.ts';

import { named, table } from './table.ts';
import { action } from './timeline.ts';
import { duration } from './values.ts';

export const ScenarioSchema = table({
  title: v.pipe(
    v.string('the title'),
    v.minLength(1, 'the title is empty'),
    v.description('What the scenario is called.'),
  ),
  teaches: v.optional(v.pipe(v.string('text'), v.description('What a reader learns from it.')), ''),
  seed: v.optional(
    v.pipe(
      v.number('a whole number'),
      v.safeInteger('a whole number'),
      v.minValue(0, 'a number that is not negative'),
      v.description('What all randomness derives from.'),
    ),
    1,
  ),
  /** The run ends here at the latest; before, when nothing is left to happen. */
  until: v.optional(duration, '60s'),
  profile: v.optional(v.pipe(profile, v.description('Whose socket rules the hosts follow.')), 'linux'),
  routing: v.optional(
    v.pipe(
      v.picklist(['static', 'shortest-path']),
      v.description(
        'static: only the routes that are written; shortest-path: also those computed over all links.',
      ),
    ),
    'static',
  ),
  hosts: v.optional(v.pipe(named(host), v.description('Hosts by name: interfaces, routes, sysctls.')), {}),
  routers: v.optional(v.pipe(named(router), v.description('Routers by name: hosts that forward.')), {}),
  switches: v.optional(v.pipe(named(switchNode), v.description('Learning switches by name.')), {}),
  hubs: v.optional(v.pipe(named(hub), v.description('Hubs by name: shared half-duplex segments.')), {}),
  links: v.optional(
    v.pipe(named(link), v.description('Cables by name, as in client.eth0 -- r1.eth1, or the full form.')),
    {},
  ),
  programs: v.optional(
    v.pipe(named(program), v.description('Programs by name: built-in ones, or lists of socket calls.')),
    {},
  ),
  timeline: v.optional(
    v.pipe(v.array(action), v.description('What is done to the network while it runs.')),
    [],
  ),
  expect: v.optional(v.pipe(v.array(expectation), v.description('What must be true of the run.')), []),
  outputs: v.optional(v.pipe(outputs, v.description('What is shown and recorded.')), {}),
});

/** What people write: texts with units, nothing that has a default. */
export type ScenarioInput = v.InferInput<typeof ScenarioSchema> & {
  /** Another scenario file, relative to this one; what is written here is laid over it. */
  readonly extends?: string;
};

/** A complete scenario. */
export type Scenario = v.InferOutput<typeof ScenarioSchema>;

export type HostSpec = Scenario['hosts'][string];
export type RouterSpec = Scenario['routers'][string];
export type LinkSpec = Scenario['links'][string];
export type ImpairmentSpec = LinkSpec['impairments'][number];
export type ActionSpec = Scenario['timeline'][number];
export type ExpectationSpec = Scenario['expect'][number];
