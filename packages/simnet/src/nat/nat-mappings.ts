import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import type { Dependence, NatBehaviour } from '@navalis/nat';
import type { SimStream } from '../sim-random.ts';
import { DynamicMapping, DynamicMappings, endpointKey, type MappingKey, type NatMapping } from './dynamic-mappings.ts';

const lowestPort = 1024;
const portCount = 0x10000 - lowestPort;

/** Linux keeps what it saw in one direction alone so long. */
const inputLifetimeMs = 30_000;

/**
 * The outgoing datagrams that use a mapping set by hand: `nothing`; `one-destination`: those to the first destination, as long as
 * that is in use, so that a server there sees the mapping; `everything`.
 */
export type StaticUse = 'nothing' | 'one-destination' | 'everything';

/** Set by hand or on a host's request: never expires, lets everybody in. */
interface StaticMapping extends NatMapping {
  readonly use: StaticUse;
  /** The dynamic mapping with the same endpoints, for what leaves to one destination. */
  sharer: DynamicMapping | undefined;
}

/** The mappings of one NAT. Bounded by the ports of its external addresses. */
export class NatMappings {
  readonly #behaviour: NatBehaviour;
  readonly #random: SimStream;
  readonly #dynamic: DynamicMappings = new DynamicMappings();
  // Most NATs need none of these.
  #statics: Map<number, StaticMapping> | undefined;
  #staticByInner: Map<number, StaticMapping> | undefined;
  #pairs: Map<Ipv4Value, Ipv4Value> | undefined;
  /** The times until which an external endpoint is occupied towards an unsolicited sender. */
  #inputs: Map<string, Milliseconds> | undefined;
  #addresses: readonly Ipv4Value[];
  #lastPort: number;

  constructor(behaviour: NatBehaviour, addresses: readonly Ipv4Value[], random: SimStream) {
    this.#behaviour = behaviour;
    this.#addresses = addresses;
    this.#random = random;
    this.#lastPort = this.#anyPort();
  }

  /** Forgets all mappings, those set by hand too. */
  reset(addresses: readonly Ipv4Value[]): void {
    this.#addresses = addresses;
    this.#dynamic.clear();
    this.#statics = undefined;
    this.#staticByInner = undefined;
    this.#pairs = undefined;
    this.#inputs = undefined;
    this.#lastPort = this.#anyPort();
  }

  /** Takes these external addresses for new mappings; old mappings keep theirs. */
  useForNewOnes(addresses: readonly Ipv4Value[]): void {
    this.#addresses = addresses;
    this.#pairs = undefined;
  }

  /** Maps an external port to an inner endpoint for good, open to everybody. */
  addStatic(inner: Ipv4Endpoint, externalPort: number, use: StaticUse): Ipv4Endpoint {
    const external = this.#staticEndpoint(externalPort);
    const mapping: StaticMapping = {
      innerAddress: inner.address,
      innerPort: inner.port,
      externalAddress: external.address,
      externalPort: external.port,
      use,
      sharer: undefined,
    };
    this.#statics ??= new Map();
    this.#statics.set(endpointKey(external.address, external.port), mapping);
    this.#staticByInner ??= new Map();
    this.#staticByInner.set(endpointKey(inner.address, inner.port), mapping);
    return external;
  }

  /** Ends a mapping that was set by hand. */
  removeStatic(externalPort: number): void {
    const { address, port } = this.#staticEndpoint(externalPort);
    const mapping = this.#statics?.get(endpointKey(address, port));
    if (mapping === undefined) return;
    this.#statics?.delete(endpointKey(address, port));
    this.#staticByInner?.delete(endpointKey(mapping.innerAddress, mapping.innerPort));
    if (mapping.sharer !== undefined) this.#dynamic.remove(mapping.sharer);
  }

  /** The inner endpoint that has an external port now. */
  ownerOf(externalPort: number, now: Milliseconds): Ipv4Endpoint | undefined {
    const { address, port } = this.#staticEndpoint(externalPort);
    const mapping = this.#at(address, port, now);
    return mapping && { address: mapping.innerAddress, port: mapping.innerPort };
  }

  /** Returns true while an external endpoint has a mapping. */
  isMapped({ address, port }: Ipv4Endpoint, now: Milliseconds): boolean {
    return this.#at(address, port, now) !== undefined;
  }

  /** Returns the external endpoint of a port that is mapped by hand. */
  #staticEndpoint(port: number): Ipv4Endpoint {
    return { address: this.#addresses[0]!, port };
  }

  /** The mapping for something that leaves, made if need be. Undefined when no port is free. */
  outbound(inner: Ipv4Endpoint, remote: Ipv4Endpoint, now: Milliseconds): NatMapping | undefined {
    const byHand = this.#staticByInner?.get(endpointKey(inner.address, inner.port));
    if (byHand?.use === 'everything') return byHand;
    const { mapping: dependence, displacesMapping } = this.#behaviour;
    const towards = dependentPart(dependence, remote);
    const key = { innerAddress: inner.address, innerPort: inner.port, towards, isInstead: false };
    const mapping = displacesMapping ? this.#obtainUndisplaced(key, remote, now) : this.#obtain(key, now);
    if (mapping === undefined) return undefined;
    mapping.lastUsed = now;
    this.#contact(mapping, remote, now);
    return mapping;
  }

  /** The mapping that lets something from `remote` in at an external endpoint; undefined when nothing does. */
  inbound(address: Ipv4Value, port: number, remote: Ipv4Endpoint, now: Milliseconds): NatMapping | undefined {
    const byHand = this.#statics?.get(endpointKey(address, port));
    if (byHand !== undefined) return byHand;
    const mapping = this.#alive(this.#dynamic.at(address, port), now);
    if (mapping === undefined || !this.#letsIn(mapping, remote, now)) {
      if (this.#behaviour.displacesMapping) {
        this.#inputs ??= new Map();
        this.#inputs.set(inputKey({ address, port }, remote), now + inputLifetimeMs);
      }
      return undefined;
    }
    mapping.isOneWay = false;
    if (this.#behaviour.refreshedBy === 'both') mapping.lastUsed = now;
    return mapping;
  }

  #letsIn(mapping: DynamicMapping, remote: Ipv4Endpoint, now: Milliseconds): boolean {
    const { filtering, mappingLifetimeMs, refreshedBy } = this.#behaviour;
    if (filtering === 'endpoint-independent') return true;
    if (mapping.contactedAt(dependentPart(filtering, remote)) + mappingLifetimeMs <= now) return false;
    if (refreshedBy === 'both') this.#contact(mapping, remote, now);
    return true;
  }

  #contact(mapping: DynamicMapping, remote: Ipv4Endpoint, now: Milliseconds): void {
    const { filtering, mappingLifetimeMs } = this.#behaviour;
    if (filtering === 'endpoint-independent') return;
    mapping.contact(dependentPart(filtering, remote), now, now - mappingLifetimeMs);
  }

  /** The mapping with this key, or the one used instead of it while an input from there occupies it. */
  #obtainUndisplaced(key: MappingKey, remote: Ipv4Endpoint, now: Milliseconds): DynamicMapping | undefined {
    const insteadKey = { ...key, towards: endpointKey(remote.address, remote.port), isInstead: true };
    const instead = this.#alive(this.#dynamic.find(insteadKey), now);
    const usual = instead ?? this.#obtain(key, now);
    if (usual === undefined || instead !== undefined) return usual;
    const external = { address: usual.externalAddress, port: usual.externalPort };
    const until = this.#inputs?.get(inputKey(external, remote)) ?? Number.NEGATIVE_INFINITY;
    if (until <= now) return usual;
    const mapping = this.#obtain(insteadKey, now);
    if (mapping !== undefined) mapping.isOneWay = true;
    return mapping;
  }

  /** The mapping with this key, made if need be. */
  #obtain(key: MappingKey, now: Milliseconds): DynamicMapping | undefined {
    const existing = this.#alive(this.#dynamic.find(key), now);
    if (existing !== undefined) return existing;
    const inner = { address: key.innerAddress, port: key.innerPort };
    const byHand = this.#staticByInner?.get(endpointKey(inner.address, inner.port));
    const shared =
      byHand?.use === 'one-destination' && this.#alive(byHand.sharer, now) === undefined ? byHand : undefined;
    const external =
      shared === undefined ? this.#choose(inner, now) : { address: shared.externalAddress, port: shared.externalPort };
    if (external === undefined) return undefined;
    const mapping = new DynamicMapping(key, external, now);
    this.#dynamic.add(mapping, (each) => this.#isOver(each, now));
    if (shared !== undefined) shared.sharer = mapping;
    return mapping;
  }

  /** The mapping of an external endpoint, if it has one. */
  #at(address: Ipv4Value, port: number, now: Milliseconds): NatMapping | undefined {
    return this.#statics?.get(endpointKey(address, port)) ?? this.#alive(this.#dynamic.at(address, port), now);
  }

  #alive(mapping: DynamicMapping | undefined, now: Milliseconds): DynamicMapping | undefined {
    if (mapping === undefined || !this.#isOver(mapping, now)) return mapping;
    this.#dynamic.remove(mapping);
    return undefined;
  }

  #isOver({ isOneWay, lastUsed }: DynamicMapping, now: Milliseconds): boolean {
    const { mappingLifetimeMs } = this.#behaviour;
    return lastUsed + (isOneWay ? Math.min(inputLifetimeMs, mappingLifetimeMs) : mappingLifetimeMs) <= now;
  }

  #choose(inner: Ipv4Endpoint, now: Milliseconds): Ipv4Endpoint | undefined {
    const address = this.#chooseAddress(inner.address);
    const isFree = (port: number) => port >= lowestPort && this.#at(address, port, now) === undefined;
    const { portAssignment, portStep } = this.#behaviour;
    const step = portAssignment === 'sequential' ? portStep : 1;
    let port = this.#anyPort();
    if (portAssignment === 'preserving' && isFree(inner.port)) port = inner.port;
    if (portAssignment === 'sequential') port = wrapped(this.#lastPort + step);
    for (let tries = 0; tries < portCount; tries++, port = wrapped(port + step)) {
      if (!isFree(port)) continue;
      this.#lastPort = port;
      return { address, port };
    }
    return undefined;
  }

  #chooseAddress(inner: Ipv4Value): Ipv4Value {
    const any = this.#addresses[this.#addresses.length === 1 ? 0 : this.#random.below(this.#addresses.length)]!;
    if (this.#behaviour.pooling === 'arbitrary') return any;
    if (this.#addresses.length === 1) return any;
    this.#pairs ??= new Map();
    const paired = this.#pairs.get(inner) ?? any;
    this.#pairs.set(inner, paired);
    return paired;
  }

  #anyPort(): number {
    return lowestPort + this.#random.below(portCount);
  }
}

/** Returns the part of a remote endpoint that matters, as a number; 0 if none does. */
function dependentPart(dependence: Dependence, { address, port }: Ipv4Endpoint): number {
  switch (dependence) {
    case 'endpoint-independent':
      return 0;
    case 'address-dependent':
      return address;
    case 'address-and-port-dependent':
      return endpointKey(address, port);
  }
}

function inputKey(external: Ipv4Endpoint, remote: Ipv4Endpoint): string {
  return `${external.address}:${external.port} ${remote.address}:${remote.port}`;
}

function wrapped(port: number): number {
  return port > 0xffff ? port - portCount : port;
}
