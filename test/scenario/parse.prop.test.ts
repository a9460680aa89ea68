/** Anything at all becomes a scenario or problems that lie within the text: nothing throws. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { formatProblems } from '../../src/scenario/document/problem.ts';
import { Source } from '../../src/scenario/document/source.ts';
import { readYaml } from '../../src/scenario/document/yaml.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { runs } from '../support/property.ts';

describe('reading a scenario', () => {
  it('survives any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), survives), runs(300));
    fc.assert(fc.property(fc.stringMatching(/^[\n :\-[\]{}"'&*a!|>#,?%@`0-9]{0,60}$/), survives), runs(1000));
  });

  it('survives any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => new TextDecoder().decode(array));
    fc.assert(fc.property(bytes, survives), runs(300));
  });

  it('survives any data under the keys that it knows', () => {
    fc.assert(
      fc.property(almostScenario(), (data) => survives(stringify(data))),
      runs(1000),
    );
  });
});

function survives(text: string): void {
  const source = new Source('any.yaml', text);
  const loaded = readYaml(source);
  const parsed = 'problems' in loaded ? { ok: false as const, ...loaded } : parseScenario(loaded.data);
  if (parsed.ok) return;
  expect(parsed.problems.length).toBeGreaterThan(0);
  for (const { span } of parsed.problems) {
    expect(span).not.toBeNull();
    expect(span!.start).toBeGreaterThanOrEqual(0);
    expect(span!.end).toBeLessThanOrEqual(text.length);
  }
  expect(formatProblems(parsed.problems, 'any.yaml')).toMatch(/^any\.yaml:\d+:\d+: /);
}

/** Scenarios with the right keys and, mostly, the wrong values. */
function almostScenario() {
  const name = fc.constantFrom('a', 'b', 'r1', 'eth0', 'link', '1x', '');
  const word = fc.constantFrom(
    'a -- b',
    'a.eth0 -- r1.eth0',
    '10.0.0.1/24',
    '10.0.0.1',
    '10ms',
    '1Gbps',
    '5%',
    'a:80',
    'tcp and port 80',
    's = socket(tcp)',
    'bind(s, 10.0.0.1:80) = EADDRINUSE',
    'default via 10.0.0.1',
    'tcp *:80 *:*',
    'drop',
    'ping',
    'calls',
    'crash',
    'packets',
  );
  const leaf = fc.oneof({ weight: 4, arbitrary: word }, fc.integer(), fc.constant(null), fc.boolean(), name);
  const key = fc.constantFrom(
    ...[
      'interfaces',
      'addresses',
      'mac',
      'mtu',
      'gateway',
      'routes',
      'between',
      'rate',
      'impairments',
      'do',
      'run',
    ],
    ...[
      'host',
      'to',
      'calls',
      'at',
      'check',
      'match',
      'on',
      'count',
      'link',
      'from',
      'packets',
      'a',
      'b',
      'eth0',
    ],
  );
  const { part } = fc.letrec((tie) => ({
    part: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('part'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(key, name), tie('part'), { maxKeys: 4 }),
    ),
  }));
  const named = fc.dictionary(name, part, { maxKeys: 3 });
  return fc.record(
    {
      title: fc.oneof(fc.constant('t'), part),
      seed: part,
      until: fc.oneof(fc.constant('5s'), part),
      hosts: fc.oneof(named, part),
      routers: named,
      switches: named,
      links: fc.oneof(named, part),
      programs: named,
      timeline: fc.array(part, { maxLength: 3 }),
      expect: fc.array(part, { maxLength: 3 }),
      outputs: part,
    },
    { requiredKeys: [] },
  );
}
