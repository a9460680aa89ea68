/**
 * What a link may do to frames on their way. The rules of one direction are an ordered list: each gets what the one
 * before it lets through, and passes it on changed, late, twice, or not at all.
 */
import type { RandomStream } from '../../sim/random.ts';
import type { Nanos } from '../../sim/time.ts';
import type { EthernetFrame } from '../frame.ts';
import type { Framing } from '../framing.ts';
import type { CorruptionRule } from './corruption.ts';
import type { DelayRule } from './delay.ts';
import type { DuplicationRule } from './duplication.ts';
import type { LossRule, PartitionRule } from './loss.ts';
import type { ReorderingRule } from './reordering.ts';

/** A rule as its user writes it. */
export type ImpairmentRule =
  | LossRule
  | PartitionRule
  | DuplicationRule
  | ReorderingRule
  | DelayRule
  | CorruptionRule;

/** A frame on its way through the rules. */
export interface Transit {
  readonly frame: EthernetFrame;
  /** What the rules add to the delay of the link. */
  readonly extraDelay: Nanos;
  /** It may arrive behind frames that were sent after it. */
  readonly mayBeOvertaken: boolean;
}

/** Hands a frame to the next rule, or to the wire behind the last one. */
export type Pass = (transit: Transit) => void;

/** A rule at work: it calls `pass` for everything that goes on, and drops with a reason what does not. */
export type Impairment = (transit: Transit, pass: Pass) => void;

/** What rules work with. */
export interface ImpairmentContext {
  /** The stream of this direction. */
  readonly random: RandomStream;
  readonly framing: Framing;
  drop(reason: string, frame: EthernetFrame): void;
  /** A copy came into being. */
  duplicated(frame: EthernetFrame): void;
}
