import { embeddedAddress, embeddedPort, type Ipv4Value, type Ipv6Value, teredoPort } from '@navalis/address';
import {
  type Counters,
  createPacketRun,
  type DatagramRun,
  type Icmpv6Errors,
  type Milliseconds,
  type PacketRun,
  type RandomSource,
  type SendGate,
} from '@navalis/engine';
import { Attempts } from './attempts.ts';
import { BubbleBudget } from './bubble-budget.ts';
import { BubbleSender } from './bubble-sender.ts';
import { addressUnreachable } from './constants.ts';
import { PacketQueues } from './packet-queues.ts';
import { chooseDataPath } from './peers/data-path.ts';
import { type PathKind, Paths, pathKinds } from './peers/paths.ts';
import { noPeer, type PeerIndex, PeerTable } from './peers/peer-table.ts';
import { Rests } from './rests.ts';

/** The collaborators of a traversal, which its role provides. */
export interface TraversalParts {
  readonly gate: SendGate;
  readonly errors: Icmpv6Errors;
  readonly counters: Counters;
  readonly random: RandomSource;
}

export interface TraversalOptions {
  readonly peerCapacity: number;
  /** Packets that wait for all peers together. */
  readonly queueCapacity: number;
  /** First word of Teredo addresses. */
  readonly servicePrefix: number;
  /** Whether a peer that answers through its server alone gets a rest, and an indirect bubble after it (CL-B-14). */
  readonly restsPeers: boolean;
  /** Whether an attempt fails as soon as the limits allow no more bubbles; else it waits for late answers. */
  readonly failsWithBudget: boolean;
  /** An attempt for which no packet waits ends after so many bursts; without it after as many as any other. */
  readonly burstsWithoutPackets?: number;
}

/** The parts of traversal that differ between roles. */
export interface TraversalRole {
  /** The source of the ICMPv6 errors that report an unreachable peer. */
  readonly errorSource: Ipv6Value;
  /** Returns the source of the bubbles that are about to leave for the peer. */
  bubbleSource(peer: PeerIndex): Ipv6Value;
  /** Sends burst number `burst` of an attempt to reach a native host. A role whose peers all have Teredo addresses has none. */
  sendTest?(peer: PeerIndex, burst: number, now: Milliseconds): void;
  /** Whether the peer's announcement on this link still counts. A role that hears no announcements has none. */
  isLocal?(peer: PeerIndex, now: Milliseconds): boolean;
  /** An attempt failed; the packets that waited are refused after this call. */
  attemptFailed(peer: PeerIndex, now: Milliseconds): void;
}

/**
 * How a client or relay reaches its peers: packets wait, bursts of bubbles leave at 0, 2, 4 and 6 s within the limits of RFC
 * 4380 section 5.2.6, and the peer either answers or is given up. Bounded by the capacities given at construction.
 */
export class Traversal {
  readonly table: PeerTable;
  readonly paths: Paths;
  readonly bubbles: BubbleSender;
  /** Whether the first burst of each attempt is one bubble, through the peer's server (RL-T-23). */
  startsIndirectly = false;
  readonly #role: TraversalRole;
  readonly #gate: SendGate;
  readonly #errors: Icmpv6Errors;
  readonly #counters: Counters;
  readonly #queues: PacketQueues;
  readonly #attempts: Attempts;
  readonly #budget: BubbleBudget;
  readonly #rests: Rests | undefined;
  readonly #failsWithBudget: boolean;
  readonly #burstsWithoutPackets: number;
  readonly #queued: PacketRun = createPacketRun(new Uint8Array(0));

  constructor(role: TraversalRole, { gate, errors, counters, random }: TraversalParts, options: TraversalOptions) {
    const { peerCapacity: capacity, queueCapacity, servicePrefix } = options;
    this.#role = role;
    this.#gate = gate;
    this.#errors = errors;
    this.#counters = counters;
    this.bubbles = new BubbleSender(gate, counters);
    this.table = new PeerTable({ capacity, servicePrefix }, random);
    this.paths = new Paths(this.table);
    this.#queues = new PacketQueues(this.table, queueCapacity);
    this.#attempts = new Attempts(this.table);
    this.#budget = new BubbleBudget(this.table);
    this.#rests = options.restsPeers ? new Rests(this.table, this.#budget) : undefined;
    this.#failsWithBudget = options.failsWithBudget;
    this.#burstsWithoutPackets = options.burstsWithoutPackets ?? Number.POSITIVE_INFINITY;
  }

  /** Forgets all peers and attempts. Returns how many packets waited. */
  clear(): number {
    const { count } = this.#queues;
    this.table.clear();
    return count;
  }

  /** Returns true if an attempt to reach the peer is in progress. */
  isRunning(peer: PeerIndex): boolean {
    return this.#attempts.isRunning(peer);
  }

  /** Returns true if no attempt to reach a Teredo peer may begin: the limits forbid its bubbles, or the peer rests. */
  isFutile(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#budget.isSpent(peer, now) || this.#rests?.isResting(peer, now) === true;
  }

  /** Trusts the peer where the datagram came from, if that is proven; data takes the path from then on. False if it is not. */
  prove(peer: PeerIndex, run: DatagramRun, hasNonce: boolean, now: Milliseconds): boolean {
    const kind = this.#provenKind(peer, run, hasNonce, now);
    if (kind === undefined) return false;
    this.paths.prove(this.paths.name(peer, kind, run.sourceAddress, run.sourcePort));
    const path = chooseDataPath(this.paths, peer);
    this.table.trust(peer, this.paths.address(path), this.paths.port(path));
    return true;
  }

  /** Sends to the endpoint of a trusted peer. */
  send(peer: PeerIndex, run: PacketRun, now: Milliseconds): void {
    this.table.sent(peer, now);
    this.#gate.sendTrusted(run, this.table.endpointAddress(peer), this.table.endpointPort(peer));
  }

  /** Keeps copies of the run's packets until the peer answers; an attempt must be under way or begin now. */
  enqueue(peer: PeerIndex, run: PacketRun): void {
    this.#counters.drop('queue-overflow', this.#queues.enqueue(peer, run));
  }

  /** Returns the oldest packet that waits for the peer, in place until the next call. */
  peek(peer: PeerIndex): PacketRun | undefined {
    return this.#queues.peek(peer, this.#queued) ? this.#queued : undefined;
  }

  /**
   * Something came straight from a trusted peer: it is good for 30 s more, and packets that wait for it leave. Returns
   * whether that ended an attempt.
   */
  hear(peer: PeerIndex, now: Milliseconds): boolean {
    this.table.heard(peer, now);
    this.#rests?.recordDirect(peer, now);
    this.#budget.clear(peer);
    if (!this.#attempts.isRunning(peer)) return false;
    this.#attempts.end(peer);
    while (this.#queues.dequeue(peer, this.#queued)) this.send(peer, this.#queued, now);
    return true;
  }

  /** Records an indirect bubble from the peer. */
  recordIndirect(peer: PeerIndex): void {
    this.#rests?.recordIndirect(peer);
  }

  /** Sends one burst of an attempt, the first or one more, and waits for its answer. */
  burst(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.burst(peer, now);
    const burst = this.#attempts.bursts(peer);
    if (this.table.isTeredo(peer)) this.#sendBubbles(peer, this.startsIndirectly && burst === 1, now);
    else this.#role.sendTest?.(peer, burst, now);
  }

  /** The role itself sent what asks the peer for an answer: waits for it, as after a burst. */
  expectAnswer(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.burst(peer, now);
  }

  /** Sends one burst without an attempt; false when one is unanswered yet or the limits forbid it. */
  probe(peer: PeerIndex, now: Milliseconds): boolean {
    if (this.#budget.count(peer) > 0 || !this.#budget.allows(peer, now)) return false;
    this.#sendBubbles(peer, false, now);
    return true;
  }

  /** Returns true if the limits allow a bubble to the peer now. */
  mayBubble(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#budget.allows(peer, now);
  }

  /** Sends one bubble to the peer at this endpoint, and counts it as a burst. */
  sendBubble(peer: PeerIndex, address: Ipv4Value, port: number, now: Milliseconds): void {
    this.bubbles.write(this.#role.bubbleSource(peer), this.table.address(peer));
    this.bubbles.send(address, port);
    this.#budget.record(peer, now);
  }

  /** Tells the sender of the packet that its destination cannot be reached. */
  reportUnreachable(run: PacketRun, now: Milliseconds): void {
    this.#errors.unreachable(this.#role.errorSource, addressUnreachable, run, now);
  }

  /** Removes up to `most` peers that were given up and whose bubbles count no more, so that they go before any other. */
  removeOldHistories(most: number, now: Milliseconds): void {
    for (let removed = 0; removed < most; removed++) {
      const peer = this.table.longestGivenUp;
      if (peer === noPeer || !this.#budget.isOver(peer, now)) return;
      this.table.remove(peer);
    }
  }

  nextDeadline(): Milliseconds {
    return this.#attempts.nextDeadline();
  }

  handleDeadline(now: Milliseconds): void {
    for (let peer = this.#attempts.due(now); peer !== noPeer; peer = this.#attempts.due(now)) {
      if (this.#isNeedless(peer)) this.#attempts.end(peer);
      else if (this.#attempts.isSpent(peer) || (this.#failsWithBudget && this.#budget.isSpent(peer, now))) {
        this.#fail(peer, now);
      } else this.burst(peer, now);
    }
  }

  /**
   * The only judge of paths. A datagram proves one when it comes from the endpoint that the peer's Teredo address embeds, from the
   * one that the peer announced on this link, or brings back the nonce that the peer was sent; never where the policy for the
   * Internet refuses the endpoint, but for the link.
   */
  #provenKind(peer: PeerIndex, run: DatagramRun, hasNonce: boolean, now: Milliseconds): PathKind | undefined {
    const { sourceAddress, sourcePort } = run;
    if (hasNonce || this.table.embeds(peer, sourceAddress, sourcePort)) {
      if (!this.#gate.allows(sourceAddress, sourcePort)) return undefined;
      return hasNonce ? pathKinds.learned : pathKinds.embedded;
    }
    const announced = this.paths.find(peer, pathKinds.localLink);
    const isAnnounced = this.paths.leadsTo(announced, sourceAddress, sourcePort) && this.#role.isLocal?.(peer, now);
    return isAnnounced === true ? pathKinds.localLink : undefined;
  }

  #isNeedless(peer: PeerIndex): boolean {
    return this.#attempts.bursts(peer) >= this.#burstsWithoutPackets && this.#queues.size(peer) === 0;
  }

  /**
   * One burst, direct and through the peer's server, or through the server alone at the start of some attempts and after a
   * rest (RL-T-14, RL-T-16, CL-B-14). When the limits forbid it, the attempt goes on without it (RL-T-17).
   */
  #sendBubbles(peer: PeerIndex, isIndirect: boolean, now: Milliseconds): void {
    if (!this.#budget.allows(peer, now) || this.#rests?.isHeldBack(peer, now) === true) return;
    const target = this.table.address(peer);
    this.bubbles.write(this.#role.bubbleSource(peer), target);
    if (this.#rests?.isOver(peer, now) === true) this.#rests.end(peer, now);
    else if (!isIndirect) this.bubbles.send(embeddedAddress(target), embeddedPort(target));
    this.bubbles.send(target.word1, teredoPort);
    this.#budget.record(peer, now);
  }

  /** Ends an attempt whose last burst got no answer, and reports it to the senders of the queued packets. */
  #fail(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.end(peer);
    this.#role.attemptFailed(peer, now);
    while (this.#queues.dequeue(peer, this.#queued)) {
      this.#counters.drop('unreachable');
      this.reportUnreachable(this.#queued, now);
    }
  }
}
