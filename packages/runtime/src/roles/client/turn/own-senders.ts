import { type Milliseconds, RateLimit } from '@navalis/engine';

/** Our choice: how long a verdict on a sender holds. */
const holdsMs = 1_000;

/** Our choice: look-ups a second; each reads a table of the kernel, and anyone on this host can cause one. */
const lookUpsPerSecond = 64;

/** Our choice: verdicts that are kept. */
const capacity = 64;

interface Verdict {
  readonly address: string;
  readonly isOwn: boolean;
  readonly at: Milliseconds;
}

/** Tells the datagrams of this process from those of other programs of the host. Bounded in memory and work. */
export class OwnSenders {
  readonly #isOwn: (address: string, port: number) => boolean;
  readonly #lookUps: RateLimit = new RateLimit(lookUpsPerSecond);
  /** By port. */
  readonly #verdicts: Map<number, Verdict> = new Map();

  /** `isOwn` looks up whether a socket of this process is bound to an endpoint. */
  constructor(isOwn: (address: string, port: number) => boolean) {
    this.#isOwn = isOwn;
  }

  /** Returns true if a datagram from this endpoint is one of this process. */
  accepts(address: string, port: number, now: Milliseconds): boolean {
    const known = this.#verdicts.get(port);
    const isSame = known?.address === address;
    if (isSame && now - known.at < holdsMs) return known.isOwn;
    if (!this.#lookUps.take(now)) return isSame && known.isOwn;
    const isOwn = this.#isOwn(address, port);
    // Another program at the same port of another address takes no verdict away.
    if (isOwn || isSame || known?.isOwn !== true) this.#keep(port, { address, isOwn, at: now });
    return isOwn;
  }

  #keep(port: number, verdict: Verdict): void {
    if (this.#verdicts.size >= capacity) {
      for (const [other, { isOwn, at }] of this.#verdicts) {
        if (!isOwn || verdict.at - at >= holdsMs) this.#verdicts.delete(other);
      }
    }
    this.#verdicts.set(port, verdict);
  }
}
