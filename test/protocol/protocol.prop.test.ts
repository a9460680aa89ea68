/** The protocols hold on generated networks; `npm run mutants` shows that these properties would notice if they did not. */
import { it } from 'vitest';
import { checkNetwork } from '../../src/testing/index.ts';
import { runs } from '../support/property.ts';
import { PROTOCOL_PROPERTIES } from './all.ts';

it.each(PROTOCOL_PROPERTIES.map((property) => [property.name, property] as const))(
  '%s',
  async (_, property) => {
    await checkNetwork(property, { ...runs(60), sink: null });
  },
);
