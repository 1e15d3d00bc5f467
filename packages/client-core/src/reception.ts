import {
  embeddedAddress,
  embeddedPort,
  embeddedServer,
  type Ipv4Value,
  type Ipv6Class,
  isWellFormedTeredo,
  teredoPort,
} from '@navalis/address';
import {
  type Counters,
  type DatagramRun,
  type DropReason,
  type EngineOutputs,
  type Milliseconds,
  type PacketRun,
  pointRunAt,
} from '@navalis/engine';
import type { IntervalDetermination, Qualification } from '@navalis/qualification';
import { noPeer, type PeerIndex } from '@navalis/traversal';
import {
  type BubbleTrailers,
  type DatagramLayout,
  discoveryTypes,
  hasForbiddenRoutingHeader,
  hasUnknownCriticalTrailer,
  type InnerHeader,
  icmpv6TypeOf,
  icmpv6Types,
  isBubble,
  isIcmpv6,
  readDatagram,
} from '@navalis/wire';
import type { Contacts } from './contacts.ts';
import type { ContactsOnDemand } from './contacts-on-demand.ts';
import type { OwnAddress } from './own-address.ts';
import type { ClientPorts } from './ports/client-ports.ts';
import { receivedHeader, receivedLayout, receivedTrailers, strippedPacket } from './views/received.ts';

/** The collaborators of reception. */
export interface ReceptionParts {
  readonly own: OwnAddress;
  readonly peers: ContactsOnDemand;
  readonly qualification: Qualification;
  readonly ports: ClientPorts;
}

/**
 * Handles received datagrams (RFC 4380 5.2.3). Order: decoding, advertisements, destination, the server's sign of
 * life, origin, then by source the cases 1 (trusted peer), 2 (answer to a connectivity test), 3 (Teredo source at the
 * endpoint it embeds), 5 (the announced endpoint of a peer on this link) and 6 (any other). Datagrams to the multicast
 * group (case 4) have a port of their own.
 */
export class Reception {
  readonly #own: OwnAddress;
  readonly #peers: ContactsOnDemand;
  /** Set by the first datagram that concerns a peer. */
  #contacts!: Contacts;
  readonly #qualification: Qualification;
  readonly #ports: ClientPorts;
  /** Receives datagrams on the secondary port while it is open. */
  determination: IntervalDetermination | undefined;
  readonly #outputs: EngineOutputs;
  readonly #counters: Counters;
  readonly #layout: DatagramLayout = receivedLayout;
  readonly #header: InnerHeader = receivedHeader;
  readonly #trailers: BubbleTrailers = receivedTrailers;
  readonly #stripped: PacketRun = strippedPacket;
  /** Read with the packet. */
  #isBubble!: boolean;

  constructor(parts: ReceptionParts, outputs: EngineOutputs, counters: Counters) {
    this.#own = parts.own;
    this.#peers = parts.peers;
    this.#qualification = parts.qualification;
    this.#ports = parts.ports;
    this.#outputs = outputs;
    this.#counters = counters;
  }

  handle(run: DatagramRun, now: Milliseconds): void {
    this.#counters.datagramsReceived += run.count;
    this.#counters.octetsReceived += (run.count - 1) * run.packetLength + run.lastPacketLength;
    const reason =
      readDatagram(run.memory, run.offset, run.packetLength, this.#layout) ?? this.#processDatagram(run, now);
    if (reason !== undefined) this.#counters.drop(reason, run.count);
  }

  #processDatagram(run: DatagramRun, now: Milliseconds): DropReason | undefined {
    const layout = this.#layout;
    const { memory } = run;
    if (run.portId !== this.#ports.service) return this.#processOther(run, now);
    const packet = layout.packetOffset;
    if (isIcmpv6(memory, packet) && icmpv6TypeOf(memory, packet) === icmpv6Types.routerAdvertisement) {
      this.#counters.advertisementsReceived++;
      return this.#qualification.handleAdvertisement(run, layout, now);
    }
    if (layout.authenticationOffset >= 0) return 'authentication-around-other';
    if (!this.#own.isSet) return 'not-qualified';
    this.#header.readDestination(memory, packet);
    if (!this.#own.is(this.#header.destination)) return 'not-for-us';
    if (this.#isFromServer(run)) this.#qualification.recordServerInteraction(now);
    else if (layout.originOffset >= 0) return 'unexpected-origin';
    this.#contacts ??= this.#peers.obtain(now);
    const refusal = this.#readPacket(run);
    if (refusal !== undefined) return refusal;
    return layout.originOffset >= 0 ? this.#processIndirect(run, now) : this.#processDirect(run, now);
  }

  /** Reads the source and, of a bubble, the trailers; returns why the packet is dropped, if it is. */
  #readPacket({ memory }: DatagramRun): DropReason | undefined {
    const { packetOffset: packet, packetLength, trailersOffset, trailersLength } = this.#layout;
    if (hasForbiddenRoutingHeader(memory, packet, packetLength)) return 'routing-header';
    if (hasUnknownCriticalTrailer(memory, trailersOffset, trailersLength)) return 'unknown-critical-trailer';
    this.#header.readSource(memory, packet);
    this.#isBubble = isBubble(memory, packet);
    if (this.#isBubble) {
      this.#counters.bubblesReceived++;
      this.#trailers.read(memory, trailersOffset, trailersLength);
    }
    return undefined;
  }

  /** Handles a datagram to a port that has one purpose. */
  #processOther(run: DatagramRun, now: Milliseconds): DropReason | undefined {
    if (!this.#own.isSet) return 'not-qualified';
    this.#contacts ??= this.#peers.obtain(now);
    const { discovery, secondary, plain } = this.#ports;
    if (run.portId === plain) return this.#processPlain(run, now);
    if (run.portId === discovery) return this.#contacts.discovery.hear(run, this.#layout, now);
    if (run.portId === secondary) return this.determination!.handleDatagram(run, this.#layout, now);
    const peer = this.#contacts.traversal.randomPorts?.owner(run.portId) ?? noPeer;
    return peer === noPeer ? 'not-for-secondary-port' : this.#processRandom(run, peer, now);
  }

  /** Handles a datagram to the random port of a peer: from that peer, or a server's answer to an echo test (RFC 6081 5.4, 5.5). */
  #processRandom(run: DatagramRun, peer: PeerIndex, now: Milliseconds): DropReason | undefined {
    const layout = this.#layout;
    const packet = layout.packetOffset;
    if (isIcmpv6(run.memory, packet) && icmpv6TypeOf(run.memory, packet) === icmpv6Types.routerAdvertisement) {
      this.#counters.advertisementsReceived++;
      return this.#processEcho(run, peer, now);
    }
    const refusal = this.#readForPeer(run);
    if (refusal !== undefined) return refusal;
    return this.#findSource() === peer ? this.#processDirect(run, now) : 'not-for-random-port';
  }

  /** Handles a datagram to the plain port: from a peer that is known, and may be reached without the relay (TU-23, TU-26). */
  #processPlain(run: DatagramRun, now: Milliseconds): DropReason | undefined {
    const refusal = this.#readForPeer(run);
    if (refusal !== undefined) return refusal;
    const isKnown = this.#contacts.table.isTeredo(this.#findSource());
    return isKnown ? this.#processDirect(run, now) : 'not-for-plain-port';
  }

  /** Reads a datagram to a port that only peers send to; returns why it is dropped, if it is. */
  #readForPeer(run: DatagramRun): DropReason | undefined {
    const layout = this.#layout;
    if (layout.authenticationOffset >= 0) return 'authentication-around-other';
    if (layout.originOffset >= 0) return 'unexpected-origin';
    this.#header.readDestination(run.memory, layout.packetOffset);
    return this.#own.is(this.#header.destination) ? this.#readPacket(run) : 'not-for-us';
  }

  /** The server must answer as in qualification, and changes nothing but the prediction (SPS-18). */
  #processEcho(run: DatagramRun, peer: PeerIndex, now: Milliseconds): DropReason | undefined {
    const layout = this.#layout;
    const ports = this.#contacts.traversal.randomPorts!;
    if (layout.authenticationOffset < 0) return 'nonce-mismatch';
    const nonce = ports.findNonce(peer, run.memory, layout.nonceOffset);
    if (nonce === undefined) return 'nonce-mismatch';
    const judged = this.#qualification.echo.judge(run, layout, nonce.isSecondary, nonce);
    if (typeof judged === 'string') return judged;
    ports.recordEcho(peer, nonce, judged, now);
    return undefined;
  }

  #processDirect(run: DatagramRun, now: Milliseconds): DropReason | undefined {
    // No condition here holds for `noPeer`.
    const peer = this.#findSource();
    if (this.#contacts.isTestAnswer(peer, run.memory, this.#layout.packetOffset, now)) {
      if (!this.#contacts.prove(peer, run, true, now)) return 'endpoint-mismatch';
      this.#contacts.recordReception(peer, this.#isTwoWay, now);
      return undefined;
    }
    const isTrusted = this.#contacts.table.isTrustedAt(peer, run.sourceAddress, run.sourcePort);
    // A bubble at another port of this host than the last one may move the peer there (PP-20).
    if (isTrusted && !(this.#isBubble && this.#contacts.isElsewhere(peer, run.portId))) {
      this.#contacts.recordReception(peer, this.#isTwoWay, now);
      if (!this.#isBubble) return this.#deliver(run, peer);
      this.#contacts.traversal.randomPorts?.recordBubble(peer, run.portId);
      return this.#contacts.recordBubble(peer, this.#trailers, false, now);
    }
    switch (this.#classifySource()) {
      case 'teredo':
        return this.#processTeredo(run, peer, now);
      case 'link-local':
        return this.#isBubble ? this.#processLinkLocalBubble(run, now) : 'source-not-allowed';
      case 'global':
      case '6to4':
      case 'documentation':
        // Case 6. A bubble carries no payload, and its endpoint proves nothing.
        if (this.#isBubble) return undefined;
        this.#contacts.testUponReception(peer, this.#header.source, now);
        return this.#deliver(run);
      default:
        return 'source-not-allowed';
    }
  }

  /** Handles case 3, case 5, and a Teredo source at an unexpected endpoint. */
  #processTeredo(run: DatagramRun, known: PeerIndex, now: Milliseconds): DropReason | undefined {
    const refusal = this.#refusalOfTeredoSource();
    if (refusal !== undefined) return refusal;
    const { sourceAddress, sourcePort } = run;
    const peer = known === noPeer && this.#embeds(sourceAddress, sourcePort) ? this.#addSource(now) : known;
    const { mechanisms } = this.#contacts.traversal;
    const hasNonce = this.#isBubble && mechanisms.isEcho(peer, this.#trailers.nonce, now);
    const isIntroduction = hasNonce && this.#isIntroduction(peer, run);
    const { randomPorts } = this.#contacts.traversal;
    if (this.#isBubble && randomPorts?.mayMove(peer, run, hasNonce, now) === false) return 'endpoint-mismatch';
    if (this.#contacts.prove(peer, run, hasNonce, now)) {
      this.#contacts.recordReception(peer, this.#isTwoWay, now);
      if (!this.#isBubble) return this.#deliver(run, peer);
      this.#contacts.traversal.randomPorts?.recordBubble(peer, run.portId);
      return this.#contacts.recordBubble(peer, this.#trailers, isIntroduction, now);
    }
    if (!this.#isBubble) return 'endpoint-mismatch';
    // The last nonce that the peer was sent did not arrive.
    if (peer !== noPeer && this.#trailers.nonce !== 0) this.#contacts.inviteAgain(peer, now);
    const isRenewed = this.#contacts.renewNonce(peer, this.#trailers.nonce, run, now);
    // Nothing invites a peer to a port that is open for it already.
    if (isRenewed || run.portId !== this.#ports.service) return this.#mismatch;
    // A server sends from this port, so a server may have forwarded this bubble without an origin indication.
    if (sourcePort === teredoPort) return this.#answerTeredo(run, now);
    // Its endpoint proves nothing (SNS-09), and it may be the first word of a peer that needs a nonce (SNS-18).
    this.#contacts.invite(peer, this.#header.source, run, now);
    return this.#mismatch;
  }

  /**
   * Returns true if the peer was invited from here because its first bubble came from an endpoint that proves nothing (SNS-18), if it
   * told a random port, or if it was trusted elsewhere: its NAT lets an answer in, and its indirect bubbles may get nowhere.
   */
  #isIntroduction(peer: PeerIndex, { sourceAddress, sourcePort, portId }: DatagramRun): boolean {
    const { traversal } = this.#contacts;
    if (portId !== this.#ports.service || traversal.isRunning(peer) || this.#embeds(sourceAddress, sourcePort))
      return false;
    const { symmetricPeers, randomPorts } = traversal.mechanisms;
    const { table } = this.#contacts;
    if (table.isTrusted(peer) && !table.hasEndpoint(peer, sourceAddress, sourcePort)) return true;
    return symmetricPeers?.has(peer) === true || (randomPorts?.peerPort(peer) ?? 0) !== 0;
  }

  /** Returns true if the packet shows that packets reach its sender: nobody sends data to a client that it has not heard. */
  get #isTwoWay(): boolean {
    return !this.#isBubble || this.#trailers.discoveryType === discoveryTypes.advertisement;
  }

  get #mismatch(): DropReason {
    const hasNonce = this.#trailers.nonce !== 0 && this.#contacts.traversal.mechanisms.nonces !== undefined;
    return hasNonce ? 'bubble-nonce-mismatch' : 'endpoint-mismatch';
  }

  /** Handles a bubble from a link-local address that only its sender, a deployed client, can read: its endpoint identifies it. */
  #processLinkLocalBubble(run: DatagramRun, now: Milliseconds): DropReason | undefined {
    const { sourceAddress, sourcePort } = run;
    const known = this.#contacts.findAt(sourceAddress, sourcePort);
    if (known === noPeer) return this.#answerUnnamed(noPeer, sourceAddress, sourcePort, now);
    if (this.#contacts.table.isTrustedAt(known, sourceAddress, sourcePort)) {
      this.#contacts.recordReception(known, false, now);
      return undefined;
    }
    this.#contacts.prove(known, run, false, now);
    this.#contacts.recordReception(known, false, now);
    // It may be the peer's first bubble; the peer then expects a reply to the address that it recognises.
    return this.#answerUnnamed(known, sourceAddress, sourcePort, now);
  }

  /** Handles a bubble from the server with an origin indication: it grants no trust and is answered directly (RFC 4380 5.2.3). */
  #processIndirect(run: DatagramRun, now: Milliseconds): DropReason | undefined {
    const { originAddress, originPort } = this.#layout;
    switch (this.#classifySource()) {
      case 'teredo': {
        const refusal = this.#refusalOfTeredoSource();
        if (refusal !== undefined) return refusal;
        if (!this.#isBubble) return this.#embeds(originAddress, originPort) ? this.#deliver(run) : 'endpoint-mismatch';
        return this.#answerTeredo(run, now);
      }
      case 'link-local':
        if (!this.#isBubble) return 'source-not-allowed';
        return this.#answerUnnamed(this.#contacts.findAt(originAddress, originPort), originAddress, originPort, now);
      case 'global':
      case '6to4':
      case 'documentation':
        if (!this.#isBubble) return this.#deliver(run);
        return this.#answerUnnamed(this.#findSource(), originAddress, originPort, now);
      default:
        return 'source-not-allowed';
    }
  }

  /**
   * Straight to the endpoint that the source embeds, and, for what our own server passed on, through the peer's server while
   * the peer is not trusted (CL-B-10). Grants no trust.
   */
  #answerTeredo(run: DatagramRun, now: Milliseconds): DropReason | undefined {
    const { source } = this.#header;
    const isFromServer = this.#isFromServer(run);
    // Anyone can send from the port of servers: what is not from a server of either side displaces nothing (SNS-22).
    const isVouched = isFromServer || run.sourceAddress === embeddedServer(source);
    const { traversal } = this.#contacts;
    if (this.#trailers.hasBadAlternates && traversal.mechanisms.alternates !== undefined)
      return 'invalid-alternate-address';
    const known = this.#findSource();
    const peer = known === noPeer ? this.#addSource(now) : known;
    traversal.mechanisms.recordNonce(peer, this.#trailers.nonce, isVouched, now);
    // The own server has checked that the peer is at the address that it claims to share with this client (DD-14).
    if (isFromServer) traversal.mechanisms.recordAlternates(peer, this.#trailers);
    if (isFromServer) traversal.randomPorts?.recordTrailer(peer, this.#trailers.randomPort, now);
    if (isFromServer) traversal.recordIndirect(peer);
    const mayAnswerIndirectly = isFromServer && this.#contacts.mayAnswerIndirectly(peer, now);
    if (!isVouched && !this.#contacts.hasSpareAnswer(peer, now)) return 'reply-limit';
    const refusal = this.#contacts.refusalToAnswer(peer, embeddedAddress(source), embeddedPort(source), now);
    if (refusal !== undefined) return refusal;
    traversal.answer(peer, this.#trailers.discoveryType === discoveryTypes.solicitation, now);
    traversal.upgrader.begin(peer, now);
    if (mayAnswerIndirectly) traversal.sendIndirect(peer, now);
    // After the nonce that the peer needs when it answers (RFC 6081 6.4, packets 9 and 10).
    traversal.randomPorts?.sendToPeerPort(peer, now);
    return undefined;
  }

  /**
   * Sends an answer to a bubble whose source does not embed its endpoint: to that source, at the endpoint. Counts it for the
   * peer that is known to be there, otherwise for the source.
   */
  #answerUnnamed(known: PeerIndex, address: Ipv4Value, port: number, now: Milliseconds): DropReason | undefined {
    let peer = known === noPeer ? this.#findSource() : known;
    if (peer === noPeer) peer = this.#addSource(now);
    const { traversal } = this.#contacts;
    // A relay has no address that embeds its endpoint; others that are not named say nothing of a peer's nonce.
    if (this.#trailers.nonce !== 0) traversal.mechanisms.recordNonce(peer, this.#trailers.nonce, true, now);
    const refusal = this.#contacts.refusalToAnswer(peer, address, port, now);
    if (refusal === undefined) traversal.answerAt(peer, this.#header.source, address, port);
    return refusal;
  }

  #isFromServer({ sourceAddress, sourcePort }: DatagramRun): boolean {
    return sourceAddress === this.#own.server && sourcePort === teredoPort;
  }

  #findSource(): PeerIndex {
    return this.#contacts.table.find(this.#header.source);
  }

  #addSource(now: Milliseconds): PeerIndex {
    return this.#contacts.table.insert(this.#header.source, 'unsolicited', now);
  }

  #classifySource(): Ipv6Class {
    return this.#contacts.addressing.ipv6Policy.classify(this.#header.source);
  }

  #refusalOfTeredoSource(): DropReason | undefined {
    const { policy, servicePrefix } = this.#contacts.addressing;
    const { source } = this.#header;
    if (this.#own.is(source)) return 'source-not-allowed';
    if (this.#own.isSibling(source)) return 'sibling-of-own-address';
    return isWellFormedTeredo(source, policy, servicePrefix) ? undefined : 'source-not-allowed';
  }

  #embeds(address: number, port: number): boolean {
    return embeddedAddress(this.#header.source) === address && embeddedPort(this.#header.source) === port;
  }

  /** Delivers only the IPv6 packet to the host. */
  #deliver(run: DatagramRun, peer: PeerIndex = noPeer): undefined {
    const layout = this.#layout;
    this.#contacts.table.traffic.recordReceived(peer, run);
    this.#counters.packetsDelivered += run.count;
    if (layout.packetOffset === run.offset && layout.trailersLength === 0) {
      this.#outputs.deliverPackets(run);
    } else {
      this.#stripped.memory = run.memory;
      pointRunAt(this.#stripped, layout.packetOffset, layout.packetLength);
      this.#outputs.deliverPackets(this.#stripped);
    }
    return undefined;
  }
}
