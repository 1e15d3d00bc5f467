import { processorTimeMs } from './processor-time.ts';

/**
 * A mutant that no test ends with for this processor time hangs. Counted by the clock, a busy machine would make mutants of slow
 * tests hang, which then count as noticed.
 */
const patienceMs = 60_000;
/** Loading and measuring all tests may take longer. */
const startPatienceMs = 600_000;

/** A mutant may also wait for an event that never comes: it uses next to no processor time for so long by the clock. */
const waitingMs = 120_000;
const waitingShare = 0.01;

/** The clock, and the processor time used so far; both in milliseconds. */
export interface Meters {
  readonly now: () => number;
  readonly usedMs: () => number;
}

/** Decides when a process that runs mutants hangs. */
export class Patience {
  readonly #meters: Meters;
  #isLoading = true;
  #since: number;
  #usedMs: number;

  constructor(meters: Meters) {
    this.#meters = meters;
    this.#since = meters.now();
    this.#usedMs = meters.usedMs();
  }

  /** Records that a test ended. */
  heard(): void {
    this.#isLoading = false;
    this.#since = this.#meters.now();
    this.#usedMs = this.#meters.usedMs();
  }

  /** Returns true when nothing more is to be expected. */
  get isOver(): boolean {
    const usedMs = this.#meters.usedMs() - this.#usedMs;
    const elapsedMs = this.#meters.now() - this.#since;
    if (usedMs > (this.#isLoading ? startPatienceMs : patienceMs)) return true;
    return elapsedMs > waitingMs && usedMs < waitingShare * elapsedMs;
  }
}

/** Returns the meters of a process group. */
export function metersOf(group: number): Meters {
  return { now: () => performance.now(), usedMs: () => processorTimeMs(group) };
}
