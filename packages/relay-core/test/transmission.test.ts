import { parseIpv4, parseIpv6, parseIpv6Prefix } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import type { RelayOptions } from '../src/index.ts';
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
  serverEndpoint,
  teredo,
} from './laboratory.ts';

const toClient = packet(nativeHost, client);

/** Type and code of an ICMPv6 error. */
const errorOf = (bytes: Uint8Array | undefined) => [bytes?.[40], bytes?.[41]];

/** One address of each kind that is no global unicast IPv4 address. */
const notGlobal = [
  ...['0.0.0.1', '10.0.0.1', '127.0.0.1', '169.254.1.1', '172.31.0.1', '192.168.1.1', '192.88.99.1'],
  ...['224.0.0.253', '239.1.1.1', '255.255.255.255'],
];

describe.each(bothKinds)('[HR-12] $name', ({ options }) => {
  const relayLaboratory = (more: Partial<RelayOptions> = {}) => laboratoryOf({ ...options, ...more });
  describe('towards a client that was not heard yet', () => {
    const relayBubble = bubble(options.localAddress ?? localAddress, client);

    it('[RL-T-07][RL-T-10][RL-T-14][RL-T-16][RL-A-11] bubbles leave at once, to the client and through its server, and no data', () => {
      const relay = relayLaboratory();
      expect(relay.send(toClient)).toEqual([
        { payload: relayBubble, ...clientEndpoint, portId: 0 },
        { payload: relayBubble, ...serverEndpoint, portId: 0 },
      ]);
    });

    it('[RL-T-06] data leaves at once, to trusted entries, if the cone bit is set and trusted', () => {
      const relay = laboratoryOf({ ...options, trustsConeBit: true });
      const cone = packet(nativeHost, teredo(clientEndpoint, 0x8000));
      expect(relay.send(cone)).toEqual([{ payload: cone, ...clientEndpoint, portId: 0 }]);
      expect(relay.send(cone, 40_000)).toHaveLength(1);
      relay.receive(packet(teredo(clientEndpoint, 0x8000), nativeHost), clientEndpoint, 41_000);
      expect(relay.outputs.takePackets()).toHaveLength(1);
      expect(relay.engine.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
      expect(relay.send(toClient).map(({ payload }) => payload.length)).toEqual([40, 40]);
    });

    it('[RL-T-06][RL-T-19] trust in the cone bit does not lift the limit on new clients', () => {
      const relay = laboratoryOf({ ...options, trustsConeBit: true });
      for (let port = 1; port <= 500; port++) {
        relay.send(packet(nativeHost, teredo({ ...clientEndpoint, port }, 0x8000)));
      }
      expect(relay.drops()).toEqual({ 'rate-limited': 300 });
    });

    it('[RL-T-06][CL-P-04] such a client keeps its place before those that did not answer yet', () => {
      const relay = laboratoryOf({ ...options, trustsConeBit: true, maximumClients: 2, newClientsPerSecond: 1 });
      const cone = packet(nativeHost, teredo(clientEndpoint, 0x8000));
      expect(relay.send(cone)).toHaveLength(1);
      relay.send(packet(nativeHost, teredo({ ...clientEndpoint, port: 1 })));
      expect(relay.send(packet(nativeHost, teredo({ ...clientEndpoint, port: 2 })), 1000)).toHaveLength(2);
      // As a new one it would be above the limit.
      expect(relay.send(cone, 1000)).toHaveLength(1);
      // The packet that waited for the client that left for port 2.
      expect(relay.drops()).toEqual({ 'peer-table-full': 1 });
    });

    it('[R5-07][RL-T-15] the cone bit changes nothing', () => {
      const relay = relayLaboratory();
      const sent = relay.send(packet(nativeHost, teredo(clientEndpoint, 0x8000)));
      expect(sent.map((datagram) => datagram.payload.length)).toEqual([40, 40]);
    });

    it('[RL-T-08][RL-T-09][RL-T-12] bubbles at 0, 2, 4 and 6 s, then the entry goes and the senders are told', () => {
      const relay = relayLaboratory();
      relay.send(toClient);
      relay.send(packet(nativeHost, client, { tag: 1 }), 500);
      const sent = relay.runUntil(7_999);
      expect(sent.map(({ at }) => at)).toEqual([2000, 2000, 4000, 4000, 6000, 6000]);
      expect(relay.outputs.packets).toEqual([]);
      expect(relay.runUntil(8_000)).toEqual([]);
      const errors = relay.outputs.takePackets();
      expect(errors.map(errorOf)).toEqual([
        [1, 3],
        [1, 3],
      ]);
      expect(errors[1]?.slice(48)).toEqual(packet(nativeHost, client, { tag: 1 }));
      expect(relay.engine.status().peers).toBe(0);
      expect(relay.drops()).toEqual({ unreachable: 2 });
      expect(relay.engine.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    });

    it('[IO-10][RL-T-21] after a failure a word of the client makes the next packet pass at once', () => {
      const relay = relayLaboratory();
      relay.send(toClient);
      relay.runUntil(8_000);
      expect(relay.send(toClient, 9_000)).toEqual([]);
      relay.receive(bubble(client, localAddress), clientEndpoint, 20_000);
      expect(relay.send(toClient, 20_001)).toEqual([{ payload: toClient, ...clientEndpoint, portId: 0 }]);
      expect(relay.engine.status().peers).toBe(1);
    });

    it('[RL-T-11] the queue leaves in its order when the client answers', () => {
      const relay = relayLaboratory();
      for (const tag of [1, 2, 3]) relay.send(packet(nativeHost, client, { tag }));
      const sent = relay.receive(bubble(client, localAddress), clientEndpoint, 100);
      expect(sent).toEqual(
        [1, 2, 3].map((tag) => ({
          payload: packet(nativeHost, client, { tag }),
          ...clientEndpoint,
          portId: 0,
        })),
      );
      expect(relay.runUntil(60_000)).toEqual([]);
    });

    it('[RL-T-13] eight packets wait, the oldest is lost first', () => {
      const relay = relayLaboratory();
      for (let tag = 0; tag < 10; tag++) relay.send(packet(nativeHost, client, { tag }));
      const tags = relay.receive(bubble(client, localAddress)).map(({ payload }) => payload.at(-1));
      expect(tags).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
      expect(relay.drops()).toEqual({ 'queue-overflow': 2 });
    });

    it.each<[string, Partial<RelayOptions>, number]>([
      ['100 per second', {}, 100],
      ['what is configured', { newClientsPerSecond: 7 }, 7],
    ])('[RL-T-19] new clients are limited: %s, and twice as many at once', (_, more, perSecond) => {
      const relay = relayLaboratory(more);
      const scan = (now: number) => {
        let bubbles = 0;
        for (let port = 1; port <= 500; port++) {
          bubbles += relay.send(packet(nativeHost, teredo({ ...clientEndpoint, port: port + now })), now).length;
        }
        return bubbles / 2;
      };
      expect(scan(0)).toBe(2 * perSecond);
      expect(scan(1000)).toBe(perSecond);
      expect(relay.drops()).toEqual({ 'rate-limited': 1000 - 3 * perSecond });
      // A day of silence earns a burst and no more.
      expect(scan(86_400_000)).toBe(2 * perSecond);
    });
  });

  describe('towards a client that was heard', () => {
    function heard() {
      const relay = relayLaboratory();
      relay.send(toClient);
      relay.receive(bubble(client, localAddress));
      return relay;
    }

    it('[RL-T-04][RL-T-05] packets go straight to it for 30 s after its last packet', () => {
      const relay = heard();
      expect(relay.send(toClient, 29_999)).toEqual([{ payload: toClient, ...clientEndpoint, portId: 0 }]);
      const later = relay.send(toClient, 30_000);
      expect(later.map(({ payload }) => payload.length)).not.toContain(toClient.length);
    });

    it('[RL-T-17] no bubble leaves within 2 s of the last packet to the client', () => {
      const relay = heard();
      relay.send(toClient, 29_000);
      expect(relay.send(toClient, 30_500)).toEqual([]);
      expect(relay.runUntil(32_500).map(({ at, payload }) => [at, payload.length])).toEqual([
        [32_500, 40],
        [32_500, 40],
      ]);
    });

    it('[CL-P-03] any packet from it renews the 30 s', () => {
      const relay = heard();
      relay.receive(packet(client, nativeHost), clientEndpoint, 20_000);
      expect(relay.send(toClient, 49_999)[0]?.payload).toEqual(toClient);
    });
  });

  it('[SEC-08] a client on another port of our own address is a client, and so is one of a server of this host', () => {
    const relay = relayLaboratory({ servicePort: 3545 });
    const endpoint = { address: parseIpv4('198.51.100.50')!, port: 40_000 };
    const neighbour = teredo(endpoint, 0, endpoint.address);
    const sent = relay.send(packet(nativeHost, neighbour));
    expect(sent).toMatchObject([endpoint, { address: endpoint.address, port: 3544 }]);
    expect(relay.receive(bubble(neighbour, nativeHost), endpoint)).toMatchObject([endpoint]);
  });

  it("[SEC-37] a laboratory's ranges are served when told, and nothing beside them", () => {
    const served = ['2001:db8::/32', 'fd00::/8'].map((text) => parseIpv6Prefix(text)!);
    const relay = relayLaboratory({ servedRanges: served, extraGlobalIpv6: [parseIpv6Prefix('2001:db8:1::/48')!] });
    const inside = parseIpv6('2001:db8:1::5')!;
    expect(relay.send(packet(inside, client))).toHaveLength(2);
    relay.receive(bubble(client, inside));
    relay.receive(packet(client, inside));
    expect(relay.outputs.takePackets()).toHaveLength(1);
    for (const text of ['2001:db8:2::5', 'fd00::5']) {
      expect(relay.send(packet(parseIpv6(text)!, client))).toEqual([]);
      relay.receive(packet(client, parseIpv6(text)!));
    }
    expect(relay.outputs.takePackets()).toEqual([]);
    expect(relay.drops()).toEqual({ 'source-not-served': 2, 'destination-not-served': 2 });
  });

  describe('packets not sent to clients', () => {
    const own = '198.51.100.50';
    const cases: [string, Uint8Array, string][] = [
      [
        '[RL-T-18][SEC-08] our own endpoint in the destination',
        packet(nativeHost, crafted('203.0.113.120', own, 3545)),
        'tunnel-loop',
      ],
      [
        '[RL-T-18][SEC-08] port 3544 of our own address in the destination',
        packet(nativeHost, crafted('203.0.113.120', own, 3544)),
        'tunnel-loop',
      ],
      ['[RL-T-18][SEC-08] a Teredo source', packet(teredo({ ...clientEndpoint, port: 1 }), client), 'tunnel-loop'],
      [
        '[RL-T-18][SEC-08] a 6to4 source with our own address',
        packet(parseIpv6('2002:c633:6432::1')!, client),
        'tunnel-loop',
      ],
      [
        '[RL-T-18][SEC-08] an ISATAP source with our own address and the u bit',
        packet(parseIpv6('2a00::200:5efe:c633:6432')!, client),
        'tunnel-loop',
      ],
      [
        '[RL-T-18][SEC-08] an ISATAP source with our own address',
        packet(parseIpv6('2a00::5efe:c633:6432')!, client),
        'tunnel-loop',
      ],
      ['[SEC-37] a unique local source', packet(parseIpv6('fc00::1')!, client), 'source-not-served'],
      [
        '[SEC-37] a 6to4 source with a private address',
        packet(parseIpv6('2002:a00:1::1')!, client),
        'source-not-served',
      ],
      ['[SEC-37] a source for benchmarks', packet(parseIpv6('2001:2::1')!, client), 'source-not-served'],
      ['[SEC-37] an identifier as a source', packet(parseIpv6('2001:20::1')!, client), 'source-not-served'],
      ['[SEC-37] a documentation source', packet(parseIpv6('2001:db8::1')!, client), 'source-not-served'],
      ['[WF-14] a packet that is cut', toClient.slice(0, 50), 'malformed-packet'],
      ['[RL-A-10] a packet above the MTU', packet(nativeHost, client, { octets: 1281 }), 'packet-too-big'],
    ];

    it.each(cases)('%s', (_title, bytes, reason) => {
      const relay = relayLaboratory({ servicePort: 3545 });
      expect(relay.send(bytes)).toEqual([]);
      expect(relay.drops()).toEqual({ [reason]: 1 });
      expect(relay.engine.status().peers).toBe(0);
    });

    it.each([
      ['fe80::1', 'ff02::16'],
      ['fe80::1', 'ff02::2'],
      ['::', 'ff02::1:ff00:1'],
    ])('[CL-T-21] what the kernel says on any link, from %s to %s: neither taken nor dropped', (source, group) => {
      const relay = relayLaboratory();
      expect(relay.send(packet(parseIpv6(source)!, parseIpv6(group)!))).toEqual([]);
      expect(relay.engine.status().counters).toMatchObject({ packetsTaken: 0, drops: {} });
      relay.send(packet(nativeHost, parseIpv6(group)!));
      expect(relay.engine.status().counters).toMatchObject({
        packetsTaken: 1,
        drops: { 'not-a-teredo-destination': 1 },
      });
    });

    it('[RL-T-01] a destination that is no Teredo address', () => {
      const relay = relayLaboratory();
      for (const text of ['2a00::9', 'ff02::2', 'fe80::1', '2001:1::1', '3ffe:831f::1', '2002:c000:201::1']) {
        expect(relay.send(packet(nativeHost, parseIpv6(text)!))).toEqual([]);
      }
      expect(relay.drops()).toEqual({ 'not-a-teredo-destination': 6 });
      expect(relay.engine.status().peers).toBe(0);
    });

    it.each(notGlobal)(
      '[RL-T-02][SEC-36] the embedded address %s, before anything else and without an error',
      (text) => {
        const relay = relayLaboratory();
        // Neither is the source served nor does the packet fit: both would be seen later.
        const bytes = packet(localAddress, crafted('203.0.113.120', text, 9), { octets: 1281 });
        expect(relay.send(bytes)).toEqual([]);
        expect(relay.outputs.takePackets()).toEqual([]);
        expect(relay.drops()).toEqual({ 'embedded-not-global': 1 });
        expect(relay.engine.status().peers).toBe(0);
      },
    );

    it.each(notGlobal)('[RL-T-03][SEC-12] a server with the address %s gets no bubble', (server) => {
      const relay = relayLaboratory();
      expect(relay.send(packet(nativeHost, crafted(server, '192.0.2.1', 9)))).toEqual([]);
      expect(relay.drops()).toEqual({ 'embedded-not-global': 1 });
      expect(relay.engine.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    });

    it('[SEC-13c] the embedded port 0', () => {
      const relay = relayLaboratory();
      expect(relay.send(packet(nativeHost, crafted('203.0.113.120', '192.0.2.1', 0)))).toEqual([]);
      expect(relay.drops()).toEqual({ 'embedded-not-global': 1 });
    });

    it('[RL-A-10] the sender of a packet above the MTU learns the MTU', () => {
      const relay = relayLaboratory();
      relay.send(packet(nativeHost, client, { octets: 1281 }));
      const [error] = relay.outputs.takePackets();
      expect(errorOf(error)).toEqual([2, 0]);
      expect(new DataView(error!.buffer).getUint32(44)).toBe(1280);
    });

    it('[RL-A-09][RL-R-11] a source outside the served ranges', () => {
      const relay = laboratoryOf({ ...options, servedRanges: [parseIpv6Prefix('2a00:1::/32')!] });
      expect(relay.send(toClient)).toEqual([]);
      expect(relay.drops()).toEqual({ 'source-not-served': 1 });
    });

    it('[SEC-35] at most ten errors in a second', () => {
      const relay = relayLaboratory();
      for (let i = 0; i < 50; i++) relay.send(packet(nativeHost, client, { octets: 1300 }), i);
      expect(relay.outputs.takePackets()).toHaveLength(10);
    });
  });
});
