import type { Ipv4Value, Ipv6Value } from '@navalis/address';
import {
  type Counters,
  createPacketRun,
  type DropReason,
  type Icmpv6Errors,
  type Milliseconds,
  type PacketRun,
  type RandomSource,
  type SendGate,
} from '@navalis/engine';
import {
  Attempts,
  BubbleBudget,
  noPeer,
  PacketQueues,
  type PeerIndex,
  PeerTable,
  ReplyLimits,
} from '@navalis/traversal';
import type { Addressing } from './addressing.ts';
import { BubbleSender } from './bubble-sender.ts';
import { defaultPeerCapacity, defaultQueueCapacity } from './choices.ts';
import { ConnectivityTest } from './connectivity-test.ts';
import { unreachableCodes } from './constants.ts';
import { LocalDiscovery } from './local-discovery.ts';
import { NativeReachability } from './native-reachability.ts';
import type { ClientOptions } from './options.ts';
import type { OwnAddress } from './own-address.ts';
import { Rests } from './rests.ts';
import { Silence } from './silence.ts';

type ContactOptions = Pick<ClientOptions, 'peerCapacity' | 'queueCapacity' | 'localDiscovery'>;

/**
 * The peers and what is under way with each: who is trusted at which endpoint, what waits for whom, which bubbles and
 * tests are unanswered. Bounded by the capacity given at construction.
 */
export class Contacts {
  /** Who is on this link. */
  readonly discovery: LocalDiscovery;
  /** Whether native hosts answer. */
  readonly native: NativeReachability = new NativeReachability();
  /** When something last came from a trusted peer beyond this client's NAT, which shows that the mapping lives. */
  lastReceptionAt: Milliseconds = Number.NEGATIVE_INFINITY;
  readonly #addressing: Addressing;
  readonly #own: OwnAddress;
  readonly #gate: SendGate;
  readonly #errors: Icmpv6Errors;
  readonly #counters: Counters;
  readonly #table: PeerTable;
  readonly #queues: PacketQueues;
  readonly #attempts: Attempts;
  readonly #budget: BubbleBudget;
  readonly #replies: ReplyLimits;
  readonly #bubbles: BubbleSender;
  readonly #test: ConnectivityTest;
  readonly #silence: Silence;
  readonly #rests: Rests;
  readonly #queued: PacketRun = createPacketRun(new Uint8Array(0));

  constructor(
    addressing: Addressing,
    own: OwnAddress,
    gate: SendGate,
    errors: Icmpv6Errors,
    counters: Counters,
    random: RandomSource,
    { peerCapacity = defaultPeerCapacity, queueCapacity = defaultQueueCapacity, localDiscovery }: ContactOptions,
  ) {
    this.#addressing = addressing;
    this.#own = own;
    this.#gate = gate;
    this.#errors = errors;
    this.#counters = counters;
    this.#table = new PeerTable({ capacity: peerCapacity, servicePrefix: addressing.servicePrefix }, random);
    this.#queues = new PacketQueues(this.#table, queueCapacity);
    this.#attempts = new Attempts(this.#table);
    this.#budget = new BubbleBudget(this.#table);
    this.#replies = new ReplyLimits(this.#table);
    this.#bubbles = new BubbleSender(own, this.#table, gate, counters);
    this.#test = new ConnectivityTest(own, this.#table, gate, random);
    this.#silence = new Silence(this.#table);
    this.#rests = new Rests(this.#table, this.#budget);
    this.discovery = new LocalDiscovery(addressing, own, this.#table, gate, counters, random, localDiscovery);
  }

  get count(): number {
    return this.#table.count;
  }

  /** Forgets everybody and everything that waits. */
  clear(): void {
    this.#counters.drop('not-qualified', this.#queues.count);
    this.#table.clear();
    this.native.clear();
    this.lastReceptionAt = Number.NEGATIVE_INFINITY;
  }

  find(address: Ipv6Value): PeerIndex {
    return this.#table.find(address);
  }

  /** Whose Teredo address embeds this endpoint; of several the one that is waited for, or trusted. */
  findAt(address: Ipv4Value, port: number): PeerIndex {
    const first = this.#table.findByEmbeddedEndpoint(address, port);
    for (let peer = first; peer !== noPeer; peer = this.#table.findNextByEmbeddedEndpoint(peer, address, port)) {
      if (this.#attempts.isRunning(peer) || this.#table.isTrusted(peer)) return peer;
    }
    return first;
  }

  /** Adds a peer that is not there yet; another one may have to leave for it. */
  add(address: Ipv6Value, standing: 'solicited' | 'unsolicited', now: Milliseconds): PeerIndex {
    return this.#table.insert(address, standing, now);
  }

  isUsable(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#table.isUsable(peer, now);
  }

  isTrustedAt(peer: PeerIndex, address: Ipv4Value, port: number): boolean {
    return this.#table.isTrusted(peer) && this.#table.hasEndpoint(peer, address, port);
  }

  /** Sends to the endpoint of a trusted peer, and asks it whether it is still there when it has been silent meanwhile. */
  transmit(peer: PeerIndex, run: PacketRun, now: Milliseconds): void {
    if (this.#silence.isSuspectAfter(peer, now)) this.#ask(peer, now);
    this.#table.sent(peer, now);
    this.#gate.sendTrusted(run, this.#table.endpointAddress(peer), this.#table.endpointPort(peer));
  }

  /** Sends to an endpoint that its address alone vouches for. */
  transmitUnproven(run: PacketRun, address: Ipv4Value, port: number): void {
    this.#gate.send(run, address, port);
  }

  /** Whether the peer is looked for on this link first. */
  isLocal(peer: PeerIndex, now: Milliseconds): boolean {
    return peer !== noPeer && this.discovery.peers.isLocal(peer, now);
  }

  /** Something came straight from a trusted peer: it is good for 30 s more, and what waits for it can go. */
  noteReception(peer: PeerIndex, now: Milliseconds): void {
    this.#table.heard(peer, now);
    if (!this.#own.isBehindSameNat(this.#table.word(peer, 3))) this.lastReceptionAt = now;
    if (!this.#isTeredo(peer)) this.native.heard(now);
    this.#rests.recordDirect(peer, now);
    this.#budget.clear(peer);
    if (!this.#attempts.isRunning(peer)) return;
    this.#attempts.end(peer);
    this.#test.nonces.forget(peer);
    while (this.#queues.dequeue(peer, this.#queued)) this.transmit(peer, this.#queued, now);
  }

  /** The peer proved to be at this endpoint; false when nothing may be sent there. */
  trust(peer: PeerIndex, address: Ipv4Value, port: number, now: Milliseconds): boolean {
    if (!this.#gate.allows(address, port)) return false;
    this.#table.trust(peer, address, port);
    this.#test.nonces.forget(peer);
    this.noteReception(peer, now);
    return true;
  }

  /** A peer on this link was heard from where it said that it is (case 5 of RFC 4380 5.2.3); false when it said no such thing. */
  trustLocally(peer: PeerIndex, address: Ipv4Value, port: number, now: Milliseconds): boolean {
    if (!this.discovery.isAt(peer, address, port, now)) return false;
    this.#table.trust(peer, address, port);
    this.noteReception(peer, now);
    return true;
  }

  isTestAnswer(peer: PeerIndex, bytes: Uint8Array, packetOffset: number, now: Milliseconds): boolean {
    return this.#test.nonces.isAnsweredBy(peer, bytes, packetOffset, now);
  }

  /**
   * Begins an attempt to reach the peer unless one runs: bubbles for a Teredo address, tests for any other. False when
   * it is known that this is in vain for now.
   */
  solicit(peer: PeerIndex, now: Milliseconds): boolean {
    if (this.#attempts.isRunning(peer)) return true;
    if (!this.#isTeredo(peer)) {
      if (this.#test.nonces.isBlocked(peer, now)) return false;
      this.#table.solicit(peer);
      // One that was reached before has been silent for 30 s.
      if (this.#table.endpointPort(peer) !== 0) this.#silence.asked(peer, now);
      const mayGreet = this.#mayGreetRelay(peer, now);
      this.#test.begin(peer, now);
      if (mayGreet) this.#greetRelay(peer, now);
    } else if (this.discovery.solicit(peer, now)) {
      // Case 3 of RFC 4380 5.2.4, as one burst; the next one takes the way over the Internet (CL-T-05, CL-T-06).
      this.#table.solicit(peer);
    } else {
      if (this.#budget.isSpent(peer, now) || this.#rests.isResting(peer, now)) return false;
      this.#table.solicit(peer);
      this.#sendBurst(peer, now);
    }
    this.#attempts.burst(peer, now);
    return true;
  }

  /** Keeps copies of the run's packets until the peer answers. */
  enqueue(peer: PeerIndex, run: PacketRun): void {
    this.#counters.drop('queue-overflow', this.#queues.enqueue(peer, run));
  }

  /** A packet from a native source at an endpoint that proves nothing: a chance to learn its relay, within limits. */
  testUponReception(known: PeerIndex, source: Ipv6Value, now: Milliseconds): void {
    if (known !== noPeer) {
      // One that has fallen silent where it is trusted may have another relay now.
      const isUsable = this.#table.isUsable(known, now);
      if (this.#test.nonces.isRecent(known, now) || (isUsable && !this.#silence.mayHaveMoved(known, now))) return;
      if (isUsable) this.#silence.asked(known, now);
    }
    if (!this.#test.mayTestUponReception(now)) return;
    const peer = known === noPeer ? this.add(source, 'unsolicited', now) : known;
    this.#test.begin(peer, now);
  }

  /**
   * Answers a bubble by one to the IPv6 address at `destinationAt`, at this endpoint. Answers why not, if not.
   */
  answer(
    peer: PeerIndex,
    bytes: Uint8Array,
    destinationAt: number,
    address: Ipv4Value,
    port: number,
    now: Milliseconds,
  ): DropReason | undefined {
    if (!this.#gate.allows(address, port)) return 'embedded-not-global';
    if (!this.#replies.take(peer, now)) return 'reply-limit';
    this.#bubbles.sendAnswer(bytes, destinationAt, address, port);
    this.#table.sent(peer, now);
    return undefined;
  }

  /** An indirect bubble came from a peer that is known or was just added. */
  recordIndirect(peer: PeerIndex): void {
    this.#rests.recordIndirect(peer);
  }

  /** Whether an indirect bubble is also answered through the peer's server: while it is not trusted, and in the limits. */
  mayAnswerIndirectly(peer: PeerIndex, now: Milliseconds): boolean {
    return !this.#table.isTrusted(peer) && this.#budget.allows(peer, now);
  }

  answerIndirectly(peer: PeerIndex, now: Milliseconds): void {
    this.#bubbles.sendIndirect(peer);
    this.#budget.record(peer, now);
  }

  nextDeadline(): Milliseconds {
    return Math.min(this.#attempts.nextDeadline(), this.discovery.nextDeadline());
  }

  handleDeadline(now: Milliseconds): void {
    this.discovery.handleDeadline(now);
    for (let peer = this.#attempts.due(now); peer !== noPeer; peer = this.#attempts.due(now)) {
      if (this.#attempts.isSpent(peer)) {
        this.#fail(peer, now);
      } else {
        if (this.#isTeredo(peer)) this.#sendBurst(peer, now);
        else this.#repeatTest(peer, now);
        this.#attempts.burst(peer, now);
      }
    }
  }

  #isTeredo(peer: PeerIndex): boolean {
    return this.#table.word(peer, 0) === this.#addressing.servicePrefix;
  }

  /**
   * One burst, direct and indirect, or indirect alone after a rest (CL-B-14). When the limits forbid it, its turn passes in silence: a peer that was sent data a
   * moment ago gets its bubbles 2 s later.
   */
  #sendBurst(peer: PeerIndex, now: Milliseconds): void {
    if (!this.#budget.allows(peer, now) || this.#rests.isHeldBack(peer, now)) return;
    if (this.#rests.isOver(peer, now)) this.#rests.end(peer, now);
    else this.#bubbles.sendDirect(peer);
    this.#bubbles.sendIndirect(peer);
    this.#budget.record(peer, now);
  }

  /**
   * A trusted peer says nothing while packets go out to it: its relay may have restarted, or its NAT. A native host is tested
   * while packets go on. A Teredo peer is sent one burst, if the limits allow it: they forbid any within 2 s of data.
   */
  #ask(peer: PeerIndex, now: Milliseconds): void {
    if (this.#attempts.isRunning(peer)) return;
    if (!this.#isTeredo(peer)) {
      this.#silence.asked(peer, now);
      this.#test.begin(peer, now);
      this.#attempts.burst(peer, now);
    } else if (this.#budget.count(peer) === 0 && this.#budget.allows(peer, now)) {
      this.#silence.asked(peer, now);
      this.#sendBurst(peer, now);
    }
  }

  #repeatTest(peer: PeerIndex, now: Milliseconds): void {
    const mayGreet = this.#mayGreetRelay(peer, now);
    this.#test.send(peer, this.#attempts.bursts(peer) + 1, now);
    if (mayGreet) this.#greetRelay(peer, now);
  }

  /**
   * A relay that was sent no answer for long may not send bubbles any more (RL-T-21), so that the answer to a test could not
   * leave it: a bubble straight to where it was makes this client known to it again (CL-I-15).
   */
  #mayGreetRelay(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#table.endpointPort(peer) !== 0 && this.#budget.allows(peer, now);
  }

  #greetRelay(peer: PeerIndex, now: Milliseconds): void {
    this.#bubbles.sendTo(peer, this.#table.endpointAddress(peer), this.#table.endpointPort(peer));
    this.#budget.record(peer, now);
  }

  #fail(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.end(peer);
    if (!this.#isTeredo(peer)) {
      this.#test.nonces.fail(peer, now);
      this.native.failed(this.#table.address(peer), now);
    }
    const { addressUnreachable } = unreachableCodes;
    while (this.#queues.dequeue(peer, this.#queued)) {
      const { memory, offset, packetLength } = this.#queued;
      this.#counters.drop('unreachable');
      this.#errors.unreachable(this.#own.router, addressUnreachable, memory, offset, packetLength, now);
    }
  }
}
