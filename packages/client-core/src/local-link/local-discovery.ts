import {
  allNodes,
  embeddedAddress,
  type Ipv4Prefix,
  type Ipv4Value,
  type Ipv6Value,
  ipv4PrefixContains,
  ipv6EqualsAt,
  isWellFormedTeredo,
  readIpv6,
} from '@navalis/address';
import {
  type Counters,
  type DatagramRun,
  type DropReason,
  drawShare,
  type Milliseconds,
  type RandomSource,
} from '@navalis/engine';
import { type BubbleSender, noPeer, type Paths, type PeerIndex, type PeerTable } from '@navalis/traversal';
import { type DatagramLayout, destinationOffset, isBubble, sourceOffset } from '@navalis/wire';
import type { Addressing } from '../addressing.ts';
import { discoverySpacingMs } from '../choices.ts';
import {
  discoveryEndpoint,
  discoveryHopLimit,
  leastDiscoveryIntervalMs,
  longestDiscoveryIntervalMs,
} from '../constants.ts';
import type { OwnAddress } from '../own-address.ts';
import { LocalPeers } from './local-peers.ts';

/** The link on which peers are looked for. */
export interface LocalLink {
  /** The IPv4 subnet of its interface. */
  readonly subnet: Ipv4Prefix;
  /** False also believes peers whose mapped address is another one than ours; true by default (CL-L-08). */
  readonly sameNatOnly?: boolean;
}

/** The collaborators of local discovery. */
export interface DiscoveryParts {
  readonly addressing: Addressing;
  readonly own: OwnAddress;
  readonly table: PeerTable;
  readonly paths: Paths;
  readonly bubbles: BubbleSender;
  readonly counters: Counters;
  readonly random: RandomSource;
}

/**
 * Finds other clients on the own link by multicast (RFC 4380 5.2.8), for they may be behind the same NAT and not reach each
 * other through it. A discovery bubble says where a peer is; it is believed once the peer was heard from there, and only
 * that makes its endpoint one to send to.
 */
export class LocalDiscovery {
  readonly peers: LocalPeers;
  readonly #addressing: Addressing;
  readonly #own: OwnAddress;
  readonly #table: PeerTable;
  readonly #paths: Paths;
  readonly #bubbles: BubbleSender;
  readonly #counters: Counters;
  readonly #random: RandomSource;
  #link: LocalLink | undefined;
  #deadline: Milliseconds = Number.POSITIVE_INFINITY;
  #sentAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(parts: DiscoveryParts, link: LocalLink | undefined) {
    this.peers = new LocalPeers(parts.table, parts.paths);
    this.#paths = parts.paths;
    this.#addressing = parts.addressing;
    this.#own = parts.own;
    this.#table = parts.table;
    this.#bubbles = parts.bubbles;
    this.#counters = parts.counters;
    this.#random = parts.random;
    this.#link = link;
  }

  /** Announces the client at once, now that it has an address. */
  begin(): void {
    if (this.#link !== undefined) this.#deadline = Number.NEGATIVE_INFINITY;
  }

  end(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  /** Follows the host to another subnet. */
  replaceLink(link: LocalLink | undefined): void {
    this.#link = link;
    this.peers.clear();
    this.end();
    if (this.#own.isSet) this.begin();
  }

  nextDeadline(): Milliseconds {
    return this.#deadline;
  }

  handleDeadline(now: Milliseconds): void {
    if (now >= this.#deadline) this.#announce(now);
  }

  /** Case 4 of RFC 4380 5.2.3: handles a datagram to the multicast group. Returns the drop reason, or undefined. */
  hear(run: DatagramRun, layout: DatagramLayout, now: Milliseconds): DropReason | undefined {
    const link = this.#link;
    const { memory, sourceAddress, sourcePort } = run;
    const packet = layout.packetOffset;
    const isDiscovery =
      link !== undefined &&
      layout.authenticationOffset < 0 &&
      layout.originOffset < 0 &&
      isBubble(memory, packet) &&
      ipv6EqualsAt(memory, packet + destinationOffset, allNodes);
    if (!isDiscovery) return 'not-a-discovery-bubble';
    const source = readIpv6(memory, packet + sourceOffset);
    if (this.#own.is(source)) return 'own-discovery-bubble';
    const { policy, servicePrefix } = this.#addressing;
    if (!isWellFormedTeredo(source, policy, servicePrefix)) return 'source-not-allowed';
    if (this.#own.isSibling(source)) return 'sibling-of-own-address';
    if (sourcePort === 0 || !ipv4PrefixContains(link.subnet, sourceAddress)) return 'not-on-this-link';
    if (link.sameNatOnly !== false && embeddedAddress(source) !== this.#own.mappedAddress) {
      return 'behind-another-nat';
    }
    this.#counters.bubblesReceived++;
    return this.#meet(source, sourceAddress, sourcePort, now);
  }

  /**
   * Case 3 of RFC 4380 5.2.4: a bubble to the local endpoint of a local peer, and a discovery bubble, so that the peer
   * knows us too. False when the peer is not local.
   */
  solicit(peer: PeerIndex, now: Milliseconds): boolean {
    if (!this.peers.isLocal(peer, now)) return false;
    const path = this.peers.path(peer);
    this.#send(this.#table.address(peer), this.#paths.address(path), this.#paths.port(path));
    if (now - this.#sentAt >= discoverySpacingMs) this.#announce(now);
    return true;
  }

  /** A peer is known by its whole address: one with other flags is another host, or an address that its host gave up (RFC 5991). */
  #meet(source: Ipv6Value, address: Ipv4Value, port: number, now: Milliseconds): DropReason | undefined {
    let peer = this.#table.find(source);
    const isNew = !this.peers.isLocal(peer, now);
    if (peer === noPeer) {
      peer = this.#table.insert(source, 'unsolicited', now);
      this.#table.heard(peer, now);
    }
    if (!this.peers.note(peer, address, port, now)) return 'local-peer-limit';
    // A new peer does not know this client either, and would wait for minutes. If this client announced itself before
    // the peer was listening, the peer may not reply yet: wait until its reply limit allows it.
    if (isNew) this.#deadline = Math.min(this.#deadline, now + (1 + drawShare(this.#random)) * discoverySpacingMs);
    if (!this.peers.takeAnswer(peer, now)) return 'reply-limit';
    this.#send(source, address, port);
    return undefined;
  }

  #announce(now: Milliseconds): void {
    this.#sentAt = now;
    const span = longestDiscoveryIntervalMs - leastDiscoveryIntervalMs;
    this.#deadline = now + leastDiscoveryIntervalMs + drawShare(this.#random) * span;
    this.#send(allNodes, discoveryEndpoint.address, discoveryEndpoint.port, discoveryHopLimit);
  }

  #send(destination: Ipv6Value, address: Ipv4Value, port: number, hopLimit?: number): void {
    this.#bubbles.write(this.#own.value, destination, hopLimit);
    this.#bubbles.sendOnLink(address, port);
  }
}
