import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';

/** Our choices: an address that a name had within a day is no new one, and so many of them are remembered. */
const rememberedMs = 86_400_000;
const mostAddresses = 256;

/**
 * The addresses that names had lately. A name server may return only some of them each time, so that one answer does not tell whether a
 * name moved.
 */
export class NameHistory {
  readonly #seenAt = new Map<string, Map<Ipv4Value, Milliseconds>>();

  /** Records an answer; returns true if an address in it is new. The first answer brings none. */
  record(name: string, addresses: readonly Ipv4Value[], now: Milliseconds): boolean {
    const before = this.#seenAt.get(name);
    const isNew = before !== undefined && addresses.some((address) => !this.#isKnown(name, address, now));
    const seenAt = new Map(before);
    // The latest comes last.
    for (const address of addresses) {
      seenAt.delete(address);
      seenAt.set(address, now);
    }
    this.#seenAt.set(name, new Map([...seenAt].slice(-mostAddresses)));
    return isNew;
  }

  /** Returns true if the name had one of these addresses within a day. */
  hadOneOf(name: string, addresses: Iterable<Ipv4Value>, now: Milliseconds): boolean {
    return Array.from(addresses).some((address) => this.#isKnown(name, address, now));
  }

  #isKnown(name: string, address: Ipv4Value, now: Milliseconds): boolean {
    const seenAt = this.#seenAt.get(name)?.get(address);
    return seenAt !== undefined && now - seenAt <= rememberedMs;
  }
}
