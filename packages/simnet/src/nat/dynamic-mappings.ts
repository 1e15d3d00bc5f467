import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';

/** An inner endpoint, and the external one that stands for it. */
export interface NatMapping {
  readonly innerAddress: Ipv4Value;
  readonly innerPort: number;
  readonly externalAddress: Ipv4Value;
  readonly externalPort: number;
}

/** The inner endpoint of a mapping, and the remote ones that it is for. */
export interface MappingKey {
  readonly innerAddress: Ipv4Value;
  readonly innerPort: number;
  /** The part of a remote endpoint that the NAT's mapping depends on, as a number. */
  readonly towards: number;
  /** True for the mapping that is used instead, since an input occupies the external endpoint of the usual one. */
  readonly isInstead: boolean;
}

const fewContacts = 32;
/** The contacts of a mapping that has none: never changed. */
const nowhere: number[] = [];

/** A mapping that a datagram from inside made. */
export class DynamicMapping implements NatMapping {
  readonly innerAddress: Ipv4Value;
  readonly innerPort: number;
  readonly towards: number;
  readonly isInstead: boolean;
  readonly externalAddress: Ipv4Value;
  readonly externalPort: number;
  /** The next mapping of a NAT that has few. */
  next: DynamicMapping | undefined;
  lastUsed: Milliseconds;
  /** One that an input displaced: nothing came back through it yet, so that it ends as soon as the input. */
  isOneWay = false;
  /** Parts of remote endpoints that the inner endpoint has sent to, as the filter checks them, each before its last time. */
  #contacted: number[] = nowhere;

  constructor({ innerAddress, innerPort, towards, isInstead }: MappingKey, external: Ipv4Endpoint, now: Milliseconds) {
    this.innerAddress = innerAddress;
    this.innerPort = innerPort;
    this.towards = towards;
    this.isInstead = isInstead;
    this.externalAddress = external.address;
    this.externalPort = external.port;
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
  /** In a list, while there are few. */
  #few: DynamicMapping | undefined;
  /** Both undefined while there are few. */
  #byKey: Map<string, DynamicMapping> | undefined;
  #byExternal: Map<number, DynamicMapping> | undefined;

  find(key: MappingKey): DynamicMapping | undefined {
    if (this.#byKey !== undefined) return this.#byKey.get(textOf(key));
    const { innerAddress, innerPort, towards, isInstead } = key;
    let each = this.#few;
    for (; each !== undefined; each = each.next) {
      const isSame = each.towards === towards && each.isInstead === isInstead && each.innerPort === innerPort;
      if (isSame && each.innerAddress === innerAddress) break;
    }
    return each;
  }

  /** Returns a mapping that has this external endpoint. */
  at(address: Ipv4Value, port: number): DynamicMapping | undefined {
    if (this.#byExternal !== undefined) return this.#byExternal.get(endpointKey(address, port));
    let each = this.#few;
    while (each !== undefined && (each.externalPort !== port || each.externalAddress !== address)) each = each.next;
    return each;
  }

  /** Adds a mapping; those of which `isOver` holds make room for it. */
  add(mapping: DynamicMapping, isOver: (mapping: DynamicMapping) => boolean): void {
    if (this.#byKey === undefined && this.#listed.length >= fewMappings) {
      const alive = this.#listed.filter((each) => !isOver(each));
      this.#few = undefined;
      if (alive.length >= fewMappings) this.#index(alive);
      else for (const each of alive) this.#list(each);
    }
    if (this.#byKey === undefined) this.#list(mapping);
    else this.#enter(mapping);
  }

  remove(mapping: DynamicMapping): void {
    if (this.#few === mapping) this.#few = mapping.next;
    for (let each = this.#few; each !== undefined; each = each.next)
      if (each.next === mapping) each.next = mapping.next;
    this.#byKey?.delete(textOf(mapping));
    const external = endpointKey(mapping.externalAddress, mapping.externalPort);
    if (this.#byExternal?.get(external) === mapping) this.#byExternal.delete(external);
  }

  clear(): void {
    this.#few = undefined;
    this.#byKey = undefined;
    this.#byExternal = undefined;
  }

  get #listed(): DynamicMapping[] {
    const listed: DynamicMapping[] = [];
    for (let each = this.#few; each !== undefined; each = each.next) listed.push(each);
    return listed;
  }

  #list(mapping: DynamicMapping): void {
    mapping.next = this.#few;
    this.#few = mapping;
  }

  #index(mappings: readonly DynamicMapping[]): void {
    this.#byKey = new Map();
    this.#byExternal = new Map();
    for (const each of mappings) this.#enter(each);
  }

  #enter(mapping: DynamicMapping): void {
    this.#byKey!.set(textOf(mapping), mapping);
    this.#byExternal!.set(endpointKey(mapping.externalAddress, mapping.externalPort), mapping);
  }
}

/** Returns a number that only this endpoint has. */
export function endpointKey(address: Ipv4Value, port: number): number {
  return address * 0x10000 + port;
}

function textOf({ innerAddress, innerPort, towards, isInstead }: MappingKey): string {
  return `${innerAddress}:${innerPort} ${towards} ${isInstead}`;
}
