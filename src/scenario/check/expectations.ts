/** Expectations and outputs must name what exists and say something that can be true or false. */
import { appByName } from '../../apps/registry.ts';
import type { ExpectationSpec } from '../schema/scenario.ts';
import { type CheckContext, nearestWord, own, type Path } from './context.ts';
import { checkFilter } from './filter.ts';

export function checkExpectations(context: CheckContext): void {
  for (const [index, expectation] of context.scenario.expect.entries())
    checkExpectation(context, ['expect', index], expectation);
}

export function checkOutputs(context: CheckContext): void {
  const { captures, text, ladder, sockets } = context.scenario.outputs;
  for (const [index, end] of (captures ?? []).entries())
    context.watchPoint(['outputs', 'captures', index], end);
  for (const [index, { where, match }] of text.entries()) {
    context.watchPoint(['outputs', 'text', index, 'where'], where);
    checkFilter(context, ['outputs', 'text', index, 'match'], match);
  }
  for (const [index, node] of (ladder?.nodes ?? []).entries())
    context.refer(['outputs', 'ladder', 'nodes', index], 'host or router', node, ['hosts', 'routers']);
  checkFilter(context, ['outputs', 'ladder', 'match'], ladder?.match ?? null);
  for (const [index, { host, at }] of (sockets ?? []).entries()) {
    context.refer(['outputs', 'sockets', index, 'host'], 'host', host, ['hosts', 'routers']);
    context.within(['outputs', 'sockets', index, 'at'], at);
  }
}

function checkExpectation(context: CheckContext, path: Path, expectation: ExpectationSpec): void {
  if ('host' in expectation) context.refer([...path, 'host'], 'host', expectation.host, ['hosts', 'routers']);
  if ('program' in expectation)
    context.refer([...path, 'program'], 'program', expectation.program, ['programs']);
  if (expectation.check === 'received' && expectation.from !== null)
    context.address([...path, 'from'], expectation.from);
  if ('match' in expectation) checkFilter(context, [...path, 'match'], expectation.match);
  for (const key of ['at', 'after', 'before'] as const) {
    const time = (expectation as Partial<Record<typeof key, unknown>>)[key];
    if (typeof time === 'number') context.within([...path, key], time);
  }
  if (expectation.check === 'packets') context.watchPoint([...path, 'where'], expectation.where);
  if (expectation.check === 'delay') {
    context.watchPoint([...path, 'from'], expectation.from);
    context.watchPoint([...path, 'to'], expectation.to);
  }
  if (expectation.check === 'drops')
    context.refer([...path, 'where'], 'node or link', expectation.where, [
      'hosts',
      'routers',
      'switches',
      'hubs',
      'links',
    ]);
  if (expectation.check === 'statistic')
    checkStatistic(context, path, expectation.program, expectation.statistic);
  checkBounds(context, path, expectation);
}

function checkBounds(context: CheckContext, path: Path, expectation: ExpectationSpec): void {
  if (expectation.check === 'received' && (expectation.text === null) === (expectation.bytes === null))
    context.report(path, 'what must have been received?', 'text: or bytes:, one of them');
  if (!('min' in expectation)) return;
  const { min, max } = expectation;
  const exact = 'count' in expectation ? expectation.count : 'is' in expectation ? expectation.is : null;
  const key = 'is' in expectation ? 'is' : 'count';
  if (exact !== null && (min !== null || max !== null))
    context.report([...path, key], 'exactly, or between two bounds?', `${key}:, or min: and max:`);
  if (min !== null && max !== null && min > max)
    context.report([...path, 'min'], 'the least is more than the most', 'min: not above max:');
  if (exact === null && min === null && max === null && expectation.check !== 'printed') {
    const expected = expectation.check === 'delay' ? 'min: or max:' : `${key}:, min: or max:`;
    context.report(path, 'this is true of every run', expected);
  }
}

/** A statistic must be one that the program keeps. */
function checkStatistic(context: CheckContext, path: Path, name: string, statistic: string): void {
  const program = own(context.scenario.programs, name);
  if (program === undefined) return;
  if (program.calls !== undefined || program.program !== undefined) {
    context.report([...path, 'program'], `'${name}' is no built-in program and keeps no statistics`);
    return;
  }
  const known = Object.keys(appByName(program.run).statistics());
  if (known.includes(statistic)) return;
  context.report(
    [...path, 'statistic'],
    `'${program.run}' keeps no statistic '${statistic}'`,
    known.join(', '),
    nearestWord(statistic, known),
  );
}
