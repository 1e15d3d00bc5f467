import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds, RandomSource } from '@navalis/engine';

/** Slots searched for one source; when all are taken, the least recently used of them is replaced. */
const slotsPerSource = 8;

/**
 * Token buckets, one for each of the most recent IPv4 sources, in typed arrays of a fixed size. The place of a source
 * depends on a secret, so that nobody can choose addresses which push a victim's bucket out.
 */
export class SourceLimiter {
  readonly #ratePerMs: number;
  readonly #burst: number;
  readonly #slotMask: number;
  readonly #secret: number;
  readonly #sources: Uint32Array;
  readonly #tokens: Float64Array;
  readonly #updatedAt: Float64Array;

  /** `capacity` is a power of two, at least 8. */
  constructor(ratePerSecond: number, burst: number, capacity: number, random: RandomSource) {
    this.#ratePerMs = ratePerSecond / 1000;
    this.#burst = burst;
    this.#slotMask = capacity / slotsPerSource - 1;
    const secret = new Uint32Array(1);
    random.fill(new Uint8Array(secret.buffer));
    this.#secret = secret[0]!;
    this.#sources = new Uint32Array(capacity);
    this.#tokens = new Float64Array(capacity);
    this.#updatedAt = new Float64Array(capacity).fill(Number.NEGATIVE_INFINITY);
  }

  /** Takes one token of the source; false when it has none left. */
  take(source: Ipv4Value, now: Milliseconds): boolean {
    const slot = this.#slotOf(source, now);
    const tokens = Math.min(this.#burst, this.#tokens[slot]! + (now - this.#updatedAt[slot]!) * this.#ratePerMs);
    this.#updatedAt[slot] = now;
    if (tokens < 1) {
      this.#tokens[slot] = tokens;
      return false;
    }
    this.#tokens[slot] = tokens - 1;
    return true;
  }

  /** The slot that holds the source, after giving it one with a full bucket if it had none. */
  #slotOf(source: Ipv4Value, now: Milliseconds): number {
    const first = (this.#hash(source) & this.#slotMask) * slotsPerSource;
    let oldest = first;
    for (let slot = first; slot < first + slotsPerSource; slot++) {
      if (this.#sources[slot] === source && this.#updatedAt[slot] !== Number.NEGATIVE_INFINITY) return slot;
      if (this.#updatedAt[slot]! < this.#updatedAt[oldest]!) oldest = slot;
    }
    this.#sources[oldest] = source;
    this.#tokens[oldest] = this.#burst;
    this.#updatedAt[oldest] = now;
    return oldest;
  }

  #hash(source: Ipv4Value): number {
    let hash = Math.imul(source ^ this.#secret, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    return hash ^ (hash >>> 13);
  }
}
