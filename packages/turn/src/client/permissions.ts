import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds, RandomSource } from '@navalis/engine';
import { permissionCapacity, permissionLifetimeMs, refusalMs, renewalMs } from './choices.ts';
import { EndpointRows, noRow } from './endpoint-rows.ts';

/** The state of the permission for an address. */
export type PermissionState = 'none' | 'asked' | 'granted' | 'refused';

const asked = 1;
const granted = 2;
const refused = 3;

/** States of the renewal of a granted permission. */
const notRenewing = 0;
const doubted = 1;
const renewing = 2;

/** The permissions of one allocation, by IPv4 address (RFC 8656 section 9). Fixed memory. */
export class Permissions {
  readonly #rows: EndpointRows;
  readonly #states: Uint8Array = new Uint8Array(permissionCapacity);
  /** When the state began; for a permission that is renewed, when it was last granted. */
  readonly #since: Float64Array = new Float64Array(permissionCapacity);
  readonly #renewals: Uint8Array = new Uint8Array(permissionCapacity);

  constructor(random: RandomSource) {
    this.#rows = new EndpointRows(permissionCapacity, random);
  }

  /** Addresses that something is known of. */
  get count(): number {
    return this.#rows.count;
  }

  state(address: Ipv4Value, now: Milliseconds): PermissionState {
    const row = this.#rows.find(address, 0);
    if (row === noRow) return 'none';
    const age = now - this.#since[row]!;
    switch (this.#states[row]) {
      case granted:
        return age < permissionLifetimeMs ? 'granted' : 'none';
      case refused:
        return age < refusalMs ? 'refused' : 'none';
      default:
        return 'asked';
    }
  }

  /** Returns when the permission of an address was last used without a channel; -Infinity if never since it was granted. */
  usedAt(address: Ipv4Value): Milliseconds {
    const row = this.#rows.find(address, 0);
    return row === noRow || !this.#isUsed(row) ? Number.NEGATIVE_INFINITY : this.#rows.usedAt[row]!;
  }

  /** Notes that something goes to the address or comes from it. */
  use(address: Ipv4Value, now: Milliseconds): void {
    const row = this.#rows.find(address, 0);
    if (row !== noRow) this.#rows.usedAt[row] = now;
  }

  /** Notes that a permission is asked for; false when no more addresses fit. */
  ask(address: Ipv4Value, now: Milliseconds): boolean {
    const row = this.#rowFor(address, now);
    if (row === noRow) return false;
    if (this.state(address, now) === 'granted') this.#renewals[row] = renewing;
    else this.#set(row, asked, now);
    return true;
  }

  grant(address: Ipv4Value, now: Milliseconds): void {
    const row = this.#rowFor(address, now);
    if (row !== noRow) this.#set(row, granted, now);
  }

  refuse(address: Ipv4Value, now: Milliseconds): void {
    const row = this.#rowFor(address, now);
    if (row !== noRow) this.#set(row, refused, now);
  }

  /** Forgets that the address was asked for: no response came. */
  forget(address: Ipv4Value): void {
    const row = this.#rows.find(address, 0);
    if (row !== noRow) this.#rows.remove(row);
  }

  /** Makes all granted permissions due for renewal: the server may have forgotten them. */
  doubt(): void {
    for (let row = 0; row < permissionCapacity; row++) {
      if (this.#renewals[row] === notRenewing) this.#renewals[row] = doubted;
    }
  }

  clear(): void {
    this.#rows.clear();
  }

  /** Returns the next address whose permission is due for renewal; undefined when there is none. Forgets unused ones. */
  dueForRenewal(now: Milliseconds): Ipv4Value | undefined {
    for (let row = 0; row < permissionCapacity; row++) {
      if (!this.#rows.isTaken(row) || now < this.#dueAt(row)) continue;
      if (this.#states[row] === granted && (this.#renewals[row] === doubted || this.#isUsed(row)))
        return this.#rows.addresses[row]!;
      this.#rows.remove(row);
    }
    return undefined;
  }

  /** Returns when `dueForRenewal` has something to do. */
  nextRenewalAt(): Milliseconds {
    let next = Number.POSITIVE_INFINITY;
    for (let row = 0; row < permissionCapacity; row++) {
      if (this.#rows.isTaken(row)) next = Math.min(next, this.#dueAt(row));
    }
    return next;
  }

  #dueAt(row: number): Milliseconds {
    if (this.#states[row] === asked || this.#renewals[row] === renewing) return Number.POSITIVE_INFINITY;
    if (this.#states[row] === granted && this.#renewals[row] === doubted) return Number.NEGATIVE_INFINITY;
    return this.#since[row]! + (this.#states[row] === granted ? renewalMs : refusalMs);
  }

  /** Returns true if the row was used since its state began. */
  #isUsed(row: number): boolean {
    return this.#rows.usedAt[row]! > this.#since[row]!;
  }

  #set(row: number, state: number, now: Milliseconds): void {
    this.#states[row] = state;
    this.#since[row] = now;
    this.#renewals[row] = notRenewing;
  }

  #rowFor(address: Ipv4Value, now: Milliseconds): number {
    const known = this.#rows.find(address, 0);
    if (known !== noRow) return known;
    const row = this.#rows.add(address, 0, now);
    if (row !== noRow) this.#set(row, asked, now);
    return row;
  }
}
