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

/** Reports when a relay has a route to none of the networks that it serves. Returns a function that ends the watch. */
export function watchNativeRoutes(
  servedPrefixes: readonly Ipv6Prefix[],
  { degradations, time, hasIpv6Route }: NativeRouteContext,
): () => void {
  const targets = servedPrefixes.slice(0, mostTargets).flatMap(targetsIn);
  let failures = 0;
  let isLooking = false;
  let isOver = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    // A lookup that fails, for lack of descriptors for example, says nothing about routes.
    const found = await Promise.all(targets.map((target) => hasIpv6Route(target).catch(() => true)));
    isLooking = false;
    if (isOver) return;
    failures = found.includes(true) ? 0 : failures + 1;
    if (failures === 0) degradations.clear('no-native-route');
    if (failures < agreeingLooks) return;
    degradations.raise('no-native-route', {
      sentence:
        'This host has no route to the IPv6 networks that this relay serves: no packet of a client can be forwarded.',
      evidence: 'no route',
      cure: 'See "ip -6 route". If the default route came from router advertisements, run "sysctl -w net.ipv6.conf.INTERFACE.accept_ra=2": a host that forwards ignores them otherwise.',
    });
  };
  void look();
  const endLooks = time.every(lookMs, () => void look());
  return () => {
    isOver = true;
    endLooks();
    degradations.drop('no-native-route');
  };
}

function targetsIn({ address, length }: Ipv6Prefix): readonly Ipv6Value[] {
  return length <= wideLength ? farAddresses : [{ ...address, word3: (address.word3 | 1) >>> 0 }];
}
