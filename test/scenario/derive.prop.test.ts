/** Variants: the patches that derive gives lead from the base to the variant, in plain and in located data alike. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyVariant, derive, patchLocated, setValue } from '../../src/scenario/derive.ts';
import { locate, type Plain, plainOf, spanAt } from '../../src/scenario/document/located.ts';
import { Source } from '../../src/scenario/document/source.ts';
import { ConfigError } from '../../src/sim/errors.ts';
import { runs } from '../support/property.ts';

const FILE = { source: new Source('base.yaml', ''), start: 0, end: 0 };
const OPTION = { source: new Source('--set', 'x=1'), start: 2, end: 3 };

const scalar = fc.oneof(fc.integer(), fc.constantFrom('a', 'b', ''), fc.boolean(), fc.constant(null));
const key = fc.constantFrom('a', 'b', 'c', 'links', 'rate');
const { plain } = fc.letrec<{ plain: Plain }>((tie) => ({
  plain: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('plain'), { maxLength: 3 }),
    fc.dictionary(key, tie('plain'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const base = fc.dictionary(key, plain, { minKeys: 1, maxKeys: 4, noNullPrototype: true });

describe('derive', () => {
  it('gives patches that reproduce the variant, and inverse ones that lead back', () => {
    fc.assert(
      fc.property(base, key, plain, fc.nat(), (data, name, value, choice) => {
        const variant = derive(data, (draft) => change(draft, name, value, choice));
        expect(applyVariant(data, variant.patches)).toEqual(variant.data);
        expect(applyVariant(variant.data, variant.inverse)).toEqual(data);
        expect(plainOf(patchLocated(locate(data, FILE), variant.patches, OPTION))).toEqual(variant.data);
      }),
      runs(500),
    );
  });

  it('leaves the base as it was', () => {
    const data = { links: { core: { rate: '1Gbps' } } };
    const variant = derive(data, (draft) => {
      draft.links.core.rate = '1Mbps';
    });
    expect(data.links.core.rate).toBe('1Gbps');
    expect(variant.patches).toEqual([{ op: 'replace', path: ['links', 'core', 'rate'], value: '1Mbps' }]);
  });
});

describe('setValue', () => {
  it('sets exactly one value, and remembers that an option did', () => {
    fc.assert(
      fc.property(base, fc.array(key, { minLength: 1, maxLength: 3 }), scalar, (data, path, value) => {
        const root = locate(data, FILE);
        let changed: ReturnType<typeof setValue>;
        try {
          changed = setValue(root, path, value, OPTION);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError); // it leads through a scalar or beside a list
          return;
        }
        expect(valueAt(plainOf(changed), path)).toEqual(value);
        const isNew = JSON.stringify(valueAt(data, path)) !== JSON.stringify(value);
        if (isNew) expect(spanAt(changed, path)).toBe(OPTION);
      }),
      runs(500),
    );
  });

  it('replaces an element of a list, but makes none', () => {
    const root = locate({ timeline: [{ at: '1s' }] }, FILE);
    expect(plainOf(setValue(root, ['timeline', '0', 'at'], '2s', OPTION))).toEqual({
      timeline: [{ at: '2s' }],
    });
    expect(() => setValue(root, ['timeline', '1', 'at'], '2s', OPTION)).toThrow(
      "'timeline.1' is no element of the list",
    );
  });
});

function change(draft: Record<string, Plain>, name: string, value: Plain, choice: number): void {
  const inner = draft[name];
  if (Array.isArray(inner) && choice % 2 === 0) {
    if (choice % 4 === 0) inner.push(value);
    else inner.splice(0, 1);
  } else if (inner !== null && typeof inner === 'object' && !Array.isArray(inner) && choice % 3 > 0) {
    change(inner, name, value, choice + 1);
  } else if (choice % 5 === 0) delete draft[name];
  else draft[name] = value;
}

function valueAt(data: Plain, path: readonly string[]): Plain | undefined {
  return path.reduce<Plain | undefined>((here, step) => {
    if (Array.isArray(here)) return here[Number(step)];
    return here !== null && typeof here === 'object' ? here[step] : undefined;
  }, data);
}
