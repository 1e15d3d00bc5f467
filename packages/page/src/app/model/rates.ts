import type { Counters } from '../../facts.ts';

/** The rates of one interval, per second. */
export interface Rates {
  readonly octetsIn: number;
  readonly octetsOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly drops: number;
}

/** A point of the charts; without rates where there is a gap. */
export interface Sample {
  /** Seconds since 1970. */
  readonly at: number;
  readonly rates: Rates | undefined;
}

/** Our choices: ten minutes at one sample in two seconds; more than 15 s between two readings is a gap. */
const samplesKept = 300;
const longestIntervalMs = 15_000;

/** Turns readings of counters into rates. */
export class RateHistory {
  #before: { readonly ms: number; readonly counters: Counters; readonly drops: number } | undefined;
  #samples: readonly Sample[] = [];

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  add(counters: Counters, ms: number): void {
    const before = this.#before;
    const drops = totalDrops(counters);
    this.#before = { ms, counters, drops };
    if (before === undefined || ms <= before.ms) return;
    const seconds = (ms - before.ms) / 1_000;
    // A program that started again counts from zero.
    const isGap = ms - before.ms > longestIntervalMs || counters.datagramsReceived < before.counters.datagramsReceived;
    const rate = (now: number, past: number) => Math.max(0, now - past) / seconds;
    const rates: Rates | undefined = isGap
      ? undefined
      : {
          octetsIn: rate(counters.octetsReceived, before.counters.octetsReceived),
          octetsOut: rate(counters.octetsSent, before.counters.octetsSent),
          packetsIn: rate(counters.datagramsReceived, before.counters.datagramsReceived),
          packetsOut: rate(counters.datagramsSent, before.counters.datagramsSent),
          drops: rate(drops, before.drops),
        };
    this.#samples = [...this.#samples, { at: ms / 1_000, rates }].slice(-samplesKept);
  }
}

function totalDrops({ drops }: Counters): number {
  return Object.values(drops).reduce((sum, count) => sum + count, 0);
}
