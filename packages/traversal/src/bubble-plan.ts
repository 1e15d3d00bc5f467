import {
  embeddedAddress,
  embeddedPort,
  type Ipv4Endpoint,
  type Ipv4Value,
  type Ipv6Value,
  teredoPort,
} from '@navalis/address';
import type { Milliseconds, PortId } from '@navalis/engine';
import { discoveryTypes, noDiscovery } from '@navalis/wire';
import type { BubbleSender } from './bubble-sender.ts';
import type { Mechanisms } from './mechanisms/mechanisms.ts';
import type { PortSlot } from './mechanisms/random-ports.ts';
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

  /**
   * The direct bubbles of burst number `burst`: to where the peer is known to be, else to the endpoint that its address embeds
   * (SNS-19), and one between random ports (PP-10, PP-11).
   */
  sendDirect(peer: PeerIndex, burst: number, discoveryType: number, now: Milliseconds): void {
    if (this.#isKnownElsewhere(peer, now)) {
      this.sendToTarget(peer, discoveryType);
      return;
    }
    this.#sendInvitation(peer);
    this.#writeDirect(peer, this.#table.address(peer), discoveryType);
    this.#sendToEmbedded(peer);
    this.sendToPeerPort(peer, now);
    if (burst > 1 && (this.#mechanisms.randomPorts?.unmarked(peer) ?? 0) > 0) this.sendFromRandomPort(peer, now);
  }

  /** Through the peer's server, with a new nonce, and with the own endpoints while the peer is not reached. */
  sendIndirect(peer: PeerIndex, now: Milliseconds): void {
    const { nonces, symmetricNatSupport, randomPorts } = this.#mechanisms;
    const isReached = this.#table.isUsable(peer, now);
    const alternates = isReached ? undefined : this.#ownAlternates;
    if (!isReached && randomPorts?.use === 'preserved') randomPorts.open(peer, now);
    randomPorts?.touch(peer, now);
    const port = randomPorts?.announced(peer) ?? 0;
    const target = this.#table.address(peer);
    this.#bubbles.write(this.#role.bubbleSource(peer), target);
    if (nonces !== undefined && (symmetricNatSupport || alternates !== undefined)) {
      this.#bubbles.addNonce(nonces.draw(peer, now));
    }
    if (port !== 0) this.#bubbles.addRandomPort(port);
    if (alternates !== undefined) this.#bubbles.addAlternates(alternates);
    this.#bubbles.send(target.word1, teredoPort);
  }

  /**
   * The answer to an indirect bubble: one bubble to where the peer is known to be, or one to the endpoint that its address embeds
   * and one to each of its alternate endpoints that the role permits. Five datagrams at most (HP-16).
   */
  sendAnswer(peer: PeerIndex, discoveryType: number, now: Milliseconds): void {
    if (this.#isKnownElsewhere(peer, now)) {
      this.sendToTarget(peer, discoveryType);
      return;
    }
    this.#writeDirect(peer, this.#table.address(peer), discoveryType);
    this.#sendToEmbedded(peer);
    this.#sendToAlternates(peer);
    const { randomPorts } = this.#mechanisms;
    if (randomPorts === undefined || randomPorts.use === 'none') return;
    this.sendToPeerPort(peer, now);
    if (randomPorts.unmarked(peer) > 1) this.sendFromRandomPort(peer, now);
  }

  /**
   * To the random port that the peer told, while it is not reached: from the own one where the NAT asks for that, which is opened where
   * its number is known beforehand (PP-11, PP-12), else from the service port (PP-13).
   */
  sendToPeerPort(peer: PeerIndex, now: Milliseconds): void {
    const { randomPorts } = this.#mechanisms;
    if (randomPorts === undefined || this.#table.isUsable(peer, now)) return;
    const port = randomPorts.peerPort(peer);
    if (port === 0) return;
    if (randomPorts.use === 'preserved') randomPorts.open(peer, now);
    const from = randomPorts.portId(peer);
    // The first bubble from a port with a number to be predicted is that of the echo test.
    if (from === undefined && randomPorts.use === 'predicted') return;
    this.#sendToPeerAddress(peer, port, from);
  }

  /** From the own random port to where the peer's address says that it is, while it is not reached and told no random port (PP-31). */
  sendFromRandomPort(peer: PeerIndex, now: Milliseconds): void {
    const { randomPorts } = this.#mechanisms;
    const from = randomPorts?.portId(peer);
    if (randomPorts === undefined || from === undefined || randomPorts.peerPort(peer) !== 0) return;
    if (this.#table.isUsable(peer, now)) return;
    randomPorts.endRetry(randomPorts.slot(peer));
    this.#sendToPeerAddress(peer, embeddedPort(this.#table.address(peer)), from);
  }

  /** The three packets of an echo test, from the random port of the peer in this slot (SPS-06, SPS-07, SPS-08, SPS-15). */
  sendEchoTest(peer: PeerIndex, slot: PortSlot): void {
    const { randomPorts, echoTests } = this.#mechanisms;
    const from = randomPorts?.portId(peer);
    if (randomPorts === undefined || echoTests === undefined || from === undefined) return;
    this.#role.sendEchoSolicitation?.(from, false, echoTests.draw(slot, false));
    this.#sendToPeerAddress(peer, randomPorts.peerPort(peer) || embeddedPort(this.#table.address(peer)), from);
    this.#role.sendEchoSolicitation?.(from, true, echoTests.draw(slot, true));
  }

  /** From the plain port to where the peer is reached through the relay, or without: with its nonce, and asking for an answer (TU-23). */
  sendUpgrade(peer: PeerIndex): void {
    const table = this.#table;
    const { plainPort } = this.#role;
    const discoveryType = this.#mechanisms.solicitations === undefined ? noDiscovery : discoveryTypes.solicitation;
    this.#writeDirect(peer, table.address(peer), discoveryType, plainPort);
    this.#bubbles.send(table.targetAddress(peer), table.targetPort(peer), plainPort);
  }

  /** Keeps the mapping open through which the peer is reached. */
  refresh(peer: PeerIndex): void {
    this.sendToTarget(peer, noDiscovery);
  }

  /**
   * From the plain port to a peer whose nonce is not known. Where its NAT lets the bubble in, it proves nothing, and has the peer send
   * its nonce (SNS-18, TU-24).
   */
  #sendInvitation(peer: PeerIndex): void {
    const { plainPort } = this.#role;
    if (plainPort === undefined || !this.#mechanisms.symmetricNatSupport || this.#mechanisms.nonceOf(peer) !== 0)
      return;
    this.#writeDirect(peer, this.#table.address(peer), noDiscovery, plainPort);
    this.#sendToEmbedded(peer, plainPort);
  }

  #sendToPeerAddress(peer: PeerIndex, port: number, from: PortId | undefined): void {
    const address = embeddedAddress(this.#table.address(peer));
    if (this.#role.isOwnEndpoint?.(address, port) === true) return;
    this.#writeDirect(peer, this.#table.address(peer), noDiscovery, from);
    this.#bubbles.send(address, port, from);
  }

  #sendToAlternates(peer: PeerIndex): void {
    const { alternates } = this.#mechanisms;
    if (alternates === undefined) return;
    for (let index = 0; index < alternates.count(peer); index++) {
      const [address, port] = [alternates.address(peer, index), alternates.port(peer, index)];
      if (this.#role.mayBeAlternate?.(peer, address, port) === true) this.#bubbles.sendOnLink(address, port);
    }
  }

  /** Straight to the endpoint of a peer that was trusted or is. */
  sendToTarget(peer: PeerIndex, discoveryType: number): void {
    const table = this.#table;
    const from = table.targetPortId(peer);
    this.#writeDirect(peer, table.address(peer), discoveryType, from);
    this.#bubbles.sendTrusted(table.targetAddress(peer), table.targetPort(peer), from);
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

  /** With the nonce that the peer waits for, and from a random port with the number of that (DD-12). */
  #writeDirect(peer: PeerIndex, destination: Ipv6Value, discoveryType: number, from?: PortId): void {
    const { randomPorts } = this.#mechanisms;
    const nonce = this.#mechanisms.nonceOf(peer);
    const port = from !== undefined && randomPorts?.isRandom(peer, from) === true ? randomPorts.announced(peer) : 0;
    this.#bubbles.write(this.#role.bubbleSource(peer), destination);
    if (nonce !== 0) this.#bubbles.addNonce(nonce);
    if (port !== 0) this.#bubbles.addRandomPort(port);
    if (discoveryType !== noDiscovery) this.#bubbles.addDiscovery(discoveryType);
  }

  #sendToEmbedded(peer: PeerIndex, from?: PortId): void {
    const address = this.#table.address(peer);
    this.#bubbles.send(embeddedAddress(address), embeddedPort(address), from);
  }

  /** Returns true if a matching nonce or a random port showed where the peer is, and it was heard there in the last 30 s. */
  #isKnownElsewhere(peer: PeerIndex, now: Milliseconds): boolean {
    if (!this.#table.isUsable(peer, now)) return false;
    if (this.#mechanisms.randomPorts?.isInUse(peer) === true) return true;
    return isNonceKind(this.#paths.kind(chooseDataPath(this.#paths, peer)));
  }
}
