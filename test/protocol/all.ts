/** The protocol properties, in the order in which a fault is looked for. */
import type { NetworkProperty } from '../../src/testing/index.ts';
import { datagrams, groups, listeners } from './lookups.ts';
import { neighbours } from './neighbours.ts';
import { paths } from './paths.ts';
import { streams } from './streams.ts';

export const PROTOCOL_PROPERTIES: readonly NetworkProperty<never>[] = [
  datagrams,
  listeners,
  groups,
  paths,
  neighbours,
  streams,
] as unknown as readonly NetworkProperty<never>[];
