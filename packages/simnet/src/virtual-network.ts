import { type Ipv4Value, type Ipv6Value, parseIpv4 } from '@navalis/address';
import type { Engine, Milliseconds } from '@navalis/engine';
import { type NatKind, natKinds } from '@navalis/nat';
import { EngineHost, type HostedEvent } from './hosts/engine-host.ts';
import { NativeHost } from './hosts/native-host.ts';
import { UdpHost } from './hosts/udp-host.ts';
import { Nat } from './nat/nat.ts';
import type { EngineHostOptions, HostOptions, NativeHostOptions, NatOptions, NetworkOptions } from './node-options.ts';
import { Ipv6Network } from './paths/ipv6-network.ts';
import { type PathQuality, perfectPath } from './paths/path-quality.ts';
import { Realm, type RealmParts } from './paths/realm.ts';
import { Traffic } from './paths/traffic.ts';
import { seedOr, withSeed } from './seeds.ts';
import { SimRandom } from './sim-random.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Addresses that are global unicast by the strictest list. */
const firstPublicAddress = '8.1.0.1';
const firstPrivateAddress = '10.0.0.2';

const defaultCore: PathQuality = { ...perfectPath, latencyMs: 20 };
/** Default quality of the network behind a NAT. */
const defaultInside: PathQuality = { ...perfectPath, latencyMs: 1 };
/** Default quality of the line of a host, each way. */
export const defaultAccess: PathQuality = { ...perfectPath, latencyMs: 5 };

/**
 * An IPv4 Internet with NATs and an IPv6 Internet, without any protocol machine of ours. Everything in it happens in virtual
 * time and depends on nothing but the seed and what the scenario does.
 */
export class VirtualNetwork {
  readonly seed: number;
  readonly clock: VirtualClock = new VirtualClock();
  readonly traffic: Traffic = new Traffic();
  /** The public IPv4 Internet. */
  readonly public: Realm;
  /** The IPv6 Internet. */
  readonly native: Ipv6Network;
  readonly #random: SimRandom;
  readonly #names: Map<string, number> = new Map();
  #nativeHosts = 0;

  constructor(options: NetworkOptions = {}) {
    this.seed = seedOr(options.seed ?? 1);
    this.#random = new SimRandom(String(this.seed));
    const core = { ...defaultCore, ...options.core };
    this.public = this.#realm({ name: 'the Internet', firstAddress: firstPublicAddress, core, isImmediate: false });
    this.native = new Ipv6Network(core, this.clock, this.traffic);
  }

  get now(): Milliseconds {
    return this.clock.now;
  }

  /** Sets the share of packets that the public IPv4 Internet loses, in each direction. */
  loseShare(loss: number): void {
    this.public.core = { ...this.public.core, loss };
  }

  /** Lets so much time pass. */
  run(durationMs: Milliseconds): void {
    withSeed(this.seed, () => this.clock.run(durationMs));
  }

  /**
   * Lets time pass until the condition holds, checked after every event, and returns how long that took.
   * @throws Error naming the seed when it does not hold in time.
   */
  until(what: string, condition: () => boolean, withinMs: Milliseconds = 60_000): Milliseconds {
    return withSeed(this.seed, () => {
      const start = this.clock.now;
      while (!condition()) {
        if (this.clock.step(start + withinMs)) continue;
        throw new Error(`Not within ${withinMs} ms: ${what}`);
      }
      return this.clock.now - start;
    });
  }

  /** A NAT of a kind, or one described in the terms of RFC 4787. */
  nat(options: NatKind | NatOptions): Nat {
    const {
      kind,
      name,
      behind,
      insideAddress,
      insideIsImmediate = false,
      access,
      ...changes
    } = typeof options === 'string' ? ({ kind: options } as NatOptions) : options;
    const ownName = this.nameFor(name, `nat-${kind}`);
    return new Nat({
      name: ownName,
      behaviour: changed(natKinds[kind], changes),
      inside: this.#realm({
        name: ownName,
        firstAddress: insideAddress ?? firstPrivateAddress,
        core: insideIsImmediate ? perfectPath : defaultInside,
        isImmediate: insideIsImmediate,
      }),
      outside: behind?.inside ?? this.public,
      access: changed(defaultAccess, access),
      random: this.#random.last(ownName),
      clock: this.clock,
      traffic: this.traffic,
    });
  }

  /** A host that speaks UDP and nothing else. */
  udpHost(options: HostOptions = {}): UdpHost {
    return this.host(this.nameFor(options.name, 'host'), options, 1);
  }

  /** A host that runs any engine on one socket. The engine is not started. */
  engine<Kind extends Engine, Event extends HostedEvent = HostedEvent>(
    options: EngineHostOptions<Kind, Event>,
  ): EngineHost<Kind, Event> {
    const { port, create } = options;
    const udp = this.host(this.nameFor(options.name, 'engine'), options, 1);
    return new EngineHost({
      udp,
      clock: this.clock,
      ports: [port === undefined ? {} : { port }],
      create,
    });
  }

  /** A host with native IPv6 only. */
  nativeHost({ relay, name, access }: NativeHostOptions = {}): NativeHost {
    const ownName = this.nameFor(name, 'native');
    const line = changed(defaultAccess, access);
    const random = this.#random.derive(ownName);
    const host = new NativeHost({
      name: ownName,
      address: this.nativeAddress(),
      network: this.native,
      access: line,
      clock: this.clock,
      random,
    });
    if (relay !== undefined) this.native.prefer(host, relay);
    return host;
  }

  /** Returns a global IPv6 address that nobody has. */
  protected nativeAddress(): Ipv6Value {
    return { word0: 0x2a001450, word1: ++this.#nativeHosts << 16, word2: 0, word3: 1 };
  }

  /** Makes a host with so many addresses, behind its NAT if it has one. */
  protected host(name: string, { nat, access }: HostOptions, addressCount: number): UdpHost {
    const before = typeof nat === 'string' || (nat !== undefined && !(nat instanceof Nat)) ? this.nat(nat) : nat;
    const realm = before?.inside ?? this.public;
    const line = changed(before === undefined ? defaultAccess : perfectPath, access);
    return new UdpHost({
      name,
      realm,
      addresses: realm.allocate(addressCount),
      access: line,
      random: this.#random.derive(name),
    });
  }

  /** The given name, or one that counts nodes of that kind, so that other kinds do not matter. */
  protected nameFor(given: string | undefined, kind: string): string {
    if (given !== undefined) return given;
    const number = (this.#names.get(kind) ?? 0) + 1;
    this.#names.set(kind, number);
    return `${kind}-${number}`;
  }

  #realm(parts: Pick<RealmParts, 'name' | 'core' | 'isImmediate'> & { readonly firstAddress: string }): Realm {
    const firstAddress = ipv4(parts.firstAddress);
    return new Realm({ ...parts, firstAddress, clock: this.clock, traffic: this.traffic });
  }
}

/** Returns the defaults with changes; the defaults themselves where there are none, which a crowd shares. */
function changed<Fields extends object>(defaults: Fields, changes: Partial<Fields> | undefined): Fields {
  for (const _ in changes) return { ...defaults, ...changes };
  return defaults;
}

/** Creates a virtual network with nothing in it yet. */
export function virtualNetwork(options: NetworkOptions = {}): VirtualNetwork {
  return new VirtualNetwork(options);
}

function ipv4(text: string): Ipv4Value {
  const value = parseIpv4(text);
  if (value === undefined) throw new Error(`'${text}' is not an IPv4 address.`);
  return value;
}
