import type { Ipv6Value } from '@navalis/address';
import type { Milliseconds, PeerRows, PeerSort } from '@navalis/engine';
import type { PeerWitness } from '@navalis/qualification';
import { TraversalPeerRows } from '@navalis/traversal';
import type { Contacts } from './contacts.ts';

/** The engine that contacts belong to. */
export interface ContactsCreator {
  createContacts(now: Milliseconds): Contacts;
}

/** Creates the contacts of a client with the first packet to or from a peer: a client without peers holds no tables for them. */
export class ContactsOnDemand implements PeerWitness, PeerRows {
  readonly #creator: ContactsCreator;
  #contacts: Contacts | undefined;
  #rows: TraversalPeerRows | undefined;

  constructor(creator: ContactsCreator) {
    this.#creator = creator;
  }

  /** Returns the contacts, created now if there are none yet. */
  obtain(now: Milliseconds): Contacts {
    this.#contacts ??= this.#creator.createContacts(now);
    return this.#contacts;
  }

  /** The contacts; undefined while no peer was needed. */
  get existing(): Contacts | undefined {
    return this.#contacts;
  }

  get lastReceptionAt(): Milliseconds {
    return this.#contacts?.lastReceptionAt ?? Number.NEGATIVE_INFINITY;
  }

  get highestRow(): number {
    return this.#listed?.highestRow ?? 0;
  }

  get count(): number {
    return this.#listed?.count ?? 0;
  }

  find(address: Ipv6Value): number {
    return this.#listed?.find(address) ?? 0;
  }

  isInUse(row: number): boolean {
    return this.#listed?.isInUse(row) === true;
  }

  /** Call it only for a row in use, as `read`. */
  keyOf(row: number, sort: PeerSort): number {
    return this.#listed!.keyOf(row, sort);
  }

  read(row: number, into: Float64Array, offset: number, now: Milliseconds): void {
    this.#listed!.read(row, into, offset, now);
  }

  get #listed(): TraversalPeerRows | undefined {
    if (this.#contacts !== undefined) this.#rows ??= new TraversalPeerRows(this.#contacts.traversal);
    return this.#rows;
  }
}
