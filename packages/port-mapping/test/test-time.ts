import type { MapperTime } from '../src/network/network.ts';

/** Timers longer than this wait for `advance`: sockets are real, hours are not. */
const longestRealMs = 3_500;

/** The clock of this machine, with leaps. */
export class TestTime implements MapperTime {
  #leaptMs = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly due: () => void }>();
  #next = 0;

  readonly now = (): number => performance.now() + this.#leaptMs;

  readonly after = (delayMs: number, due: () => void): (() => void) => {
    if (delayMs <= longestRealMs) {
      const timer = setTimeout(due, delayMs);
      return () => clearTimeout(timer);
    }
    const id = this.#next++;
    this.#timers.set(id, { at: this.now() + delayMs, due });
    return () => void this.#timers.delete(id);
  };

  /** The delays of the timers that wait. */
  get waiting(): readonly number[] {
    return [...this.#timers.values()].map(({ at }) => Math.round(at - this.now()));
  }

  /** Leaps forward; timers that are due then fire at once. */
  advance(ms: number): void {
    this.#leaptMs += ms;
    for (const [id, { at, due }] of [...this.#timers]) {
      if (at > this.now()) continue;
      this.#timers.delete(id);
      due();
    }
  }
}
