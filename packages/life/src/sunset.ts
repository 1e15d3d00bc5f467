import type { Milliseconds } from '@navalis/engine';

/** Our choice: how many days before the end of service the announcement becomes a warning. */
const warningDays = 30;

const dayMs = 86_400_000;

/** An announcement about the end of service. */
export type SunsetNotice =
  | { readonly kind: 'over' }
  | {
      readonly kind: 'ahead';
      /** Days left, the present one included. */
      readonly days: number;
      readonly isNear: boolean;
    };

/** Returns what to say at `now` about service that ends at `end`, both by the wall clock (RFC 4380 section 5.5). */
export function sunsetNotice(end: Milliseconds, now: Milliseconds): SunsetNotice {
  if (now >= end) return { kind: 'over' };
  const days = Math.ceil((end - now) / dayMs);
  return { kind: 'ahead', days, isNear: days <= warningDays };
}

/** Decides when to announce the end of service again: once a day, and when it has come. */
export class SunsetReminder {
  readonly #end: Milliseconds;
  #announcedAt: Milliseconds;

  constructor(end: Milliseconds, announcedAt: Milliseconds) {
    this.#end = end;
    this.#announcedAt = announcedAt;
  }

  /** Returns what to say at `now`; undefined while nothing is due. */
  observe(now: Milliseconds): SunsetNotice | undefined {
    const notice = sunsetNotice(this.#end, now);
    if (notice.kind === 'over') return notice;
    if (now - this.#announcedAt < dayMs) return undefined;
    this.#announcedAt = now;
    return notice;
  }
}
