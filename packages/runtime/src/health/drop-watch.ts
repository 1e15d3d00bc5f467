import type { Role } from '@navalis/config';
import type { DropPlace, Logger } from '@navalis/telemetry';
import type { Time } from '../scheduling/time.ts';
import type { ProgramCounters, ProgramDropReason } from '../worker/messages.ts';
import type { Degradations } from './degradations.ts';
import { dropExplanations, dropExplanationsOf, dropReasonNames } from './drop-explanations.ts';

/** Interval of the checks. Each one costs a message to the data plane and back. */
const lookMs = 3_500;

/** This many checks in a row must agree that sends fail. Checks without an attempt do not count. */
const agreeingLooks = 3;

/** Our choice: drops for one reason are reported after this time. A shorter burst is no fault. */
const burstMs = 10_000;

/** Our choice: a reason is logged at most once in this time. */
const saidMs = 600_000;

/** Our choice: without attempts to send, failures are forgotten after this time. */
const silentMs = 60_000;

/** The parts of the program that a drop watch needs. */
export interface DropWatchContext {
  readonly role: Role;
  readonly logger: Logger;
  readonly degradations: Degradations;
  readonly time: Pick<Time, 'now' | 'every'>;
  /** Returns the current counts; undefined while there is no data plane. */
  readonly counters: () => Promise<ProgramCounters | undefined>;
}

/**
 * Warns when everything that arrives from one side, or anything for a stream, is dropped for one reason for 10 s, with the cure; once in
 * 10 minutes for each reason. The role is degraded when all its sends fail. Bounded by the list of reasons.
 */
export class DropWatch {
  readonly #context: DropWatchContext;
  /** The number of checks in a row that must agree on drops. */
  readonly #warningLooks: number;
  readonly #saidAt = new Map<ProgramDropReason, number>();
  /** Undefined when it is closed. */
  #endLooks: (() => void) | undefined;
  #before: ProgramCounters | undefined;
  /** Reasons that explained all packets of a place at the previous check. */
  #suspects: ReadonlyMap<string, Suspicion> = new Map();
  #isLooking = false;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(context: DropWatchContext, periodMs: number = lookMs) {
    this.#context = context;
    this.#warningLooks = Math.ceil(burstMs / periodMs);
    this.#endLooks = context.time.every(periodMs, () => void this.#look());
  }

  close(): void {
    this.#endLooks?.();
    this.#endLooks = undefined;
    this.#context.degradations.drop('send-failed');
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    // A stopping program has none.
    const counters = await this.#context.counters().catch(() => undefined);
    this.#isLooking = false;
    if (this.#endLooks !== undefined) this.#judge(counters);
  }

  #judge(counters: ProgramCounters | undefined): void {
    const before = this.#before;
    this.#before = counters;
    const isNewCount = before !== undefined && counters !== undefined && isLess(counters, before);
    if (before === undefined || counters === undefined || isNewCount) {
      this.#suspects = new Map();
      return;
    }
    const suspects = new Map<string, Suspicion>();
    for (const reason of dropReasonNames) {
      const dropped = (counters.drops[reason] ?? 0) - (before.drops[reason] ?? 0);
      for (const place of dropExplanations[reason].places) {
        const all = seenAt(place, counters) - seenAt(place, before);
        const key = `${reason} ${place}`;
        const earlier = this.#suspects.get(key);
        if (place === 'sending' && all === 0 && earlier !== undefined && this.#hasFailedLately()) {
          // A client sends seldom: a check without an attempt proves nothing.
          suspects.set(key, earlier);
          continue;
        }
        // A stream is there to lose nothing, and its datagrams are not counted.
        if (dropped === 0 || (place !== 'stream' && (all === 0 || dropped < all))) continue;
        const suspicion = { looks: (earlier?.looks ?? 0) + 1, dropped: (earlier?.dropped ?? 0) + dropped };
        suspects.set(key, suspicion);
        const needed = place === 'sending' ? agreeingLooks : this.#warningLooks;
        if (suspicion.looks >= needed) this.#tell(reason, place, suspicion.dropped);
      }
    }
    this.#suspects = suspects;
    this.#followSends(counters, before);
  }

  #tell(reason: ProgramDropReason, place: DropPlace, dropped: number): void {
    const { meaning, cure } = dropExplanationsOf(this.#context.role)[reason];
    if (place === 'sending') {
      this.#context.degradations.raise('send-failed', {
        sentence: `No datagram leaves this host (${reason}). ${meaning}`,
        evidence: reason,
        cure,
      });
      return;
    }
    const now = this.#context.time.now();
    if (now - (this.#saidAt.get(reason) ?? Number.NEGATIVE_INFINITY) < saidMs) return;
    this.#saidAt.set(reason, now);
    const quantity = place === 'stream' ? 'Some' : 'All';
    const sentence = `${quantity} ${places[place]} were dropped for 10 s and more (${reason}, ${dropped} so far). ${meaning} ${cure}`;
    this.#context.logger.warn({ event: `${quantity.toLowerCase()}-dropped`, reason, place, dropped }, sentence);
  }

  #followSends(counters: ProgramCounters, before: ProgramCounters): void {
    const failed = sendFailures(counters) - sendFailures(before);
    if (failed > 0) this.#failedAt = this.#context.time.now();
    const isSending = counters.datagramsSent > before.datagramsSent;
    if (isSending || !this.#hasFailedLately()) this.#context.degradations.clear('send-failed');
  }

  #hasFailedLately(): boolean {
    return this.#context.time.now() - this.#failedAt < silentMs;
  }
}

/** The time for which a reason has explained all drops. */
interface Suspicion {
  readonly looks: number;
  readonly dropped: number;
}

const places: Readonly<Record<DropPlace, string>> = {
  network: 'datagrams from the network',
  host: 'packets for the tunnel',
  sending: 'datagrams to the network',
  delivery: 'packets for this host',
  router: 'answers of the router about port mappings',
  stream: 'datagrams for the connection to a TURN server',
};

/** Returns the number of packets at a place, dropped or not. */
function seenAt(place: DropPlace, counters: ProgramCounters): number {
  switch (place) {
    case 'network':
      return counters.datagramsReceived;
    case 'host':
      return counters.packetsTaken;
    case 'sending':
      // The count is that of datagrams that left.
      return counters.datagramsSent + sendFailures(counters);
    case 'delivery':
      return counters.packetsDelivered;
    case 'router':
    case 'stream':
      // Not counted: the log says what came of a request, or why there is no connection.
      return 0;
  }
}

function sendFailures({ drops }: ProgramCounters): number {
  return (drops['send-failed'] ?? 0) + (drops['send-buffer-full'] ?? 0);
}

/** A new data plane counts from zero. */
function isLess(counters: ProgramCounters, before: ProgramCounters): boolean {
  return (
    counters.datagramsReceived < before.datagramsReceived ||
    counters.datagramsSent < before.datagramsSent ||
    counters.packetsTaken < before.packetsTaken
  );
}
