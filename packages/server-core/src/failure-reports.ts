import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';

/** Our choices: failures told at once and per minute in total, and how long the same one is not told again. */
const reportsAtOnce = 5;
const reportIntervalMs = 10_000;
const repeatMs = 60_000;

/** Failures that are remembered as told. */
const rememberedFailures = 64;

/**
 * Decides which failed authentications are told: each one that is new, within a limit that a flood cannot pass. Bounded by
 * two arrays of 64 numbers.
 */
export class FailureReports {
  readonly #told = new Float64Array(rememberedFailures);
  readonly #toldAt = new Float64Array(rememberedFailures).fill(Number.NEGATIVE_INFINITY);
  #next = 0;
  #tokens = reportsAtOnce;
  #updatedAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #untold = 0;

  /** Failures since the last one that was told. */
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
