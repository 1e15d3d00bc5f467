import type { Milliseconds } from '@navalis/engine';

/** Our choice: how often in a row the same is restored at once, how often anything is, and how long a row may take. */
const promptRepeats = 3;
const promptRestores = 10;
const rowMs = 120_000;

/** Our choice: the wait before the next restore of a row, at first and at most. */
const firstWaitMs = 2_000;
const longestWaitMs = 60_000;

/** Our choice: when a restore that failed is tried again. */
const retryMs = 3_000;

/** Our choice: how long a contested interface must be left alone before it counts as whole. */
const stableMs = 10_000;

/**
 * Says when to restore an interface, so that two programs with different plans do not fight for it at full speed. Where the
 * interface itself is removed, it outlives the runs that each open another one.
 */
export class RestorePace {
  /** When something was restored, within the last `rowMs`: at most `promptRestores` and what its waits leave room for. */
  #times: readonly Milliseconds[] = [];
  #what = '';
  #repeats = 0;
  #notBefore: Milliseconds = Number.NEGATIVE_INFINITY;

  /** Something takes away again and again what was restored, or did so within the last `rowMs`. */
  isContested(now: Milliseconds): boolean {
    return this.#waits >= 0 && now - this.#times.at(-1)! < rowMs;
  }

  mayRestore(now: Milliseconds): boolean {
    return this.#waitMs(now) === 0;
  }

  /** How long to wait before another interface is opened in place of one that was removed; a failed restore counts for nothing. */
  reopeningWaitMs(now: Milliseconds): Milliseconds {
    return this.isContested(now) ? this.#waitMs(now) : 0;
  }

  #waitMs(now: Milliseconds): Milliseconds {
    return Math.max(0, this.#notBefore - now);
  }

  restored(what: string, now: Milliseconds): void {
    this.#times = [...this.#times.filter((time) => now - time < rowMs), now];
    this.#repeats = what === this.#what && this.#times.length > 1 ? this.#repeats + 1 : 1;
    this.#what = what;
    if (this.isContested(now)) this.#notBefore = now + Math.min(firstWaitMs * 2 ** this.#waits, longestWaitMs);
  }

  failed(now: Milliseconds): void {
    this.#notBefore = now + retryMs;
  }

  /** Whether an interface that is as it must be may be called whole. */
  isStable(now: Milliseconds): boolean {
    return !this.isContested(now) || now - this.#times.at(-1)! >= stableMs;
  }

  /** How many waits of the row were made; negative while there is no reason to wait. */
  get #waits(): number {
    return Math.max(this.#repeats - promptRepeats, this.#times.length - promptRestores);
  }
}
