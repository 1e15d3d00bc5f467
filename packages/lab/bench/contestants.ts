import type { StageSetting } from './scene.ts';

/**
 * The carrier of the packets: our programs, those of another checkout (`before`), miredo, or nothing at all (IPv6 routed over
 * the same machines, as the limit of the link).
 */
export type Contestant = 'navalis' | 'before' | 'miredo' | 'link';

/** The roots of the checkouts that built programs run from. */
export interface Checkouts {
  readonly navalis: string;
  readonly before: string | undefined;
}

/** One figure of one round. */
export interface Sample extends StageSetting {
  readonly round: number;
  readonly contestant: Contestant;
  /** The measure, such as `tcp relay up`. */
  readonly measure: string;
  /** The group of the measure. */
  readonly group?: string;
  readonly value: number;
}

/** The unit and direction of the figures of a measure. */
export interface MeasureKind {
  readonly unit: string;
  /** True if higher figures are better. */
  readonly moreIsBetter: boolean;
}
