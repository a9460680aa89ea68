/** How much there is to a case: of two that fail, people want the one of which less is to be said. */
import type { TestCase } from '../case.ts';

/** Counts the values in it; among equals, the digits of its numbers and durations. */
export function complexityOf({ scenario, input }: TestCase): number {
  return weigh([scenario, input]);
}

const VALUE = 1000;

function weigh(value: unknown): number {
  if (typeof value !== 'object' || value === null) return VALUE + digitsIn(value);
  return Object.values(value).reduce((sum: number, item: unknown) => sum + weigh(item), 0);
}

/** Addresses and names have digits too, but as many in every case. */
function digitsIn(value: unknown): number {
  return String(value).replaceAll(/\D/g, '').length;
}
