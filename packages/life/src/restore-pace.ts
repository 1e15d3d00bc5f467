import type { Milliseconds } from '@navalis/engine';

/** Our choice: how many equal restores in a row, and how many restores in all, happen at once; and how long a row lasts. */
const promptRepeats = 3;
const promptRestores = 10;
const rowMs = 120_000;

/** Our choice: the wait before the next restore of a row, at first and at most. */
const firstWaitMs = 2_000;
const longestWaitMs = 60_000;

/** Our choice: how soon a failed restore is retried. */
const retryMs = 3_000;

/** Our choice: how long others must leave a contested interface alone before it counts as stable. */
const stableMs = 10_000;

/**
 * Decides when to restore an interface, so that two programs with different plans do not fight for it at full speed. Where
 * other programs remove the interface itself, the pace outlives the runs that open one interface after another.
 */
export class RestorePace {
  /** Times of the restores within the last `rowMs`: at most `promptRestores` and what the waits leave room for. */
  #times: readonly Milliseconds[] = [];
  #what: string | undefined;
  #repeats = 0;
  #notBefore: Milliseconds = Number.NEGATIVE_INFINITY;

  /** Returns whether another program keeps undoing restores, or did so within the last 2 minutes. */
  isContested(now: Milliseconds): boolean {
    return this.#waits >= 0 && now - this.#times.at(-1)! < rowMs;
  }

  mayRestore(now: Milliseconds): boolean {
    return this.#waitMs(now) === 0;
  }

  /** Returns how long to wait before opening an interface in place of a removed one. Failed restores do not count. */
  reopeningWaitMs(now: Milliseconds): Milliseconds {
    return this.isContested(now) ? this.#waitMs(now) : 0;
  }

  #waitMs(now: Milliseconds): Milliseconds {
    return Math.max(0, this.#notBefore - now);
  }

  /** Records a restore of `what`. */
  restored(what: string, now: Milliseconds): void {
    this.#times = [...this.#times.filter((time) => now - time < rowMs), now];
    this.#repeats = what === this.#what && this.#times.length > 1 ? this.#repeats + 1 : 1;
    this.#what = what;
    if (this.isContested(now)) this.#notBefore = now + Math.min(firstWaitMs * 2 ** this.#waits, longestWaitMs);
  }

  /** Records a restore that failed. */
  failed(now: Milliseconds): void {
    this.#notBefore = now + retryMs;
  }

  /** Returns whether an interface that matches its plan counts as restored for good. */
  isStable(now: Milliseconds): boolean {
    return !this.isContested(now) || now - this.#times.at(-1)! >= stableMs;
  }

  /** The number of waits in this row; negative while there is no reason to wait. */
  get #waits(): number {
    return Math.max(this.#repeats - promptRepeats, this.#times.length - promptRestores);
  }
}
