import type { StageSetting } from './stage.ts';

/**
 * What carries the packets: our programs, miredo, or nothing at all (IPv6 routed over the same machines, as the limit of
 * what the link can do).
 */
export type Contestant = 'navalis' | 'miredo' | 'link';

/** One figure of one round. */
export interface Sample extends StageSetting {
  readonly contestant: Contestant;
  /** What was measured, such as `tcp relay up`. */
  readonly measure: string;
  readonly value: number;
}

/** How figures of a measure are to be read. */
export interface MeasureKind {
  readonly unit: string;
  /** Whether more is better. */
  readonly moreIsBetter: boolean;
}
