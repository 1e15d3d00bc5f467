import { ipv6Equals, parseIpv6Prefix } from '@navalis/address';
import { noExtensions } from '@navalis/traversal';
import { describe, expect, it } from 'vitest';
import {
  bubble,
  dataPacket,
  destinationOf,
  echoReplyTo,
  endpoint,
  ipv6,
  isEchoRequestPacket,
  rawPacket,
  sourceOf,
} from './packets.ts';
import { isTo, native, peer, peerAt, relay, serverEndpoint, World } from './world.ts';

/** A world in which `peer` is trusted since now. */
function withTrustedPeer(): World {
  const world = World.qualified();
  world.receive(bubble(peer.address, world.address), peer.endpoint);
  return world;
}

function errorsIn(packets: readonly Uint8Array[]): { type: number; code: number; parameter: number }[] {
  return packets
    .filter((packet) => packet[6] === 58 && packet[40]! < 128)
    .map((packet) => ({
      type: packet[40]!,
      code: packet[41]!,
      parameter: new DataView(packet.buffer, packet.byteOffset).getUint32(44),
    }));
}

describe('packets of the host', () => {
  it('[CL-C-07] go nowhere before qualification, and the host is told', () => {
    const world = new World();
    world.mappingTowards = () => undefined;
    world.start();
    world.host(dataPacket(ipv6('2001:db8::1'), native));
    expect(world.sent()).toEqual([]);
    expect(errorsIn(world.delivered())).toMatchObject([{ type: 1, code: 0 }]);
    expect(world.dropsFor('not-qualified')).toBe(1);
  });

  it('[CL-T-02] go to the endpoint of a trusted peer, once and unchanged', () => {
    const world = withTrustedPeer();
    const packet = dataPacket(world.address, peer.address);
    world.host(packet);
    const sent = world.sent();
    expect(sent).toHaveLength(1);
    expect(isTo(sent[0]!, peer.endpoint)).toBe(true);
    expect(sent[0]!.payload).toEqual(packet);
  });

  it('[CL-T-01][CL-P-03][CL-T-19] a peer is good for data until 30 s after it was heard, not longer', () => {
    const world = withTrustedPeer();
    const packet = dataPacket(world.address, peer.address);
    world.pass(29_999);
    world.host(packet);
    expect(world.sent().map((each) => each.payload)).toEqual([packet]);
    world.pass(1);
    world.host(packet);
    expect(world.sent().some((each) => each.payload.length === packet.length)).toBe(false);
  });

  it('[CL-T-19] a one-way stream sends bubbles again after 30 s, and goes on when the peer answers', () => {
    const world = withTrustedPeer();
    let bubbles = 0;
    let data = 0;
    for (let i = 0; i < 400; i++) {
      world.pass(100);
      world.host(dataPacket(world.address, peer.address, i & 0xff));
      for (const sent of world.sent()) {
        if (sent.payload.length === 60) data++;
        else {
          bubbles++;
          if (isTo(sent, peer.server)) world.receive(bubble(peer.address, world.address), peer.endpoint);
        }
      }
    }
    expect(bubbles).toBe(2);
    // All but what overflowed the queue in the 2 s in which no bubble may follow the last packet.
    expect(data).toBeGreaterThan(400 - 20);
  });

  it('[CL-T-08][CL-B-01][CL-B-02][CL-B-03][R5-06][IO-09] to a Teredo address wait for bubbles: direct, then through its server', () => {
    const world = World.qualified();
    const conePeer = peerAt('198.51.100.10:8192', 0x8000);
    world.host(dataPacket(world.address, { ...conePeer.address, word2: conePeer.address.word2 | 0x80000000 }));
    const sent = world.sent();
    expect(sent.map((each) => [each.address, each.port])).toEqual([
      [conePeer.endpoint.address, conePeer.endpoint.port],
      [conePeer.server.address, conePeer.server.port],
    ]);
    for (const { payload } of sent) {
      expect([...payload.subarray(0, 8)]).toEqual([0x60, 0, 0, 0, 0, 0, 59, 255]);
      expect(payload.length).toBe(40);
      expect(sourceOf(payload)).toEqual(world.address);
    }
  });

  it('[CL-T-09][CL-R-18] are sent in order when the peer answers directly', () => {
    const world = World.qualified();
    for (let mark = 1; mark <= 5; mark++) world.host(dataPacket(world.address, peer.address, mark));
    expect(world.sent()).toHaveLength(2);
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    const sent = world.sent();
    expect(sent.map((each) => each.payload[40])).toEqual([1, 2, 3, 4, 5]);
    expect(sent.map((each) => isTo(each, peer.endpoint))).toEqual([true, true, true, true, true]);
  });

  it('[CL-T-10][CL-T-16][XC-14] bubbles leave at 0, 2, 4 and 6 s; at 8 s the host hears that nobody answers', () => {
    const world = World.qualified();
    const start = world.now;
    world.host(dataPacket(world.address, peer.address));
    world.pass(7999);
    expect(world.sent().map((each) => each.at - start)).toEqual([0, 0, 2000, 2000, 4000, 4000, 6000, 6000]);
    expect(world.delivered()).toEqual([]);
    world.pass(1);
    const [error] = world.delivered();
    expect(errorsIn([error!])).toEqual([{ type: 1, code: 3, parameter: 0 }]);
    expect(destinationOf(error!)).toEqual(world.address);
    expect(error!.subarray(48)).toEqual(dataPacket(world.address, peer.address));
    expect(world.dropsFor('unreachable')).toBe(1);
    expect(world.sent()).toEqual([]);
  });

  it('[CL-T-16][CL-B-08] wait for 8 s, too, when one of the four bubbles answered the peer before', () => {
    const world = World.qualified({ extensions: { ...noExtensions, symmetricNatSupport: true } });
    world.receive(bubble(peer.address, world.address), endpoint('198.51.100.10:9999'));
    world.pass(2_000);
    world.sent();
    const start = world.now;
    world.host(dataPacket(world.address, peer.address));
    world.pass(7_999);
    const throughServer = world.sent().filter((each) => isTo(each, peer.server));
    expect(throughServer.map(({ at }) => at - start)).toEqual([0, 2_000, 4_000]);
    expect(world.delivered()).toEqual([]);
    world.pass(1);
    expect(errorsIn(world.delivered())).toMatchObject([{ type: 1, code: 3 }]);
  });

  it('[CL-B-08][CL-B-13] after four bursts a peer is unreachable at once, until it speaks or 300 s pass', () => {
    const world = World.qualified();
    const packet = dataPacket(world.address, peer.address);
    world.host(packet);
    world.pass(8000);
    world.sent();
    world.delivered();
    world.host(packet);
    expect(world.sent()).toEqual([]);
    expect(errorsIn(world.delivered())).toMatchObject([{ type: 1, code: 3 }]);
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.host(packet);
    expect(world.sent().map((each) => each.payload)).toEqual([packet]);

    const other = World.qualified();
    other.host(packet);
    other.pass(8000);
    other.pass(292_000 - 1);
    other.sent();
    other.host(packet);
    expect(other.sent()).toEqual([]);
    other.pass(1);
    other.host(packet);
    expect(other.sent()).toHaveLength(2);
  });

  it('[CL-B-05][CL-B-07][CL-P-08] no bubble follows data or bubbles within 2 s', () => {
    const world = withTrustedPeer();
    const packet = dataPacket(world.address, peer.address);
    world.pass(29_999);
    world.host(packet);
    world.sent();
    world.pass(1);
    const start = world.now;
    world.host(packet);
    world.pass(10_000);
    expect(world.sent().map((each) => each.at - start)).toEqual([2000, 2000, 4000, 4000, 6000, 6000]);
  });

  it('[CL-P-09][CL-B-08] a direct response gives a peer four bubbles again', () => {
    const world = World.qualified();
    const packet = dataPacket(world.address, peer.address);
    for (let round = 0; round < 3; round++) {
      const start = world.now;
      world.host(packet);
      world.pass(7000);
      expect(world.sent().map((each) => each.at - start)).toEqual([0, 0, 2000, 2000, 4000, 4000, 6000, 6000]);
      world.receive(bubble(peer.address, world.address), peer.endpoint);
      expect(world.sent().map((each) => each.payload)).toEqual([packet]);
      world.pass(40_000);
    }
  });

  it('[CL-T-03][CL-I-01][CL-I-02][CL-I-05][CL-I-14][IO-06] to a native host wait for a test through the own server', () => {
    const world = World.qualified();
    world.host(dataPacket(world.address, native));
    const [test, ...more] = world.sent();
    expect(more).toEqual([]);
    expect(isTo(test!, serverEndpoint)).toBe(true);
    expect(test!.payload.length).toBe(64);
    expect(isEchoRequestPacket(test!.payload)).toBe(true);
    expect(sourceOf(test!.payload)).toEqual(world.address);
    expect(destinationOf(test!.payload)).toEqual(native);
  });

  it('[CL-I-04] are an entry from the first test on, and nothing but the answer makes it trusted', () => {
    const world = World.qualified();
    world.host(dataPacket(world.address, native));
    expect(world.client.status().peers).toBe(1);
    const [test] = world.sent();
    world.receive(dataPacket(native, world.address), relay);
    world.host(dataPacket(world.address, native));
    expect(world.sent()).toEqual([]);
    world.receive(echoReplyTo(test!.payload), relay);
    expect(world.sent().map(({ address }) => address)).toEqual([relay.address, relay.address]);
    expect(world.client.status().peers).toBe(1);
  });

  it('[CL-T-04][CL-I-06][CL-I-10] tests leave at 0, 2, 4 and 6 s with one nonce; at 8 s they have failed', () => {
    const world = World.qualified();
    const start = world.now;
    world.host(dataPacket(world.address, native));
    world.pass(7999);
    const sent = world.sent();
    expect(sent.map((each) => each.at - start)).toEqual([0, 2000, 4000, 6000]);
    expect(new Set(sent.map((each) => each.payload.subarray(48).toString())).size).toBe(1);
    expect(world.delivered()).toEqual([]);
    world.pass(1);
    expect(errorsIn(world.delivered())).toMatchObject([{ type: 1, code: 3 }]);
  });

  it.each([
    ['6to4', '2002:c000:201::1'],
    ['documentation', '2001:db8::1'],
  ])('[CL-T-20] %s destinations are native', (_, destination) => {
    const world = World.qualified();
    world.host(dataPacket(world.address, ipv6(destination)));
    const sent = world.sent();
    expect(sent.map((each) => isEchoRequestPacket(each.payload) && isTo(each, serverEndpoint))).toEqual([true]);
  });

  it('[CL-I-12][IO-10] a failed destination is unreachable for 10 s, then tried again with another nonce', () => {
    const world = World.qualified();
    const packet = dataPacket(world.address, native);
    world.host(packet);
    world.pass(8000);
    const first = world.sent()[0]!.payload.slice(48);
    world.delivered();
    world.pass(9999);
    world.host(packet);
    expect(world.sent()).toEqual([]);
    expect(errorsIn(world.delivered())).toMatchObject([{ type: 1, code: 3 }]);
    world.pass(1);
    world.host(packet);
    const [again] = world.sent();
    expect(isEchoRequestPacket(again!.payload)).toBe(true);
    expect(again!.payload.slice(48)).not.toEqual(first);
  });

  it('[CL-I-12] a failed destination leaves nothing to the next one in its row', () => {
    const world = World.qualified({ peerCapacity: 1 });
    world.host(dataPacket(world.address, native));
    world.pass(8000);
    world.sent();
    world.host(dataPacket(world.address, ipv6('2a02::5')));
    expect(world.sent().map(({ payload }) => isEchoRequestPacket(payload))).toEqual([true]);
    expect(world.dropsFor('unreachable')).toBe(1);
  });

  it('[IO-10] a path that heals after 20 s works again within 10 s of traffic', () => {
    const world = World.qualified();
    const healAt = world.now + 20_000;
    let arrived: number | undefined;
    for (let i = 0; i < 60 && arrived === undefined; i++) {
      world.host(dataPacket(world.address, native, i));
      for (const sent of world.sent()) {
        if (isTo(sent, relay)) arrived = world.now;
        else if (world.now >= healAt) world.receive(echoReplyTo(sent.payload), relay);
      }
      world.pass(500);
    }
    expect(arrived).toBeDefined();
    expect(arrived! - healAt).toBeLessThanOrEqual(10_000);
  });

  it.each([
    ['mapped address private', '10.0.0.5:4000', undefined],
    ['server private', '198.51.100.10:8192', 0xc0a80001],
  ])('[CL-T-11][CL-B-11][SEC-12] to a Teredo address with its %s are dropped silently', (_, where, itsServer) => {
    const world = World.qualified();
    const at = endpoint(where);
    const address = {
      word0: 0x20010000,
      word1: itsServer ?? peer.server.address,
      word2: at.port ^ 0xffff,
      word3: ~at.address >>> 0,
    };
    world.host(dataPacket(world.address, address));
    expect([world.sent(), world.delivered()]).toEqual([[], []]);
    expect(world.dropsFor('embedded-not-global')).toBe(1);
  });

  it("[CL-T-12] to a laboratory's ranges go out when told, and nothing beside them", () => {
    const world = World.qualified({ extraGlobalIpv6: [parseIpv6Prefix('fd00::/8')!] });
    world.host(dataPacket(world.address, ipv6('fd12::1')));
    expect(world.sent()).toMatchObject([serverEndpoint]);
    world.receive(dataPacket(ipv6('fd12::1'), world.address), relay);
    expect(world.delivered()).toHaveLength(1);
    world.host(dataPacket(world.address, ipv6('fc00::1')));
    expect(world.dropsFor('destination-not-allowed')).toBe(1);
  });

  it.each(['fe80::1', 'ff02::1', 'ff0e::1', '::1', '::', 'fd00::1', '::ffff:192.0.2.1', '64:ff9b::c000:201'])(
    '[CL-T-12][CL-U-06][SEC-36] to %s are dropped silently',
    (text) => {
      const world = World.qualified();
      world.host(dataPacket(world.address, ipv6(text)));
      expect([world.sent(), world.delivered()]).toEqual([[], []]);
      expect(world.dropsFor('destination-not-allowed')).toBe(1);
    },
  );

  it('[CL-T-13] from a foreign source are refused with code 5', () => {
    const world = World.qualified();
    world.host(dataPacket(ipv6('2a00::99'), native));
    expect(world.sent()).toEqual([]);
    expect(errorsIn(world.delivered())).toMatchObject([{ type: 1, code: 5 }]);
    expect(world.dropsFor('foreign-source')).toBe(1);
  });

  it.each([
    ['a router solicitation', 'fe80::1', 'ff02::2'],
    ['a multicast listener report', 'fe80::ffff:ffff:ffff', 'ff02::16'],
    ['an address check', '::', 'ff02::1:ff00:1'],
  ])('[CL-T-21] %s of the kernel is neither taken nor dropped, with an address and without', (_, source, group) => {
    const without = new World();
    without.mappingTowards = () => undefined;
    without.start();
    for (const world of [World.qualified(), without]) {
      world.host(dataPacket(ipv6(source), ipv6(group)));
      expect([world.sent(), world.delivered(), world.totalDrops()]).toEqual([[], [], 0]);
      expect(world.client.status().counters.packetsTaken).toBe(0);
    }
  });

  it.each([
    ['a group, from an address that is not ours', '2a00::99', 'ff02::16'],
    ['a host, from a link-local address', 'fe80::1', '2a00::98'],
    ['a host, from nowhere', '::', '2a00::98'],
    ['a group, from what only begins like nowhere', '::1', 'ff02::16'],
  ])('[CL-T-13][CL-T-21] a packet to %s is one of a foreign source', (_, source, destination) => {
    const world = World.qualified();
    world.host(dataPacket(ipv6(source), ipv6(destination)));
    expect(world.dropsFor('foreign-source')).toBe(1);
    expect(world.client.status().counters.packetsTaken).toBe(1);
  });

  it('[CL-T-14] to the own address come back, and never leave', () => {
    const world = World.qualified();
    const packet = dataPacket(world.address, world.address);
    world.host(packet);
    expect(world.delivered()).toEqual([packet]);
    expect(world.sent()).toEqual([]);
  });

  it('[CL-T-14][SEC-09] to an address that embeds the own endpoint are dropped', () => {
    const world = World.qualified();
    world.host(dataPacket(world.address, { ...world.address, word2: (world.address.word2 ^ 0x00010000) >>> 0 }));
    expect([world.sent(), world.delivered()]).toEqual([[], []]);
    expect(world.dropsFor('sibling-of-own-address')).toBe(1);
  });

  it('[CL-T-15] of more than the MTU are refused with that MTU', () => {
    const world = withTrustedPeer();
    world.host(dataPacket(world.address, peer.address, 1, 1281));
    expect(world.sent()).toEqual([]);
    expect(errorsIn(world.delivered())).toEqual([{ type: 2, code: 0, parameter: 1280 }]);
    world.host(dataPacket(world.address, peer.address, 1, 1280));
    expect(world.sent()).toHaveLength(1);
  });

  it('[CL-T-18] wait in a queue of 8, which drops the oldest', () => {
    const world = World.qualified();
    for (let mark = 1; mark <= 11; mark++) world.host(dataPacket(world.address, peer.address, mark));
    world.sent();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    expect(world.sent().map((each) => each.payload[40])).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
    expect(world.dropsFor('queue-overflow')).toBe(3);
  });

  it('[WF-14] that are no IPv6 packets are dropped', () => {
    const world = World.qualified();
    const good = dataPacket(world.address, native);
    for (const bad of [new Uint8Array(0), good.slice(0, 39), good.slice(0, 59), new Uint8Array(60).fill(0x45)]) {
      world.host(bad);
    }
    expect([world.sent(), world.delivered()]).toEqual([[], []]);
    expect(world.dropsFor('malformed-packet')).toBe(4);
  });

  it('[SEC-35] cause at most 10 errors a second, and none about an error', () => {
    const world = World.qualified();
    const foreign = ipv6('2a00::99');
    for (let i = 0; i < 100; i++) world.host(dataPacket(foreign, native));
    expect(world.delivered()).toHaveLength(10);
    world.pass(1000);
    world.host(rawPacket(foreign, native, 58, new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0])));
    expect(world.delivered()).toEqual([]);
    world.host(dataPacket(foreign, native));
    expect(world.delivered()).toHaveLength(1);
  });

  it('[CL-P-11] no trust and no queue survives a change of the own address', () => {
    const world = withTrustedPeer();
    const other = peerAt('198.51.100.77:7777');
    const old = world.address;
    world.pass(1000);
    world.host(dataPacket(old, other.address));
    world.sent();
    world.mappingTowards = () => endpoint('192.0.2.1:5000');
    world.client.networkChanged(world.now);
    world.pass(0);
    expect(ipv6Equals(world.address, old)).toBe(false);
    expect(world.client.status().peers).toBe(0);
    world.pass(1000);
    expect(world.sent()).toEqual([]);
    world.receive(bubble(other.address, world.address), other.endpoint);
    expect(world.sent()).toEqual([]);
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent().map((each) => each.payload.length)).toEqual([40, 40]);
  });
});

describe('cone bits that are trusted', () => {
  const cone = peerAt('198.51.100.10:8192', 0x8000 | 0x1234);

  /** Without a cone NAT of its own, which it looks for first. */
  function qualifiedLate(): World {
    const world = World.qualified({ trustsConeBit: true });
    world.pass(12_000);
    world.sent();
    return world;
  }

  it('[CL-T-07] a client behind a cone NAT is sent to at once, and is a peer only when it is heard', () => {
    const world = qualifiedLate();
    const packet = dataPacket(world.address, cone.address);
    world.host(packet);
    world.host(packet);
    const sent = world.sent();
    expect(sent.map(({ payload }) => payload)).toEqual([packet, packet]);
    expect(sent.map((each) => isTo(each, cone.endpoint))).toEqual([true, true]);
    expect(world.client.status().peers).toBe(0);
  });

  it('[CL-T-07] another client is not', () => {
    const world = qualifiedLate();
    const packet = dataPacket(world.address, peer.address);
    world.host(packet);
    expect(world.sent().some(({ payload }) => payload.length === packet.length)).toBe(false);
  });

  it('[CL-T-07][R5-06] by default none is', () => {
    const world = World.qualified();
    world.host(dataPacket(world.address, cone.address));
    expect(world.sent().map(({ payload }) => payload.length)).toEqual([40, 40]);
  });
});
