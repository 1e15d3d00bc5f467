import { type Counters, type PacketRun, pointRunAt } from '@navalis/engine';
import { cutPacket } from '@navalis/wire';
import { queuedPacketLimit, queuedPacketsPerPeer } from './choices.ts';
import { LinkedLists } from './peers/linked-lists.ts';
import type { PeerIndex, PeerRemovalListener, PeerTable } from './peers/peer-table.ts';

const everySlot = 0;
/** One packet of a super-segment, on its way into a queue. */
const cut = new Uint8Array(queuedPacketLimit);

/**
 * Packets that wait until a peer can be reached, copied into one fixed pool. Bounded by `capacity` packets over all and 8
 * for each peer; the oldest is dropped first (CL-T-18, RL-T-13).
 */
export class PacketQueues implements PeerRemovalListener {
  readonly #memory: Uint8Array;
  readonly #lengths: Uint16Array;
  readonly #owners: Int32Array;
  /** The slots of each peer, oldest first. */
  readonly #queues: LinkedLists;
  readonly #sizes: Uint8Array;
  /** All taken slots, oldest first: the order of arrival is the same here and in each queue. */
  readonly #arrivals: LinkedLists;
  readonly #freed: Int32Array;
  readonly #capacity: number;
  readonly #counters: Pick<Counters, 'drop'>;
  #freedCount = 0;
  #freshSlot = 1;

  constructor(table: PeerTable, capacity: number, counters: Pick<Counters, 'drop'>) {
    this.#counters = counters;
    this.#capacity = capacity;
    const slots = capacity + 1;
    this.#memory = new Uint8Array(slots * queuedPacketLimit);
    this.#lengths = new Uint16Array(slots);
    this.#owners = new Int32Array(slots);
    this.#queues = new LinkedLists(table.rowCount, capacity);
    this.#sizes = new Uint8Array(table.rowCount);
    this.#arrivals = new LinkedLists(1, capacity);
    this.#freed = new Int32Array(capacity);
    table.onRemoval(this);
  }

  /** Packets that wait for all peers. */
  get count(): number {
    return this.#freshSlot - 1 - this.#freedCount;
  }

  size(peer: PeerIndex): number {
    return this.#sizes[peer]!;
  }

  /**
   * Copies the packets of the run behind those that wait for the peer. Returns how many packets were lost for it: those
   * that were evicted and those that do not fit a slot. Of a super-segment (`headerStride` 0, several packets) the first
   * ones wait: a sender of TCP that begins again after a pause finds them answered, and sends the rest again.
   */
  enqueue(peer: PeerIndex, run: PacketRun): number {
    if (run.count > 1 && run.headerStride === 0) return this.#enqueueSuperSegment(peer, run);
    let lost = 0;
    for (let i = 0; i < run.count; i++) {
      const length = i === run.count - 1 ? run.lastPacketLength : run.packetLength;
      lost += this.#enqueueOne(peer, run.memory, run.offset + i * run.headerStride, length);
    }
    return lost;
  }

  /** Points `into` at the peer's oldest packet; false when none waits. The packet stays. */
  peek(peer: PeerIndex, into: PacketRun): boolean {
    const slot = this.#queues.head(peer);
    if (slot === 0) return false;
    into.memory = this.#memory;
    pointRunAt(into, slot * queuedPacketLimit, this.#lengths[slot]!);
    return true;
  }

  /** As `peek`, and takes the packet out; its octets stay in place until the next `enqueue`. */
  dequeue(peer: PeerIndex, into: PacketRun): boolean {
    if (!this.peek(peer, into)) return false;
    this.#release(this.#queues.head(peer));
    return true;
  }

  /** Drops what waits for the peer and returns how many packets that were. */
  discard(peer: PeerIndex): number {
    const size = this.#sizes[peer]!;
    for (let slot = this.#queues.head(peer); slot !== 0; slot = this.#queues.head(peer)) this.#release(slot);
    return size;
  }

  /** Drops all packets, so that none counts as lost for a full table while all peers leave. Returns how many there were. */
  clear(): number {
    const { count } = this;
    for (let slot = this.#arrivals.head(everySlot); slot !== 0; slot = this.#arrivals.head(everySlot))
      this.#release(slot);
    return count;
  }

  /** Only a full table removes a peer that packets wait for. */
  peerRemoved(peer: PeerIndex): void {
    this.#counters.drop('peer-table-full', this.discard(peer));
  }

  #enqueueSuperSegment(peer: PeerIndex, run: PacketRun): number {
    const kept = Math.min(run.count, queuedPacketsPerPeer);
    let lost = run.count - kept;
    for (let index = 0; index < kept; index++) {
      const length = run.packetLength > queuedPacketLimit ? 0 : cutPacket(run, index, cut, 0);
      lost += length === 0 ? 1 : this.#enqueueOne(peer, cut, 0, length);
    }
    return lost;
  }

  #enqueueOne(peer: PeerIndex, memory: Uint8Array, offset: number, length: number): number {
    if (length > queuedPacketLimit) return 1;
    let lost = 0;
    if (this.#sizes[peer]! >= queuedPacketsPerPeer) {
      this.#release(this.#queues.head(peer));
      lost = 1;
    } else if (this.count >= this.#capacity) {
      this.#release(this.#arrivals.head(everySlot));
      lost = 1;
    }
    const slot = this.#freedCount > 0 ? this.#freed[--this.#freedCount]! : this.#freshSlot++;
    const at = slot * queuedPacketLimit;
    for (let i = 0; i < length; i++) this.#memory[at + i] = memory[offset + i]!;
    this.#lengths[slot] = length;
    this.#owners[slot] = peer;
    this.#queues.append(peer, slot);
    this.#arrivals.append(everySlot, slot);
    this.#sizes[peer]! += 1;
    return lost;
  }

  #release(slot: number): void {
    const peer = this.#owners[slot]!;
    this.#queues.remove(peer, slot);
    this.#arrivals.remove(everySlot, slot);
    this.#sizes[peer]! -= 1;
    this.#freed[this.#freedCount++] = slot;
  }
}
