import { type Ipv4Value, parseIpv4 } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import { Nat } from './nat.ts';
import { type NatBehaviour, type NatKind, natKinds } from './nat-behaviour.ts';
import { type PathQuality, perfectPath } from './path-quality.ts';
import { Realm } from './realm.ts';
import { seedOr, withSeed } from './seeds.ts';
import { SimRandom } from './sim-random.ts';
import { Traffic } from './traffic.ts';
import { UdpHost } from './udp-host.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface InternetOptions {
  /** 1 by default; the environment variable NAVALIS_SEED wins. */
  readonly seed?: number;
  /** What crosses the public Internet suffers this, once; 20 ms and nothing lost by default. */
  readonly core?: Partial<PathQuality>;
}

export interface NatOptions extends Partial<NatBehaviour> {
  /** The behaviour that the rest changes. */
  readonly kind: NatKind;
  readonly name?: string;
  /** The NAT that this one is behind; none by default. */
  readonly behind?: Nat;
  /** First address behind this NAT; 10.0.0.2 by default. */
  readonly insideAddress?: string;
  /** What crosses its line to the outside suffers this, each way. */
  readonly access?: Partial<PathQuality>;
}

export interface HostOptions {
  readonly name?: string;
  /** A NAT, or the kind of a NAT made for this host alone; none by default: a public address. */
  readonly nat?: Nat | NatKind | NatOptions | undefined;
  /** What crosses its line suffers this, each way; 5 ms by default. */
  readonly access?: Partial<PathQuality>;
}

/** Addresses that are global unicast by the strictest list. */
const firstPublicAddress = '8.1.0.1';
const firstPrivateAddress = '10.0.0.2';

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
  readonly public: Realm;
  readonly #random: SimRandom;
  readonly #names: Map<string, number> = new Map();

  constructor(options: InternetOptions = {}) {
    this.seed = seedOr(options.seed ?? 1);
    this.#random = new SimRandom(String(this.seed));
    this.public = this.#realm('the Internet', firstPublicAddress, { ...defaultCore, ...options.core });
  }

  get now(): Milliseconds {
    return this.clock.now;
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
