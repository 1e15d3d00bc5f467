import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '@navalis/address';
import type { DatagramRun, DropReason, Milliseconds, OpenedPort, PacketRun, PortId, SendGate } from '@navalis/engine';
import {
  noPeer,
  type PeerIndex,
  type PeerTable,
  ReplyLimits,
  Traversal,
  type TraversalParts,
  type TraversalRole,
} from '@navalis/traversal';
import { type BubbleTrailers, discoveryTypes } from '@navalis/wire';
import type { Addressing } from './addressing.ts';
import { defaultPeerCapacity, defaultQueueCapacity } from './choices.ts';
import { LocalDiscovery } from './local-link/local-discovery.ts';
import { ConnectivityTest } from './native-hosts/connectivity-test.ts';
import { NativeReachability } from './native-hosts/native-reachability.ts';
import { type ClientOptions, extensionsOf } from './options.ts';
import type { OwnAddress } from './own-address.ts';
import type { ClientPorts } from './ports/client-ports.ts';
import type { OwnEndpoints } from './ports/own-endpoints.ts';
import { Silence } from './silence.ts';

/** The collaborators of contacts. */
export interface ContactParts extends TraversalParts {
  readonly addressing: Addressing;
  readonly own: OwnAddress;
  readonly endpoints: OwnEndpoints;
  readonly ports: ClientPorts;
  /** Solicits an address of the own server from another port than the service port. */
  readonly solicitFrom: (from: PortId, isSecondary: boolean, nonce: Uint8Array) => void;
}

type ContactOptions = Pick<ClientOptions, 'peerCapacity' | 'queueCapacity' | 'localDiscovery' | 'extensions'>;

/**
 * The peers of a client and how it reaches each: Teredo peers with bubbles, peers on this link where they said that they are,
 * native hosts with connectivity tests. Bounded by the capacity given at construction.
 */
export class Contacts implements TraversalRole {
  readonly addressing: Addressing;
  readonly traversal: Traversal;
  readonly table: PeerTable;
  /** Discovery of peers on this link. */
  readonly discovery: LocalDiscovery;
  /** Whether native hosts answer. */
  readonly native: NativeReachability = new NativeReachability();
  /** When something last came from a trusted peer beyond this client's NAT, which shows that the mapping lives. */
  lastReceptionAt: Milliseconds = Number.NEGATIVE_INFINITY;
  readonly #parts: ContactParts;
  readonly #own: OwnAddress;
  readonly #gate: SendGate;
  readonly #replies: ReplyLimits;
  readonly #test: ConnectivityTest;
  readonly #silence: Silence;

  constructor(parts: ContactParts, options: ContactOptions) {
    const { addressing, own, gate, random } = parts;
    this.#parts = parts;
    this.addressing = addressing;
    this.#own = own;
    this.#gate = gate;
    this.traversal = new Traversal(this, parts, {
      peerCapacity: options.peerCapacity ?? defaultPeerCapacity,
      queueCapacity: options.queueCapacity ?? defaultQueueCapacity,
      servicePrefix: addressing.servicePrefix,
      extensions: extensionsOf(options),
      restsPeers: true,
      failsWithBudget: false,
    });
    const { table, paths, bubbles } = this.traversal;
    this.table = table;
    this.#replies = new ReplyLimits(table);
    this.#test = new ConnectivityTest(own, table, gate, random);
    this.#silence = new Silence(table);
    this.discovery = new LocalDiscovery({ ...parts, table, paths, bubbles }, options.localDiscovery);
  }

  get plainPort(): PortId | undefined {
    return this.#parts.ports.plain;
  }

  /** The endpoints that peers behind the same NAT are told. */
  get alternates(): readonly Ipv4Endpoint[] {
    return this.#parts.endpoints.alternates;
  }

  get errorSource(): Ipv6Value {
    return this.#own.router;
  }

  /** Forgets all peers and drops all queued packets. */
  clear(): void {
    this.#parts.counters.drop('not-qualified', this.traversal.clear());
    this.native.clear();
    this.lastReceptionAt = Number.NEGATIVE_INFINITY;
  }

  /** Returns the peer whose Teredo address embeds this endpoint; of several the one that is waited for, or trusted. */
  findAt(address: Ipv4Value, port: number): PeerIndex {
    const first = this.table.findByEmbeddedEndpoint(address, port);
    for (let peer = first; peer !== noPeer; peer = this.table.findNextByEmbeddedEndpoint(peer, address, port)) {
      if (this.traversal.isRunning(peer) || this.table.isTrusted(peer)) return peer;
    }
    return first;
  }

  /** Sends to the endpoint of a trusted peer, and asks it whether it is still there when it has been silent meanwhile. */
  transmit(peer: PeerIndex, run: PacketRun, now: Milliseconds): void {
    if (this.#silence.isSilentAfter(peer, now)) this.#ask(peer, now);
    if (this.traversal.isVerifying(peer)) this.traversal.enqueue(peer, run);
    else this.traversal.send(peer, run, now);
  }

  /** Sends to an endpoint that only the peer's address attests. */
  transmitUnproven(run: PacketRun, address: Ipv4Value, port: number): void {
    this.#gate.send(run, address, port);
  }

  /** Returns true if the peer is looked for on this link first. */
  isLocal(peer: PeerIndex, now: Milliseconds): boolean {
    return this.discovery.peers.isLocal(peer, now);
  }

  /**
   * Records a direct packet from a trusted peer: it stays valid for 30 s more, and its queued packets leave. `isTwoWay` if the packet
   * shows that packets reach the peer, too.
   */
  recordReception(peer: PeerIndex, isTwoWay: boolean, now: Milliseconds): void {
    const wasSilent = !this.table.isValid(peer, now);
    if (!this.#own.isBehindSameNat(this.table.word(peer, 3))) this.lastReceptionAt = now;
    if (!this.table.isTeredo(peer)) this.native.heard(now);
    if (this.traversal.hear(peer, now, isTwoWay)) this.#test.nonces.forget(peer);
    if (wasSilent) this.traversal.upgrader.follow(peer, false, now);
  }

  /** Trusts the peer where the datagram came from, if that is proven, before its reception is recorded; false if not (cases 2, 3 and 5 of RFC 4380 5.2.3). */
  prove(peer: PeerIndex, run: DatagramRun, hasNonce: boolean, now: Milliseconds): boolean {
    const { traversal } = this;
    const { sourceAddress, sourcePort } = run;
    const wasUpgraded = traversal.upgrader.isUpgraded(peer);
    const isMove = this.table.isTrusted(peer) && !this.table.hasEndpoint(peer, sourceAddress, sourcePort);
    if (!traversal.prove(peer, run, hasNonce, now)) return false;
    this.#silence.answered(peer, isMove, now);
    const isUpgrade = !wasUpgraded && traversal.upgrader.isUpgraded(peer);
    this.#test.nonces.forget(peer);
    if (isUpgrade || traversal.randomPorts?.owesGreeting(peer, run.portId) === true) this.#greetFromPort(peer, now);
    traversal.upgrader.follow(peer, isUpgrade, now);
    return true;
  }

  isTestAnswer(peer: PeerIndex, bytes: Uint8Array, packetOffset: number, now: Milliseconds): boolean {
    return this.#test.nonces.isAnsweredBy(peer, bytes, packetOffset, now);
  }

  /**
   * Begins an attempt to reach the peer unless one runs: bubbles for a Teredo address, tests for any other. False when
   * no attempt can succeed at present.
   */
  solicit(peer: PeerIndex, now: Milliseconds): boolean {
    const { traversal } = this;
    if (traversal.isRunning(peer)) return true;
    // The NAT may have forgotten the plain port; the relay keeps its own.
    traversal.upgrader.leave(peer);
    const isTeredo = this.table.isTeredo(peer);
    if (isTeredo && this.discovery.solicit(peer, now)) {
      // Case 3 of RFC 4380 5.2.4, as one burst; the next one takes the way over the Internet (CL-T-05, CL-T-06).
      this.table.solicit(peer);
      traversal.expectAnswer(peer, now);
      return true;
    }
    if (traversal.solicit(peer, now)) {
      this.table.solicit(peer);
      return true;
    }
    if (isTeredo ? traversal.isFutile(peer, now) : this.#test.nonces.isBlocked(peer, now)) return false;
    this.table.solicit(peer);
    // A peer that was reached before has been silent for 30 s.
    if (!isTeredo && this.table.endpointPort(peer) !== 0) this.#silence.asked(peer, now);
    traversal.burst(peer, now);
    return true;
  }

  /** A packet from a native source at an endpoint that proves nothing: a chance to learn its relay, within limits. */
  testUponReception(known: PeerIndex, source: Ipv6Value, now: Milliseconds): void {
    // A peer that is silent at its trusted endpoint may have another relay now.
    const isUsable = this.table.isUsable(known, now);
    const mayBeTested = isUsable ? this.#silence.mayFollow(known, now) : !this.#test.nonces.isRecent(known, now);
    if (!mayBeTested || !this.#test.mayTestUponReception(now)) return;
    const peer = known === noPeer ? this.table.insert(source, 'unsolicited', now) : known;
    if (isUsable) this.#silence.followed(peer, now);
    this.#repeat(peer, now);
  }

  /** Returns the reason not to answer a bubble of the peer at this endpoint; undefined if it may be answered, which is then counted. */
  refusalToAnswer(peer: PeerIndex, address: Ipv4Value, port: number, now: Milliseconds): DropReason | undefined {
    if (!this.#gate.allows(address, port)) return 'embedded-not-global';
    if (!this.#replies.take(peer, now)) return 'reply-limit';
    this.table.sent(peer, now);
    return undefined;
  }

  /** Returns true if an answer to a bubble that no known server passed on leaves half of the limits to others (SNS-22). */
  hasSpareAnswer(peer: PeerIndex, now: Milliseconds): boolean {
    return this.#replies.hasSpare(peer, now);
  }

  /**
   * Returns true if an indirect bubble is also answered through the peer's server, within the limits: while the peer is not
   * trusted, or not heard where a nonce showed that it was, which may no longer be good.
   */
  mayAnswerIndirectly(peer: PeerIndex, now: Milliseconds): boolean {
    const { table } = this;
    const isReached =
      table.isTrusted(peer) &&
      (table.isUsable(peer, now) || table.embeds(peer, table.endpointAddress(peer), table.endpointPort(peer)));
    return !isReached && this.traversal.mayBubble(peer, now);
  }

  /** Returns true if this may be an endpoint of the peer behind the NAT that it shares with this client (HP-17). */
  mayBeAlternate(peer: PeerIndex, address: Ipv4Value, port: number): boolean {
    const isBehindSameNat = this.table.isTeredo(peer) && this.#own.isBehindSameNat(this.table.word(peer, 3));
    return isBehindSameNat && this.#parts.endpoints.mayBeNeighbour(address, port);
  }

  /** Returns true if the peer sees this client at another endpoint than its address embeds. */
  isSeenElsewhere(peer: PeerIndex): boolean {
    return this.#parts.endpoints.isBehindSymmetricNat || this.#own.isBehindSameNat(this.table.word(peer, 3));
  }

  openRandomPort(): OpenedPort | undefined {
    return this.#parts.ports.openRandom(this.#parts.random);
  }

  closeRandomPort(id: PortId): void {
    this.#parts.ports.close(id);
  }

  sendEchoSolicitation(from: PortId, isSecondary: boolean, nonce: Uint8Array): void {
    this.#parts.solicitFrom(from, isSecondary, nonce);
  }

  isOwnEndpoint(address: Ipv4Value, port: number): boolean {
    return this.#own.isMappedEndpoint(address, port);
  }

  /** Returns true if packets to the trusted peer leave from another port than this one. */
  isElsewhere(peer: PeerIndex, portId: PortId): boolean {
    return this.table.targetPortId(peer) !== portId;
  }

  /**
   * A bubble came straight from the peer and was accepted. Answers a solicitation, and an introduction: a bubble that brings the
   * nonce back and whose sender waits to be believed. Returns why it is not answered.
   */
  recordBubble(
    peer: PeerIndex,
    trailers: BubbleTrailers,
    isIntroduction: boolean,
    now: Milliseconds,
  ): DropReason | undefined {
    const { traversal } = this;
    const isSolicitation = trailers.discoveryType === discoveryTypes.solicitation && traversal.answersSolicitations;
    if (!isSolicitation && !isIntroduction) return undefined;
    if (!this.#replies.take(peer, now)) return 'reply-limit';
    this.table.sent(peer, now);
    traversal.greet(peer, isSolicitation);
    return undefined;
  }

  /**
   * Returns true if a bubble of a peer that is reached brings the last nonce back too late: its sender knows it, and is sent another one
   * through its server, within the limits (TU-25).
   */
  renewNonce(peer: PeerIndex, nonce: number, { sourceAddress, sourcePort }: DatagramRun, now: Milliseconds): boolean {
    const { table, traversal } = this;
    if (!table.isUsable(peer, now) || !traversal.mechanisms.isLateEcho(peer, nonce, now)) return false;
    if (!this.#gate.allows(sourceAddress, sourcePort) || !this.#replies.take(peer, now)) return true;
    traversal.sendIndirect(peer, now);
    traversal.upgrader.restart(peer, now);
    return true;
  }

  /**
   * A bubble came from an endpoint that proves nothing. It may be a peer's behind a symmetric NAT: within the limits that one is
   * sent a nonce through its server (SNS-18), and the first time, where the own NAT forwards, a bubble to the endpoint that its
   * address embeds (UPNP-16).
   */
  invite(known: PeerIndex, source: Ipv6Value, run: DatagramRun, now: Milliseconds): void {
    const { table, traversal } = this;
    const mayBePeer = this.#gate.allows(run.sourceAddress, run.sourcePort);
    if (!traversal.mechanisms.symmetricNatSupport || !mayBePeer) return;
    if (table.isUsable(known, now)) return;
    const peer = known === noPeer ? table.insert(source, 'unsolicited', now) : known;
    const isNews = traversal.mechanisms.recordMismatch(peer) && traversal.prefersEmbedded;
    const mayInvite = traversal.mayInvite(peer, now);
    if ((!isNews && !mayInvite) || !this.#replies.take(peer, now)) return;
    if (isNews) traversal.answer(peer, false, now);
    if (mayInvite) traversal.sendIndirect(peer, now);
    else table.sent(peer, now);
  }

  /** Sends a peer another nonce within the limits, since it brought an old one. */
  inviteAgain(peer: PeerIndex, now: Milliseconds): void {
    const { table, traversal } = this;
    if (!traversal.mechanisms.symmetricNatSupport || table.isUsable(peer, now) || traversal.isRunning(peer)) return;
    if (traversal.mayBubble(peer, now) && this.#replies.take(peer, now)) traversal.sendIndirect(peer, now);
  }

  handleDeadline(now: Milliseconds): void {
    this.discovery.handleDeadline(now);
    this.traversal.handleDeadline(now);
    this.traversal.upgrader.handleDeadline(now);
  }

  bubbleSource(): Ipv6Value {
    return this.#own.value;
  }

  /**
   * One request of the connectivity test. A relay that was sent no answer for long may not send bubbles any more (RL-T-21), so
   * that the answer could not leave it: a bubble straight to where it was makes this client known to it again (CL-I-15).
   */
  sendTest(peer: PeerIndex, burst: number, now: Milliseconds): void {
    const mayGreetRelay = this.table.endpointPort(peer) !== 0 && this.traversal.mayBubble(peer, now);
    if (burst === 1) this.#test.begin(peer, now);
    else this.#test.send(peer, burst, now);
    if (!mayGreetRelay) return;
    this.traversal.sendBubble(peer, this.table.endpointAddress(peer), this.table.endpointPort(peer), now);
  }

  attemptFailed(peer: PeerIndex, now: Milliseconds): void {
    if (this.table.isTeredo(peer)) return;
    this.#test.nonces.fail(peer, now);
    this.native.failed(this.table.address(peer), now);
  }

  /** Sends one request, which also repeats that of an attempt if one runs. */
  #repeat(peer: PeerIndex, now: Milliseconds): void {
    this.#test.begin(peer, now);
    this.traversal.attempts.repeat(peer);
  }

  /** Shows a peer that was just reached at another port of this client where that is, before any data goes there (PP-32). */
  #greetFromPort(peer: PeerIndex, now: Milliseconds): void {
    const { traversal, table } = this;
    if (traversal.mechanisms.nonceOf(peer) === 0 || !this.#replies.take(peer, now)) return;
    table.sent(peer, now);
    traversal.greet(peer, false);
  }

  /**
   * A trusted peer says nothing while packets go out to it: its relay may have restarted, or its NAT. A native host is tested
   * while packets go on. A Teredo peer is sent one burst, if the limits allow it: they forbid any within 2 s of data. One that is
   * reached without the relay is left to it unless a bubble has it answer (TU-26).
   */
  #ask(peer: PeerIndex, now: Milliseconds): void {
    const { traversal } = this;
    if (traversal.isRunning(peer)) {
      if (!this.table.isTeredo(peer) && traversal.attempts.mayRepeat(peer, now)) this.#repeat(peer, now);
      return;
    }
    if (!this.#silence.mayAsk(peer, now)) return;
    if (!this.table.isTeredo(peer)) {
      this.#silence.asked(peer, now);
      this.#test.begin(peer, now);
      traversal.expectAnswer(peer, now);
      return;
    }
    if (traversal.upgrader.doubt(peer, now)) {
      this.#silence.asked(peer, now);
      return;
    }
    const isAsked = traversal.verify(peer, now) || traversal.confirm(peer, now) || traversal.probe(peer, now);
    if (isAsked) this.#silence.asked(peer, now);
  }
}
