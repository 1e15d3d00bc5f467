import { type Ipv6Prefix, type Ipv6Value, parseIpv6 } from '@navalis/address';
import type { Time } from '../scheduling/time.ts';
import type { Degradations } from './degradations.ts';

/** Interval of the checks. Each one costs a socket for each address, and no packet. */
const lookMs = 5_000;

/** This many checks in a row must find no route: routing protocols replace routes. */
const agreeingLooks = 3;

/** Our choice: how many served prefixes are looked up. */
const mostTargets = 8;

/** Addresses in different parts of the IPv6 Internet, for a relay that serves all of it. A full table has routes to each. */
const farAddresses: readonly Ipv6Value[] = [
  '2001:4860:4860::8888',
  '2400:cb00::1',
  '2606:4700:4700::1111',
  '2a00::1',
].map((text) => parseIpv6(text)!);

/** Prefixes up to this length hold several providers. */
const wideLength = 12;

export interface NativeRouteContext {
  readonly degradations: Degradations;
  readonly time: Pick<Time, 'every'>;
  readonly hasIpv6Route: (destination: Ipv6Value) => Promise<boolean>;
}

/** Reports when a relay has a route to none of the networks that it serves. */
export class NativeRouteWatch {
  readonly #context: NativeRouteContext;
  readonly #periodMs: number;
  #endLooks: () => void = () => undefined;
  #served: readonly Ipv6Prefix[] = [];
  #failures = 0;
  #isLooking = false;
  #isOver = false;

  constructor(servedPrefixes: readonly Ipv6Prefix[], context: NativeRouteContext, periodMs: number = lookMs) {
    this.#context = context;
    this.#periodMs = periodMs;
    this.serve(servedPrefixes);
  }

  /** Replaces the served networks: checks of others do not count. A degradation stays until a route to the new ones is found. */
  serve(servedPrefixes: readonly Ipv6Prefix[]): void {
    this.#served = servedPrefixes;
    this.#failures = 0;
    this.#endLooks();
    this.#endLooks = this.#context.time.every(this.#periodMs, () => void this.#look());
    void this.#look();
  }

  end(): void {
    this.#isOver = true;
    this.#endLooks();
    this.#context.degradations.drop('no-native-route');
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const served = this.#served;
    const hasRoute = await hasNativeRoute(served, this.#context.hasIpv6Route);
    this.#isLooking = false;
    if (this.#isOver) return;
    if (served === this.#served) this.#judge(hasRoute);
    else await this.#look();
  }

  #judge(hasRoute: boolean): void {
    const { degradations } = this.#context;
    this.#failures = hasRoute ? 0 : this.#failures + 1;
    if (hasRoute) degradations.clear('no-native-route');
    if (this.#failures < agreeingLooks) return;
    degradations.raise('no-native-route', {
      sentence:
        'This host has no route to the IPv6 networks that this relay serves: no packet of a client can be forwarded.',
      evidence: 'no route',
      cure: 'See "ip -6 route". If the default route came from router advertisements, run "sysctl -w net.ipv6.conf.INTERFACE.accept_ra=2": a host that forwards ignores them otherwise.',
    });
  }
}

/** Resolves with whether this host has a route to some of the networks that a relay serves. Never rejects. */
export async function hasNativeRoute(
  servedPrefixes: readonly Ipv6Prefix[],
  hasIpv6Route: NativeRouteContext['hasIpv6Route'],
): Promise<boolean> {
  const targets = servedPrefixes.slice(0, mostTargets).flatMap(targetsIn);
  // A lookup that fails, for lack of descriptors for example, says nothing about routes.
  const found = await Promise.all(targets.map((target) => hasIpv6Route(target).catch(() => true)));
  return found.includes(true);
}

function targetsIn({ address, length }: Ipv6Prefix): readonly Ipv6Value[] {
  return length <= wideLength ? farAddresses : [{ ...address, word3: (address.word3 | 1) >>> 0 }];
}
