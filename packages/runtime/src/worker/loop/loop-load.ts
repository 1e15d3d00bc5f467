import type { Milliseconds } from '@navalis/engine';

/** Upper bounds of the classes of turns, in milliseconds. A turn of the last one is longer than all of them. */
export const turnBoundsMs: readonly Milliseconds[] = [0.1, 1, 5, 20, 100, 1_000];

/** Our choice: the longest turn is that of the present window and the one before it. */
const windowMs = 60_000;

/** How long the turns of a data plane took: packets that arrive during a turn wait until it ends. */
export interface LoopReport {
  /** The number of turns up to each bound of `turnBoundsMs`, and of all turns. */
  readonly atMost: readonly number[];
  readonly totalMs: Milliseconds;
  /** In the last 1 to 2 minutes. */
  readonly longestMs: Milliseconds;
}

/** Places in the memory behind the counts of the classes. */
const total = turnBoundsMs.length + 1;
const longest = total + 1;
const longestBefore = total + 2;
const windowEnd = total + 3;

/** Measures the turns of the loop. Allocates nothing: all numbers are in one typed array. */
export class LoopLoad {
  readonly #memory: Float64Array = new Float64Array(windowEnd + 1);
  readonly #bounds: Float64Array = Float64Array.from(turnBoundsMs);

  /** Counts a turn that took `ms` and ended at `now`. */
  turn(ms: Milliseconds, now: Milliseconds): void {
    const memory = this.#memory;
    let index = 0;
    while (index < this.#bounds.length && ms > this.#bounds[index]!) index++;
    memory[index]! += 1;
    memory[total]! += ms;
    if (now >= memory[windowEnd]!) this.#openWindow(now);
    if (ms > memory[longest]!) memory[longest] = ms;
  }

  report(now: Milliseconds): LoopReport {
    if (now >= this.#memory[windowEnd]!) this.#openWindow(now);
    let sum = 0;
    const counts = Array.from(this.#memory.subarray(0, total));
    return {
      atMost: counts.map((count) => {
        sum += count;
        return sum;
      }),
      totalMs: this.#memory[total]!,
      longestMs: Math.max(this.#memory[longest]!, this.#memory[longestBefore]!),
    };
  }

  /** Keeps the last window, unless nothing happened in it. */
  #openWindow(now: Milliseconds): void {
    const memory = this.#memory;
    memory[longestBefore] = now - memory[windowEnd]! < windowMs ? memory[longest]! : 0;
    memory[longest] = 0;
    memory[windowEnd] = now + windowMs;
  }
}
