import { Ipv4Policy, type Ipv4Value, type Ipv6Value, parseIpv4, parseIpv6Prefix, teredoPort } from '@navalis/address';
import { createClientEngine } from '@navalis/client-core';
import type { Engine, EngineOutputs, Milliseconds, RandomSource } from '@navalis/engine';
import { createRelayEngine, type RelayEngine, type RelayOptions } from '@navalis/relay-core';
import { createServerEngine } from '@navalis/server-core';
import { ClientNode } from './client-node.ts';
import { EngineHost } from './engine-host.ts';
import { HostRelayNode } from './host-relay-node.ts';
import { Ipv6Network } from './ipv6-network.ts';
import { Nat } from './nat.ts';
import { type NatKind, natKinds } from './nat-behaviour.ts';
import { NativeHost } from './native-host.ts';
import type {
  ClientNodeOptions,
  EngineHostOptions,
  HostOptions,
  InternetOptions,
  NativeHostOptions,
  NatOptions,
  RelayNodeOptions,
  ServerNodeOptions,
} from './node-options.ts';
import { type PathQuality, perfectPath } from './path-quality.ts';
import { Realm } from './realm.ts';
import { RelayNode } from './relay-node.ts';
import { seedOr, withSeed } from './seeds.ts';
import { ServerNode } from './server-node.ts';
import { SimRandom } from './sim-random.ts';
import { Traffic } from './traffic.ts';
import { UdpHost } from './udp-host.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Addresses that are global unicast by the strictest list. */
const firstPublicAddress = '8.1.0.1';
const firstPrivateAddress = '10.0.0.2';

const globalIpv6 = parseIpv6Prefix('2000::/3')!;

const defaultCore: PathQuality = { ...perfectPath, latencyMs: 20 };
const defaultAccess: PathQuality = { ...perfectPath, latencyMs: 5 };

/**
 * A virtual Internet. Everything in it happens in virtual time and depends on nothing but the seed and what the scenario
 * does.
 */
export class Internet {
  readonly seed: number;
  readonly clock: VirtualClock = new VirtualClock();
  readonly traffic: Traffic = new Traffic();
  /** The public IPv4 Internet. */
  readonly public: Realm;
  /** The IPv6 Internet. */
  readonly native: Ipv6Network;
  readonly policy: Ipv4Policy = new Ipv4Policy({ strictness: 'strict' });
  readonly #random: SimRandom;
  readonly #names: Map<string, number> = new Map();
  #nativeHosts = 0;

  constructor(options: InternetOptions = {}) {
    this.seed = seedOr(options.seed ?? 1);
    this.#random = new SimRandom(String(this.seed));
    const core = { ...defaultCore, ...options.core };
    this.public = this.#realm('the Internet', firstPublicAddress, core);
    this.native = new Ipv6Network(core, this.clock, this.traffic);
  }

  get now(): Milliseconds {
    return this.clock.now;
  }

  /** From now on this share of what crosses the public IPv4 Internet gets lost, each way. */
  loseShare(loss: number): void {
    this.public.core = { ...this.public.core, loss };
  }

  /** Lets so much time pass. */
  run(durationMs: Milliseconds): void {
    withSeed(this.seed, () => this.clock.run(durationMs));
  }

  /**
   * Lets time pass until the condition holds, which is looked at after every event, and answers how long it took.
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
    const { kind, name, behind, insideAddress, access, ...changes } =
      typeof options === 'string' ? ({ kind: options } as NatOptions) : options;
    const ownName = this.#name(name, `nat-${kind}`);
    return new Nat({
      name: ownName,
      behaviour: { ...natKinds[kind], ...changes },
      inside: this.#realm(`behind ${ownName}`, insideAddress ?? firstPrivateAddress, { ...perfectPath, latencyMs: 1 }),
      outside: behind?.inside ?? this.public,
      access: { ...defaultAccess, ...access },
      random: this.#random.derive(ownName),
      clock: this.clock,
      traffic: this.traffic,
    });
  }

  /** A host that speaks UDP and nothing else. */
  udpHost(options: HostOptions = {}): UdpHost {
    return this.#host(this.#name(options.name, 'host'), options, 1);
  }

  /** A host that runs any engine on one socket. The engine is not started. */
  engine<Kind extends Engine>(options: EngineHostOptions<Kind>): EngineHost<Kind> {
    const { port, create } = options;
    const udp = this.#host(this.#name(options.name, 'engine'), options, 1);
    return new EngineHost({
      udp,
      clock: this.clock,
      ports: [port === undefined ? {} : { port }],
      create,
    });
  }

  /** A running Teredo server. */
  server({ options, ...host }: ServerNodeOptions = {}): ServerNode {
    const udp = this.#host(this.#name(host.name, 'server'), host, 2);
    const [primary, secondary] = [udp.addresses[0]!, udp.addresses[1]!];
    return new ServerNode(udp, this.native, this.clock, (outputs, random) =>
      createServerEngine({ primary, secondary, policy: this.policy, rateLimit: true, ...options }, outputs, random),
    );
  }

  /** A Teredo client, started. */
  client({ server, port, options, stopped = false, ...host }: ClientNodeOptions): ClientNode {
    const udp = this.#host(this.#name(host.name, 'client'), host, 1);
    const servers = (server instanceof ServerNode ? [server] : server).map(({ primary, secondary }) => ({
      primary,
      secondary,
    }));
    const create: ConstructorParameters<typeof ClientNode>[3] = (outputs, random, { local }) => {
      const keepsPort = port !== undefined;
      return createClientEngine({ servers, local, keepsPort, policy: this.policy, ...options }, outputs, random);
    };
    const client = new ClientNode(udp, port, this.clock, create);
    if (!stopped) client.start();
    return client;
  }

  /** A running relay that advertises 2001::/32. */
  relay({ port = teredoPort, options, ...host }: RelayNodeOptions = {}): RelayNode {
    const udp = this.#host(this.#name(host.name, 'relay'), host, 1);
    const localAddress = this.#nativeAddress();
    const servedRanges = [globalIpv6];
    const create = this.#relayEngine(udp, {
      kind: 'relay',
      localAddress,
      servedRanges,
      directBubbles: 'unless-public',
      servicePort: port,
      ...options,
    });
    return new RelayNode(udp, port, localAddress, this.native, this.clock, create);
  }

  /** A host with native IPv6 only. */
  nativeHost({ relay, name, access }: NativeHostOptions = {}): NativeHost {
    const ownName = this.#name(name, 'native');
    const line = { ...defaultAccess, ...access };
    const random = this.#random.derive(ownName);
    const host = new NativeHost(ownName, this.#nativeAddress(), this.native, line, this.clock, random);
    if (relay !== undefined) this.native.prefer(host, relay);
    return host;
  }

  /** A native host that reaches Teredo clients over its own IPv4. */
  hostRelay(options: HostOptions = {}): HostRelayNode {
    const udp = this.#host(this.#name(options.name, 'host-relay'), options, 1);
    const localAddress = this.#nativeAddress();
    const line = { ...defaultAccess, ...options.access };
    const servedRanges = [{ address: localAddress, length: 128 }];
    const create = this.#relayEngine(udp, { kind: 'host', localAddress, servedRanges });
    return new HostRelayNode(udp, localAddress, this.native, line, this.clock, udp.random, create);
  }

  #relayEngine(
    { addresses }: UdpHost,
    options: Pick<RelayOptions, 'kind' | 'localAddress' | 'servedRanges' | 'directBubbles'>,
  ): (outputs: EngineOutputs, random: RandomSource) => RelayEngine {
    const common = { ownIpv4Addresses: addresses, policy: this.policy, rateLimit: true };
    return (outputs, random) => createRelayEngine({ ...common, ...options }, outputs, random);
  }

  #nativeAddress(): Ipv6Value {
    return { word0: 0x2a001450, word1: ++this.#nativeHosts << 16, word2: 0, word3: 1 };
  }

  #host(name: string, { nat, access }: HostOptions, addressCount: number): UdpHost {
    const before = typeof nat === 'string' || (nat !== undefined && !(nat instanceof Nat)) ? this.nat(nat) : nat;
    const realm = before?.inside ?? this.public;
    const line = { ...(before === undefined ? defaultAccess : perfectPath), ...access };
    return new UdpHost(name, realm, realm.allocate(addressCount), line, this.#random.derive(name));
  }

  /** The given name, or one that counts nodes of that kind, so that other kinds do not matter. */
  #name(given: string | undefined, kind: string): string {
    if (given !== undefined) return given;
    const number = (this.#names.get(kind) ?? 0) + 1;
    this.#names.set(kind, number);
    return `${kind}-${number}`;
  }

  #realm(name: string, firstAddress: string, core: PathQuality): Realm {
    return new Realm(name, ipv4(firstAddress), core, this.clock, this.traffic);
  }
}

/** A virtual Internet with nothing in it yet. */
export function internet(options: InternetOptions = {}): Internet {
  return new Internet(options);
}

function ipv4(text: string): Ipv4Value {
  const value = parseIpv4(text);
  if (value === undefined) throw new Error(`'${text}' is not an IPv4 address.`);
  return value;
}
