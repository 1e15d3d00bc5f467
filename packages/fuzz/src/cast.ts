import {
  buildTeredoAddress,
  type Ipv4Endpoint,
  Ipv4Policy,
  type Ipv6Value,
  parseIpv4,
  parseIpv6,
} from '@navalis/address';
import {
  maximumHopLimit,
  writeAuthentication,
  writeBubble,
  writeEchoRequest,
  writeIpv6Header,
  writeRouterSolicitation,
} from '@navalis/wire';

/** The participants, and the messages of the well-behaved ones: the seeds of all hostile input. */
export const policy: Ipv4Policy = new Ipv4Policy({ strictness: 'rfc4380' });
/** Alice's address in her own network, and that of everybody there. */
export const aliceLocal: Ipv4Endpoint = { address: parseIpv4('10.0.0.5')!, port: 41_000 };
export const aliceBroadcast: number = parseIpv4('10.0.0.255')!;
/** An address for the future, which RFC 4380 does not refuse; no alternate address may be one. */
export const reserved: number = parseIpv4('240.0.0.1')!;
policy.replaceDirectedBroadcasts([aliceBroadcast]);
export const primary: number = parseIpv4('198.51.100.10')!;
export const secondary: number = parseIpv4('198.51.100.11')!;
export const serverEndpoint: Ipv4Endpoint = { address: primary, port: 3544 };
export const aliceEndpoint: Ipv4Endpoint = { address: parseIpv4('203.0.113.5')!, port: 41_000 };
const bobEndpoint: Ipv4Endpoint = { address: parseIpv4('203.0.113.6')!, port: 42_000 };
/** Behind the same NAT as Alice. */
const carolEndpoint: Ipv4Endpoint = { address: aliceEndpoint.address, port: 43_000 };
const relayEndpoint: Ipv4Endpoint = { address: parseIpv4('192.0.2.20')!, port: 3544 };
export const alice: Ipv6Value = teredo(aliceEndpoint, 0x1234);
export const bob: Ipv6Value = teredo(bobEndpoint, 0);
export const carol: Ipv6Value = teredo(carolEndpoint, 0x0321);
export const nativeHost: Ipv6Value = parseIpv6('2a00:1::80')!;
export const relayAddress: Ipv6Value = parseIpv6('2a00:2::20')!;

export const endpoints: readonly Ipv4Endpoint[] = [
  serverEndpoint,
  { address: secondary, port: 3544 },
  aliceEndpoint,
  bobEndpoint,
  carolEndpoint,
  relayEndpoint,
  { address: parseIpv4('10.1.2.3')!, port: 7 },
];

/** A datagram, and where it comes from if its sender is honest. */
export interface Sent {
  readonly payload: Uint8Array;
  readonly from: Ipv4Endpoint;
}

/** Bubbles of Bob, Carol and a host to that address: straight, and through the server with and without origin. */
export function bubblesTo(destination: Ipv6Value): readonly Sent[] {
  const peers: readonly (readonly [Ipv6Value, Ipv4Endpoint])[] = [
    [bob, bobEndpoint],
    [carol, carolEndpoint],
    [nativeHost, relayEndpoint],
  ];
  return peers.flatMap(([source, from]) => {
    const bubble = made((bytes) => writeBubble(bytes, 0, source, destination));
    return [
      { payload: bubble, from },
      { payload: bubble, from: serverEndpoint },
      { payload: Uint8Array.of(...originOf(from), ...bubble), from: serverEndpoint },
    ];
  });
}

function teredo(mapped: Ipv4Endpoint, flags: number): Ipv6Value {
  return buildTeredoAddress({ server: primary, flags, mapped, policy })!;
}

/** Packets that travel as they are, from and to the addresses given. */
export function packetsBetween(source: Ipv6Value, destination: Ipv6Value): readonly Uint8Array[] {
  const route = { source, destination };
  return [
    made((bytes) => {
      writeBubble(bytes, 0, source, destination);
      return 40;
    }),
    made((bytes) => data(bytes, route, 17, 30)),
    made((bytes) => data(bytes, route, 6, 1240)),
    made((bytes) => data(bytes, route, 0, 16)),
    made((bytes) =>
      writeEchoRequest(bytes, 0, {
        source,
        destination,
        identifier: 0x4e56,
        sequence: 1,
        hopLimit: maximumHopLimit,
        data: new Uint8Array(16),
      }),
    ),
  ];
}

export const linkLocalBubble: Uint8Array = made((bytes) => {
  writeBubble(bytes, 0, parseIpv6('fe80::8000:1')!, alice);
  return 40;
});

export const solicitation: Uint8Array = made((bytes) =>
  writeRouterSolicitation(bytes, 0, parseIpv6('fe80::ffff:ffff:ffff')!),
);

/** With an origin indication, or with an authentication of various lengths, before it. */
export function wrapped(packet: Uint8Array): readonly Uint8Array[] {
  const origin = originOf(aliceEndpoint);
  const authentications = [0, 20].map((length) =>
    made((bytes) =>
      writeAuthentication(bytes, 0, {
        clientIdentifier: new Uint8Array(length / 4),
        authenticationValue: new Uint8Array(length),
        nonce: new Uint8Array(8),
        confirmation: 0,
      }),
    ),
  );
  return [
    Uint8Array.of(...origin, ...packet),
    ...authentications.map((bytes) => Uint8Array.of(...bytes, ...packet)),
    ...authentications.map((bytes) => Uint8Array.of(...bytes, ...origin, ...packet)),
  ];
}

/** Returns an origin indication. */
function originOf({ address, port }: Ipv4Endpoint): Uint8Array {
  return Uint8Array.of(0, 0, ...octetsOf(~port & 0xffff, 2), ...octetsOf(~address, 4));
}

function data(
  bytes: Uint8Array,
  route: { readonly source: Ipv6Value; readonly destination: Ipv6Value },
  nextHeader: number,
  octets: number,
): number {
  writeIpv6Header(bytes, 0, { payloadLength: octets, nextHeader, hopLimit: 64, ...route });
  return 40 + octets;
}

function made(write: (bytes: Uint8Array) => number): Uint8Array {
  const bytes = new Uint8Array(1500);
  return bytes.slice(0, write(bytes));
}

function octetsOf(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => (value >>> (8 * (count - 1 - index))) & 0xff);
}
