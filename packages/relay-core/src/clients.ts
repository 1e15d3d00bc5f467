import { embeddedAddress, embeddedFlags, embeddedPort, type Ipv6Value, readIpv6, teredoFlags } from '@navalis/address';
import {
  type DatagramRun,
  type DeadlineReason,
  Deadlines,
  type DropReason,
  type Milliseconds,
  type PacketRun,
  type PathsStatus,
  type PeerRows,
} from '@navalis/engine';
import {
  noExtensions,
  noPeer,
  type PeerIndex,
  type PeerTable,
  Traversal,
  type TraversalParts,
  TraversalPeerRows,
  type TraversalRole,
} from '@navalis/traversal';
import { type BubbleTrailers, destinationOffset, sourceOffset } from '@navalis/wire';
import {
  historiesPerAdmission,
  newPeersBurstFactor,
  newPeersPerSecond,
  relayPeers,
  relayQueuedPackets,
  renewalBursts,
  renewalsPerTurn,
} from './constants.ts';
import { NewPeerLimit } from './new-peer-limit.ts';
import type { RelayOptions } from './options.ts';
import { Renewal } from './renewal.ts';

/**
 * The clients of a relay, and how they are reached: packets for a client that did not prove its endpoint in the last 30 s
 * wait, while bubbles leave at 0, 2, 4 and 6 s (RFC 4380 section 5.4.1, case 3).
 */
export class Clients implements TraversalRole {
  /** The source of a relay's bubbles and errors (RL-A-11). */
  localAddress: Ipv6Value;
  readonly #kind: RelayOptions['kind'];
  readonly #trustsConeBit: boolean;
  readonly #traversal: Traversal;
  readonly #table: PeerTable;
  #newPeers: NewPeerLimit | undefined;
  readonly #renewal: Renewal;
  readonly #deadlines: Deadlines<'peers' | 'renewal'>;

  constructor(options: RelayOptions, servicePrefix: number, parts: TraversalParts) {
    this.localAddress = options.localAddress;
    this.#kind = options.kind;
    this.#trustsConeBit = options.trustsConeBit ?? false;
    this.#traversal = new Traversal(this, parts, {
      peerCapacity: options.maximumClients ?? relayPeers,
      queueCapacity: relayQueuedPackets,
      servicePrefix,
      extensions: { ...noExtensions, symmetricNatSupport: options.extensions?.symmetricNatSupport ?? true },
      restsPeers: false,
      failsWithBudget: true,
      burstsWithoutPackets: renewalBursts,
    });
    this.#table = this.#traversal.table;
    this.replaceOwnAddresses(options);
    this.replaceLimit(options);
    this.#renewal = new Renewal(this.#table);
    this.#deadlines = new Deadlines({ peers: this.#traversal, renewal: this.#renewal });
  }

  /** Replaces the limit on new clients, which begins with its full share. */
  replaceLimit({ newClientsPerSecond, rateLimit }: Pick<RelayOptions, 'newClientsPerSecond' | 'rateLimit'>): void {
    const newPeers = newClientsPerSecond ?? newPeersPerSecond;
    this.#newPeers = rateLimit ? new NewPeerLimit(newPeers, newPeers * newPeersBurstFactor) : undefined;
  }

  get errorSource(): Ipv6Value {
    return this.localAddress;
  }

  get count(): number {
    return this.#table.count;
  }

  get peerRows(): PeerRows {
    return new TraversalPeerRows(this.#traversal);
  }

  pathsStatus(): PathsStatus {
    return this.#traversal.pathCounts.status();
  }

  clear(): void {
    this.#renewal.end();
    this.#traversal.clear();
  }

  /**
   * The relay's own endpoint changed: NATs let nothing in from the new one, and clients send to the old one. The relay
   * informs clients heard in the last 30 s at once, as fast as pacing and limits allow (RL-T-22).
   */
  networkChanged(now: Milliseconds): void {
    this.#table.doubtAll(now);
    this.#renewal.begin(now);
  }

  /** The node has other IPv4 addresses now: with a global one the first burst is a single bubble (RL-T-23). */
  replaceOwnAddresses({
    directBubbles,
    ownIpv4Addresses,
    policy,
  }: Pick<RelayOptions, 'directBubbles' | 'ownIpv4Addresses' | 'policy'>): void {
    const isPublic = ownIpv4Addresses.some((address) => policy.isGlobalUnicast(address));
    this.#traversal.startsIndirectly = directBubbles === 'unless-public' && isPublic;
  }

  nextDeadline(): Milliseconds {
    return this.#deadlines.nextDeadline();
  }

  deadlineReason(): DeadlineReason | undefined {
    return this.#deadlines.reason();
  }

  handleDeadline(now: Milliseconds): void {
    if (this.#renewal.nextDeadline() <= now) this.#renewSome(now);
    this.#traversal.handleDeadline(now);
  }

  /** Bubbles of a host-specific relay carry the source of the waiting packet (HR-03), those of a relay its own address (RL-A-11). */
  bubbleSource(peer: PeerIndex): Ipv6Value {
    const waiting = this.#kind === 'host' ? this.#traversal.peek(peer) : undefined;
    return waiting === undefined ? this.localAddress : readIpv6(waiting.memory, waiting.offset + sourceOffset);
  }

  /**
   * RL-T-09, RL-T-12: no answer to the last bubble. It no longer counts as a client, but the times of its bubbles stay;
   * otherwise the next packet would start them again (RL-T-17, RL-T-21).
   */
  attemptFailed(peer: PeerIndex): void {
    this.#table.giveUp(peer);
  }

  /** A client sent a packet; it counts when it comes from the endpoint that the client's address embeds, or was trusted at. */
  hear(client: Ipv6Value, run: DatagramRun, now: Milliseconds): DropReason | undefined {
    const peer = this.#table.find(client);
    const refusal = this.#hearPlain(peer, client, run, now);
    if (refusal === undefined) this.#table.traffic.recordReceived(peer, run);
    return refusal;
  }

  /** A client sent a bubble; it counts from elsewhere, too, with the nonce that the client was sent (RL-R-09). */
  hearBubble(
    client: Ipv6Value,
    run: DatagramRun,
    { nonce }: BubbleTrailers,
    now: Milliseconds,
  ): DropReason | undefined {
    const peer = this.#table.find(client);
    const { mechanisms } = this.#traversal;
    if (peer === noPeer || nonce === 0 || mechanisms.nonces === undefined)
      return this.#hearPlain(peer, client, run, now);
    const hasNonce = mechanisms.isEcho(peer, nonce, now);
    const refusal = this.#hear(peer, run, hasNonce, now);
    return refusal === 'endpoint-mismatch' && !hasNonce ? 'bubble-nonce-mismatch' : refusal;
  }

  /**
   * A bubble came whose source names nobody. It speaks for every client that embeds the endpoint it came from (IO-01,
   * IO-03).
   */
  hearNameless(run: DatagramRun, now: Milliseconds): DropReason | undefined {
    const { sourceAddress, sourcePort } = run;
    let peer = this.#table.findByEmbeddedEndpoint(sourceAddress, sourcePort);
    if (peer === noPeer) return 'untrusted-link-local';
    while (peer !== noPeer) {
      this.#hear(peer, run, false, now);
      peer = this.#table.findNextByEmbeddedEndpoint(peer, sourceAddress, sourcePort);
    }
    return undefined;
  }

  /** Sends the run to the client, at once or as soon as it can be reached. */
  send(client: Ipv6Value, run: PacketRun, now: Milliseconds): DropReason | undefined {
    const peer = this.#table.find(client);
    if (peer !== noPeer && this.#table.isUsable(peer, now)) {
      this.#traversal.send(peer, run, now);
      return undefined;
    }
    const isCone = this.#trustsConeBit && (embeddedFlags(client) & teredoFlags.cone) !== 0;
    return isCone ? this.#sendUnproven(peer, run, now) : this.#sendLater(peer, run, now);
  }

  /** Something without a nonce came from a client, which may be unknown. */
  #hearPlain(peer: PeerIndex, client: Ipv6Value, run: DatagramRun, now: Milliseconds): DropReason | undefined {
    if (peer === noPeer) return embeds(client, run) ? 'peer-not-known' : 'endpoint-mismatch';
    return this.#hear(peer, run, false, now);
  }

  /** Sends the packets that waited for a peer that has proven its endpoint (RL-R-03, RL-R-04, RL-T-11). */
  #hear(peer: PeerIndex, run: DatagramRun, hasNonce: boolean, now: Milliseconds): DropReason | undefined {
    const isKnown = this.#table.isTrustedAt(peer, run.sourceAddress, run.sourcePort);
    if (!isKnown && !this.#traversal.prove(peer, run, hasNonce, now)) return 'endpoint-mismatch';
    this.#traversal.hear(peer, now);
    return undefined;
  }

  /** Case 2 of RFC 4380 section 5.4.1: the address alone says that everybody may send to its endpoint (RL-T-06). */
  #sendUnproven(known: PeerIndex, run: PacketRun, now: Milliseconds): DropReason | undefined {
    const peer = known === noPeer ? this.#admit(known, run, now) : known;
    if (peer === noPeer) return 'rate-limited';
    this.#table.trust(peer, this.#table.endpointAddress(peer), this.#table.endpointPort(peer));
    this.#traversal.send(peer, run, now);
    return undefined;
  }

  /**
   * Queues the run and sees to it that an attempt to reach the peer is under way (RL-T-07, RL-T-10). While no bubble may
   * leave for it, the sender is told at once (RL-T-21).
   */
  #sendLater(known: PeerIndex, run: PacketRun, now: Milliseconds): DropReason | undefined {
    if (known !== noPeer && !this.#traversal.isRunning(known) && this.#traversal.isFutile(known, now)) {
      this.#table.giveUp(known);
      this.#traversal.reportUnreachable(run, now);
      return 'unreachable';
    }
    const peer = known === noPeer || this.#table.isGivenUp(known) ? this.#admit(known, run, now) : known;
    if (peer === noPeer) return 'rate-limited';
    this.#traversal.enqueue(peer, run);
    if (!this.#traversal.isRunning(peer)) this.#traversal.burst(peer, now);
    return undefined;
  }

  /**
   * The client that the run is for, new in the table, or one that was given up and gets another chance; `noPeer` while too
   * many are new (RL-T-19).
   */
  #admit(known: PeerIndex, { memory, offset }: PacketRun, now: Milliseconds): PeerIndex {
    if (this.#newPeers !== undefined && !this.#newPeers.take(now)) return noPeer;
    if (known !== noPeer) {
      this.#table.solicit(known);
      return known;
    }
    this.#traversal.removeOldHistories(historiesPerAdmission, now);
    return this.#table.insert(readIpv6(memory, offset + destinationOffset), 'solicited', now);
  }

  #renewSome(now: Milliseconds): void {
    for (let told = 0; told < renewalsPerTurn; told++) {
      const peer = this.#renewal.next(now);
      if (peer === noPeer) return;
      if (!this.#traversal.isRunning(peer) && !this.#traversal.isFutile(peer, now)) this.#traversal.burst(peer, now);
    }
  }
}

function embeds(client: Ipv6Value, { sourceAddress, sourcePort }: DatagramRun): boolean {
  return embeddedAddress(client) === sourceAddress && embeddedPort(client) === sourcePort;
}
