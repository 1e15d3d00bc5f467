import {
  embeddedAddress,
  embeddedPort,
  type Ipv4Endpoint,
  type Ipv4Value,
  type Ipv6Value,
  teredoPort,
} from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import { noDiscovery } from '@navalis/wire';
import type { BubbleSender } from './bubble-sender.ts';
import type { Mechanisms } from './mechanisms/mechanisms.ts';
import { chooseDataPath } from './peers/data-path.ts';
import { isNonceKind, type Paths } from './peers/paths.ts';
import type { PeerIndex, PeerTable } from './peers/peer-table.ts';
import type { TraversalRole } from './traversal-role.ts';

/** The collaborators of a plan. */
export interface BubblePlanParts {
  readonly role: TraversalRole;
  readonly table: PeerTable;
  readonly paths: Paths;
  readonly bubbles: BubbleSender;
  readonly mechanisms: Mechanisms;
}

/**
 * Decides where the bubbles of each occasion go and which trailers they carry: the only place where mechanisms meet. Knows no
 * limits, and keeps no state.
 */
export class BubblePlan {
  readonly #role: TraversalRole;
  readonly #table: PeerTable;
  readonly #paths: Paths;
  readonly #bubbles: BubbleSender;
  readonly #mechanisms: Mechanisms;

  constructor({ role, table, paths, bubbles, mechanisms }: BubblePlanParts) {
    this.#role = role;
    this.#table = table;
    this.#paths = paths;
    this.#bubbles = bubbles;
    this.#mechanisms = mechanisms;
  }

  /** The direct bubble of a burst: to where the peer is known to be, else to the endpoint that its address embeds (SNS-19). */
  sendDirect(peer: PeerIndex, now: Milliseconds): void {
    this.#writeDirect(peer, this.#table.address(peer), noDiscovery);
    if (this.#isKnownElsewhere(peer, now)) this.#sendToTarget(peer);
    else this.#sendToEmbedded(peer);
  }

  /** Through the peer's server, with a new nonce, and with the own endpoints while the peer is not reached. */
  sendIndirect(peer: PeerIndex, now: Milliseconds): void {
    const { nonces, symmetricNatSupport } = this.#mechanisms;
    const alternates = this.#table.isUsable(peer, now) ? undefined : this.#ownAlternates;
    const target = this.#table.address(peer);
    this.#bubbles.write(this.#role.bubbleSource(peer), target);
    if (nonces !== undefined && (symmetricNatSupport || alternates !== undefined)) {
      this.#bubbles.addNonce(nonces.draw(peer, now));
    }
    if (alternates !== undefined) this.#bubbles.addAlternates(alternates);
    this.#bubbles.send(target.word1, teredoPort);
  }

  /**
   * The answer to an indirect bubble: one bubble to where the peer is known to be, or one to the endpoint that its address embeds
   * and one to each of its alternate endpoints that the role permits. Five datagrams at most (HP-16).
   */
  sendAnswer(peer: PeerIndex, discoveryType: number, now: Milliseconds): void {
    this.#writeDirect(peer, this.#table.address(peer), discoveryType);
    if (this.#isKnownElsewhere(peer, now)) {
      this.#sendToTarget(peer);
      return;
    }
    this.#sendToEmbedded(peer);
    const { alternates } = this.#mechanisms;
    if (alternates === undefined) return;
    for (let index = 0; index < alternates.count(peer); index++) {
      const [address, port] = [alternates.address(peer, index), alternates.port(peer, index)];
      if (this.#role.mayBeAlternate?.(peer, address, port) === true) this.#bubbles.sendOnLink(address, port);
    }
  }

  /** Straight to the endpoint of a peer that was trusted or is. */
  sendToTarget(peer: PeerIndex, discoveryType: number): void {
    this.#writeDirect(peer, this.#table.address(peer), discoveryType);
    this.#sendToTarget(peer);
  }

  /** To this endpoint, for this IPv6 address, with the nonce that the peer waits for. */
  sendTo(peer: PeerIndex, destination: Ipv6Value, address: Ipv4Value, port: number): void {
    this.#writeDirect(peer, destination, noDiscovery);
    this.#bubbles.send(address, port);
  }

  get #ownAlternates(): readonly Ipv4Endpoint[] | undefined {
    const own = this.#mechanisms.alternates === undefined ? undefined : this.#role.alternates;
    return own === undefined || own.length === 0 ? undefined : own;
  }

  #writeDirect(peer: PeerIndex, destination: Ipv6Value, discoveryType: number): void {
    const nonce = this.#mechanisms.nonceOf(peer);
    this.#bubbles.write(this.#role.bubbleSource(peer), destination);
    if (nonce !== 0) this.#bubbles.addNonce(nonce);
    if (discoveryType !== noDiscovery) this.#bubbles.addDiscovery(discoveryType);
  }

  #sendToEmbedded(peer: PeerIndex): void {
    const address = this.#table.address(peer);
    this.#bubbles.send(embeddedAddress(address), embeddedPort(address));
  }

  #sendToTarget(peer: PeerIndex): void {
    const table = this.#table;
    this.#bubbles.sendTrusted(table.targetAddress(peer), table.targetPort(peer), table.targetPortId(peer));
  }

  /** Returns true if a matching nonce showed where the peer is, and it was heard there in the last 30 s. */
  #isKnownElsewhere(peer: PeerIndex, now: Milliseconds): boolean {
    if (!this.#table.isUsable(peer, now)) return false;
    return isNonceKind(this.#paths.kind(chooseDataPath(this.#paths, peer)));
  }
}
