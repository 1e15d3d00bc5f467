import { embeddedAddress, embeddedPort, type Ipv4Value, type Ipv6Value } from '@navalis/address';
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
import { discoveryTypes, noDiscovery } from '@navalis/wire';
import { Attempts } from './attempts.ts';
import { BubbleBudget } from './bubble-budget.ts';
import { BubblePlan } from './bubble-plan.ts';
import { BubbleSender } from './bubble-sender.ts';
import { longestSilenceMs } from './choices.ts';
import { addressUnreachable } from './constants.ts';
import type { Extensions } from './extensions.ts';
import { Mechanisms } from './mechanisms/mechanisms.ts';
import { RandomPortKeeper } from './mechanisms/random-port-keeper.ts';
import { PacketQueues } from './packet-queues.ts';
import { chooseDataPath } from './peers/data-path.ts';
import { PathCounts } from './peers/path-counts.ts';
import { PathJudge } from './peers/path-judge.ts';
import { isNonceKind, noPath, Paths, pathKinds } from './peers/paths.ts';
import { noPeer, type PeerIndex, PeerTable } from './peers/peer-table.ts';
import { Rests } from './rests.ts';
import type { TraversalRole } from './traversal-role.ts';

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
  readonly extensions: Extensions;
  /** Whether a peer that answers through its server alone gets a rest, and an indirect bubble after it (CL-B-14). */
  readonly restsPeers: boolean;
  /** Whether an attempt fails as soon as the limits allow no more bubbles; else it waits for late answers. */
  readonly failsWithBudget: boolean;
  /** An attempt for which no packet waits ends after so many bursts; without it after as many as any other. */
  readonly burstsWithoutPackets?: number;
}

/**
 * How a client or relay reaches its peers: packets wait, bursts of bubbles leave at 0, 2, 4 and 6 s within the limits of RFC
 * 4380 section 5.2.6, and the peer either answers or is given up. Bounded by the capacities given at construction.
 */
export class Traversal {
  readonly table: PeerTable;
  readonly paths: Paths;
  readonly pathCounts: PathCounts;
  readonly bubbles: BubbleSender;
  readonly mechanisms: Mechanisms;
  /** Undefined where the extensions of RFC 6081 5.4 and 5.5 are off. */
  readonly randomPorts: RandomPortKeeper | undefined;
  /** Whether the first burst of each attempt is one bubble, through the peer's server (RL-T-23). */
  startsIndirectly = false;
  /**
   * Whether bubbles and data for peers behind symmetric NATs go to the endpoints that their addresses embed, wherever they are
   * heard: while the own NAT is symmetric and forwards the service port (RFC 6081 section 5.3.4).
   */
  prefersEmbedded = false;
  readonly #role: TraversalRole;
  readonly #gate: SendGate;
  readonly #errors: Icmpv6Errors;
  readonly #counters: Counters;
  readonly #plan: BubblePlan;
  readonly #judge: PathJudge;
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
    const { table } = this;
    this.mechanisms = new Mechanisms(options.extensions, { table, random, counters, opener: role });
    const { paths, bubbles, mechanisms } = this;
    this.#plan = new BubblePlan({ role, table, paths, bubbles, mechanisms });
    this.#judge = new PathJudge({ role, gate, table, paths });
    this.#queues = new PacketQueues(this.table, queueCapacity);
    this.#attempts = new Attempts(this.table);
    this.#budget = new BubbleBudget(this.table);
    const { randomPorts: ports, echoTests } = mechanisms;
    this.pathCounts = new PathCounts(table, paths, ports);
    const shared = { table, paths, judge: this.#judge, plan: this.#plan, budget: this.#budget };
    this.randomPorts = ports && new RandomPortKeeper({ ...shared, ports, echoTests });
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
    const kind = this.#judge.provenKind(peer, run, hasNonce, now);
    if (kind === undefined) return false;
    this.paths.prove(this.paths.name(peer, kind, run.sourceAddress, run.sourcePort), run.portId);
    const path = chooseDataPath(this.paths, peer);
    this.table.trust(peer, this.paths.address(path), this.paths.port(path), this.paths.portId(path));
    if (kind !== pathKinds.learned || !this.table.isTeredo(peer)) return true;
    this.mechanisms.recordMismatch(peer);
    if (this.prefersEmbedded) this.#directToEmbedded(peer);
    return true;
  }

  /** Sends to the endpoint of a trusted peer. */
  send(peer: PeerIndex, run: PacketRun, now: Milliseconds): void {
    this.table.sent(peer, now);
    this.mechanisms.randomPorts?.recordData(peer, now);
    const { table } = this;
    this.#gate.sendTrusted(run, table.targetAddress(peer), table.targetPort(peer), table.targetPortId(peer));
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
    this.mechanisms.solicitations?.clear(peer);
    if (!this.#attempts.isRunning(peer) || this.#isHalfOpen(peer)) return false;
    this.#complete(peer, now);
    return true;
  }

  /** Records an indirect bubble from the peer, through the own server. */
  recordIndirect(peer: PeerIndex): void {
    this.#rests?.recordIndirect(peer);
  }

  /** Sends the answer to an indirect bubble of the peer; `isSolicitation` if it asks for an advertisement (SLR-08). */
  answer(peer: PeerIndex, isSolicitation: boolean, now: Milliseconds): void {
    const advertises = isSolicitation && this.answersSolicitations;
    this.#plan.sendAnswer(peer, advertises ? discoveryTypes.advertisement : noDiscovery, now);
    if (this.#attempts.isRunning(peer) && this.table.isUsable(peer, now)) this.#complete(peer, now);
  }

  /** Sends the answer to a bubble whose source does not say where its sender is. */
  answerAt(peer: PeerIndex, destination: Ipv6Value, address: Ipv4Value, port: number): void {
    this.#plan.sendTo(peer, destination, address, port);
  }

  /** Returns true if solicitations are answered by advertisements (SLR-06). */
  get answersSolicitations(): boolean {
    return this.mechanisms.solicitations !== undefined;
  }

  /** Sends a bubble straight to a trusted peer; `isSolicited` if it asked for an advertisement. */
  greet(peer: PeerIndex, isSolicited: boolean): void {
    this.#plan.sendToTarget(peer, isSolicited ? discoveryTypes.advertisement : noDiscovery);
  }

  /** Sends a bubble through the peer's server, at once or after an echo test, and counts it as a burst. */
  sendIndirect(peer: PeerIndex, now: Milliseconds): void {
    if (this.randomPorts?.postpones(peer, now) !== true) this.#plan.sendIndirect(peer, now);
    this.#budget.record(peer, now);
  }

  /**
   * Begins an attempt to reach a peer that fell silent with a direct solicitation; false for any other peer, and where that
   * extension is off (SLR-03, SLR-10).
   */
  solicit(peer: PeerIndex, now: Milliseconds): boolean {
    const { solicitations } = this.mechanisms;
    if (solicitations === undefined || !this.#isStale(peer, now)) return false;
    solicitations.clear(peer);
    solicitations.record(peer);
    this.#sendSolicitation(peer, now);
    return true;
  }

  /**
   * Begins to ask a peer that is heard, but does not answer packets, for an advertisement, without which the attempt fails. Behind a
   * symmetric NAT that forwards, its bubbles come in although its own NAT may drop everything from here (DD-34). False elsewhere.
   */
  verify(peer: PeerIndex, now: Milliseconds): boolean {
    const { solicitations } = this.mechanisms;
    if (!this.prefersEmbedded || solicitations === undefined || !this.table.isTeredo(peer)) return false;
    solicitations.clear(peer);
    solicitations.record(peer);
    solicitations.verify(peer);
    this.#sendSolicitation(peer, now);
    return true;
  }

  /** Returns true if only an advertisement of the peer will show that packets reach it. */
  isVerifying(peer: PeerIndex): boolean {
    return this.mechanisms.solicitations?.isVerified(peer) === true;
  }

  /** Sends one burst of an attempt, the first or one more, and waits for its answer. */
  burst(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.burst(peer, now);
    const burst = this.#attempts.bursts(peer);
    if (this.table.isTeredo(peer)) this.#sendBubbles(peer, !(this.startsIndirectly && burst === 1), now);
    else this.#role.sendTest?.(peer, burst, now);
  }

  /** The role itself sent what asks the peer for an answer: waits for it, as after a burst. */
  expectAnswer(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.burst(peer, now);
  }

  /** Sends one burst without an attempt; false when one is unanswered yet or the limits forbid it. */
  probe(peer: PeerIndex, now: Milliseconds): boolean {
    if (!this.mayInvite(peer, now)) return false;
    this.#sendBubbles(peer, true, now);
    return true;
  }

  /** Returns true if none of the bursts to the peer is unanswered, and the limits allow one. */
  mayInvite(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#budget.count(peer) === 0 && this.#budget.allows(peer, now);
  }

  /** Returns true if the limits allow a bubble to the peer now. */
  mayBubble(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#budget.allows(peer, now);
  }

  /** Sends one bubble to the peer at this endpoint, and counts it as a burst. */
  sendBubble(peer: PeerIndex, address: Ipv4Value, port: number, now: Milliseconds): void {
    this.#plan.sendTo(peer, this.table.address(peer), address, port);
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
    return Math.min(this.#attempts.nextDeadline(), this.randomPorts?.nextDeadline() ?? Number.POSITIVE_INFINITY);
  }

  handleDeadline(now: Milliseconds): void {
    for (let peer = this.#attempts.due(now); peer !== noPeer; peer = this.#attempts.due(now)) {
      if (this.mechanisms.solicitations?.isOpen(peer) === true) this.#solicitAgain(peer, now);
      else if (this.isVerifying(peer)) this.#refute(peer, now);
      else if (this.#isNeedless(peer)) this.#attempts.end(peer);
      else if (this.#isHalfOpen(peer) && this.table.isUsable(peer, now)) this.#complete(peer, now);
      else if (this.#attempts.isSpent(peer) || (this.#failsWithBudget && this.#budget.isSpent(peer, now))) {
        this.#fail(peer, now);
      } else this.burst(peer, now);
    }
    this.randomPorts?.handleDeadline(now);
  }

  #directToEmbedded(peer: PeerIndex): void {
    const address = this.table.address(peer);
    this.table.direct(peer, embeddedAddress(address), embeddedPort(address), this.table.targetPortId(peer));
  }

  /**
   * Returns true for a peer that was reached beyond this link and has been silent for 30 to 300 s. One that must be spoken to through its
   * server first is not solicited (CL-B-14).
   */
  #isStale(peer: PeerIndex, now: Milliseconds): boolean {
    const { table, paths } = this;
    if (!table.isTeredo(peer) || !table.isTrusted(peer) || table.isValid(peer, now)) return false;
    if (now - table.lastReception(peer) >= longestSilenceMs) return false;
    const path = chooseDataPath(paths, peer);
    if (path === noPath || paths.kind(path) === pathKinds.localLink) return false;
    return this.#rests?.isOver(peer, now) !== true;
  }

  /**
   * Returns true for a peer that was found by its nonce, and that needs one of this host, but has sent none yet: it drops data until
   * it gets a bubble with its nonce. That is under way through the server, and data waits for it (RFC 6081 section 6.5).
   */
  #isHalfOpen(peer: PeerIndex): boolean {
    if (this.mechanisms.nonces === undefined || this.mechanisms.nonceOf(peer) !== 0) return false;
    const path = chooseDataPath(this.paths, peer);
    if (path === noPath) return false;
    const isFoundByNonce = isNonceKind(this.paths.kind(path)) || this.mechanisms.randomPorts?.isInUse(peer) === true;
    return isFoundByNonce && this.#role.isSeenElsewhere?.(peer) === true;
  }

  /** The peer is reached: what waits for it leaves. */
  #complete(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.end(peer);
    while (this.#queues.dequeue(peer, this.#queued)) this.send(peer, this.#queued, now);
  }

  /** One more solicitation; with the last one the peer counts as new, and is looked for through its server (SLR-05). */
  #solicitAgain(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.end(peer);
    const isLast = this.mechanisms.solicitations!.record(peer);
    if (!isLast || this.isVerifying(peer)) {
      this.#sendSolicitation(peer, now);
      return;
    }
    this.#plan.sendToTarget(peer, discoveryTypes.solicitation);
    const isSolicited = this.table.embeds(peer, this.table.targetAddress(peer), this.table.targetPort(peer));
    this.table.distrust(peer);
    this.#attempts.burst(peer, now);
    this.#sendBubbles(peer, !isSolicited, now);
  }

  /** Outside the limits on bursts, since a solicitation has limits of its own (SLR-12). */
  #sendSolicitation(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.burst(peer, now);
    this.#plan.sendToTarget(peer, discoveryTypes.solicitation);
    this.table.sent(peer, now);
  }

  #isNeedless(peer: PeerIndex): boolean {
    return this.#attempts.bursts(peer) >= this.#burstsWithoutPackets && this.#queues.size(peer) === 0;
  }

  /**
   * One burst, direct and through the peer's server, or through the server alone at the start of some attempts and after a
   * rest (RL-T-14, RL-T-16, CL-B-14). When the limits forbid it, the attempt goes on without it (RL-T-17).
   */
  #sendBubbles(peer: PeerIndex, isDirect: boolean, now: Milliseconds): void {
    if (!this.#budget.allows(peer, now) || this.#rests?.isHeldBack(peer, now) === true) return;
    if (this.#attempts.bursts(peer) <= 1) this.randomPorts?.begin(peer, now);
    if (this.#rests?.isOver(peer, now) === true) this.#rests.end(peer, now);
    else if (isDirect) this.#plan.sendDirect(peer, this.#attempts.bursts(peer), now);
    this.sendIndirect(peer, now);
  }

  /** Ends a verification without an advertisement: packets do not reach the peer, although it is heard. */
  #refute(peer: PeerIndex, now: Milliseconds): void {
    this.mechanisms.solicitations?.clear(peer);
    this.table.distrust(peer);
    this.#fail(peer, now);
  }

  /** Ends an attempt whose last burst got no answer, and reports it to the senders of the queued packets. */
  #fail(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.end(peer);
    this.randomPorts?.fail(peer);
    this.#role.attemptFailed(peer, now);
    while (this.#queues.dequeue(peer, this.#queued)) {
      this.#counters.drop('unreachable');
      this.reportUnreachable(this.#queued, now);
    }
  }
}
