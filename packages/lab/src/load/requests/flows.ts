import type { Milliseconds } from '@navalis/engine';
import type { FlowReturns } from '../figures.ts';
import type { LoadSettings } from '../settings.ts';

/** States of a contact. */
export const flowStates = { waiting: 0, asked: 1, open: 2 } as const;

/** The time within which each contact must be answered. */
const lateAfterMs = 1_000;

/** The contacts of all clients by number, in typed arrays: who asks whom, and what came of it. */
export class Flows {
  readonly count: number;
  readonly state: Uint8Array;
  /** Requests before the first answer. */
  readonly attempts: Uint8Array;
  readonly firstAskedAt: Float64Array;
  readonly lastAskedAt: Float64Array;
  /** When the first request was sent that is not answered yet, nor any after it; 0: none is. */
  readonly #unansweredSince: Float64Array;
  readonly #longestGap: Float64Array;
  /** From the time at which gaps were forgotten to the first answer since; 0 until then. */
  readonly #firstAnswerAfter: Float64Array;
  #forgottenAt: Milliseconds = 0;
  readonly #clients: number;
  readonly #peers: number;
  readonly #hosts: number;

  constructor({ clients, peers, hosts }: Pick<LoadSettings, 'clients' | 'peers' | 'hosts'>) {
    this.#clients = clients;
    this.#peers = Math.min(peers, clients - 1);
    this.#hosts = hosts.length;
    const count = clients * this.perClient;
    this.count = count;
    this.state = new Uint8Array(count);
    this.attempts = new Uint8Array(count);
    this.firstAskedAt = new Float64Array(count);
    this.lastAskedAt = new Float64Array(count);
    this.#unansweredSince = new Float64Array(count);
    this.#longestGap = new Float64Array(count);
    this.#firstAnswerAfter = new Float64Array(count);
  }

  get perClient(): number {
    return this.#peers + (this.#hosts > 0 ? 1 : 0);
  }

  /** Returns the number of the client that asks. */
  clientOf(flow: number): number {
    return Math.floor(flow / this.perClient);
  }

  /** Returns the number of the client that is asked; undefined for a native host. */
  peerOf(flow: number): number | undefined {
    const place = flow % this.perClient;
    return place < this.#peers ? (this.clientOf(flow) + 1 + place) % this.#clients : undefined;
  }

  /** Returns the number of the native host that is asked. */
  hostOf(flow: number): number {
    return this.clientOf(flow) % this.#hosts;
  }

  recordRequest(flow: number, now: Milliseconds): void {
    this.lastAskedAt[flow] = now;
    if (this.#unansweredSince[flow] === 0) this.#unansweredSince[flow] = now;
  }

  /** Records the answer of a request that was sent at `sentAt`. */
  recordAnswer(flow: number, sentAt: Milliseconds, now: Milliseconds): void {
    const since = this.#unansweredSince[flow]!;
    if (this.#firstAnswerAfter[flow] === 0) this.#firstAnswerAfter[flow] = now - this.#forgottenAt;
    if (since !== 0) this.#longestGap[flow] = Math.max(this.#longestGap[flow]!, now - since);
    // A later request may wait for its answer: since when exactly is not remembered, but since this one at the earliest.
    this.#unansweredSince[flow] = this.lastAskedAt[flow]! > sentAt ? sentAt : 0;
  }

  /** Returns the longest gap of each contact that is open, also one that has not ended. */
  gaps(now: Milliseconds): Float64Array {
    const gaps = new Float64Array(this.count);
    let open = 0;
    for (let flow = 0; flow < this.count; flow++) {
      if (this.state[flow] !== flowStates.open) continue;
      const since = this.#unansweredSince[flow]!;
      gaps[open] = Math.max(this.#longestGap[flow]!, since === 0 ? 0 : now - since);
      open += 1;
    }
    return gaps.subarray(0, open);
  }

  /** Returns how soon the contacts that are open were answered since gaps were forgotten, by requests sent since. */
  returns(now: Milliseconds): FlowReturns {
    const passedMs = now - this.#forgottenAt;
    let [silent, late, longestMs] = [0, 0, 0];
    for (let flow = 0; flow < this.count; flow++) {
      if (this.state[flow] !== flowStates.open) continue;
      const after = this.#firstAnswerAfter[flow]!;
      if (after === 0) silent += 1;
      const ms = after === 0 ? passedMs : after;
      if (ms > lateAfterMs) late += 1;
      longestMs = Math.max(longestMs, ms);
    }
    return { silent, late, longestMs };
  }

  forgetGaps(now: Milliseconds): void {
    this.#longestGap.fill(0);
    this.#unansweredSince.fill(0);
    this.#firstAnswerAfter.fill(0);
    this.#forgottenAt = now;
  }
}
