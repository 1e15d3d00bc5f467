import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import type { Dependence, NatBehaviour } from '@navalis/nat';
import type { SimRandom } from '../sim-random.ts';

const lowestPort = 1024;
const portCount = 0x10000 - lowestPort;

/** Linux keeps what it saw in one direction alone so long. */
const inputLifetimeMs = 30_000;

export interface NatMapping {
  readonly inner: Ipv4Endpoint;
  readonly external: Ipv4Endpoint;
  /** Set by hand, as through UPnP: never expires, lets everybody in. */
  readonly isStatic: boolean;
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
  readonly #byKey: Map<string, NatMapping> = new Map();
  readonly #byExternal: Map<number, NatMapping> = new Map();
  readonly #reserved: Map<number, NatMapping> = new Map();
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
    this.#reserved.clear();
    this.#pairs.clear();
    this.#inputs.clear();
    this.#lastPort = this.#anyPort();
  }

  /** Takes these external addresses for new mappings; old mappings keep theirs. */
  useForNewOnes(addresses: readonly Ipv4Value[]): void {
    this.#addresses = addresses;
    this.#pairs.clear();
  }

  /** Maps an external port to an inner endpoint for good, open to everybody; with `isReserved` for all that leaves, too. */
  addStatic(inner: Ipv4Endpoint, externalPort: number, isReserved: boolean): Ipv4Endpoint {
    const external = { address: this.#addresses[0]!, port: externalPort };
    const mapping: NatMapping = {
      inner,
      external,
      isStatic: true,
      key: '',
      lastUsed: 0,
      isOneWay: false,
      contacted: new Map(),
    };
    this.#byExternal.set(endpointKey(external.address, external.port), mapping);
    if (isReserved) this.#reserved.set(endpointKey(inner.address, inner.port), mapping);
    return external;
  }

  /** The mapping for something that leaves, made if need be. Undefined when no port is free. */
  outbound(inner: Ipv4Endpoint, remote: Ipv4Endpoint, now: Milliseconds): NatMapping | undefined {
    const reserved = this.#reserved.get(endpointKey(inner.address, inner.port));
    if (reserved !== undefined) return reserved;
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
    const mapping = this.#alive(this.#byExternal.get(endpointKey(address, port)), now);
    if (mapping?.isStatic === true) return mapping;
    if (mapping === undefined || !this.#letsIn(mapping, remote, now)) {
      if (this.#behaviour.displacesMapping)
        this.#inputs.set(inputKey({ address, port }, remote), now + inputLifetimeMs);
      return undefined;
    }
    mapping.isOneWay = false;
    if (this.#behaviour.refreshedBy === 'both') mapping.lastUsed = now;
    return mapping;
  }

  #letsIn(mapping: NatMapping, remote: Ipv4Endpoint, now: Milliseconds): boolean {
    const part = dependentPart(this.#behaviour.filtering, remote);
    if (part === '') return true;
    const contacted = mapping.contacted.get(part);
    if (contacted === undefined || contacted + this.#behaviour.mappingLifetimeMs <= now) return false;
    if (this.#behaviour.refreshedBy === 'both') mapping.contacted.set(part, now);
    return true;
  }

  /** The mapping with this key, made if need be. */
  #obtain(key: string, inner: Ipv4Endpoint, now: Milliseconds): NatMapping | undefined {
    const existing = this.#alive(this.#byKey.get(key), now);
    if (existing !== undefined) return existing;
    const external = this.#choose(inner, now);
    if (external === undefined) return undefined;
    const mapping = { inner, external, isStatic: false, key, lastUsed: now, isOneWay: false, contacted: new Map() };
    this.#byKey.set(key, mapping);
    this.#byExternal.set(endpointKey(external.address, external.port), mapping);
    return mapping;
  }

  #alive(mapping: NatMapping | undefined, now: Milliseconds): NatMapping | undefined {
    if (mapping === undefined || mapping.isStatic) return mapping;
    const { mappingLifetimeMs } = this.#behaviour;
    const lifetimeMs = mapping.isOneWay ? Math.min(inputLifetimeMs, mappingLifetimeMs) : mappingLifetimeMs;
    if (mapping.lastUsed + lifetimeMs > now) return mapping;
    this.#byKey.delete(mapping.key);
    this.#byExternal.delete(endpointKey(mapping.external.address, mapping.external.port));
    return undefined;
  }

  #choose(inner: Ipv4Endpoint, now: Milliseconds): Ipv4Endpoint | undefined {
    const address = this.#chooseAddress(inner.address);
    const isFree = (port: number) =>
      port >= lowestPort && this.#alive(this.#byExternal.get(endpointKey(address, port)), now) === undefined;
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
