import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import type { Dependence, NatBehaviour } from '@navalis/nat';
import type { SimRandom } from '../sim-random.ts';

const lowestPort = 1024;
const portCount = 0x10000 - lowestPort;

/** Linux keeps what it saw in one direction alone so long. */
const inputLifetimeMs = 30_000;

/** An inner endpoint, and the external one that stands for it. */
export interface NatMapping {
  readonly inner: Ipv4Endpoint;
  readonly external: Ipv4Endpoint;
}

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

interface DynamicMapping extends NatMapping {
  readonly key: string;
  lastUsed: Milliseconds;
  /** One that an input displaced: nothing came back through it yet, so that it ends as soon as the input. */
  isOneWay: boolean;
  /** Remote endpoints that the inner endpoint has sent to, by the part that the filter checks, with the last time. */
  readonly contacted: Map<string, Milliseconds>;
}

/** The mappings of one NAT. Bounded by the ports of its external addresses. */
export class NatMappings {
  readonly #behaviour: NatBehaviour;
  readonly #random: SimRandom;
  readonly #byKey: Map<string, DynamicMapping> = new Map();
  readonly #byExternal: Map<number, DynamicMapping> = new Map();
  readonly #statics: Map<number, StaticMapping> = new Map();
  readonly #staticByInner: Map<number, StaticMapping> = new Map();
  readonly #pairs: Map<Ipv4Value, Ipv4Value> = new Map();
  /** The times until which an external endpoint is occupied towards an unsolicited sender. */
  readonly #inputs: Map<string, Milliseconds> = new Map();
  #addresses: readonly Ipv4Value[];
  #lastPort: number;

  constructor(behaviour: NatBehaviour, addresses: readonly Ipv4Value[], random: SimRandom) {
    this.#behaviour = behaviour;
    this.#addresses = addresses;
    this.#random = random;
    this.#lastPort = this.#anyPort();
  }

  /** Forgets all mappings, those set by hand too. */
  reset(addresses: readonly Ipv4Value[]): void {
    this.#addresses = addresses;
    this.#byKey.clear();
    this.#byExternal.clear();
    this.#statics.clear();
    this.#staticByInner.clear();
    this.#pairs.clear();
    this.#inputs.clear();
    this.#lastPort = this.#anyPort();
  }

  /** Takes these external addresses for new mappings; old mappings keep theirs. */
  useForNewOnes(addresses: readonly Ipv4Value[]): void {
    this.#addresses = addresses;
    this.#pairs.clear();
  }

  /** Maps an external port to an inner endpoint for good, open to everybody. */
  addStatic(inner: Ipv4Endpoint, externalPort: number, use: StaticUse): Ipv4Endpoint {
    const external = this.#staticEndpoint(externalPort);
    const mapping: StaticMapping = { inner, external, use, sharer: undefined };
    this.#statics.set(endpointKey(external.address, external.port), mapping);
    this.#staticByInner.set(endpointKey(inner.address, inner.port), mapping);
    return external;
  }

  /** Ends a mapping that was set by hand. */
  removeStatic(externalPort: number): void {
    const { address, port } = this.#staticEndpoint(externalPort);
    const mapping = this.#statics.get(endpointKey(address, port));
    if (mapping === undefined) return;
    this.#statics.delete(endpointKey(address, port));
    this.#staticByInner.delete(endpointKey(mapping.inner.address, mapping.inner.port));
    if (mapping.sharer !== undefined) this.#byKey.delete(mapping.sharer.key);
  }

  /** The inner endpoint that has an external port now. */
  ownerOf(externalPort: number, now: Milliseconds): Ipv4Endpoint | undefined {
    const { address, port } = this.#staticEndpoint(externalPort);
    return this.#at(endpointKey(address, port), now)?.inner;
  }

  /** Returns the external endpoint of a port that is mapped by hand. */
  #staticEndpoint(port: number): Ipv4Endpoint {
    return { address: this.#addresses[0]!, port };
  }

  /** The mapping for something that leaves, made if need be. Undefined when no port is free. */
  outbound(inner: Ipv4Endpoint, remote: Ipv4Endpoint, now: Milliseconds): NatMapping | undefined {
    const byHand = this.#staticByInner.get(endpointKey(inner.address, inner.port));
    if (byHand?.use === 'everything') return byHand;
    const key = `${inner.address}:${inner.port} ${dependentPart(this.#behaviour.mapping, remote)}`;
    const displacedKey = `${inner.address}:${inner.port} instead towards ${remote.address}:${remote.port}`;
    const displaced = this.#alive(this.#byKey.get(displacedKey), now);
    let mapping = displaced ?? this.#obtain(key, inner, now);
    if (mapping === undefined) return undefined;
    const until = this.#inputs.get(inputKey(mapping.external, remote)) ?? Number.NEGATIVE_INFINITY;
    if (displaced === undefined && until > now) {
      mapping = this.#obtain(displacedKey, inner, now);
      if (mapping === undefined) return undefined;
      mapping.isOneWay = true;
    }
    mapping.lastUsed = now;
    mapping.contacted.set(dependentPart(this.#behaviour.filtering, remote), now);
    return mapping;
  }

  /** The mapping that lets something from `remote` in at an external endpoint; undefined when nothing does. */
  inbound(address: Ipv4Value, port: number, remote: Ipv4Endpoint, now: Milliseconds): NatMapping | undefined {
    const byHand = this.#statics.get(endpointKey(address, port));
    if (byHand !== undefined) return byHand;
    const mapping = this.#alive(this.#byExternal.get(endpointKey(address, port)), now);
    if (mapping === undefined || !this.#letsIn(mapping, remote, now)) {
      if (this.#behaviour.displacesMapping)
        this.#inputs.set(inputKey({ address, port }, remote), now + inputLifetimeMs);
      return undefined;
    }
    mapping.isOneWay = false;
    if (this.#behaviour.refreshedBy === 'both') mapping.lastUsed = now;
    return mapping;
  }

  #letsIn(mapping: DynamicMapping, remote: Ipv4Endpoint, now: Milliseconds): boolean {
    const part = dependentPart(this.#behaviour.filtering, remote);
    if (part === '') return true;
    const contacted = mapping.contacted.get(part);
    if (contacted === undefined || contacted + this.#behaviour.mappingLifetimeMs <= now) return false;
    if (this.#behaviour.refreshedBy === 'both') mapping.contacted.set(part, now);
    return true;
  }

  /** The mapping with this key, made if need be. */
  #obtain(key: string, inner: Ipv4Endpoint, now: Milliseconds): DynamicMapping | undefined {
    const existing = this.#alive(this.#byKey.get(key), now);
    if (existing !== undefined) return existing;
    const byHand = this.#staticByInner.get(endpointKey(inner.address, inner.port));
    const shared =
      byHand?.use === 'one-destination' && this.#alive(byHand.sharer, now) === undefined ? byHand : undefined;
    const external = shared?.external ?? this.#choose(inner, now);
    if (external === undefined) return undefined;
    const mapping = { inner, external, key, lastUsed: now, isOneWay: false, contacted: new Map() };
    this.#byKey.set(key, mapping);
    if (shared === undefined) this.#byExternal.set(endpointKey(external.address, external.port), mapping);
    else shared.sharer = mapping;
    return mapping;
  }

  /** The mapping of an external endpoint, if it has one. */
  #at(external: number, now: Milliseconds): NatMapping | undefined {
    return this.#statics.get(external) ?? this.#alive(this.#byExternal.get(external), now);
  }

  #alive(mapping: DynamicMapping | undefined, now: Milliseconds): DynamicMapping | undefined {
    if (mapping === undefined) return undefined;
    const { mappingLifetimeMs } = this.#behaviour;
    const lifetimeMs = mapping.isOneWay ? Math.min(inputLifetimeMs, mappingLifetimeMs) : mappingLifetimeMs;
    if (mapping.lastUsed + lifetimeMs > now) return mapping;
    this.#byKey.delete(mapping.key);
    const external = endpointKey(mapping.external.address, mapping.external.port);
    if (this.#byExternal.get(external) === mapping) this.#byExternal.delete(external);
    return undefined;
  }

  #choose(inner: Ipv4Endpoint, now: Milliseconds): Ipv4Endpoint | undefined {
    const address = this.#chooseAddress(inner.address);
    const isFree = (port: number) => port >= lowestPort && this.#at(endpointKey(address, port), now) === undefined;
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
    const paired = this.#pairs.get(inner) ?? any;
    this.#pairs.set(inner, paired);
    return paired;
  }

  #anyPort(): number {
    return lowestPort + this.#random.below(portCount);
  }
}

/** Returns the part of a remote endpoint that matters; empty if none does. */
function dependentPart(dependence: Dependence, { address, port }: Ipv4Endpoint): string {
  switch (dependence) {
    case 'endpoint-independent':
      return '';
    case 'address-dependent':
      return `${address}`;
    case 'address-and-port-dependent':
      return `${address}:${port}`;
  }
}

function endpointKey(address: Ipv4Value, port: number): number {
  return address * 0x10000 + port;
}

function inputKey(external: Ipv4Endpoint, remote: Ipv4Endpoint): string {
  return `${external.address}:${external.port} ${remote.address}:${remote.port}`;
}

function wrapped(port: number): number {
  return port > 0xffff ? port - portCount : port;
}
