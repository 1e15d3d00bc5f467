import type { Milliseconds } from '@navalis/engine';
import type { TrafficFigures } from '../figures.ts';
import type { EchoMark } from './echo-packets.ts';
import { type Flows, flowStates } from './flows.ts';
import { Histogram, quantilesOf } from './quantiles.ts';
import { RequestRing } from './request-ring.ts';

/** The requests over contacts, their answers, and what is counted of both. */
export class Exchanges {
  readonly flows: Flows;
  /** Requests that the sender was too busy to send. */
  unsent = 0;
  readonly #requests: RequestRing = new RequestRing();
  readonly #roundTrips: Histogram = new Histogram();
  #countedFrom: Milliseconds;

  constructor(flows: Flows, now: Milliseconds) {
    this.flows = flows;
    this.#countedFrom = now;
  }

  /** Returns the sequence number of a request, or undefined while too many are unanswered. */
  ask(flow: number, now: Milliseconds): number | undefined {
    const sequence = this.#requests.ask(flow, now);
    if (sequence === undefined) this.unsent += 1;
    else this.flows.recordRequest(flow, now);
    return sequence;
  }

  /** Records an answer. */
  answered({ flow, sequence }: Readonly<EchoMark>, now: Milliseconds): void {
    const sentAt = this.#requests.sentAt(sequence);
    if (this.#requests.answer(sequence, flow) === 'unknown') return;
    this.#roundTrips.add(now - sentAt);
    this.flows.recordAnswer(flow, sentAt, now);
  }

  /** Counts requests that have been unanswered for too long. */
  judge(now: Milliseconds): void {
    this.#requests.judge(now);
  }

  reset(now: Milliseconds): void {
    this.#requests.reset();
    this.#roundTrips.clear();
    this.flows.forgetGaps(now);
    this.unsent = 0;
    this.#countedFrom = now;
  }

  figures(now: Milliseconds): TrafficFigures {
    const { flows, unsent } = this;
    const { sent, answered, lost, late } = this.#requests;
    return {
      contacts: flows.count,
      open: flows.state.reduce((open, state) => open + (state === flowStates.open ? 1 : 0), 0),
      countedSeconds: (now - this.#countedFrom) / 1_000,
      ...{ sent, answered, lost, late, unsent },
      rttMs: this.#roundTrips.quantiles(),
      gapMs: quantilesOf(flows.gaps(now)),
      returns: flows.returns(now),
    };
  }
}
