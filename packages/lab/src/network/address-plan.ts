/**
 * Addresses of the laboratory's Internet. IPv4 takes the documentation ranges, which the programs accept as global by
 * `extra-global-ipv4`. IPv6 takes 2d00::/16, which belongs to nobody but counts as global: documentation addresses are
 * rightly not forwarded between tunnel and Internet. Nothing of this leaves the namespaces.
 */
export interface Network {
  readonly bridge: string;
  /** The router's own addresses with prefix length: first IPv4, then IPv6, where there is such. */
  readonly gateways: readonly string[];
  readonly ipv4Gateway?: string;
  readonly ipv6Gateway?: string;
}

/** Where operators keep servers and relays: dual stack. */
export const dataCentre: Network = {
  bridge: 'centre',
  gateways: ['198.51.100.1/24', '2d00:0:0:1::1/64'],
  ipv4Gateway: '198.51.100.1',
  ipv6Gateway: '2d00:0:0:1::1',
};

/** Where homes are connected: IPv4 only. */
export const accessNetwork: Network = {
  bridge: 'access',
  gateways: ['203.0.113.1/24'],
  ipv4Gateway: '203.0.113.1',
};

/** The part of the Internet that has no IPv4. */
export const ipv6Network: Network = {
  bridge: 'six',
  gateways: ['2d00:0:0:2::1/64'],
  ipv6Gateway: '2d00:0:0:2::1',
};

/** Ranges that the programs must take for global although they are reserved. */
export const laboratoryRanges: readonly string[] = ['198.51.100.0/24', '203.0.113.0/24'];

export const serverAddress = '198.51.100.10';
export const serverSecondaryAddress = '198.51.100.11';
export const otherServerAddress = '198.51.100.14';
export const otherServerSecondaryAddress = '198.51.100.15';
export const relayAddress = '198.51.100.20';
export const relayIpv6Address = '2d00:0:0:1::20';
/** The relays behind one router that all announce the service prefix. */
export const anycastRelays: readonly { readonly ipv4: string; readonly ipv6: string }[] = [
  { ipv4: '198.51.100.21', ipv6: '2d00:0:0:1::21' },
  { ipv4: '198.51.100.22', ipv6: '2d00:0:0:1::22' },
];
export const dualStackAddress = '198.51.100.30';
export const dualStackIpv6Address = '2d00:0:0:1::30';
export const webIpv6Address = '2d00:0:0:2::80';
/** Many hosts behind one router, which is at `webIpv6Address`. */
export const nativeHostNetwork = '2d00:0:0:3::/64';
export const nativeHostAddresses: readonly string[] = Array.from(
  { length: 64 },
  (_, place) => `2d00:0:0:3::${(place + 1).toString(16)}`,
);
export const turnAddress = '198.51.100.40';
/** Primary addresses of a fleet of servers; the secondary address of each is the next one. */
export const fleetAddresses: readonly string[] = Array.from(
  { length: 16 },
  (_, place) => `198.51.100.${100 + 2 * place}`,
);
/** Addresses of a machine with many clients, beyond those of homes. */
export const crowdAddresses: readonly string[] = Array.from({ length: 120 }, (_, place) => `203.0.113.${130 + place}`);
