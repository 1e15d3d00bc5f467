import { type Ipv6Value, ipv6Equals, readIpv6, teredoPort } from '@navalis/address';
import {
  type Counters,
  createPacketRun,
  type DatagramRun,
  type DropReason,
  type EngineOutputs,
  type Milliseconds,
  type PacketRun,
  pointRunAt,
  type RandomSource,
} from '@navalis/engine';
import {
  bubbleLength,
  type DatagramLayout,
  destinationOffset,
  icmpv6TypeOf,
  icmpv6Types,
  isBubble,
  isIcmpv6,
  sourceOffset,
  writeBubble,
} from '@navalis/wire';
import {
  defaultRefreshIntervalMs,
  determinationRepeats,
  determinationTimeoutMs,
  longestRefreshIntervalMs,
} from '../constants.ts';
import type { QualificationOptions } from '../options.ts';
import { Qualification } from '../qualification.ts';
import type { Assignment } from '../state.ts';
import { beginSearch, fail, isConcluded, isWorthSearching, type RefreshSearch, succeed } from './refresh-search.ts';

/** Sends the procedure's datagrams and receives its results. */
export interface DeterminationOutputs {
  readonly secondaryPort: Pick<EngineOutputs, 'sendDatagrams'>;
  readonly servicePort: Pick<EngineOutputs, 'sendDatagrams'>;
  /** The client shall use this interval. */
  found(refreshIntervalMs: Milliseconds): void;
  /** The procedure has ended. */
  ended(result: DeterminedInterval): void;
}

/** The result of the procedure. */
export interface DeterminedInterval {
  /** The interval to use. */
  readonly refreshIntervalMs: Milliseconds;
  /** The longest silence that a mapping survived; undefined when none did. */
  readonly keptMs: Milliseconds | undefined;
  /** The shortest silence that a mapping did not survive; undefined when it survived all. */
  readonly forgottenMs: Milliseconds | undefined;
}

/**
 * The state of the procedure, besides the secondary port's own address and mapping.
 *
 *     idle
 *       | the service port has its address
 *       v
 *     due, at once --> qualifying ------------(the secondary port has none)-------------> ended
 *                          |                                                                ^
 *                          | it has one                                                     |
 *                          v                                                                |
 *                       resting <--(has it still)-- maintaining <--(the search goes on)--+  |
 *                          |                             +--------(not any more)---------|--+
 *                          | silent for the candidate interval                           |  |
 *                          v                                                             |  |
 *                       probing: a bubble through the server, 4 x 2 s -------------------+--+
 *                                                                  success or failure
 */
type DeterminationState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'due' }
  | { readonly kind: 'qualifying' }
  | { readonly kind: 'resting'; readonly deadline: Milliseconds }
  | { readonly kind: 'probing'; readonly repeats: number; readonly deadline: Milliseconds }
  | { readonly kind: 'maintaining' }
  | { readonly kind: 'ended' };

/** The address and the server of a determination. */
interface Subject {
  readonly assignment: Assignment;
  readonly secondary: Qualification;
  search: RefreshSearch;
}

/**
 * Finds out how long the NAT keeps an idle mapping (RFC 4380 5.2.7): a second port is left alone for longer and longer, or for
 * shorter and shorter times below the first interval, and each time a bubble is sent to it through the server. Runs once;
 * afterwards the second port is not needed.
 */
export class IntervalDetermination {
  readonly #options: QualificationOptions;
  readonly #outputs: DeterminationOutputs;
  readonly #counters: Counters;
  readonly #random: RandomSource;
  readonly #run: PacketRun = createPacketRun(new Uint8Array(bubbleLength));
  #state: DeterminationState = { kind: 'idle' };
  #subject: Subject | undefined;

  /** `options.local` is the endpoint of the secondary port; `options.servers` is not used. */
  constructor(options: QualificationOptions, outputs: DeterminationOutputs, counters: Counters, random: RandomSource) {
    this.#options = options;
    this.#outputs = outputs;
    this.#counters = counters;
    this.#random = random;
  }

  get isEnded(): boolean {
    return this.#state.kind === 'ended';
  }

  /** As it stands; undefined before the service port has an address. */
  get search(): RefreshSearch | undefined {
    return this.#subject?.search;
  }

  /** The address of the secondary port; undefined while it has none. */
  get secondaryAddress(): Ipv6Value | undefined {
    return this.#subject?.secondary.assignment?.address;
  }

  /**
   * The service port has an address now, and is refreshed in this interval: the secondary one is to get one of the same
   * server (CL-D-01).
   */
  begin(
    assignment: Assignment,
    intervalMs: Milliseconds = this.#options.refreshIntervalMs ?? defaultRefreshIntervalMs,
  ): void {
    if (this.isEnded) return;
    const search = beginSearch(intervalMs);
    const secondary = new Qualification(
      {
        ...this.#options,
        servers: [assignment.server],
        // It is to be silent.
        refreshIntervalMs: Number.POSITIVE_INFINITY,
        trustsConeBit: false,
      },
      {
        sendDatagrams: (run, address, port) => this.#outputs.secondaryPort.sendDatagrams(run, address, port),
        report: () => undefined,
      },
      this.#counters,
      this.#random,
    );
    this.#subject = { assignment, secondary, search };
    if (isWorthSearching(intervalMs)) this.#state = { kind: 'due' };
    else this.#end(search);
  }

  /** Forgets the results after the service port lost its address or the network changed. */
  abandon(): void {
    this.#subject = undefined;
    if (!this.isEnded) this.#state = { kind: 'idle' };
  }

  /** A datagram that came to the secondary port. Returns the drop reason, or undefined. */
  handleDatagram(run: DatagramRun, layout: DatagramLayout, now: Milliseconds): DropReason | undefined {
    const subject = this.#subject;
    if (subject === undefined || this.isEnded) return 'not-for-secondary-port';
    const { memory } = run;
    const packet = layout.packetOffset;
    if (isIcmpv6(memory, packet) && icmpv6TypeOf(memory, packet) === icmpv6Types.routerAdvertisement) {
      this.#counters.advertisementsReceived++;
      const reason = subject.secondary.handleAdvertisement(run, layout, now);
      this.#follow(subject, now);
      return reason;
    }
    if (this.#state.kind !== 'probing' || !isOwnBubble(subject, run, layout)) return 'not-for-secondary-port';
    this.#counters.bubblesReceived++;
    this.#conclude(subject, succeed(subject.search), now);
    return undefined;
  }

  nextDeadline(): Milliseconds {
    switch (this.#state.kind) {
      case 'idle':
      case 'ended':
        return Number.POSITIVE_INFINITY;
      case 'due':
        return Number.NEGATIVE_INFINITY;
      case 'qualifying':
      case 'maintaining':
        return this.#subject!.secondary.nextDeadline();
      case 'resting':
      case 'probing':
        return this.#state.deadline;
    }
  }

  handleDeadline(now: Milliseconds): void {
    const subject = this.#subject;
    if (subject === undefined || now < this.nextDeadline()) return;
    switch (this.#state.kind) {
      case 'due':
        this.#state = { kind: 'qualifying' };
        subject.secondary.start(now);
        break;
      case 'qualifying':
      case 'maintaining':
        subject.secondary.handleDeadline(now);
        this.#follow(subject, now);
        break;
      case 'resting':
        this.#probe(subject, 0, now);
        break;
      case 'probing':
        if (this.#state.repeats < determinationRepeats) this.#probe(subject, this.#state.repeats + 1, now);
        else this.#conclude(subject, fail(subject.search), now);
        break;
      case 'idle':
      case 'ended':
        break;
      default:
        this.#state satisfies never;
    }
  }

  /** Goes on when the secondary port has its address, or confirmed it. */
  #follow({ secondary, search }: Subject, now: Milliseconds): void {
    if (this.#state.kind !== 'qualifying' && this.#state.kind !== 'maintaining') return;
    const { kind } = secondary.state;
    if (kind === 'qualified') this.#state = { kind: 'resting', deadline: now + search.candidateMs };
    else if (kind === 'off-line') this.#end(search);
  }

  #probe({ assignment, secondary }: Subject, repeats: number, now: Milliseconds): void {
    this.#state = { kind: 'probing', repeats, deadline: now + determinationTimeoutMs };
    const { memory } = this.#run;
    pointRunAt(this.#run, 0, writeBubble(memory, 0, assignment.address, secondary.assignment!.address));
    this.#outputs.servicePort.sendDatagrams(this.#run, assignment.server.primary, teredoPort);
    this.#counters.bubblesSent++;
  }

  #conclude(subject: Subject, search: RefreshSearch, now: Milliseconds): void {
    if (search.intervalMs !== subject.search.intervalMs) this.#outputs.found(search.intervalMs);
    subject.search = search;
    if (isConcluded(search)) {
      this.#end(search);
      return;
    }
    this.#state = { kind: 'maintaining' };
    subject.secondary.refresh(now);
  }

  #end({ intervalMs, maximumMs, isProven }: RefreshSearch): void {
    this.#state = { kind: 'ended' };
    this.#outputs.ended({
      refreshIntervalMs: intervalMs,
      keptMs: isProven ? intervalMs : undefined,
      forgottenMs: maximumMs < longestRefreshIntervalMs ? maximumMs : undefined,
    });
  }
}

/** From the server, which says that it came from the service port. */
function isOwnBubble({ assignment, secondary }: Subject, run: DatagramRun, layout: DatagramLayout): boolean {
  const { memory } = run;
  const packet = layout.packetOffset;
  return (
    run.sourceAddress === assignment.server.primary &&
    run.sourcePort === teredoPort &&
    layout.originOffset >= 0 &&
    layout.originAddress === assignment.mapped.address &&
    layout.originPort === assignment.mapped.port &&
    isBubble(memory, packet) &&
    ipv6Equals(readIpv6(memory, packet + sourceOffset), assignment.address) &&
    ipv6Equals(readIpv6(memory, packet + destinationOffset), secondary.assignment!.address)
  );
}
