import type { DropReason } from '@navalis/engine';

/** Where devices count what they had to drop; an engine's `Counters` is one. */
export interface DropSink {
  drop(reason: DropReason, packets?: number): void;
}
