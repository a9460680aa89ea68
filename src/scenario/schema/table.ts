/**
 * The building blocks of the scenario schema that valibot lacks: maps that report every unknown key (its strict
 * object stops at the first) and refuse lists, and text in a small notation read by a function of ours.
 */
import * as v from 'valibot';
import { ConfigError } from '../../sim/errors.ts';
import { nearest } from '../../sim/nearest.ts';
import { TextError } from '../document/text-error.ts';

/** The message of the issue for an unknown key; `expected` then lists the keys that exist. */
export const UNKNOWN_KEY = 'unknown key';

/** A map with exactly these keys. */
export function table<E extends v.ObjectEntries>(entries: E): v.StrictObjectSchema<E, undefined> {
  const known = Object.keys(entries).join(', ');
  const refuse = v.pipe(
    v.unknown(),
    v.rawCheck(({ addIssue }) => addIssue({ message: UNKNOWN_KEY, expected: known })),
  );
  // The rest type would leak into the inferred types, although no value with a rest ever gets through.
  return mapsOnly(v.objectWithRest(entries, refuse)) as unknown as v.StrictObjectSchema<E, undefined>;
}

/** A map from names that the user chooses to values of one kind. */
export function named<S extends v.GenericSchema>(
  value: S,
  pattern: RegExp = NAME,
  words: string = NAME_WORDS,
) {
  return mapsOnly(v.record(v.pipe(v.string(), v.regex(pattern, words)), value));
}

/**
 * Text that `read` turns into a value.
 * @param what how messages call it: `a duration, as in 10ms`
 * @param read throws ConfigError when the text is wrong
 * @param pattern for editors, where a regular expression can say it
 * @param units that may follow a number, to find the one that was meant
 */
export function notation<T>(
  what: string,
  read: (text: string) => T,
  pattern?: string,
  units: readonly string[] = [],
) {
  return v.pipe(
    v.string(what),
    v.metadata({ description: what, ...(pattern === undefined ? {} : { pattern }) }),
    v.rawTransform(({ dataset, addIssue, NEVER }): T => {
      try {
        return read(dataset.value);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        // The error itself is the last step of the path: it knows the place within the text.
        const key = error instanceof TextError ? error : wholeText(error, dataset.value, units);
        addIssue({
          message: error.message,
          expected: error.expected ?? '',
          path: [{ type: 'unknown', origin: 'value', input: dataset.value, key, value: undefined }],
        });
        return NEVER;
      }
    }),
  );
}

/** An error about all of a text; for a number with a unit that does not exist, it names the nearest that does. */
function wholeText(error: ConfigError, text: string, units: readonly string[]): TextError {
  const match = /^\s*([\d.]+)\s*([A-Za-zµ]+)\s*$/.exec(text);
  const unit = match === null ? null : nearest(match[2]!, units);
  const suggestion = unit === null || unit === match![2] ? undefined : `${match![1]}${unit}`;
  return new TextError(error.message, 0, text.length, error.expected, suggestion);
}

/** For valibot every list is an object with keys 0, 1, ...; for people it is not. */
function mapsOnly<S extends v.GenericSchema>(schema: S): S {
  const run = schema['~run'];
  return {
    ...schema,
    '~run': (dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) =>
      run.call(schema, Array.isArray(dataset.value) ? { ...dataset, value: undefined } : dataset, config),
  };
}

const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;
const NAME_WORDS = 'a name begins with a letter and goes on with letters, digits, - and _';
