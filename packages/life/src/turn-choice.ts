import type { Milliseconds, OfflineReason } from '@navalis/engine';

/** Our choice: how long after a change to the TURN server the direct way is checked, at first and at most; doubled each time. */
const firstCheckMs = 300_000;
const longestCheckMs = 3_600_000;

/** Our choice: a client that had no address without a TURN server waits so long for one that fails. */
const patienceMs = 60_000;

/** Our choice: how long a client does without TURN servers that all failed, at first and at most; doubled each time. */
const firstPauseMs = 60_000;
const longestPauseMs = 3_600_000;
/** The longest pause of a client that has no address meanwhile. */
const longestOfflinePauseMs = 300_000;

/** A TURN server does not help. */
const never = Number.POSITIVE_INFINITY;

/** Our choice: how many attempts without a TURN server fail before one is used, by the reason of the last one. */
const attemptsBefore: Readonly<Record<OfflineReason, number>> = {
  symmetric: 1,
  'mapped-not-global': 1,
  'server-silent': 2,
  'secondary-silent': 2,
  'no-authenticated-answer': never,
  'no-route': never,
  'turn-unavailable': never,
};

/**
 * Decides whether a client uses a TURN server or a port of its host (TU-17).
 *
 *     direct  --(symmetric NAT, or silence twice; not in a pause)---------------> relayed
 *     relayed --(another network, a check succeeds, or all TURN servers fail)---> direct
 */
export class TurnChoice {
  readonly #isFixed: boolean;
  #isRelayed: boolean;
  #failures = 0;
  /** While it uses one. */
  #checkAt: Milliseconds = Number.POSITIVE_INFINITY;
  #checkAfterMs = firstCheckMs;
  /** Whether the last run without a TURN server had an address. */
  #hadAddress = false;
  /** Since when all TURN servers fail. */
  #failingSince: Milliseconds | undefined;
  #pauseMs = firstPauseMs;
  #pauseUntil: Milliseconds = Number.NEGATIVE_INFINITY;
  #isPausing = false;
  /** Whether a TURN server is to be used after the pause. */
  #isWanted = false;

  /** `always` never changes. */
  constructor(use: 'always' | 'fallback') {
    this.#isFixed = use === 'always';
    this.#isRelayed = this.#isFixed;
  }

  get isRelayed(): boolean {
    return this.#isRelayed;
  }

  /** Returns true if the last run without a TURN server had an address. */
  get hadAddress(): boolean {
    return this.#hadAddress;
  }

  /** Returns how long the client does without TURN servers because all failed; undefined when that is not the reason. */
  pauseMs(now: Milliseconds): Milliseconds | undefined {
    return this.#isPausing ? this.#pauseUntil - now : undefined;
  }

  /** A client without a TURN server is off-line. */
  offline(reason: OfflineReason, now: Milliseconds): void {
    if (this.#isRelayed) return;
    this.#hadAddress = false;
    const attempts = attemptsBefore[reason];
    if (attempts === never) return;
    this.#failures++;
    if (this.#failures >= attempts) this.#relay(now);
  }

  /** A client without a TURN server has an address. */
  online(isSymmetric: boolean, now: Milliseconds): void {
    if (this.#isRelayed) return;
    this.#failures = 0;
    this.#hadAddress = true;
    this.#isWanted = false;
    if (isSymmetric) this.#relay(now);
  }

  /** A TURN server has given an allocation. */
  turnSucceeded(): void {
    this.#failingSince = undefined;
    this.#pauseMs = firstPauseMs;
  }

  /** No TURN server gives an allocation: a client that would have an address without one takes that. */
  turnFailed(now: Milliseconds): void {
    if (this.#isFixed || !this.#isRelayed) return;
    this.#failingSince ??= now;
    if (!this.#hadAddress && now - this.#failingSince < patienceMs) return;
    this.#goDirect();
    this.#isPausing = true;
    this.#pauseUntil = now + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, this.#hadAddress ? longestPauseMs : longestOfflinePauseMs);
  }

  /** This host is in another network: what held in the previous one is over. */
  networkChanged(): void {
    if (this.#isFixed) return;
    this.#goDirect();
    this.#checkAfterMs = firstCheckMs;
    this.#pauseMs = firstPauseMs;
    this.#pauseUntil = Number.NEGATIVE_INFINITY;
    this.#hadAddress = false;
  }

  /** Returns when the direct way is to be checked, or a TURN server tried again; Infinity when neither is to come. */
  nextDeadline(): Milliseconds {
    if (this.#isRelayed) return this.#checkAt;
    return this.#isWanted ? this.#pauseUntil : Number.POSITIVE_INFINITY;
  }

  /** Uses a TURN server again after the pause. */
  handleDeadline(now: Milliseconds): void {
    if (!this.#isRelayed && this.#isWanted) this.#relay(now);
  }

  /** The direct way was checked: whether a client would get an address there. */
  checked(isUsable: boolean, now: Milliseconds): void {
    if (this.#isFixed || !this.#isRelayed) return;
    if (isUsable) {
      this.#goDirect();
      return;
    }
    this.#checkAfterMs = Math.min(2 * this.#checkAfterMs, longestCheckMs);
    this.#checkAt = now + this.#checkAfterMs;
  }

  #relay(now: Milliseconds): void {
    this.#isWanted = now < this.#pauseUntil;
    if (this.#isWanted) return;
    this.#isRelayed = true;
    this.#isPausing = false;
    this.#checkAt = now + this.#checkAfterMs;
  }

  #goDirect(): void {
    this.#isRelayed = false;
    this.#failures = 0;
    this.#isWanted = false;
    this.#isPausing = false;
    this.#failingSince = undefined;
  }
}
