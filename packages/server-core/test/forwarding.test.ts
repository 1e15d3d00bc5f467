import {
  type Ipv4Endpoint,
  type Ipv6Value,
  parseIpv4,
  parseIpv6,
  parseIpv6Prefix,
  serverLinkLocal,
} from '@navalis/address';
import { type Origin, RecordingOutputs, receiveDatagram, seededRandom } from '@navalis/engine/testing';
import { writeOriginIndication } from '@navalis/wire/server';
import { describe, expect, it } from 'vitest';
import { createServerEngine, type ServerOptions } from '../src/index.ts';
import {
  alice,
  aliceEndpoint,
  bob,
  bobEndpoint,
  bubble,
  bytesOf,
  carol,
  carolEndpoint,
  carolServer,
  echoRequest,
  join,
  nativeHost,
  nonceAuthentication,
  packetOf,
  policy,
  primary,
  relayEndpoint,
  secondary,
  solicitation,
  teredo,
} from './packets.ts';

const originOfAlice = bytesOf('0000efff3ffffdfe');
const trailers = bytesOf('0104deadbeef 05023039 030e0000c0a8010ac0000a000007c000 040400000000 ff0177');

function serve(options: Partial<ServerOptions> = {}) {
  const outputs = new RecordingOutputs();
  const engine = createServerEngine(
    { primary, secondary, policy, rateLimit: true, ...options },
    outputs,
    seededRandom(1),
  );
  engine.start(0);
  return {
    engine,
    outputs,
    drops: () => engine.status().counters.drops,
    receive(payload: Uint8Array, from: Origin, now = 0) {
      receiveDatagram(engine, payload, from, now);
      return { datagrams: outputs.takeDatagrams(), packets: outputs.takePackets() };
    },
  };
}

function withHopLimit(packet: Uint8Array, hopLimit: number): Uint8Array {
  const copy = packet.slice();
  copy[7] = hopLimit;
  return copy;
}

describe('bubbles between clients', () => {
  it('[SV-F-05][SV-F-06][SV-F-10][SEC-15] to an own client with the origin, one hop less, from the primary address', () => {
    const server = serve();
    const { datagrams } = server.receive(bubble(alice, bob), { ...aliceEndpoint, portId: 1 });
    expect(datagrams).toEqual([{ payload: join(originOfAlice, bubble(alice, bob, 254)), ...bobEndpoint, portId: 0 }]);
  });

  it('[SV-F-07] to a client of another server without the origin', () => {
    const server = serve();
    const { datagrams } = server.receive(bubble(alice, carol), aliceEndpoint);
    expect(datagrams).toEqual([{ payload: bubble(alice, carol, 254), ...carolEndpoint, portId: 0 }]);
  });

  it('[SV-F-07] with onlyOwnClients, nothing to clients of other servers', () => {
    const server = serve({ onlyOwnClients: true });
    expect(server.receive(bubble(alice, carol), aliceEndpoint).datagrams).toEqual([]);
    expect(server.receive(echoRequest(alice, carol), aliceEndpoint).datagrams).toEqual([]);
    expect(server.drops()).toEqual({ 'destination-not-served': 2 });
    expect(server.receive(bubble(alice, bob), aliceEndpoint).datagrams).toHaveLength(1);
  });

  it('[SV-R-06][SV-R-07] with the strict source check, the port has to match as well', () => {
    const server = serve({ strictSourceCheck: true });
    expect(server.receive(bubble(alice, bob), { ...aliceEndpoint, port: 4097 }).datagrams).toEqual([]);
    expect(server.drops()).toEqual({ 'rule-7': 1 });
    expect(server.receive(bubble(alice, bob), aliceEndpoint).datagrams).toHaveLength(1);
  });

  it('[SV-R-01][SV-F-08][IO-12] trailers of RFC 6081 are carried along verbatim', () => {
    const server = serve();
    const { datagrams } = server.receive(join(bubble(alice, bob), trailers), aliceEndpoint);
    expect(datagrams[0]?.payload).toEqual(join(originOfAlice, bubble(alice, bob, 254), trailers));
  });

  it('[IO-01] a hop limit of 0 stays 0, and 1 becomes 0', () => {
    const server = serve();
    for (const hopLimit of [0, 1]) {
      const { datagrams } = server.receive(bubble(alice, bob, hopLimit), aliceEndpoint);
      expect(datagrams[0]?.payload).toEqual(join(originOfAlice, bubble(alice, bob, 0)));
    }
  });

  it('[IO-02] a link-local source is let through to own clients, with the origin', () => {
    const server = serve();
    const linkLocal = parseIpv6('fe80::1234:5678:9abc:def0')!;
    const { datagrams } = server.receive(bubble(linkLocal, bob, 0), aliceEndpoint);
    expect(datagrams).toEqual([{ payload: join(originOfAlice, bubble(linkLocal, bob, 0)), ...bobEndpoint, portId: 0 }]);
    expect(server.receive(bubble(linkLocal, carol, 0), aliceEndpoint).datagrams).toEqual([]);
    expect(server.receive(echoRequest(linkLocal, bob), aliceEndpoint).datagrams).toEqual([]);
    expect(server.drops()).toEqual({ 'rule-7': 2 });
  });

  it('[SV-R-08][SV-F-12] a relay reaches own clients only, with the origin', () => {
    const server = serve();
    const { datagrams } = server.receive(bubble(nativeHost, bob), relayEndpoint);
    expect(datagrams[0]?.payload.slice(0, 8)).toEqual(bytesOf('0000 63bf 39cc9bcd'));
    expect(datagrams[0]).toMatchObject(bobEndpoint);
    expect(server.receive(bubble(nativeHost, carol), relayEndpoint).datagrams).toEqual([]);
    expect(server.drops()).toEqual({ 'rule-7': 1 });
  });

  it('[SV-R-07] a bubble whose port does not match passes, one whose address does not match is dropped', () => {
    const server = serve();
    expect(server.receive(bubble(alice, carol), { ...aliceEndpoint, port: 4097 }).datagrams).toHaveLength(1);
    expect(server.receive(bubble(alice, bob), bobEndpoint).datagrams).toEqual([]);
    expect(server.drops()).toEqual({ 'rule-7': 1 });
  });
});

describe('other programs on the host of the server', () => {
  // A relay, a client, or an endpoint that a program lends to others.
  const places = [primary, secondary].map((address): [string, Ipv4Endpoint] => [
    address === primary ? 'primary' : 'secondary',
    { address, port: 3545 },
  ]);

  it.each(places)(
    '[SEC-06][SV-F-12] a relay on another port of the %s address is served as any other',
    (_, endpoint) => {
      const server = serve();
      const { datagrams } = server.receive(bubble(nativeHost, bob), endpoint);
      const origin = new Uint8Array(8);
      writeOriginIndication(origin, 0, endpoint.address, endpoint.port);
      expect(datagrams).toEqual([{ payload: join(origin, bubble(nativeHost, bob, 254)), ...bobEndpoint, portId: 0 }]);
    },
  );

  it.each(places)(
    '[SEC-07] a client on another port of the %s address is reached, and reaches others',
    (_, endpoint) => {
      const server = serve();
      const dave = teredo(primary, endpoint);
      expect(server.receive(bubble(alice, dave), aliceEndpoint).datagrams).toMatchObject([endpoint]);
      expect(server.receive(bubble(dave, bob), endpoint).datagrams).toMatchObject([bobEndpoint]);
      expect(server.receive(echoRequest(dave, nativeHost), endpoint).packets).toHaveLength(1);
      expect(server.receive(solicitation, endpoint).datagrams).toMatchObject([endpoint]);
    },
  );

  it('[SEC-06][SEC-07] port 3544 of any other host is no endpoint of the server', () => {
    const server = serve();
    const endpoint = { address: parseIpv4('192.0.2.33')!, port: 3544 };
    const dave = teredo(primary, endpoint);
    expect(server.receive(bubble(dave, bob), endpoint).datagrams).toMatchObject([bobEndpoint]);
    expect(server.receive(bubble(alice, dave), aliceEndpoint).datagrams).toMatchObject([endpoint]);
  });

  it('[SEC-07] an answer that such a program only reflects goes no further', () => {
    const server = serve();
    const endpoint = { address: primary, port: 7 };
    const reflected = [
      [bubble(alice, teredo(primary, endpoint)), aliceEndpoint],
      [bubble(alice, teredo(carolServer, endpoint)), aliceEndpoint],
      [bubble(nativeHost, teredo(primary, endpoint)), relayEndpoint],
      [echoRequest(alice, teredo(carolServer, endpoint)), aliceEndpoint],
    ] as const;
    for (const [payload, from] of reflected) {
      const [sent] = server.receive(payload, from).datagrams;
      expect(sent).toMatchObject(endpoint);
      expect(server.receive(sent!.payload, endpoint)).toEqual({ datagrams: [], packets: [] });
    }
  });
});

describe('towards the native side', () => {
  it('[SV-F-03][SV-F-09][SV-R-06][WF-28] an echo request leaves without encapsulation and trailers, one hop less', () => {
    const server = serve();
    const request = echoRequest(alice, nativeHost);
    const { packets, datagrams } = server.receive(join(request, trailers), aliceEndpoint);
    expect(packets).toEqual([withHopLimit(request, 63)]);
    expect(datagrams).toEqual([]);
  });

  it('[SV-F-03][SV-F-09] an echo reply too, and to a 6to4 host', () => {
    const server = serve();
    const reply = echoRequest(alice, parseIpv6('2002:c633:6407::1')!);
    reply[40] = 129;
    expect(server.receive(reply, aliceEndpoint).packets).toEqual([withHopLimit(reply, 63)]);
  });

  it('[SEC-33][SEC-34] nothing leaves from a source that did not prove its endpoint', () => {
    const server = serve();
    const inputs: [Uint8Array, Origin][] = [
      [echoRequest(alice, nativeHost), { ...aliceEndpoint, port: 4097 }],
      [echoRequest(nativeHost, parseIpv6('2a00:9::1')!), relayEndpoint],
      [bubble(alice, nativeHost), { ...aliceEndpoint, port: 4097 }],
    ];
    for (const [payload, from] of inputs) {
      expect(server.receive(payload, from)).toEqual({ datagrams: [], packets: [] });
    }
    expect(server.drops()).toEqual({ 'rule-7': 3 });
  });

  it("[SEC-37] a laboratory's ranges too, when told, and nothing beside them", () => {
    const server = serve({ extraGlobalIpv6: [parseIpv6Prefix('2001:db8:1::/48')!, parseIpv6Prefix('fd00::/8')!] });
    const sent = (text: string) => server.receive(echoRequest(alice, parseIpv6(text)!), aliceEndpoint).packets.length;
    expect(['2001:db8:1::1', 'fd00::1', '2001:db8:2::1', 'fc00::1', 'ff0e::1'].map(sent)).toEqual([1, 1, 0, 0, 0]);
  });

  it('[SV-F-02][SEC-37] only global destinations', () => {
    const server = serve();
    const texts = [
      'fe80::1',
      'ff0e::1',
      '::1',
      'fc00::1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '2001:db8::1',
      '2001:2::1',
      '2001:20::1',
      '2002:a00:1::1',
      'ff02::2',
    ];
    for (const text of texts) {
      expect(server.receive(echoRequest(alice, parseIpv6(text)!), aliceEndpoint)).toEqual({
        datagrams: [],
        packets: [],
      });
    }
    expect(server.drops()).toEqual({ 'destination-not-global': texts.length });
  });

  it('[SV-F-10] an echo request at the end of its hops is dropped', () => {
    const server = serve();
    for (const hopLimit of [0, 1]) {
      expect(server.receive(echoRequest(alice, nativeHost, { hopLimit }), aliceEndpoint).packets).toEqual([]);
    }
    expect(server.drops()).toEqual({ 'hop-limit-exhausted': 2 });
    expect(server.receive(echoRequest(alice, nativeHost, { hopLimit: 2 }), aliceEndpoint).packets).toHaveLength(1);
  });

  it('[SV-F-09] 128 octets of payload pass, 129 do not', () => {
    const server = serve();
    expect(server.receive(echoRequest(alice, nativeHost, { octets: 120 }), aliceEndpoint).packets).toHaveLength(1);
    expect(server.receive(echoRequest(alice, nativeHost, { octets: 121 }), aliceEndpoint).packets).toEqual([]);
    expect(server.drops()).toEqual({ 'too-large-to-forward': 1 });
  });

  it('[SV-F-15] packets that arrive natively are not forwarded to clients', () => {
    const server = serve();
    server.engine.handlePackets(
      { memory: bubble(nativeHost, bob), offset: 0, packetLength: 40, lastPacketLength: 40, count: 1, headerStride: 0 },
      0,
    );
    expect(server.outputs.takeDatagrams()).toEqual([]);
  });
});

describe('packets that a server refuses', () => {
  const ownLinkLocal = serverLinkLocal(primary);
  const cases: [string, Uint8Array, Origin, string][] = [
    [
      '[SV-R-02][SV-C-06][SV-C-11] TCP',
      packetOf(6, alice, bob, new Uint8Array(20)),
      aliceEndpoint,
      'not-bubble-nor-icmpv6',
    ],
    [
      '[SV-R-02][WF-17] no next header with a payload',
      packetOf(59, alice, bob, new Uint8Array(1)),
      aliceEndpoint,
      'not-bubble-nor-icmpv6',
    ],
    ['[SEC-22] a routing header', packetOf(43, alice, bob, new Uint8Array(24)), aliceEndpoint, 'not-bubble-nor-icmpv6'],
    [
      '[SV-F-09] a neighbor solicitation',
      packetOf(58, alice, bob, bytesOf('87000000 00000000')),
      aliceEndpoint,
      'icmpv6-type-not-forwarded',
    ],
    [
      '[SV-F-09] an ICMPv6 error',
      packetOf(58, alice, bob, bytesOf('01000000 00000000')),
      aliceEndpoint,
      'icmpv6-type-not-forwarded',
    ],
    [
      '[SV-F-09][SV-R-01] ICMPv6 with nothing in it',
      packetOf(58, alice, bob, new Uint8Array(0)),
      aliceEndpoint,
      'icmpv6-type-not-forwarded',
    ],
    [
      '[SV-F-13][SEC-24] an Authentication around a bubble',
      join(nonceAuthentication, bubble(alice, bob)),
      aliceEndpoint,
      'authentication-around-other',
    ],
    ['[SV-F-13] an origin before a bubble', join(originOfAlice, bubble(alice, bob)), aliceEndpoint, 'injected-element'],
    ...[primary, secondary].flatMap((address): [string, Uint8Array, Origin, string][] => {
      const own = { address, port: 3544 };
      const name = address === primary ? 'primary' : 'secondary';
      return [
        [
          `[SV-R-11][SEC-06] a bubble from the endpoint of its ${name} address`,
          bubble(alice, bob),
          own,
          'own-address-loop',
        ],
        [
          `[SV-R-11][SEC-06] a solicitation from the endpoint of its ${name} address`,
          solicitation,
          own,
          'own-address-loop',
        ],
        [
          `[SEC-07] a source that embeds the endpoint of its ${name} address, from there`,
          bubble(teredo(primary, own), bob),
          own,
          'own-address-loop',
        ],
        [
          `[SEC-07] a source that embeds the endpoint of its ${name} address, from another port of it`,
          bubble(teredo(primary, own), bob),
          { address, port: 5000 },
          'own-address-loop',
        ],
        [
          `[SV-F-11][SEC-07] the endpoint of its ${name} address in the destination of a bubble`,
          bubble(alice, teredo(primary, own)),
          aliceEndpoint,
          'own-address-loop',
        ],
        [
          `[SV-F-11][SEC-07] the endpoint of its ${name} address in the destination of an echo request`,
          echoRequest(alice, teredo(primary, own)),
          aliceEndpoint,
          'own-address-loop',
        ],
        [
          `[SV-F-11][SEC-07] the endpoint of its ${name} address in a destination that another server serves`,
          bubble(alice, teredo(carolServer, own)),
          aliceEndpoint,
          'own-address-loop',
        ],
      ];
    }),
    [
      '[SV-F-04] a private address in the destination',
      bubble(alice, embedding('10.0.0.1', 9)),
      aliceEndpoint,
      'embedded-not-global',
    ],
    [
      '[SV-F-04][SEC-36] a multicast address in the destination',
      bubble(alice, embedding('224.0.0.253', 9)),
      aliceEndpoint,
      'embedded-not-global',
    ],
    [
      '[SEC-13b] port 0 in the destination',
      bubble(alice, embedding('192.0.2.77', 0)),
      aliceEndpoint,
      'embedded-not-global',
    ],
    ['[SV-R-09] a link-local source and no solicitation', echoRequest(ownLinkLocal, bob), aliceEndpoint, 'rule-7'],
    [
      '[SV-F-01] a bubble to its link-local address',
      bubble(alice, ownLinkLocal),
      aliceEndpoint,
      'destination-not-global',
    ],
    ['[SV-R-09] a multicast source', bubble(parseIpv6('ff02::1')!, bob), aliceEndpoint, 'source-not-allowed'],
    ['[SV-R-01][WF-14] a cut packet', bubble(alice, bob).slice(0, 39), aliceEndpoint, 'truncated-ipv6-header'],
    [
      '[SV-R-10b] a packet that fails rules 2 and 3 counts under rule 2',
      packetOf(6, alice, bob, new Uint8Array(20)),
      { address: parseIpv4('10.0.0.1')!, port: 1 },
      'not-bubble-nor-icmpv6',
    ],
  ];

  it.each(cases)('%s', (_title, payload, from, reason) => {
    const server = serve();
    expect(server.receive(payload, from)).toEqual({ datagrams: [], packets: [] });
    expect(server.drops()).toEqual({ [reason]: 1 });
  });

  it('[AD-16] a bubble of a relay to a client of the secondary address is not served', () => {
    const server = serve();
    expect(server.receive(bubble(nativeHost, teredo(secondary, bobEndpoint)), relayEndpoint).datagrams).toEqual([]);
    expect(server.drops()).toEqual({ 'rule-7': 1 });
  });

  it.each<[string, Partial<ServerOptions>, number]>([
    ['200 per second and source', {}, 200],
    ['what is configured', { forwardsPerSecond: 10 }, 10],
  ])('[SV-F-14] forwarding is limited to %s, and twice as many at once', (_, options, perSecond) => {
    const server = serve(options);
    const often = (now: number) =>
      Array.from({ length: 500 }, () => server.receive(bubble(alice, bob), aliceEndpoint, now).datagrams.length).reduce(
        (a, b) => a + b,
        0,
      );
    expect(often(0)).toBe(2 * perSecond);
    expect(often(1000)).toBe(perSecond);
    expect(server.drops()).toEqual({ 'rate-limited': 1000 - 3 * perSecond });
    expect(often(86_400_000)).toBe(2 * perSecond);
  });

  function embedding(address: string, port: number): Ipv6Value {
    const value = parseIpv4(address)!;
    return { word0: 0x20010000, word1: primary, word2: port ^ 0xffff, word3: ~value >>> 0 };
  }
});
