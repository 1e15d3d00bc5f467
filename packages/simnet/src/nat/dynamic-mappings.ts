import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';

/** An inner endpoint, and the external one that stands for it. */
export interface NatMapping {
  readonly inner: Ipv4Endpoint;
  readonly external: Ipv4Endpoint;
}

/** The inner endpoint of a mapping, and the remote ones that it is for. */
export interface MappingKey {
  readonly inner: Ipv4Endpoint;
  /** The part of a remote endpoint that the NAT's mapping depends on, as a number. */
  readonly towards: number;
  /** True for the mapping that is used instead, since an input occupies the external endpoint of the usual one. */
  readonly isInstead: boolean;
}

const fewContacts = 32;

/** A mapping that a datagram from inside made. */
export class DynamicMapping implements NatMapping {
  readonly inner: Ipv4Endpoint;
  readonly towards: number;
  readonly isInstead: boolean;
  readonly external: Ipv4Endpoint;
  lastUsed: Milliseconds;
  /** One that an input displaced: nothing came back through it yet, so that it ends as soon as the input. */
  isOneWay = false;
  /** Parts of remote endpoints that the inner endpoint has sent to, as the filter checks them, each before its last time. */
  #contacted: number[] = [];

  constructor({ inner, towards, isInstead }: MappingKey, external: Ipv4Endpoint, now: Milliseconds) {
    this.inner = inner;
    this.towards = towards;
    this.isInstead = isInstead;
    this.external = external;
    this.lastUsed = now;
  }

  /** Returns the last time at which the inner endpoint sent there; -Infinity if it never did. */
  contactedAt(part: number): Milliseconds {
    const index = this.#indexOf(part);
    return index < 0 ? Number.NEGATIVE_INFINITY : this.#contacted[index + 1]!;
  }

  /** Records a datagram to or from there. Takes the place of one that ended before `endedBefore`, if there is one. */
  contact(part: number, now: Milliseconds, endedBefore: Milliseconds): void {
    const contacted = this.#contacted;
    let index = this.#indexOf(part);
    for (let at = 0; index < 0 && at < contacted.length; at += 2) if (contacted[at + 1]! <= endedBefore) index = at;
    if (index < 0) {
      // Not pushed while there are few: an array that grows takes room for sixteen more.
      if (contacted.length < fewContacts) this.#contacted = contacted.concat(part, now);
      else contacted.push(part, now);
      return;
    }
    contacted[index] = part;
    contacted[index + 1] = now;
  }

  #indexOf(part: number): number {
    const contacted = this.#contacted;
    for (let index = 0; index < contacted.length; index += 2) if (contacted[index] === part) return index;
    return -1;
  }
}

/** The most mappings that are searched one by one: the NAT of a household has a few, that of a carrier many. */
const fewMappings = 16;

/** The dynamic mappings of one NAT, by inner and by external endpoint. */
export class DynamicMappings {
  #few: DynamicMapping[] = [];
  /** Both undefined while there are few. */
  #byKey: Map<string, DynamicMapping> | undefined;
  #byExternal: Map<number, DynamicMapping> | undefined;

  find(key: MappingKey): DynamicMapping | undefined {
    if (this.#byKey !== undefined) return this.#byKey.get(textOf(key));
    const { inner, towards, isInstead } = key;
    const few = this.#few;
    for (let index = 0; index < few.length; index++) {
      const each = few[index]!;
      const isSame = each.towards === towards && each.isInstead === isInstead && each.inner.port === inner.port;
      if (isSame && each.inner.address === inner.address) return each;
    }
    return undefined;
  }

  /** Returns a mapping that has this external endpoint. */
  at(address: Ipv4Value, port: number): DynamicMapping | undefined {
    if (this.#byExternal !== undefined) return this.#byExternal.get(endpointKey(address, port));
    const few = this.#few;
    for (let index = 0; index < few.length; index++) {
      const { external } = few[index]!;
      if (external.port === port && external.address === address) return few[index];
    }
    return undefined;
  }

  /** Adds a mapping; those of which `isOver` holds make room for it. */
  add(mapping: DynamicMapping, isOver: (mapping: DynamicMapping) => boolean): void {
    if (this.#byKey === undefined && this.#few.length >= fewMappings) {
      this.#few = this.#few.filter((each) => !isOver(each));
      if (this.#few.length >= fewMappings) this.#index();
    }
    if (this.#byKey === undefined) this.#few = this.#few.concat(mapping);
    else this.#enter(mapping);
  }

  remove(mapping: DynamicMapping): void {
    const index = this.#few.indexOf(mapping);
    if (index >= 0) this.#few.splice(index, 1);
    this.#byKey?.delete(textOf(mapping));
    const external = endpointKey(mapping.external.address, mapping.external.port);
    if (this.#byExternal?.get(external) === mapping) this.#byExternal.delete(external);
  }

  clear(): void {
    this.#few = [];
    this.#byKey = undefined;
    this.#byExternal = undefined;
  }

  #index(): void {
    this.#byKey = new Map();
    this.#byExternal = new Map();
    for (const each of this.#few) this.#enter(each);
    this.#few = [];
  }

  #enter(mapping: DynamicMapping): void {
    this.#byKey!.set(textOf(mapping), mapping);
    this.#byExternal!.set(endpointKey(mapping.external.address, mapping.external.port), mapping);
  }
}

/** Returns a number that only this endpoint has. */
export function endpointKey(address: Ipv4Value, port: number): number {
  return address * 0x10000 + port;
}

function textOf({ inner, towards, isInstead }: MappingKey): string {
  return `${inner.address}:${inner.port} ${towards} ${isInstead}`;
}
