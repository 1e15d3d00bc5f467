import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds, RandomSource } from '@navalis/engine';
import {
  channelCapacity,
  channelLifetimeMs,
  channelReuseMs,
  datagramsBeforeChannel,
  endpointCapacity,
  firstChannel,
  permissionLifetimeMs,
  renewalMs,
} from './choices.ts';
import { EndpointRows, noRow } from './endpoint-rows.ts';

/** States of an endpoint's channel. A channel that is not renewed counts as unbound, and keeps its number for a while. */
const unbound = 0;
const asked = 1;
const bound = 2;
const refused = 3;

/** Stands for "no channel". */
export const noChannel = 0;

/**
 * The endpoints that datagrams go to, and the channels of busy ones (RFC 8656 section 12): a channel saves 32 octets for each
 * datagram. Fixed memory; nothing is allocated for a datagram.
 */
export class Channels {
  readonly #rows: EndpointRows;
  readonly #sent: Uint8Array = new Uint8Array(endpointCapacity);
  readonly #states: Uint8Array = new Uint8Array(endpointCapacity);
  /** Per row: its channel, if it has or had one. */
  readonly #channels: Uint16Array = new Uint16Array(endpointCapacity);
  /** Per channel: its row, the time of its last binding or renewal, and the time of the next one. */
  readonly #rowOf: Int32Array = new Int32Array(channelCapacity).fill(noRow);
  readonly #boundAt: Float64Array = new Float64Array(channelCapacity);
  readonly #dueAt: Float64Array = new Float64Array(channelCapacity).fill(Number.POSITIVE_INFINITY);
  /** The row that was found last: most datagrams go where the last one went. */
  #lastRow = noRow;

  constructor(random: RandomSource) {
    this.#rows = new EndpointRows(endpointCapacity, random);
  }

  /** Channels that are bound. */
  get bound(): number {
    return this.#states.reduce((count, state) => (state === bound ? count + 1 : count), 0);
  }

  /** Returns the channel for datagrams to an endpoint, and notes that one goes there; `noChannel` when it has none. */
  use(address: Ipv4Value, port: number, now: Milliseconds): number {
    const row = this.#find(address, port);
    if (row === noRow || this.#states[row] !== bound) return noChannel;
    this.#rows.usedAt[row] = now;
    const channel = this.#channels[row]!;
    return now - this.#boundAt[channel - firstChannel]! < permissionLifetimeMs ? channel : noChannel;
  }

  /** Returns the row of a channel, and notes that a datagram came by it; `noRow` when no endpoint has it. */
  receive(channel: number, now: Milliseconds): number {
    const index = channel - firstChannel;
    if (index < 0 || index >= channelCapacity) return noRow;
    const row = this.#rowOf[index]!;
    if (row !== noRow) this.#rows.usedAt[row] = now;
    return row;
  }

  address(row: number): Ipv4Value {
    return this.#rows.addresses[row]!;
  }

  port(row: number): number {
    return this.#rows.ports[row]!;
  }

  /** Counts datagrams to an endpoint; returns its row when a channel is to be bound for it, else `noRow`. */
  count(address: Ipv4Value, port: number, packets: number, now: Milliseconds): number {
    const row = this.#rowFor(address, port, now);
    this.#rows.usedAt[row] = now;
    this.#sent[row] = Math.min(255, this.#sent[row]! + packets);
    return this.#states[row] === unbound && this.#sent[row]! >= datagramsBeforeChannel ? row : noRow;
  }

  /** Reserves a channel for a row; `noChannel` when all are taken. */
  ask(row: number, now: Milliseconds): number {
    const channel = this.#channels[row] === noChannel ? this.#freeChannel(now) : this.#channels[row]!;
    if (channel === noChannel) return noChannel;
    this.#rowOf[channel - firstChannel] = row;
    // The server may bind it although no response comes: the number rests from here on, as if it were bound.
    this.#boundAt[channel - firstChannel] = now;
    this.#channels[row] = channel;
    this.#states[row] = asked;
    return channel;
  }

  /** Notes that the server bound the channel of a row, or renewed it. */
  bind(row: number, now: Milliseconds): void {
    if (this.#channels[row] === noChannel) return;
    this.#states[row] = bound;
    this.#boundAt[this.#channels[row]! - firstChannel] = now;
    this.#dueAt[this.#channels[row]! - firstChannel] = now + renewalMs;
  }

  /** Notes that the server refused a channel: the endpoint gets no other one. */
  refuse(row: number): void {
    const channel = this.#channels[row]!;
    if (channel === noChannel) return;
    this.#rowOf[channel - firstChannel] = noRow;
    this.#dueAt[channel - firstChannel] = Number.POSITIVE_INFINITY;
    this.#channels[row] = noChannel;
    this.#states[row] = refused;
  }

  /** Notes that no response came: the server may have bound the channel or not. */
  forget(row: number): void {
    this.#states[row] = unbound;
    this.#sent[row] = 0;
  }

  /** Returns when a channel of that address was last used; -Infinity if it has none. */
  usedAt(address: Ipv4Value): Milliseconds {
    let last = Number.NEGATIVE_INFINITY;
    for (const row of this.#rowOf) {
      if (this.#rows.addresses[row] === address) last = Math.max(last, this.#rows.usedAt[row]!);
    }
    return last;
  }

  /** Makes all channels due for renewal: the server may have forgotten them. */
  doubt(): void {
    for (const [index, row] of this.#rowOf.entries()) {
      if (this.#states[row] === bound) this.#dueAt[index] = Number.NEGATIVE_INFINITY;
    }
  }

  clear(): void {
    this.#rows.clear();
    this.#states.fill(unbound);
    this.#channels.fill(noChannel);
    this.#rowOf.fill(noRow);
    this.#dueAt.fill(Number.POSITIVE_INFINITY);
    this.#lastRow = noRow;
  }

  /** Returns the next row whose channel is due for renewal, or `noRow`. Those that are not used any more end. */
  dueForRenewal(now: Milliseconds): number {
    for (const [index, dueAt] of this.#dueAt.entries()) {
      if (now < dueAt) continue;
      this.#dueAt[index] = Number.POSITIVE_INFINITY;
      const row = this.#rowOf[index]!;
      if (this.#rows.usedAt[row]! > this.#boundAt[index]!) return row;
      this.forget(row);
    }
    return noRow;
  }

  /** Returns when `dueForRenewal` has something to do. */
  nextRenewalAt(): Milliseconds {
    return Math.min(...this.#dueAt);
  }

  channelOf(row: number): number {
    return this.#channels[row]!;
  }

  #find(address: Ipv4Value, port: number): number {
    const { addresses, ports } = this.#rows;
    const last = this.#lastRow;
    if (last !== noRow && addresses[last] === address && ports[last] === port) return last;
    this.#lastRow = this.#rows.find(address, port);
    return this.#lastRow;
  }

  /** Returns the row of an endpoint, which may take the place of the one that was used least recently and has no channel. */
  #rowFor(address: Ipv4Value, port: number, now: Milliseconds): number {
    const found = this.#find(address, port);
    if (found !== noRow) return found;
    if (this.#rows.count === endpointCapacity) this.#evict();
    const row = this.#rows.add(address, port, now);
    this.#states[row] = unbound;
    this.#sent[row] = 0;
    return row;
  }

  /** There are more rows than channels, so that one without is always found. */
  #evict(): void {
    let oldest = noRow;
    for (let row = 0; row < endpointCapacity; row++) {
      if (this.#channels[row] !== noChannel) continue;
      if (oldest === noRow || this.#rows.usedAt[row]! < this.#rows.usedAt[oldest]!) oldest = row;
    }
    this.#rows.remove(oldest);
  }

  /** Returns a channel that no endpoint has, or whose endpoint let it end long enough ago. */
  #freeChannel(now: Milliseconds): number {
    const free = this.#rowOf.indexOf(noRow);
    if (free >= 0) return firstChannel + free;
    const ended = this.#rowOf.findIndex((row, index) => this.#hasEnded(row, index, now));
    if (ended < 0) return noChannel;
    this.#channels[this.#rowOf[ended]!] = noChannel;
    return firstChannel + ended;
  }

  #hasEnded(row: number, index: number, now: Milliseconds): boolean {
    return this.#states[row] === unbound && now - this.#boundAt[index]! > channelLifetimeMs + channelReuseMs;
  }
}
