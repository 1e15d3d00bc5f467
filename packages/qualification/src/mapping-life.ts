import { drawShare, type Milliseconds, type RandomSource } from '@navalis/engine';
import { peerWitnessMs } from './choices.ts';
import { defaultRefreshIntervalMs, shortestRefreshShare } from './constants.ts';
import type { QualificationOptions } from './options.ts';

/** Tracks the signs that the mapping is alive, and the time of the next refresh. */
export class MappingLife {
  readonly #options: QualificationOptions;
  readonly #random: RandomSource;
  /** The longest silence before the next refresh. */
  refreshIntervalMs: Milliseconds;
  /** When a datagram from the server's primary address and port 3544 last counted; -Infinity before the first. */
  lastServerInteraction: Milliseconds = Number.NEGATIVE_INFINITY;
  /** Peers heard before this time were heard in another network. */
  #peersCountFrom: Milliseconds = Number.NEGATIVE_INFINITY;
  #isNatDoubtful = false;

  constructor(options: QualificationOptions, random: RandomSource) {
    this.#options = options;
    this.#random = random;
    this.refreshIntervalMs = options.refreshIntervalMs ?? defaultRefreshIntervalMs;
  }

  /** The host is in another network since the mapping was last good: its NAT may be of another kind (CL-M-10). */
  get isNatDoubtful(): boolean {
    return this.#isNatDoubtful;
  }

  networkChanged(now: Milliseconds): void {
    this.#peersCountFrom = now;
    this.#isNatDoubtful = true;
  }

  /** The mapping is good; returns when to refresh it. */
  settle(): Milliseconds {
    this.#isNatDoubtful = false;
    return this.drawDeadline();
  }

  /** Returns whether a peer shows that the mapping is alive, or the server by datagrams other than answers since `since`. */
  isShownAlive(since: Milliseconds, now: Milliseconds): boolean {
    const peerAt = this.#options.witness?.lastReceptionAt ?? Number.NEGATIVE_INFINITY;
    if (peerAt >= this.#peersCountFrom && now - peerAt < peerWitnessMs) return true;
    return this.lastServerInteraction > since && now - this.lastServerInteraction < peerWitnessMs;
  }

  /** Draws when to refresh, as far as the server has been heard until now. */
  drawDeadline(): Milliseconds {
    const share = shortestRefreshShare + (1 - shortestRefreshShare) * drawShare(this.#random);
    return this.lastServerInteraction + Math.round(this.refreshIntervalMs * share);
  }

  /**
   * Returns a later deadline in place of one that is due but was set without knowledge of what the server has sent since;
   * undefined when the refresh is due.
   */
  postponed(deadline: Milliseconds, now: Milliseconds): Milliseconds | undefined {
    const due = this.drawDeadline();
    const wasOutdated = deadline - this.lastServerInteraction < this.refreshIntervalMs * shortestRefreshShare;
    return wasOutdated && due > now ? due : undefined;
  }
}
