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
  title: v.pipe(v.string('the title'), v.minLength(1, 'the title is empty')),
  /** What a reader learns from it. */
  teaches: v.optional(v.string('text'), ''),
  /** What all randomness derives from. */
  seed: v.optional(
    v.pipe(
      v.number('a whole number'),
      v.safeInteger('a whole number'),
      v.minValue(0, 'a number that is not negative'),
    ),
    1,
  ),
  /** The run ends here at the latest; before, when nothing is left to happen. */
  until: v.optional(duration, '60s'),
  /** Whose socket rules the hosts follow. */
  profile: v.optional(profile, 'linux'),
  /** `static`: only the routes that are written; `shortest-path`: also those computed over all links. */
  routing: v.optional(v.picklist(['static', 'shortest-path']), 'static'),
  hosts: v.optional(named(host), {}),
  routers: v.optional(named(router), {}),
  switches: v.optional(named(switchNode), {}),
  hubs: v.optional(named(hub), {}),
  links: v.optional(named(link), {}),
  programs: v.optional(named(program), {}),
  timeline: v.optional(v.array(action), []),
  expect: v.optional(v.array(expectation), []),
  outputs: v.optional(outputs, {}),
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
