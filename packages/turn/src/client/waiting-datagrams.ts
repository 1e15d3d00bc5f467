import type { Ipv4Value } from '@navalis/address';
import { type PacketRun, pointRunAt } from '@navalis/engine';
import { longestWaiting, waitingCapacity, waitingPerAddress } from './choices.ts';

/** Datagrams that wait for a permission, copied into one fixed pool; the oldest of an address goes first when it has too many. */
export class WaitingDatagrams {
  readonly #memory: Uint8Array = new Uint8Array(waitingCapacity * longestWaiting);
  readonly #lengths: Uint16Array = new Uint16Array(waitingCapacity);
  readonly #addresses: Uint32Array = new Uint32Array(waitingCapacity);
  readonly #ports: Uint16Array = new Uint16Array(waitingCapacity);
  /** Slots in order of arrival. */
  readonly #order: number[] = [];
  readonly #free: number[] = Array.from({ length: waitingCapacity }, (_, slot) => slot);

  get count(): number {
    return this.#order.length;
  }

  /** Copies the datagram of a run of one; returns how many were lost for it: it, or an older one. */
  add({ memory, offset, packetLength: length }: PacketRun, address: Ipv4Value, port: number): number {
    if (length > longestWaiting) return 1;
    const lost = this.#makeRoom(address);
    const slot = this.#free.pop()!;
    this.#memory.set(memory.subarray(offset, offset + length), slot * longestWaiting);
    this.#lengths[slot] = length;
    this.#addresses[slot] = address;
    this.#ports[slot] = port;
    this.#order.push(slot);
    return lost;
  }

  /** Takes out the oldest datagram for an address, and returns its port; 0 when there is none. It stays in place until the next `add`. */
  take(address: Ipv4Value, into: PacketRun): number {
    const at = this.#oldestOf(address);
    if (at < 0) return 0;
    const slot = this.#order[at]!;
    into.memory = this.#memory;
    pointRunAt(into, slot * longestWaiting, this.#lengths[slot]!);
    this.#remove(at);
    return this.#ports[slot]!;
  }

  /** Drops what waits for an address; returns how many datagrams that were. */
  discard(address: Ipv4Value): number {
    let count = 0;
    for (let at = this.#oldestOf(address); at >= 0; at = this.#oldestOf(address)) {
      this.#remove(at);
      count++;
    }
    return count;
  }

  /** Drops all; returns how many datagrams that were. */
  clear(): number {
    const { count } = this;
    this.#free.push(...this.#order.splice(0));
    return count;
  }

  #makeRoom(address: Ipv4Value): number {
    let own = 0;
    for (const slot of this.#order) if (this.#addresses[slot] === address) own++;
    if (own >= waitingPerAddress) this.#remove(this.#oldestOf(address));
    else if (this.#free.length === 0) this.#remove(0);
    else return 0;
    return 1;
  }

  /** Returns the place of the oldest datagram for an address in the order of arrival; -1 when there is none. */
  #oldestOf(address: Ipv4Value): number {
    return this.#order.findIndex((slot) => this.#addresses[slot] === address);
  }

  #remove(at: number): void {
    this.#free.push(...this.#order.splice(at, 1));
  }
}
