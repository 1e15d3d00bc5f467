import {
  embeddedAddress,
  embeddedFlags,
  embeddedPort,
  type Ipv4Value,
  type Ipv6Value,
  readIpv6,
  teredoFlags,
  teredoPort,
} from '@navalis/address';
import {
  type Counters,
  createPacketRun,
  type DatagramRun,
  type DropReason,
  type Icmpv6Errors,
  type Milliseconds,
  type PacketRun,
  pointRunAt,
  type RandomSource,
  type SendGate,
} from '@navalis/engine';
import { Attempts, BubbleBudget, noPeer, PacketQueues, type PeerIndex, PeerTable } from '@navalis/traversal';
import { bubbleLength, destinationOffset, sourceOffset, writeBubble } from '@navalis/wire';
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

/** RFC 4443 section 3.1: address unreachable. */
const addressUnreachable = 3;

/**
 * The clients of a relay, and how they are reached: packets for a client that did not prove its endpoint in the last 30 s
 * wait, while bubbles leave at 0, 2, 4 and 6 s (RFC 4380 section 5.4.1, case 3).
 */
export class Clients {
  /** The source of a relay's bubbles and errors (RL-A-11). */
  localAddress: Ipv6Value;
  /** Whether the first burst is one bubble, through the client's server (RL-T-23). */
  #startsIndirectly: boolean;
  readonly #kind: RelayOptions['kind'];
  readonly #trustsConeBit: boolean;
  readonly #counters: Counters;
  readonly #gate: SendGate;
  readonly #errors: Icmpv6Errors;
  readonly #table: PeerTable;
  readonly #queues: PacketQueues;
  readonly #attempts: Attempts;
  readonly #budget: BubbleBudget;
  readonly #newPeers: NewPeerLimit | undefined;
  readonly #renewal: Renewal;
  readonly #queuedRun: PacketRun = createPacketRun(new Uint8Array(0));
  readonly #bubbleRun: PacketRun = createPacketRun(new Uint8Array(bubbleLength));

  constructor(
    options: RelayOptions,
    servicePrefix: number,
    counters: Counters,
    gate: SendGate,
    errors: Icmpv6Errors,
    random: RandomSource,
  ) {
    this.localAddress = options.localAddress;
    this.#startsIndirectly = startsIndirectly(options);
    this.#kind = options.kind;
    this.#trustsConeBit = options.trustsConeBit ?? false;
    this.#counters = counters;
    this.#gate = gate;
    this.#errors = errors;
    this.#table = new PeerTable({ capacity: options.maximumClients ?? relayPeers, servicePrefix }, random);
    this.#queues = new PacketQueues(this.#table, relayQueuedPackets);
    this.#attempts = new Attempts(this.#table);
    this.#budget = new BubbleBudget(this.#table);
    const newPeers = options.newClientsPerSecond ?? newPeersPerSecond;
    this.#newPeers = options.rateLimit ? new NewPeerLimit(newPeers, newPeers * newPeersBurstFactor) : undefined;
    this.#renewal = new Renewal(this.#table);
    pointRunAt(this.#bubbleRun, 0, bubbleLength);
  }

  get count(): number {
    return this.#table.count;
  }

  clear(): void {
    this.#renewal.end();
    this.#table.clear();
  }

  /**
   * The relay's own endpoint changed: NATs let nothing in from the new one, and clients send to the old one. Who was heard
   * in the last 30 s is told at once, as fast as pacing and limits allow (RL-T-22).
   */
  networkChanged(now: Milliseconds): void {
    this.#table.doubtAll(now);
    this.#renewal.begin(now);
  }

  /** The node has other IPv4 addresses now. */
  replaceOwnAddresses(options: Pick<RelayOptions, 'directBubbles' | 'ownIpv4Addresses' | 'policy'>): void {
    this.#startsIndirectly = startsIndirectly(options);
  }

  nextDeadline(): Milliseconds {
    return Math.min(this.#attempts.nextDeadline(), this.#renewal.nextDeadline());
  }

  handleDeadline(now: Milliseconds): void {
    if (this.#renewal.nextDeadline() <= now) this.#renewSome(now);
    for (let peer = this.#attempts.due(now); peer !== noPeer; peer = this.#attempts.due(now)) {
      const waits = this.#queues.size(peer) > 0;
      if (!waits && this.#attempts.bursts(peer) >= renewalBursts) this.#attempts.end(peer);
      else if (this.#attempts.isSpent(peer) || this.#budget.isSpent(peer, now)) this.#giveUp(peer, now);
      else this.#burst(peer, now);
    }
  }

  /** The client sent a datagram from the endpoint that its address embeds. */
  hear(client: Ipv6Value, run: DatagramRun, now: Milliseconds): DropReason | undefined {
    const peer = this.#table.find(client);
    if (peer === noPeer) return 'peer-not-known';
    this.#hear(peer, run, now);
    return undefined;
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
      this.#hear(peer, run, now);
      peer = this.#table.findNextByEmbeddedEndpoint(peer, sourceAddress, sourcePort);
    }
    return undefined;
  }

  /** Sends the run to the client, at once or as soon as it can be reached. */
  send(client: Ipv6Value, run: PacketRun, now: Milliseconds): DropReason | undefined {
    const peer = this.#table.find(client);
    if (peer !== noPeer && this.#table.isUsable(peer, now)) {
      this.#sendTo(peer, run, now);
      return undefined;
    }
    const isCone = this.#trustsConeBit && (embeddedFlags(client) & teredoFlags.cone) !== 0;
    return isCone ? this.#sendUnproven(peer, run, now) : this.#sendLater(peer, run, now);
  }

  /** The peer proved its endpoint: whatever waited for it leaves (RL-R-03, RL-R-04, RL-T-11). */
  #hear(peer: PeerIndex, { sourceAddress, sourcePort }: DatagramRun, now: Milliseconds): void {
    this.#table.trust(peer, sourceAddress, sourcePort);
    this.#table.heard(peer, now);
    this.#budget.clear(peer);
    this.#attempts.end(peer);
    while (this.#queues.dequeue(peer, this.#queuedRun)) this.#sendTo(peer, this.#queuedRun, now);
  }

  /** Case 2 of RFC 4380 section 5.4.1: the address alone says that everybody may send to its endpoint (RL-T-06). */
  #sendUnproven(known: PeerIndex, run: PacketRun, now: Milliseconds): DropReason | undefined {
    const peer = known === noPeer ? this.#admit(known, run, now) : known;
    if (peer === noPeer) return 'rate-limited';
    this.#table.trust(peer, this.#table.endpointAddress(peer), this.#table.endpointPort(peer));
    this.#sendTo(peer, run, now);
    return undefined;
  }

  /**
   * Queues the run and sees to it that an attempt to reach the peer is under way (RL-T-07, RL-T-10). While no bubble may
   * leave for it, the sender is told at once (RL-T-21).
   */
  #sendLater(known: PeerIndex, run: PacketRun, now: Milliseconds): DropReason | undefined {
    if (known !== noPeer && !this.#attempts.isRunning(known) && this.#budget.isSpent(known, now)) {
      this.#table.giveUp(known);
      this.#reportUnreachable(run, now);
      return 'unreachable';
    }
    const peer = known === noPeer || this.#table.isGivenUp(known) ? this.#admit(known, run, now) : known;
    if (peer === noPeer) return 'rate-limited';
    this.#counters.drop('queue-overflow', this.#queues.enqueue(peer, run));
    if (!this.#attempts.isRunning(peer)) this.#burst(peer, now);
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
    this.#removeOldHistories(now);
    return this.#table.insert(readIpv6(memory, offset + destinationOffset), 'solicited', now);
  }

  /**
   * One burst of bubbles, direct and through the client's server (RL-T-14, RL-T-16). Where the limits of RFC 4380 section
   * 5.2.6 forbid it at this moment, the attempt goes on without it (RL-T-17).
   */
  #burst(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.burst(peer, now);
    if (!this.#budget.allows(peer, now)) return;
    this.#budget.record(peer, now);
    const target = this.#table.address(peer);
    writeBubble(this.#bubbleRun.memory, 0, this.#bubbleSource(peer), target);
    if (!this.#startsIndirectly || this.#attempts.bursts(peer) > 1) {
      this.#sendBubble(embeddedAddress(target), embeddedPort(target));
    }
    this.#sendBubble(target.word1, teredoPort);
  }

  #sendBubble(address: Ipv4Value, port: number): void {
    if (this.#gate.send(this.#bubbleRun, address, port)) this.#counters.bubblesSent += 1;
  }

  /** A host bubbles in the name of the address that has something to say (HR-03), a relay in its own (RL-A-11). */
  #bubbleSource(peer: PeerIndex): Ipv6Value {
    return this.#kind === 'host' && this.#queues.peek(peer, this.#queuedRun)
      ? readIpv6(this.#queuedRun.memory, this.#queuedRun.offset + sourceOffset)
      : this.localAddress;
  }

  /**
   * RL-T-09, RL-T-12: no answer to the last bubble; the senders are told. The client is none any more, and the times of its
   * bubbles stay, or the next packet would start them anew (RL-T-17, RL-T-21).
   */
  #giveUp(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.end(peer);
    const packet = this.#queuedRun;
    while (this.#queues.dequeue(peer, packet)) {
      this.#counters.drop('unreachable');
      this.#reportUnreachable(packet, now);
    }
    this.#table.giveUp(peer);
  }

  #reportUnreachable({ memory, offset, packetLength }: PacketRun, now: Milliseconds): void {
    this.#errors.unreachable(this.localAddress, addressUnreachable, memory, offset, packetLength, now);
  }

  /** Makes room where it costs nothing: histories that forbid nothing any more go before any other. */
  #removeOldHistories(now: Milliseconds): void {
    for (let removed = 0; removed < historiesPerAdmission; removed++) {
      const peer = this.#table.longestGivenUp;
      if (peer === noPeer || !this.#budget.isOver(peer, now)) return;
      this.#table.remove(peer);
    }
  }

  #renewSome(now: Milliseconds): void {
    for (let told = 0; told < renewalsPerTurn; told++) {
      const peer = this.#renewal.next(now);
      if (peer === noPeer) return;
      if (!this.#attempts.isRunning(peer) && !this.#budget.isSpent(peer, now)) this.#burst(peer, now);
    }
  }

  #sendTo(peer: PeerIndex, run: PacketRun, now: Milliseconds): void {
    this.#gate.sendTrusted(run, this.#table.endpointAddress(peer), this.#table.endpointPort(peer));
    this.#table.sent(peer, now);
  }
}

function startsIndirectly({
  directBubbles,
  ownIpv4Addresses,
  policy,
}: Pick<RelayOptions, 'directBubbles' | 'ownIpv4Addresses' | 'policy'>): boolean {
  return directBubbles === 'unless-public' && ownIpv4Addresses.some((address) => policy.isGlobalUnicast(address));
}
