/** The rules of one direction of a link at work, in order. Rules come and go while the simulation runs. */
import { ConfigError } from '../../sim/errors.ts';
import { corruption } from './corruption.ts';
import { delay } from './delay.ts';
import { duplication } from './duplication.ts';
import type { Impairment, ImpairmentContext, ImpairmentRule, Pass, Transit } from './impairment.ts';
import { loss, partition } from './loss.ts';
import { reordering } from './reordering.ts';

export class ImpairmentChain {
  readonly #context: ImpairmentContext;
  readonly #wire: Pass;
  readonly #rules: Impairment[] = [];
  #first: Pass;

  /** @param wire gets what has passed all rules */
  constructor(context: ImpairmentContext, wire: Pass) {
    this.#context = context;
    this.#wire = wire;
    this.#first = wire;
  }

  /**
   * Adds a rule behind those that are there; it counts frames from now on.
   * @returns a function that takes the rule away again
   * @throws ConfigError when the rule makes no sense
   */
  add(rule: ImpairmentRule): () => void {
    const impairment = impairmentOf(rule, this.#context);
    this.#rules.push(impairment);
    this.#chain();
    return () => {
      const at = this.#rules.indexOf(impairment);
      if (at >= 0) this.#rules.splice(at, 1);
      this.#chain();
    };
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** Sends a frame through the rules. */
  pass(transit: Transit): void {
    this.#first(transit);
  }

  #chain(): void {
    this.#first = this.#rules.reduceRight<Pass>(
      (next, impairment) => (transit) => impairment(transit, next),
      this.#wire,
    );
  }
}

function impairmentOf(rule: ImpairmentRule, context: ImpairmentContext): Impairment {
  switch (rule.rule) {
    case 'loss':
      return loss(rule, context);
    case 'partition':
      return partition(rule, context);
    case 'duplicate':
      return duplication(rule, context);
    case 'reorder':
      return reordering(rule, context);
    case 'delay':
      return delay(rule, context);
    case 'corrupt':
      return corruption(rule, context);
    default:
      throw new ConfigError(
        `'${(rule as { rule: string }).rule}' is not an impairment`,
        ['rule'],
        'loss, partition, duplicate, reorder, delay or corrupt',
      );
  }
}
