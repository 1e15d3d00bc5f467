import type { Ipv4Value } from '@navalis/address';
import { drawShare, type Milliseconds, type RandomSource } from '@navalis/engine';
import {
  defaultProbeIntervalMs,
  longestProbeIntervalFactor,
  probeAnswersNeeded,
  probeConfirmationMs,
  retryJitterShare,
} from '../choices.ts';
import { solicitationTimeoutMs, solicitationTransmissions } from '../constants.ts';
import type { TeredoServer } from '../options.ts';
import { OutstandingNonces } from '../solicitation/outstanding-nonces.ts';

export interface ProbeSolicitation {
  readonly server: Ipv4Value;
  readonly nonce: Uint8Array;
}

const none: readonly TeredoServer[] = [];
const off: ProbeState = { kind: 'off' };

/**
 * While a client uses a server that is not the first of its list, asks those before it now and then whether they are back
 * (CL-C-09). The address in use is not touched by that: the probes have nonces and a deadline of their own.
 *
 *     off --(qualified on a later server)--> resting --(10 min)--> asking --(answered twice, 30 s apart)--> off
 *                                              ^                     |
 *                                              +--(3 x 4 s silence)--+   next server; after all of them twice the wait
 *
 * A server that fails again soon after the client went back to it is asked half as often from then on. Holds one state and
 * the nonces of one probe.
 */
export class PreferredServerProbe {
  readonly nonces: OutstandingNonces = new OutstandingNonces();
  readonly #random: RandomSource;
  readonly #firstIntervalMs: Milliseconds;
  #servers: readonly TeredoServer[] = none;
  #state: ProbeState = off;
  #index = 0;
  #answers = 0;
  #intervalMs: Milliseconds;
  #wentBackAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(random: RandomSource, firstIntervalMs: Milliseconds = defaultProbeIntervalMs) {
    this.#random = random;
    this.#firstIntervalMs = firstIntervalMs;
    this.#intervalMs = firstIntervalMs;
  }

  /** The server that an answer is expected from; undefined while none is. */
  get asked(): TeredoServer | undefined {
    return this.#state.kind === 'asking' ? this.#servers[this.#index] : undefined;
  }

  /** The index of that server in the list. */
  get index(): number {
    return this.#index;
  }

  nextDeadline(): Milliseconds {
    return this.#state.kind === 'off' ? Number.POSITIVE_INFINITY : this.#state.deadline;
  }

  /** The client has an address from a server that `preferred`, one at least, come before; more of the same changes nothing. */
  begin(preferred: readonly TeredoServer[], now: Milliseconds): void {
    if (this.#state.kind !== 'off') return;
    const isRelapse = now - this.#wentBackAt < this.#longestIntervalMs;
    this.#intervalMs = isRelapse ? Math.min(2 * this.#intervalMs, this.#longestIntervalMs) : this.#firstIntervalMs;
    this.#wentBackAt = Number.NEGATIVE_INFINITY;
    this.#servers = preferred;
    this.#index = 0;
    this.#answers = 0;
    this.#rest(this.#jittered(this.#intervalMs), now);
  }

  end(): void {
    this.#state = off;
    this.nonces.clear();
  }

  /** Returns the solicitation to send, if any. */
  handleDeadline(now: Milliseconds): ProbeSolicitation | undefined {
    if (now < this.nextDeadline()) return undefined;
    const earlier = this.#state.kind === 'asking' ? this.#state.transmissions : 0;
    if (earlier < solicitationTransmissions) return this.#ask(earlier, now);
    this.#giveUp(now);
    return undefined;
  }

  /** The server asked gave a proper answer; true when it is time to end this and go back to it. */
  recordAnswer(now: Milliseconds): boolean {
    this.nonces.clear();
    this.#answers++;
    if (this.#answers < probeAnswersNeeded) {
      this.#rest(Math.min(probeConfirmationMs, this.#firstIntervalMs), now);
      return false;
    }
    this.#wentBackAt = now;
    return true;
  }

  /** It answered, but what it said is of no use. */
  recordUselessAnswer(now: Milliseconds): void {
    this.#giveUp(now);
  }

  get #longestIntervalMs(): Milliseconds {
    return longestProbeIntervalFactor * this.#firstIntervalMs;
  }

  #ask(earlier: number, now: Milliseconds): ProbeSolicitation {
    this.#state = { kind: 'asking', transmissions: earlier + 1, deadline: now + solicitationTimeoutMs };
    return { server: this.#servers[this.#index]!.primary, nonce: this.nonces.draw(this.#random) };
  }

  #giveUp(now: Milliseconds): void {
    this.nonces.clear();
    this.#answers = 0;
    this.#index = (this.#index + 1) % this.#servers.length;
    if (this.#index === 0) this.#intervalMs = Math.min(2 * this.#intervalMs, this.#longestIntervalMs);
    this.#rest(this.#jittered(this.#intervalMs), now);
  }

  #rest(ms: Milliseconds, now: Milliseconds): void {
    this.#state = { kind: 'resting', deadline: now + ms };
  }

  #jittered(ms: Milliseconds): Milliseconds {
    return Math.round(ms * (1 + retryJitterShare * (2 * drawShare(this.#random) - 1)));
  }
}

type ProbeState =
  | { readonly kind: 'off' }
  | { readonly kind: 'resting'; readonly deadline: Milliseconds }
  | { readonly kind: 'asking'; readonly transmissions: number; readonly deadline: Milliseconds };
