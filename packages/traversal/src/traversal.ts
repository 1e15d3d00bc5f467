import type { Ipv4Value, Ipv6Value } from '@navalis/address';
import {
  type Counters,
  createPacketRun,
  type DatagramRun,
  type Icmpv6Errors,
  type Milliseconds,
  type PacketRun,
  type SendGate,
} from '@navalis/engine';
import { discoveryTypes, noDiscovery } from '@navalis/wire';
import { Attempts } from './attempts/attempts.ts';
import { Bursts } from './attempts/bursts.ts';
import { Rests } from './attempts/rests.ts';
import { BubbleBudget } from './bubble-budget.ts';
import { BubblePlan } from './bubble-plan.ts';
import { BubbleSender } from './bubble-sender.ts';
import { addressUnreachable } from './constants.ts';
import { Mechanisms } from './mechanisms/mechanisms.ts';
import { PathUpgrader } from './mechanisms/path-upgrader.ts';
import { RandomPortKeeper } from './mechanisms/random-port-keeper.ts';
import { type SolicitationPurpose, solicitationPurposes } from './mechanisms/solicitations.ts';
import { Solicitor } from './mechanisms/solicitor.ts';
import { PacketQueues } from './packet-queues.ts';
import { takeDataPath } from './peers/data-path.ts';
import { PathCounts } from './peers/path-counts.ts';
import { PathJudge } from './peers/path-judge.ts';
import { Paths, pathKinds } from './peers/paths.ts';
import { noPeer, type PeerIndex, PeerTable } from './peers/peer-table.ts';
import type { TraversalOptions, TraversalParts } from './traversal-options.ts';
import type { TraversalRole } from './traversal-role.ts';

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
  readonly upgrader: PathUpgrader;
  readonly attempts: Attempts;
  readonly #role: TraversalRole;
  readonly #gate: SendGate;
  readonly #errors: Icmpv6Errors;
  readonly #counters: Counters;
  readonly #plan: BubblePlan;
  readonly #judge: PathJudge;
  readonly #queues: PacketQueues;
  readonly #budget: BubbleBudget;
  readonly #rests: Rests | undefined;
  readonly #solicitor: Solicitor;
  readonly #bursts: Bursts;
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
    this.table = new PeerTable({ capacity, servicePrefix, counters }, random);
    this.paths = new Paths(this.table);
    const { table } = this;
    this.mechanisms = new Mechanisms(options.extensions, { table, random, counters, opener: role });
    const { paths, bubbles, mechanisms } = this;
    const plan = new BubblePlan({ role, table, paths, bubbles, mechanisms });
    const judge = new PathJudge({ role, gate, table, paths });
    const [attempts, budget] = [new Attempts(table), new BubbleBudget(table)];
    this.upgrader = new PathUpgrader({ role, table, paths, mechanisms, plan, counters });
    const { randomPorts: ports, echoTests } = mechanisms;
    this.pathCounts = new PathCounts(table, paths, ports);
    const shared = { role, table, paths, plan, judge, attempts, budget };
    const randomPorts = ports && new RandomPortKeeper({ ...shared, ports, echoTests });
    const rests = options.restsPeers ? new Rests(table, budget) : undefined;
    const solicitor = new Solicitor({ ...shared, mechanisms, rests });
    [this.#plan, this.#judge] = [plan, judge];
    this.#queues = new PacketQueues(table, queueCapacity, counters);
    [this.attempts, this.#budget] = [attempts, budget];
    this.randomPorts = randomPorts;
    this.#rests = rests;
    this.#solicitor = solicitor;
    this.#bursts = new Bursts({ ...shared, solicitor, rests, randomPorts });
    this.#failsWithBudget = options.failsWithBudget;
    this.#burstsWithoutPackets = options.burstsWithoutPackets ?? Number.POSITIVE_INFINITY;
  }

  /** Makes the first burst of each attempt one bubble, through the peer's server (RL-T-23). */
  set startsIndirectly(startsIndirectly: boolean) {
    this.#bursts.startsIndirectly = startsIndirectly;
  }

  /**
   * Returns true if bubbles and data for peers behind symmetric NATs go to the endpoints that their addresses embed, wherever they are
   * heard: while the own NAT is symmetric and forwards the service port (RFC 6081 section 5.3.4).
   */
  get prefersEmbedded(): boolean {
    return this.#solicitor.prefersEmbedded;
  }

  set prefersEmbedded(prefersEmbedded: boolean) {
    this.#solicitor.prefersEmbedded = prefersEmbedded;
  }

  /** Forgets all peers and attempts. Returns how many packets waited. */
  clear(): number {
    const count = this.#queues.clear();
    this.table.clear();
    return count;
  }

  /** Returns true if an attempt to reach the peer is in progress. */
  isRunning(peer: PeerIndex): boolean {
    return this.attempts.isRunning(peer);
  }

  /** Returns true if no attempt to reach a Teredo peer may begin: the limits forbid its bubbles, or the peer rests. */
  isFutile(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#budget.isSpent(peer, now) || this.#rests?.isResting(peer, now) === true;
  }

  /** Trusts the peer where the datagram came from, if that is proven; data takes the path from then on. False if it is not. */
  prove(peer: PeerIndex, run: DatagramRun, hasNonce: boolean, now: Milliseconds): boolean {
    const kind = this.#judge.provenKind(peer, run, hasNonce, now);
    if (kind === undefined) return false;
    const { sourceAddress, sourcePort } = run;
    const isLearned = kind === pathKinds.learned;
    const proven = isLearned
      ? this.paths.learn(peer, sourceAddress, sourcePort, this.table.isTrusted(peer))
      : this.paths.name(peer, kind, sourceAddress, sourcePort);
    this.paths.prove(proven, run.portId);
    takeDataPath(this.table, this.paths, peer);
    if (!isLearned || !this.table.isTeredo(peer)) return true;
    this.mechanisms.recordMismatch(peer);
    if (this.prefersEmbedded) this.table.directToEmbedded(peer);
    return true;
  }

  /** Sends to the endpoint of a trusted peer. */
  send(peer: PeerIndex, run: PacketRun, now: Milliseconds): void {
    this.table.sent(peer, now);
    this.table.traffic.recordSent(peer, run);
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
   * Something came straight from a trusted peer: it is good for 30 s more, and packets that wait for it leave. `isTwoWay` if that shows
   * that packets reach the peer, too: data, or an advertisement. Returns whether that ended an attempt.
   */
  hear(peer: PeerIndex, now: Milliseconds, isTwoWay = false): boolean {
    const solicitor = this.#solicitor;
    this.table.heard(peer, now);
    this.#rests?.recordDirect(peer, now);
    this.#budget.clear(peer);
    const { verify, none } = solicitationPurposes;
    const purpose = solicitor.purpose(peer);
    if (isTwoWay || purpose < verify) solicitor.end(peer);
    if (!this.attempts.isRunning(peer)) return false;
    if (!isTwoWay) {
      if (purpose >= verify || solicitor.isHalfOpen(peer, now)) return false;
      if (this.#begin(peer, solicitor.purposeAfterNonce(peer), now) !== none) {
        if (this.isVerifying(peer)) solicitor.send(peer, now);
        return false;
      }
    }
    this.#complete(peer, now);
    return true;
  }

  /** Records an indirect bubble from the peer, through the own server, and the random port that it may have told. */
  recordIndirect(peer: PeerIndex): void {
    // Behind a NAT with random ports the peer's first answers go astray for another reason (CL-B-14).
    if (this.mechanisms.randomPorts?.isExchanging(peer) !== true) this.#rests?.recordIndirect(peer);
  }

  /** Sends the answer to an indirect bubble of the peer; `isSolicitation` if it asks for an advertisement (SLR-08). */
  answer(peer: PeerIndex, isSolicitation: boolean, now: Milliseconds): void {
    const solicitor = this.#solicitor;
    const isReached = this.attempts.isRunning(peer) && this.table.isUsable(peer, now);
    const { verify, none } = solicitationPurposes;
    const purpose = isReached ? solicitor.purposeAfterNonce(peer) : none;
    const own = purpose === verify ? discoveryTypes.solicitation : noDiscovery;
    this.#plan.sendAnswer(peer, isSolicitation && solicitor.isOn ? discoveryTypes.advertisement : own, now);
    if (isReached && this.#begin(peer, purpose, now) === none) this.#complete(peer, now);
  }

  /** Sends the answer to a bubble whose source does not say where its sender is. */
  answerAt(peer: PeerIndex, destination: Ipv6Value, address: Ipv4Value, port: number): void {
    this.#plan.sendTo(peer, destination, address, port);
  }

  /** Returns true if solicitations are answered by advertisements (SLR-06). */
  get answersSolicitations(): boolean {
    return this.#solicitor.isOn;
  }

  /** Sends a bubble straight to a trusted peer; `isSolicited` if it asked for an advertisement. */
  greet(peer: PeerIndex, isSolicited: boolean): void {
    this.#plan.sendToTarget(peer, isSolicited ? discoveryTypes.advertisement : noDiscovery);
  }

  /** Sends a bubble through the peer's server, at once or after an echo test, and counts it as a burst. */
  sendIndirect(peer: PeerIndex, now: Milliseconds): void {
    this.#bursts.sendIndirect(peer, now);
  }

  /**
   * Begins an attempt to reach a peer that fell silent with a direct solicitation; false for any other peer, and where that
   * extension is off (SLR-03, SLR-10).
   */
  solicit(peer: PeerIndex, now: Milliseconds): boolean {
    if (!this.#solicitor.isStale(peer, now)) return false;
    this.#solicitor.begin(peer, solicitationPurposes.wake);
    this.#solicitor.send(peer, now);
    return true;
  }

  /**
   * Begins to ask a peer that is heard, but does not answer packets, for an advertisement, without which the attempt fails. Behind a
   * symmetric NAT that forwards, its bubbles come in although its own NAT may drop everything from here (DD-34). False elsewhere.
   */
  verify(peer: PeerIndex, now: Milliseconds): boolean {
    if (!this.#solicitor.mustVerify(peer)) return false;
    this.#solicitor.begin(peer, solicitationPurposes.verify);
    this.#solicitor.send(peer, now);
    return true;
  }

  /** Begins to ask a peer that does not answer packets, and that drops them if a bubble with its nonce was lost. False for others. */
  confirm(peer: PeerIndex, now: Milliseconds): boolean {
    if (!this.#solicitor.isOn || !this.#solicitor.needsNonce(peer)) return false;
    this.#solicitor.begin(peer, solicitationPurposes.confirm);
    this.#bursts.ask(peer, now);
    return true;
  }

  /** Returns true if only an advertisement of the peer will show that packets reach it. */
  isVerifying(peer: PeerIndex): boolean {
    return this.#solicitor.purpose(peer) === solicitationPurposes.verify;
  }

  /** Sends one burst of an attempt, the first or one more, and waits for its answer. */
  burst(peer: PeerIndex, now: Milliseconds): void {
    this.#bursts.next(peer, now);
  }

  /** The role itself sent what asks the peer for an answer: waits for it, as after a burst. */
  expectAnswer(peer: PeerIndex, now: Milliseconds): void {
    this.attempts.burst(peer, now);
  }

  /** Sends one burst without an attempt; false when one is unanswered yet or the limits forbid it. */
  probe(peer: PeerIndex, now: Milliseconds): boolean {
    if (this.#budget.count(peer) > 0 || !this.#budget.allows(peer, now)) return false;
    this.#bursts.send(peer, true, now);
    return true;
  }

  /** Returns true if the peer may be sent a nonce, because a bubble of it proves nothing (SNS-18). */
  mayInvite(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#budget.allowsInvitation(peer, now);
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
    return Math.min(this.attempts.nextDeadline(), this.randomPorts?.nextDeadline() ?? Number.POSITIVE_INFINITY);
  }

  handleDeadline(now: Milliseconds): void {
    for (let peer = this.attempts.due(now); peer !== noPeer; peer = this.attempts.due(now)) this.#handleDue(peer, now);
    this.randomPorts?.handleDeadline(now);
  }

  /** Packets that wait leave; for a purpose the attempt goes on, since what was sent before them may be lost. Returns the purpose. */
  #begin(peer: PeerIndex, purpose: SolicitationPurpose, now: Milliseconds): SolicitationPurpose {
    if (purpose === solicitationPurposes.none) return purpose;
    this.#solicitor.begin(peer, purpose);
    this.#flush(peer, now);
    return purpose;
  }

  /** The last burst or solicitation of the attempt was not answered. */
  #handleDue(peer: PeerIndex, now: Milliseconds): void {
    const { wake, verify, confirm } = solicitationPurposes;
    const solicitor = this.#solicitor;
    const isSpent = this.attempts.isSpent(peer);
    switch (solicitor.purpose(peer)) {
      case wake:
        if (solicitor.isLast(peer)) this.#bursts.startOver(peer, now);
        else solicitor.send(peer, now);
        return;
      case verify:
        if (isSpent || solicitor.isSpent(peer)) this.#refute(peer, now);
        else this.#bursts.ask(peer, now);
        return;
      case confirm:
        if (solicitor.isSpent(peer)) this.#complete(peer, now);
        else this.#bursts.ask(peer, now);
        return;
    }
    if (this.#isNeedless(peer)) this.attempts.end(peer);
    else if (this.table.isUsable(peer, now) && solicitor.isHalfOpen(peer, now)) this.#doubt(peer, now);
    else if (isSpent || (this.#failsWithBudget && this.#budget.isSpent(peer, now))) {
      this.#fail(peer, now);
    } else this.burst(peer, now);
  }

  /**
   * The peer was heard, and its nonce did not come: what waits leaves, since it may trust this host from before. It must say that packets
   * reach it, else the attempt fails.
   */
  #doubt(peer: PeerIndex, now: Milliseconds): void {
    if (!this.#solicitor.isOn) {
      this.#complete(peer, now);
    } else if (this.attempts.isSpent(peer)) {
      this.#refute(peer, now);
    } else {
      this.#solicitor.begin(peer, solicitationPurposes.verify);
      this.#bursts.ask(peer, now);
      this.#flush(peer, now);
    }
  }

  /** The peer is reached: what waits for it leaves. */
  #complete(peer: PeerIndex, now: Milliseconds): void {
    this.#solicitor.end(peer);
    this.attempts.succeed(peer, now);
    this.#flush(peer, now);
  }

  #flush(peer: PeerIndex, now: Milliseconds): void {
    while (this.#queues.dequeue(peer, this.#queued)) this.send(peer, this.#queued, now);
  }

  #isNeedless(peer: PeerIndex): boolean {
    return this.attempts.bursts(peer) >= this.#burstsWithoutPackets && this.#queues.size(peer) === 0;
  }

  /** Ends a verification without an advertisement: packets do not reach the peer, although it is heard. */
  #refute(peer: PeerIndex, now: Milliseconds): void {
    this.#solicitor.end(peer);
    this.table.distrust(peer);
    this.#fail(peer, now);
  }

  /** Ends an attempt whose last burst got no answer, and reports it to the senders of the queued packets. */
  #fail(peer: PeerIndex, now: Milliseconds): void {
    this.attempts.end(peer);
    this.randomPorts?.fail(peer, now);
    this.#role.attemptFailed(peer, now);
    while (this.#queues.dequeue(peer, this.#queued)) {
      this.#counters.drop('unreachable');
      this.reportUnreachable(this.#queued, now);
    }
  }
}
