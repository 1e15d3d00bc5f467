import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds, RandomSource } from '@navalis/engine';

/** Stands for "no row". */
export const noRow = -1;

/**
 * Rows of IPv4 endpoints, found by chains behind keyed buckets: peers choose endpoints, so that an unkeyed table could be made
 * slow. Fixed memory; finding and using a row allocates nothing.
 */
export class EndpointRows {
  readonly addresses: Uint32Array;
  readonly ports: Uint16Array;
  /** When something last went to the endpoint or came from it. */
  readonly usedAt: Float64Array;
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  readonly #isTaken: Uint8Array;
  readonly #secret: Uint32Array = new Uint32Array(1);
  readonly #mask: number;
  #count = 0;

  constructor(capacity: number, random: RandomSource) {
    this.addresses = new Uint32Array(capacity);
    this.ports = new Uint16Array(capacity);
    this.usedAt = new Float64Array(capacity);
    this.#next = new Int32Array(capacity);
    this.#isTaken = new Uint8Array(capacity);
    let buckets = 1;
    while (buckets < capacity) buckets *= 2;
    this.#heads = new Int32Array(buckets).fill(noRow);
    this.#mask = buckets - 1;
    random.fill(new Uint8Array(this.#secret.buffer));
  }

  get count(): number {
    return this.#count;
  }

  isTaken(row: number): boolean {
    return this.#isTaken[row] === 1;
  }

  find(address: Ipv4Value, port: number): number {
    let row = this.#heads[this.#bucket(address, port)]!;
    while (row !== noRow && (this.addresses[row] !== address || this.ports[row] !== port)) row = this.#next[row]!;
    return row;
  }

  /** Adds an endpoint that is not there; `noRow` when all rows are taken. */
  add(address: Ipv4Value, port: number, now: Milliseconds): number {
    const row = this.#isTaken.indexOf(0);
    if (row === noRow) return noRow;
    this.#count++;
    this.#isTaken[row] = 1;
    this.addresses[row] = address;
    this.ports[row] = port;
    this.usedAt[row] = now;
    const bucket = this.#bucket(address, port);
    this.#next[row] = this.#heads[bucket]!;
    this.#heads[bucket] = row;
    return row;
  }

  remove(row: number): void {
    const bucket = this.#bucket(this.addresses[row]!, this.ports[row]!);
    if (this.#heads[bucket] === row) {
      this.#heads[bucket] = this.#next[row]!;
    } else {
      let before = this.#heads[bucket]!;
      while (this.#next[before] !== row) before = this.#next[before]!;
      this.#next[before] = this.#next[row]!;
    }
    this.#isTaken[row] = 0;
    this.#count--;
  }

  clear(): void {
    this.#heads.fill(noRow);
    this.#isTaken.fill(0);
    this.#count = 0;
  }

  #bucket(address: Ipv4Value, port: number): number {
    let hash = Math.imul(address ^ this.#secret[0]!, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ port, 0x85ebca6b);
    return (hash ^ (hash >>> 13)) & this.#mask;
  }
}
