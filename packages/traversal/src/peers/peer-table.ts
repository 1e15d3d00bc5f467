import { embeddedAddress, embeddedPort, type Ipv4Value, type Ipv6Value, teredoServicePrefix } from '@navalis/address';
import { type Milliseconds, type PortId, type RandomSource, servicePortId } from '@navalis/engine';
import { unsolicitedShare } from '../choices.ts';
import { validityMs } from '../constants.ts';
import { AddressIndex } from './address-index.ts';
import { EndpointIndex } from './endpoint-index.ts';
import { LinkedLists } from './linked-lists.ts';
import { PeerTraffic } from './peer-traffic.ts';

/** A row of the peer table: 1 to capacity; `noPeer` when there is none. Valid until the peer is removed. */
export type PeerIndex = number;
export const noPeer: PeerIndex = 0;

export interface PeerTableOptions {
  /** How many peers there can be; all memory is reserved at once, and used as peers come. */
  readonly capacity: number;
  /** First word of Teredo addresses. */
  readonly servicePrefix?: number;
  /** Counts the peers in use that leave the full table. */
  readonly counters?: { peersEvicted: number };
}

/** A component with state per peer, which it must clear with the peer. */
export interface PeerRemovalListener {
  peerRemoved(peer: PeerIndex): void;
}

/** A component that follows which peers are reached. */
export interface PeerTrustListener {
  /** The peer is trusted where it was last heard, which may be another place than before. */
  peerTrusted(peer: PeerIndex): void;
  /** The peer, trusted or not, is not trusted any more, or leaves. */
  peerDistrusted(peer: PeerIndex): void;
}

/**
 * The standing of a peer, which is also the order of eviction. A peer that was given up did not answer, and is kept only for its
 * bubble history. An unsolicited one contacted us first; a visitor also proved its endpoint, which anyone who forges IPv4
 * sources can do. The host wants to reach a solicited one; a trusted one was also reached.
 */
const [givenUpList, unsolicitedList, visitorList, solicitedList, trustedList] = [0, 1, 2, 3, 4] as const;
const listCount = 5;

/**
 * Peers by their full IPv6 address (AD-14), in typed arrays: no object per peer, no string keys. When it is full, the
 * least recently heard peer of the lowest standing is evicted (CL-P-04, CL-P-05): no flood of unknown peers, forged or not, evicts
 * a peer that the host contacted (SEC-17).
 */
export class PeerTable {
  readonly capacity: number;
  /** The length of an array by peer: one row for each peer, and one for `noPeer`. */
  readonly rowCount: number;
  readonly traffic: PeerTraffic;
  readonly #servicePrefix: number;
  readonly #counters: PeerTableOptions['counters'];
  readonly #words: Uint32Array;
  readonly #endpointAddresses: Uint32Array;
  readonly #endpointPorts: Uint16Array;
  /** Where packets to the peer go, and the port of this host that they leave from. */
  readonly #targetAddresses: Uint32Array;
  readonly #targetPorts: Uint16Array;
  readonly #targetPortIds: Uint16Array;
  readonly #lastReception: Float64Array;
  readonly #lastTransmission: Float64Array;
  /** 1 + the list that the peer is in; 0 in an unused row. */
  readonly #listOf: Uint8Array;
  readonly #byUse: LinkedLists;
  readonly #sizes = new Int32Array(listCount);
  readonly #addresses: AddressIndex;
  readonly #endpoints: EndpointIndex;
  readonly #listeners: PeerRemovalListener[] = [];
  readonly #trustListeners: PeerTrustListener[] = [];
  readonly #freed: Int32Array;
  #freedCount = 0;
  #freshRow = 1;
  /** Packets received before this time no longer prove anything. */
  #validFrom: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor({ capacity, servicePrefix = teredoServicePrefix, counters }: PeerTableOptions, random: RandomSource) {
    this.capacity = capacity;
    this.#counters = counters;
    this.#servicePrefix = servicePrefix;
    const rows = capacity + 1;
    this.rowCount = rows;
    this.traffic = new PeerTraffic(rows);
    this.#words = new Uint32Array(4 * rows);
    this.#endpointAddresses = new Uint32Array(rows);
    this.#endpointPorts = new Uint16Array(rows);
    this.#targetAddresses = new Uint32Array(rows);
    this.#targetPorts = new Uint16Array(rows);
    this.#targetPortIds = new Uint16Array(rows);
    this.#lastReception = new Float64Array(rows);
    this.#lastTransmission = new Float64Array(rows);
    this.#listOf = new Uint8Array(rows);
    this.#byUse = new LinkedLists(listCount, capacity);
    this.#addresses = new AddressIndex(this.#words, capacity, random);
    this.#endpoints = new EndpointIndex(this.#words, capacity, random);
    this.#freed = new Int32Array(capacity);
  }

  /** Peers, without those that were given up. */
  get count(): number {
    return this.rowsInUse - this.#sizes[givenUpList]!;
  }

  /** All peers, those that were given up included. */
  get rowsInUse(): number {
    return this.#freshRow - 1 - this.#freedCount;
  }

  /** The highest row that was ever used. */
  get highestRow(): PeerIndex {
    return this.#freshRow - 1;
  }

  isInUse(row: PeerIndex): boolean {
    return this.#listOf[row] !== 0;
  }

  /** Calls the listener before a peer leaves. */
  onRemoval(listener: PeerRemovalListener): void {
    this.#listeners.push(listener);
  }

  /** Calls the listener after a peer is trusted, and before it leaves or after it is trusted no more. */
  onTrustChange(listener: PeerTrustListener): void {
    this.#trustListeners.push(listener);
  }

  /** The peer with this address, or `noPeer`. */
  find(address: Ipv6Value): PeerIndex {
    return this.#addresses.find(address);
  }

  /** The longest known peer whose Teredo address embeds this endpoint, or `noPeer` (IO-03). */
  findByEmbeddedEndpoint(address: Ipv4Value, port: number): PeerIndex {
    return this.#endpoints.find(address, port);
  }

  /** Another peer that embeds the endpoint of `peer`, after it; `noPeer` at the end. */
  findNextByEmbeddedEndpoint(peer: PeerIndex, address: Ipv4Value, port: number): PeerIndex {
    return this.#endpoints.findNext(peer, address, port);
  }

  /**
   * Adds a peer that is not there yet, untrusted, as if last heard and sent to 30 s ago (CL-P-06, CL-R-16). Its endpoint
   * is the embedded one of a Teredo address, else 0.0.0.0:0. Another peer may have to leave for it.
   */
  insert(address: Ipv6Value, standing: 'unsolicited' | 'solicited', now: Milliseconds): PeerIndex {
    const { word0, word1, word2, word3 } = address;
    this.#makeRoom(standing, now);
    const peer = this.#freedCount > 0 ? this.#freed[--this.#freedCount]! : this.#freshRow++;
    const at = 4 * peer;
    this.#words[at] = word0;
    this.#words[at + 1] = word1;
    this.#words[at + 2] = word2;
    this.#words[at + 3] = word3;
    this.#addresses.add(peer);
    const embeds = word0 === this.#servicePrefix;
    if (embeds) this.#endpoints.add(peer);
    this.#endpointAddresses[peer] = embeds ? embeddedAddress(address) : 0;
    this.#endpointPorts[peer] = embeds ? embeddedPort(address) : 0;
    this.direct(peer, this.#endpointAddresses[peer]!, this.#endpointPorts[peer]!);
    this.#lastReception[peer] = now - validityMs;
    this.#lastTransmission[peer] = now - validityMs;
    this.traffic.begin(peer, now);
    this.#join(peer, standing === 'solicited' ? solicitedList : unsolicitedList);
    return peer;
  }

  remove(peer: PeerIndex): void {
    for (const listener of this.#listeners) listener.peerRemoved(peer);
    this.#reportDistrust(peer);
    this.#leave(peer);
    this.#listOf[peer] = 0;
    this.#addresses.remove(peer);
    if (this.isTeredo(peer)) this.#endpoints.remove(peer);
    this.#freed[this.#freedCount++] = peer;
  }

  /** Removes every peer (CL-P-11, CL-Q-29). */
  clear(): void {
    for (let list = 0; list < listCount; list++) {
      for (let peer = this.#byUse.head(list); peer !== noPeer; peer = this.#byUse.head(list)) this.remove(peer);
    }
  }

  address(peer: PeerIndex): Ipv6Value {
    const at = 4 * peer;
    const words = this.#words;
    return { word0: words[at]!, word1: words[at + 1]!, word2: words[at + 2]!, word3: words[at + 3]! };
  }

  /** One of the four words of the peer's address, without making an object. */
  word(peer: PeerIndex, which: 0 | 1 | 2 | 3): number {
    return this.#words[4 * peer + which]!;
  }

  isTeredo(peer: PeerIndex): boolean {
    return this.#words[4 * peer] === this.#servicePrefix;
  }

  endpointAddress(peer: PeerIndex): Ipv4Value {
    return this.#endpointAddresses[peer]!;
  }

  endpointPort(peer: PeerIndex): number {
    return this.#endpointPorts[peer]!;
  }

  /** Returns the address that packets to the peer go to: that of its endpoint, unless they were directed elsewhere. */
  targetAddress(peer: PeerIndex): Ipv4Value {
    return this.#targetAddresses[peer]!;
  }

  targetPort(peer: PeerIndex): number {
    return this.#targetPorts[peer]!;
  }

  /** Returns the port of this host that packets to the peer leave from. */
  targetPortId(peer: PeerIndex): PortId {
    return this.#targetPortIds[peer]!;
  }

  hasEndpoint(peer: PeerIndex, address: Ipv4Value, port: number): boolean {
    return this.#endpointAddresses[peer] === address && this.#endpointPorts[peer] === port;
  }

  /** Returns true if the peer has a Teredo address that embeds this endpoint. */
  embeds(peer: PeerIndex, address: Ipv4Value, port: number): boolean {
    if (!this.isTeredo(peer)) return false;
    const at = 4 * peer;
    return ~this.#words[at + 3]! >>> 0 === address && (~this.#words[at + 2]! & 0xffff) === port;
  }

  /** Returns true if the peer proved to be at this endpoint, and at no other since. */
  isTrustedAt(peer: PeerIndex, address: Ipv4Value, port: number): boolean {
    return this.isTrusted(peer) && this.hasEndpoint(peer, address, port);
  }

  isTrusted(peer: PeerIndex): boolean {
    const list = this.#listOf[peer]! - 1;
    return list === trustedList || list === visitorList;
  }

  /** Returns true if the peer was heard less than 30 s ago (CL-P-03), and since the last `doubtAll`. */
  isValid(peer: PeerIndex, now: Milliseconds): boolean {
    const heardAt = this.#lastReception[peer]!;
    return now - heardAt < validityMs && heardAt >= this.#validFrom;
  }

  /** Makes every peer invalid until it is heard again, since NATs let nothing in from this node's new endpoint. */
  doubtAll(now: Milliseconds): void {
    this.#validFrom = now;
  }

  /** Returns true if the peer is trusted and valid: packets go to its endpoint at once. */
  isUsable(peer: PeerIndex, now: Milliseconds): boolean {
    return this.isTrusted(peer) && this.isValid(peer, now);
  }

  lastReception(peer: PeerIndex): Milliseconds {
    return this.#lastReception[peer]!;
  }

  lastTransmission(peer: PeerIndex): Milliseconds {
    return this.#lastTransmission[peer]!;
  }

  /** Records an accepted packet that came directly from the peer. */
  heard(peer: PeerIndex, now: Milliseconds): void {
    this.#lastReception[peer] = now;
    this.#byUse.moveToTail(this.#listOf[peer]! - 1, peer);
  }

  /** Records a transmission to the peer, data or bubble (CL-P-08). */
  sent(peer: PeerIndex, now: Milliseconds): void {
    this.#lastTransmission[peer] = now;
  }

  /** Records that the peer has proven this endpoint, to this port of the host. */
  trust(peer: PeerIndex, address: Ipv4Value, port: number, portId: PortId = servicePortId): void {
    this.#endpointAddresses[peer] = address;
    this.#endpointPorts[peer] = port;
    this.direct(peer, address, port, portId);
    const list = this.#listOf[peer]! - 1;
    if (list === unsolicitedList) this.#move(peer, visitorList);
    else if (list === solicitedList || list === givenUpList) this.#move(peer, trustedList);
    for (const listener of this.#trustListeners) listener.peerTrusted(peer);
  }

  /** Returns the trusted peers that were heard last, the last one first, at most so many. */
  lastHeard(most: number): readonly PeerIndex[] {
    const found: PeerIndex[] = [];
    let trusted = this.#byUse.tail(trustedList);
    let visitor = this.#byUse.tail(visitorList);
    while (found.length < most && (trusted !== noPeer || visitor !== noPeer)) {
      const isTrustedNext =
        visitor === noPeer || (trusted !== noPeer && this.#lastReception[trusted]! >= this.#lastReception[visitor]!);
      found.push(isTrustedNext ? trusted : visitor);
      if (isTrustedNext) trusted = this.#byUse.previous(trusted);
      else visitor = this.#byUse.previous(visitor);
    }
    return found;
  }

  /** Directs packets to the peer there, from this port, wherever it is heard. */
  direct(peer: PeerIndex, address: Ipv4Value, port: number, portId: PortId = servicePortId): void {
    this.#targetAddresses[peer] = address;
    this.#targetPorts[peer] = port;
    this.#targetPortIds[peer] = portId;
  }

  /** Directs packets to the peer to the endpoint that its Teredo address embeds, from the same port. */
  directToEmbedded(peer: PeerIndex): void {
    const address = this.address(peer);
    this.direct(peer, embeddedAddress(address), embeddedPort(address), this.targetPortId(peer));
  }

  /** Records that the peer is not found any more where it was trusted. */
  distrust(peer: PeerIndex): void {
    const list = this.#listOf[peer]! - 1;
    if (list === visitorList) this.#move(peer, unsolicitedList);
    else if (list === trustedList) this.#move(peer, solicitedList);
    this.#reportDistrust(peer);
  }

  /** Returns true for a peer that the host contacted. */
  isSolicited(peer: PeerIndex): boolean {
    const list = this.#listOf[peer]! - 1;
    return list === solicitedList || list === trustedList;
  }

  /** Records that the host wants to reach the peer, which was unsolicited until now. */
  solicit(peer: PeerIndex): void {
    const list = this.#listOf[peer]! - 1;
    if (list === unsolicitedList || list === givenUpList) this.#move(peer, solicitedList);
    else if (list === visitorList) this.#move(peer, trustedList);
  }

  /** Gives up a peer that did not answer: it no longer counts as a peer, but its row stays until space is needed. */
  giveUp(peer: PeerIndex): void {
    if (!this.isGivenUp(peer)) this.#move(peer, givenUpList);
    this.#reportDistrust(peer);
  }

  isGivenUp(peer: PeerIndex): boolean {
    return this.#listOf[peer] === givenUpList + 1;
  }

  /** The peer that was given up first, or `noPeer`. */
  get longestGivenUp(): PeerIndex {
    return this.#byUse.head(givenUpList);
  }

  #makeRoom(standing: 'unsolicited' | 'solicited', now: Milliseconds): void {
    const unsolicitedLimit = Math.max(1, Math.floor(this.capacity * unsolicitedShare));
    if (standing === 'unsolicited' && this.#sizes[unsolicitedList]! >= unsolicitedLimit) {
      this.remove(this.#byUse.head(unsolicitedList));
    }
    if (this.rowsInUse < this.capacity) return;
    for (let list = 0; list < listCount; list++) {
      const oldest = this.#byUse.head(list);
      if (oldest === noPeer) continue;
      if (this.#counters !== undefined && this.isUsable(oldest, now)) this.#counters.peersEvicted += 1;
      this.remove(oldest);
      return;
    }
  }

  #reportDistrust(peer: PeerIndex): void {
    for (const listener of this.#trustListeners) listener.peerDistrusted(peer);
  }

  #move(peer: PeerIndex, list: number): void {
    this.#leave(peer);
    this.#join(peer, list);
  }

  #join(peer: PeerIndex, list: number): void {
    this.#byUse.append(list, peer);
    this.#listOf[peer] = list + 1;
    this.#sizes[list]! += 1;
  }

  #leave(peer: PeerIndex): void {
    const list = this.#listOf[peer]! - 1;
    this.#byUse.remove(list, peer);
    this.#sizes[list]! -= 1;
  }
}
