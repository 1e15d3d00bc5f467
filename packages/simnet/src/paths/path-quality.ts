import type { Milliseconds } from '@navalis/engine';
import type { SimStream } from '../sim-random.ts';

/** The quality of a stretch of a path: delay, loss and the like. */
export interface PathQuality {
  readonly latencyMs: Milliseconds;
  /** Added to the latency, uniform from 0. */
  readonly jitterMs: Milliseconds;
  /** Share of packets that get lost, 0 to 1. */
  readonly loss: number;
  /** Share of packets that arrive twice. */
  readonly duplication: number;
  /** Share of packets that are held back, uniformly up to `reorderingDelayMs`, so that later ones overtake them. */
  readonly reordering: number;
  readonly reorderingDelayMs: Milliseconds;
}

export const perfectPath: PathQuality = {
  latencyMs: 0,
  jitterMs: 0,
  loss: 0,
  duplication: 0,
  reordering: 0,
  reorderingDelayMs: 100,
};

/** The stretches of a path: the sender's line, the core between them, the receiver's line. */
export type Stretches = readonly [PathQuality, PathQuality, PathQuality];

/** Returns the delay of a packet over these stretches together; undefined when it is lost. */
export function crossingTime(stretches: Stretches, random: SimStream): Milliseconds | undefined {
  let delay = 0;
  for (let index = 0; index < stretches.length; index++) {
    const { latencyMs, jitterMs, loss, reordering, reorderingDelayMs } = stretches[index]!;
    if (random.happens(loss)) return undefined;
    delay += latencyMs;
    if (jitterMs > 0) delay += random.share() * jitterMs;
    if (random.happens(reordering)) delay += random.share() * reorderingDelayMs;
  }
  return delay;
}

/** Returns the number of copies of a packet that arrive, before losses. */
export function copiesOver(stretches: Stretches, random: SimStream): number {
  let copies = 1;
  for (let index = 0; index < stretches.length; index++) if (random.happens(stretches[index]!.duplication)) copies++;
  return copies;
}
