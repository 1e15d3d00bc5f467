import { parseIpv6, parseIpv6Prefix } from '@navalis/address';
import { createPacketRun } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import {
  bothKinds,
  bubble,
  client,
  clientEndpoint,
  crafted,
  relayLaboratory as laboratoryOf,
  localAddress,
  nativeHost,
  packet,
  teredo,
} from './laboratory.ts';

const fromClient = packet(client, nativeHost);
const trailers = Uint8Array.of(0x01, 4, 1, 2, 3, 4, 0x04, 4, 0, 0, 0, 0);
const criticalTrailer = Uint8Array.of(0x41, 0);
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

describe.each(bothKinds)('[HR-12] $name', ({ options }) => {
  const relayLaboratory = () => laboratoryOf(options);
  /** A relay that has something to say to the client, so that the client is in its table. */
  function asked() {
    const relay = relayLaboratory();
    relay.send(packet(nativeHost, client));
    return relay;
  }

  describe('from a client', () => {
    it('[RL-R-06][RL-R-03] a packet for a served host is delivered as it is', () => {
      const relay = asked();
      relay.receive(fromClient);
      expect(relay.outputs.takePackets()).toEqual([fromClient]);
    });

    it('[RL-R-03] data alone makes the client trusted', () => {
      const relay = asked();
      expect(relay.receive(fromClient).map(({ payload }) => payload)).toEqual([packet(nativeHost, client)]);
      expect(relay.send(packet(nativeHost, client, { tag: 9 }), 1000)).toHaveLength(1);
    });

    it('[RL-R-04][HR-16] a bubble opens the way and is not delivered', () => {
      const relay = asked();
      expect(relay.receive(bubble(client, localAddress))).toHaveLength(1);
      expect(relay.outputs.takePackets()).toEqual([]);
      expect(relay.engine.status().counters.bubblesReceived).toBe(1);
    });

    it('[WF-28] trailers do not reach the native side', () => {
      const relay = asked();
      relay.receive(join(fromClient, trailers));
      expect(relay.outputs.takePackets()).toEqual([fromClient]);
    });

    it('[IO-12] a bubble with trailers is a bubble', () => {
      const relay = asked();
      expect(relay.receive(join(bubble(client, localAddress), trailers))).toHaveLength(1);
    });

    it('[RL-R-05][RL-A-08][IO-07] a client that was not sent to is dropped', () => {
      const relay = relayLaboratory();
      relay.receive(fromClient);
      relay.receive(bubble(client, localAddress));
      expect(relay.outputs.takePackets()).toEqual([]);
      expect(relay.drops()).toEqual({ 'peer-not-known': 2 });
      expect(relay.engine.status().peers).toBe(0);
    });

    it('[RL-R-02] every packet of a run stands on the one check of its source', () => {
      const relay = asked();
      const run = {
        ...createPacketRun(join(fromClient, fromClient)),
        sourceAddress: clientEndpoint.address,
        sourcePort: clientEndpoint.port,
        portId: 0 as const,
        packetLength: 60,
        lastPacketLength: 60,
        count: 2,
        headerStride: 60,
      };
      relay.engine.handleDatagrams(run, 0);
      expect(relay.outputs.takePackets()).toEqual([fromClient, fromClient]);
      relay.engine.handleDatagrams({ ...run, sourcePort: 9 }, 0);
      expect(relay.outputs.takePackets()).toEqual([]);
      expect(relay.drops()).toEqual({ 'endpoint-mismatch': 2 });
    });
  });

  describe('bubbles with a link-local source', () => {
    const nameless = bubble(parseIpv6('fe80::1122:3344:5566:7788')!, localAddress, 0);

    it('[IO-01][IO-03] hop limit 0 from the endpoint of a client that is waited for opens the way', () => {
      const relay = asked();
      expect(relay.receive(nameless).map(({ payload }) => payload)).toEqual([packet(nativeHost, client)]);
    });

    it('[IO-03] from elsewhere they are dropped', () => {
      const relay = asked();
      expect(relay.receive(nameless, { ...clientEndpoint, port: 4097 })).toEqual([]);
      expect(relay.drops()).toEqual({ 'untrusted-link-local': 1 });
      expect(relay.send(packet(nativeHost, client), 1)).toEqual([]);
    });

    it('[AD-14][IO-03] all addresses at that endpoint are vouched for', () => {
      const relay = asked();
      relay.send(packet(nativeHost, teredo(clientEndpoint, 0x1234)));
      expect(relay.receive(nameless)).toHaveLength(2);
    });
  });

  describe('packets that a relay refuses', () => {
    const cases: [string, Uint8Array, string][] = [
      [
        '[RL-R-10] an origin',
        join(Uint8Array.of(0, 0, 0xef, 0xff, 0x3f, 0xff, 0xfd, 0xfe), fromClient),
        'unexpected-origin',
      ],
      [
        '[RL-R-10][SEC-24] an Authentication',
        join(new Uint8Array([0, 1, ...new Array(11).fill(0)]), fromClient),
        'authentication-around-other',
      ],
      [
        '[RL-R-02][SEC-23] a source with another endpoint',
        packet(teredo({ ...clientEndpoint, port: 9 }), nativeHost),
        'endpoint-mismatch',
      ],
      ['[RL-R-02] a native source', packet(nativeHost, nativeHost), 'source-not-allowed'],
      ['[RL-R-02] a link-local source with data', packet(parseIpv6('fe80::1')!, nativeHost), 'source-not-allowed'],
      [
        '[RL-R-02][AD-13] a source without a global server',
        packet(crafted('10.0.0.1', '192.0.2.1', 4096), nativeHost),
        'source-not-allowed',
      ],
      ['[SEC-37] NAT64', packet(client, parseIpv6('64:ff9b::a00:1')!), 'destination-not-served'],
      ['[SEC-08] 6to4 with our own address', packet(client, parseIpv6('2002:c633:6432::1')!), 'tunnel-loop'],
      [
        '[SEC-22] a routing header of type 0',
        packet(client, nativeHost, { nextHeader: 43, octets: 64 }),
        'routing-header',
      ],
      [
        '[XC-03] an unknown critical trailer',
        join(bubble(client, localAddress), criticalTrailer),
        'unknown-critical-trailer',
      ],
    ];

    it.each(cases)('%s', (_title, bytes, reason) => {
      const relay = asked();
      relay.receive(bytes);
      expect(relay.outputs.takePackets()).toEqual([]);
      expect(relay.drops()).toEqual({ [reason]: 1 });
    });

    it('[RL-R-01] invalid IPv6 packets, without an error to the sender', () => {
      const relay = asked();
      const corpus = [
        Uint8Array.of(),
        Uint8Array.of(9, 9, 9),
        fromClient.slice(0, 39),
        fromClient.slice(0, 59),
        fromClient.with(0, 0x45),
        fromClient.with(0, 0x70),
      ];
      for (const bytes of corpus) expect(relay.receive(bytes)).toEqual([]);
      expect(relay.outputs.takePackets()).toEqual([]);
      expect(relay.drops()).toEqual({
        'empty-datagram': 1,
        'not-ipv6': 3,
        'truncated-ipv6-header': 1,
        'ipv6-length-exceeds-datagram': 1,
      });
      // Nor did any of them make the client trusted.
      expect(relay.send(packet(nativeHost, client), 1)).toEqual([]);
    });

    it('[RL-R-07] destinations that are not served, whatever the ranges say', () => {
      const relay = laboratoryOf({ ...options, servedRanges: [parseIpv6Prefix('::/0')!] });
      relay.send(packet(nativeHost, client));
      const others = [
        teredo({ ...clientEndpoint, port: 9 }),
        ...['fe80::1', 'ff0e::1', 'ff02::1', '::1', '::', 'fd00::1'].map((text) => parseIpv6(text)!),
      ];
      for (const destination of others) relay.receive(packet(client, destination));
      expect(relay.outputs.takePackets()).toEqual([]);
      expect(relay.drops()).toEqual({ 'destination-not-served': others.length });
    });

    it('[RL-R-08] packets that an echo service returns', () => {
      const relay = asked();
      relay.receive(bubble(localAddress, client));
      expect(relay.drops()).toEqual({ 'source-not-allowed': 1 });
    });
  });

  describe('the end', () => {
    it('[RL-T-12] stopping drops queued packets and all timers', () => {
      const relay = asked();
      relay.engine.stop(10);
      expect(relay.engine.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
      expect(relay.engine.status()).toMatchObject({ state: 'stopped', since: 10, peers: 0 });
    });
  });
});

describe('the host-specific relay', () => {
  const first = parseIpv6('2a00:7::1')!;
  const second = parseIpv6('2a00:7::2')!;
  const host = () =>
    laboratoryOf({
      kind: 'host',
      localAddress: first,
      servedRanges: [parseIpv6Prefix('2a00:7::1/128')!, parseIpv6Prefix('2a00:7::2/128')!],
    });

  it('[HR-03][HR-09] its bubbles carry the source of the packet that waits, direct and indirect', () => {
    const relay = host();
    expect(relay.send(packet(second, client)).map(({ payload }) => payload)).toEqual([
      bubble(second, client),
      bubble(second, client),
    ]);
  });

  it('[HR-01] serves only the addresses of the host', () => {
    const relay = host();
    expect(relay.send(packet(nativeHost, client))).toEqual([]);
    relay.send(packet(first, client));
    relay.receive(packet(client, nativeHost));
    relay.receive(packet(client, second));
    expect(relay.outputs.takePackets()).toEqual([packet(client, second)]);
    expect(relay.drops()).toEqual({ 'source-not-served': 1, 'destination-not-served': 1 });
  });

  it('[HR-17] leaves hop limits alone', () => {
    const relay = host();
    relay.send(packet(first, client));
    expect(relay.receive(packet(client, first))[0]?.payload[7]).toBe(64);
    expect(relay.outputs.takePackets()[0]?.[7]).toBe(64);
  });

  it('[HR-05a] follows its addresses and keeps its clients', () => {
    const relay = host();
    relay.send(packet(first, client));
    relay.receive(packet(client, first));
    relay.outputs.takePackets();
    const third = parseIpv6('2a00:7::3')!;
    relay.engine.replaceAddresses({ servedRanges: [{ address: third, length: 128 }], localAddress: third });
    expect(relay.send(packet(third, client), 1000)).toHaveLength(1);
    relay.receive(packet(client, first));
    expect(relay.outputs.takePackets()).toEqual([]);
  });

  it('[HR-10a] is silent when idle', () => {
    expect(host().engine.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });
});
