import type { Milliseconds, OfflineReason } from '@navalis/engine';

/** Our choice: attempts without a TURN server that end in silence before one is used. */
const silentAttempts = 2;

/** Our choice: how long after a change to the TURN server the direct way is checked, at first and at most; doubled each time. */
const firstCheckMs = 300_000;
const longestCheckMs = 3_600_000;

/** The failures that a TURN server helps against: at once, or when they repeat. */
const helpsAgainst: Readonly<Record<OfflineReason, 'at-once' | 'when-repeated' | 'not'>> = {
  symmetric: 'at-once',
  'mapped-not-global': 'at-once',
  'server-silent': 'when-repeated',
  'secondary-silent': 'when-repeated',
  'no-authenticated-answer': 'not',
  'no-route': 'not',
};

/**
 * Decides whether a client uses a TURN server or a port of its host (TU-17).
 *
 *     direct  --(symmetric NAT, or silence twice)------> relayed
 *     relayed --(another network, or a check succeeds)--> direct
 */
export class TurnChoice {
  readonly #isFixed: boolean;
  #isRelayed: boolean;
  #silent = 0;
  #checkAt: Milliseconds = Number.POSITIVE_INFINITY;
  #checkAfterMs = firstCheckMs;

  /** `always` never changes. */
  constructor(use: 'always' | 'fallback') {
    this.#isFixed = use === 'always';
    this.#isRelayed = this.#isFixed;
  }

  get isRelayed(): boolean {
    return this.#isRelayed;
  }

  /** A client without a TURN server is off-line. */
  offline(reason: OfflineReason, now: Milliseconds): void {
    if (this.#isRelayed || helpsAgainst[reason] === 'not') return;
    this.#silent++;
    if (helpsAgainst[reason] === 'at-once' || this.#silent >= silentAttempts) this.#relay(now);
  }

  /** A client without a TURN server has an address. */
  online(isSymmetric: boolean, now: Milliseconds): void {
    if (this.#isRelayed) return;
    this.#silent = 0;
    if (isSymmetric) this.#relay(now);
  }

  /** This host is in another network: what held in the previous one is over. */
  networkChanged(): void {
    if (this.#isFixed) return;
    this.#isRelayed = false;
    this.#silent = 0;
    this.#checkAt = Number.POSITIVE_INFINITY;
    this.#checkAfterMs = firstCheckMs;
  }

  /** Returns when the direct way is to be checked; Infinity while it is used. */
  nextDeadline(): Milliseconds {
    return this.#checkAt;
  }

  /** The direct way was checked: whether a client would get an address there. */
  checked(isUsable: boolean, now: Milliseconds): void {
    if (this.#isFixed || !this.#isRelayed) return;
    if (isUsable) {
      this.#isRelayed = false;
      this.#silent = 0;
      this.#checkAt = Number.POSITIVE_INFINITY;
      return;
    }
    this.#checkAfterMs = Math.min(2 * this.#checkAfterMs, longestCheckMs);
    this.#checkAt = now + this.#checkAfterMs;
  }

  #relay(now: Milliseconds): void {
    this.#isRelayed = true;
    this.#checkAt = now + this.#checkAfterMs;
  }
}
