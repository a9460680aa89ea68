/** The schema of scenario files as a JSON Schema document, for editors and other programs. */
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { ScenarioSchema } from './scenario.ts';

/** @returns a JSON Schema (draft 07) that accepts what people write, before units and references are looked at */
export function scenarioJsonSchema(): object {
  const file = v.strictObject({
    ...ScenarioSchema.entries,
    extends: v.optional(
      v.pipe(v.string(), v.description('another scenario file, over which this one is laid')),
    ),
  });
  const { $schema, ...schema } = toJsonSchema(file, {
    typeMode: 'input',
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      if (valibotSchema.type === 'custom') return { not: {} }; // a function: no file can hold one
      return valibotSchema.type === 'object_with_rest'
        ? { ...jsonSchema, additionalProperties: false }
        : jsonSchema;
    },
  });
  return { $schema, title: 'fivetuple scenario', ...schema };
}
