import { type Ipv4Endpoint, type Ipv4Value, ipv4EndpointEquals } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import type { Assignment } from '@navalis/qualification';
import { shortestRefreshStartMs } from './choices.ts';

/**
 * The refresh interval that a determination begins with. A mapping that changes although the client refreshes it
 * in time means that the NAT forgets sooner: the determination, which cannot outlive its address, begins with half the interval
 * then, so that it comes to an end.
 */
export class RefreshStart {
  readonly #firstMs: Milliseconds;
  /** An earlier result, if it is shorter. */
  #limitMs: Milliseconds = Number.POSITIVE_INFINITY;
  #startMs: Milliseconds;
  #last: { readonly server: Ipv4Value; readonly mapped: Ipv4Endpoint } | undefined;
  /** Set when an address is lost, which is before the next one is assigned. */
  #refreshedEachMs!: Milliseconds;

  constructor(firstMs: Milliseconds) {
    this.#firstMs = firstMs;
    this.#startMs = firstMs;
  }

  get ms(): Milliseconds {
    return Math.min(this.#startMs, this.#limitMs);
  }

  /** Records the loss of an address whose mapping was refreshed in this interval. */
  lost(intervalMs: Milliseconds): void {
    this.#refreshedEachMs = intervalMs;
  }

  assigned({ server, mapped }: Assignment): void {
    const last = this.#last;
    this.#last = { server: server.primary, mapped };
    if (last === undefined || last.server !== server.primary) return;
    if (ipv4EndpointEquals(last.mapped, mapped)) return;
    this.#startMs = Math.max(shortestRefreshStartMs, this.#refreshedEachMs / 2);
  }

  /** Forgets earlier results: the NAT may be another one. */
  networkChanged(): void {
    this.#last = undefined;
    this.#startMs = this.#firstMs;
  }

  /** The determination has ended for good, with this interval. */
  determined(intervalMs: Milliseconds): void {
    this.#limitMs = intervalMs;
    this.#startMs = this.#firstMs;
    this.#last = undefined;
  }
}
