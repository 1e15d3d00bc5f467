import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';

/** Our choices: the burst and rate per minute of all reports, and the time before the same failure is reported again. */
const reportsAtOnce = 5;
const reportIntervalMs = 10_000;
const repeatMs = 60_000;

/** The number of remembered reports. */
const rememberedFailures = 64;

/**
 * Decides which failed authentications to report: each new one, within a limit that a flood cannot exceed. Bounded by
 * two arrays of 64 numbers.
 */
export class FailureReports {
  readonly #told = new Float64Array(rememberedFailures);
  readonly #toldAt = new Float64Array(rememberedFailures).fill(Number.NEGATIVE_INFINITY);
  #next = 0;
  #tokens = reportsAtOnce;
  #updatedAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #untold = 0;

  /** Failures since the last report. */
  get untold(): number {
    return this.#untold;
  }

  /** Returns true if a failure of the client with this hash at the address should be reported; then call `told`. */
  isDue(hash: number, source: Ipv4Value, now: Milliseconds): boolean {
    const key = keyOf(hash, source);
    for (let index = 0; index < rememberedFailures; index++) {
      if (this.#told[index] === key && now - this.#toldAt[index]! < repeatMs) return this.#leaveOut();
    }
    this.#tokens = Math.min(reportsAtOnce, this.#tokens + (now - this.#updatedAt) / reportIntervalMs);
    this.#updatedAt = now;
    if (this.#tokens < 1) return this.#leaveOut();
    this.#tokens -= 1;
    this.#told[this.#next] = key;
    this.#toldAt[this.#next] = now;
    this.#next = (this.#next + 1) % rememberedFailures;
    return true;
  }

  told(): void {
    this.#untold = 0;
  }

  #leaveOut(): false {
    this.#untold += 1;
    return false;
  }
}

function keyOf(hash: number, source: Ipv4Value): number {
  return (hash & 0xfffff) * 2 ** 32 + source;
}
