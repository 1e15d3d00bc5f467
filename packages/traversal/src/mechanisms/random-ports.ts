import type { Counters, Milliseconds, OpenedPort, PortId } from '@navalis/engine';
import { attemptMs, mostRandomPorts, mostUnsolicitedPorts, randomPortRetryMs } from '../choices.ts';
import { noPeer, type PeerIndex, type PeerRemovalListener, type PeerTable } from '../peers/peer-table.ts';

/**
 * The use of random ports behind the own NAT: `none`, since it is not symmetric; `preserved`, since peers see their numbers (RFC 6081
 * 5.4); `predicted`, since the numbers that peers see can be guessed (5.5).
 */
export type RandomPortUse = 'none' | 'preserved' | 'predicted';

/** Opens and closes ports of this host. */
export interface RandomPortOpener {
  /** Opens a port with a random number; undefined when none is to be had. */
  openRandomPort?(): OpenedPort | undefined;
  closeRandomPort?(id: PortId): void;
}

/** A row of the open random ports, 1 to 64; `noSlot` when a peer has none. */
export type PortSlot = number;
export const noSlot: PortSlot = 0;

const never = Number.POSITIVE_INFINITY;
/** The port id of `noSlot`. */
const noPortId = -1;
const slotCount = mostRandomPorts + 1;
/** Port ids that have a slot without a copy of the table: more than a data plane has ports. */
const fewPortIds = 128;

/** Direct Receive on Primary Port, and on Random Port. */
const [onPrimary, onRandom] = [1, 2] as const;

/**
 * The ports that are open for one peer each, and those that peers opened for this host (RFC 6081 5.4.1). Bounded: 64 ports are open
 * at most, 16 of them for peers that the host did not contact.
 */
export class RandomPorts implements PeerRemovalListener {
  use: RandomPortUse = 'none';
  readonly #table: PeerTable;
  readonly #opener: RandomPortOpener;
  readonly #counters: Counters;
  readonly #slotOf: Uint8Array;
  readonly #peerPorts: Uint16Array;
  readonly #flags: Uint8Array;
  readonly #toldAt: Float64Array;
  readonly #unmarked: Uint8Array;
  // By slot. A free one keeps values that nobody reads; `open` sets them.
  readonly #peers: Int32Array = new Int32Array(slotCount);
  readonly #portIds: Int32Array = new Int32Array(slotCount).fill(noPortId);
  readonly #announced: Uint16Array = new Uint16Array(slotCount);
  readonly #dataSentAt: Float64Array = new Float64Array(slotCount);
  readonly #isUnsolicited: Uint8Array = new Uint8Array(slotCount);
  readonly #refreshes: Uint8Array = new Uint8Array(slotCount);
  readonly #expiresAt: Float64Array = new Float64Array(slotCount).fill(never);
  readonly #retriesAt: Float64Array = new Float64Array(slotCount).fill(never);
  /** By port id. */
  #slotAt: Uint8Array = new Uint8Array(fewPortIds);
  #openCount = 0;

  constructor(table: PeerTable, opener: RandomPortOpener, counters: Counters) {
    this.#table = table;
    this.#opener = opener;
    this.#counters = counters;
    this.#slotOf = new Uint8Array(table.rowCount);
    this.#peerPorts = new Uint16Array(table.rowCount);
    this.#flags = new Uint8Array(table.rowCount);
    this.#toldAt = new Float64Array(table.rowCount);
    this.#unmarked = new Uint8Array(table.rowCount);
    table.onRemoval(this);
  }

  /** The open ports of all peers. */
  get openCount(): number {
    return this.#openCount;
  }

  slot(peer: PeerIndex): PortSlot {
    return this.#slotOf[peer]!;
  }

  /** Returns the peer of a slot; `noPeer` while it is free. */
  peerAt(slot: PortSlot): PeerIndex {
    return this.#peers[slot]!;
  }

  /** Returns the peer that the port is open for; `noPeer` for any other port. */
  owner(portId: PortId): PeerIndex {
    return this.#peers[this.#slotAt[portId] ?? noSlot]!;
  }

  /** Returns true if this is the random port of the peer. */
  isRandom(peer: PeerIndex, portId: PortId): boolean {
    return this.#portIds[this.#slotOf[peer]!] === portId;
  }

  /** Returns the random port of the peer; undefined without one. */
  portId(peer: PeerIndex): PortId | undefined {
    const slot = this.#slotOf[peer]!;
    return slot === noSlot ? undefined : this.#portIds[slot]!;
  }

  /**
   * Returns the external port to tell the peer, the Random Port of RFC 6081: the number of the open one, or what was predicted; 0 when
   * there is none (SPS-17).
   */
  announced(peer: PeerIndex): number {
    return this.#announced[this.#slotOf[peer]!]!;
  }

  predict(slot: PortSlot, port: number): void {
    this.#announced[slot] = port;
  }

  /** Opens a port for the peer, unless it has one; false when none is to be had, which is counted. */
  open(peer: PeerIndex, now: Milliseconds): boolean {
    if (this.#slotOf[peer] !== noSlot) return true;
    const isUnsolicited = !this.#table.isSolicited(peer);
    const slot = this.#freeSlot(isUnsolicited);
    if (slot === noSlot) {
      this.#counters.portsRefused++;
      return false;
    }
    const opened = this.#opener.openRandomPort?.();
    if (opened === undefined) return false;
    this.#openCount += 1;
    this.#slotOf[peer] = slot;
    this.#peers[slot] = peer;
    this.#portIds[slot] = opened.id;
    this.#nameSlot(opened.id, slot);
    this.#dataSentAt[slot] = -never;
    this.#announced[slot] = this.use === 'preserved' ? opened.port : 0;
    this.#isUnsolicited[slot] = isUnsolicited ? 1 : 0;
    this.#retriesAt[slot] = now + randomPortRetryMs;
    this.touch(peer, now);
    return true;
  }

  /** The port was used to look for the peer: it stays open for 8 s more. */
  touch(peer: PeerIndex, now: Milliseconds): void {
    const slot = this.#slotOf[peer]!;
    if (slot !== noSlot && !this.isInUse(peer)) this.#expiresAt[slot] = now + attemptMs;
  }

  /** Closes the port of the peer, if it has one, and forgets what was received there. */
  close(peer: PeerIndex): void {
    const slot = this.#slotOf[peer]!;
    if (slot === noSlot) return;
    const portId = this.#portIds[slot]!;
    this.#openCount -= 1;
    this.#slotOf[peer] = noSlot;
    this.#flags[peer]! &= ~onRandom;
    this.#peers[slot] = noPeer;
    this.#slotAt[portId] = noSlot;
    this.#isUnsolicited[slot] = 0;
    this.#refreshes[slot] = 0;
    this.#unmarked[peer] = 0;
    this.#expiresAt[slot] = never;
    this.#retriesAt[slot] = never;
    this.#opener.closeRandomPort?.(portId);
  }

  /** Returns the random port that the peer told; 0 without one. */
  peerPort(peer: PeerIndex): number {
    return this.#peerPorts[peer]!;
  }

  /** Returns true if a port is open for the peer, or for this host at the peer. */
  isExchanging(peer: PeerIndex): boolean {
    return this.#slotOf[peer] !== noSlot || this.#peerPorts[peer] !== 0;
  }

  /** Returns the time when the peer told its random port last. */
  toldAt(peer: PeerIndex): Milliseconds {
    return this.#toldAt[peer]!;
  }

  /** Records the random port that the peer tells; the same one again is good for longer. */
  setPeerPort(peer: PeerIndex, port: number, now: Milliseconds): void {
    this.#peerPorts[peer] = port;
    this.#toldAt[peer] = now;
  }

  forgetPeerPort(peer: PeerIndex): void {
    this.#peerPorts[peer] = 0;
  }

  /** An indirect bubble without a random port came from the peer. */
  recordUnmarked(peer: PeerIndex): void {
    this.#unmarked[peer] = Math.min(255, this.#unmarked[peer]! + 1);
  }

  /** Returns the indirect bubbles of the peer without a random port since the last port for it was closed. */
  unmarked(peer: PeerIndex): number {
    return this.#unmarked[peer]!;
  }

  isReceivedOnPrimary(peer: PeerIndex): boolean {
    return (this.#flags[peer]! & onPrimary) !== 0;
  }

  isReceivedOnRandom(peer: PeerIndex): boolean {
    return (this.#flags[peer]! & onRandom) !== 0;
  }

  setReceivedOnPrimary(peer: PeerIndex, isReceived: boolean): void {
    if (isReceived) this.#flags[peer]! |= onPrimary;
    else this.#flags[peer]! &= ~onPrimary;
  }

  setReceivedOnRandom(peer: PeerIndex): void {
    this.#flags[peer]! |= onRandom;
  }

  /** A data packet leaves for the peer (PP-08), which concerns the port that is open for it. */
  recordData(peer: PeerIndex, now: Milliseconds): void {
    // Without a port of its own, the time goes to `noSlot`, where nobody reads it.
    if (this.#openCount > 0) this.#dataSentAt[this.#slotOf[peer]!] = now;
  }

  /** Returns the time of the last data packet since the port was opened. */
  dataSentAt(slot: PortSlot): Milliseconds {
    return this.#dataSentAt[slot]!;
  }

  /** Returns the refreshes since the last data. */
  refreshes(slot: PortSlot): number {
    return this.#refreshes[slot]!;
  }

  setRefreshes(slot: PortSlot, count: number): void {
    this.#refreshes[slot] = count;
  }

  /** Returns the time when the port is closed unless the peer is reached through it. */
  expiresAt(slot: PortSlot): Milliseconds {
    return this.#expiresAt[slot]!;
  }

  setExpiry(slot: PortSlot, at: Milliseconds): void {
    this.#expiresAt[slot] = at;
  }

  /** Returns the time of the one bubble from the port to where the peer's address says that it is (PP-31). */
  retriesAt(slot: PortSlot): Milliseconds {
    return this.#retriesAt[slot]!;
  }

  /** The bubble was sent, or is not needed. */
  endRetry(slot: PortSlot): void {
    this.#retriesAt[slot] = never;
  }

  /** Returns true if data for the peer leaves from its random port. */
  isInUse(peer: PeerIndex): boolean {
    return this.#table.isTrusted(peer) && this.isRandom(peer, this.#table.targetPortId(peer));
  }

  peerRemoved(peer: PeerIndex): void {
    this.close(peer);
    this.#unmarked[peer] = 0;
    this.#peerPorts[peer] = 0;
    this.#flags[peer] = 0;
  }

  #nameSlot(portId: PortId, slot: PortSlot): void {
    if (portId >= this.#slotAt.length) {
      const larger = new Uint8Array(2 * (portId + 1));
      larger.set(this.#slotAt);
      this.#slotAt = larger;
    }
    this.#slotAt[portId] = slot;
  }

  #freeSlot(isUnsolicited: boolean): PortSlot {
    let [free, unsolicited] = [noSlot, 0];
    for (let slot = mostRandomPorts; slot > noSlot; slot--) {
      if (this.#peers[slot] === noPeer) free = slot;
      unsolicited += this.#isUnsolicited[slot]!;
    }
    return isUnsolicited && unsolicited >= mostUnsolicitedPorts ? noSlot : free;
  }
}
