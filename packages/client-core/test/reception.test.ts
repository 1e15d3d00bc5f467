import type { Ipv4Endpoint } from '@navalis/address';
import { hopLimitOf, writeIcmpv6Checksum } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import {
  bubble,
  dataPacket,
  destinationOf,
  echoReplyTo,
  echoRequest,
  endpoint,
  ipv6,
  isEchoRequestPacket,
  joined,
  sourceOf,
  sourceRoutedPacket,
  withAuthentication,
  withData,
  withOrigin,
} from './packets.ts';
import { isTo, mapped, native, otherServer, peer, peerAt, relay, server, serverEndpoint, World } from './world.ts';

const elsewhere = endpoint('198.51.100.200:1234');
/** The source of bubbles of deployed clients: a hash that only they can read. */
const hashed = ipv6('fe80::1bad:cafe:dead:beef');

/** Sends data to `native`, and answers its test from the relay. */
function reachNative(world: World, at: Ipv4Endpoint = relay): Uint8Array {
  const packet = dataPacket(world.address, native, 9);
  world.host(packet);
  const [test] = world.sent();
  world.receive(echoReplyTo(test!.payload), at);
  return packet;
}

describe('datagrams that are not for this client', () => {
  it('[CL-R-01][CL-R-02] malformed datagrams do nothing', () => {
    const world = World.qualified();
    const good = dataPacket(peer.address, world.address);
    const bad = [
      new Uint8Array(0),
      new Uint8Array([0]),
      new Uint8Array([0, 0, 1]),
      joined([0, 2], good),
      good.slice(0, 39),
      good.slice(0, 59),
      joined([0x45], good.slice(1)),
      joined(withOrigin(good, peer.endpoint).slice(0, 8), withOrigin(good, peer.endpoint)),
      joined(withOrigin(good, peer.endpoint).slice(0, 8), withAuthentication(good)),
    ];
    for (const datagram of bad) world.receive(datagram, peer.endpoint);
    expect(world.totalDrops()).toBe(bad.length);
    expect([world.sent(), world.delivered(), world.client.status().peers]).toEqual([[], [], 0]);
    world.receive(good, peer.endpoint);
    expect(world.delivered()).toEqual([good]);
  });

  it('[CL-R-03][SEC-10] packets for other addresses are dropped', () => {
    const world = World.qualified();
    for (const destination of [native, ipv6('ff02::1'), ipv6('fe80::1'), peerAt('192.0.2.1:4097').address]) {
      world.receive(dataPacket(peer.address, destination), peer.endpoint);
    }
    expect(world.dropsFor('not-for-us')).toBe(4);
    expect([world.sent(), world.delivered()]).toEqual([[], []]);
  });

  it('[CL-R-30] while not qualified everything but advertisements is ignored', () => {
    const world = new World();
    world.mappingTowards = () => undefined;
    world.start();
    world.receive(bubble(peer.address, ipv6('2001:0:cb00:7178:0:efff:3fff:fdfe')), peer.endpoint);
    expect(world.dropsFor('not-qualified')).toBe(1);
    expect(world.sent()).toEqual([]);
  });

  it('[SEC-24] Authentication around anything but an advertisement is refused', () => {
    const world = World.qualified();
    world.receive(withAuthentication(dataPacket(peer.address, world.address)), peer.endpoint);
    world.receive(withAuthentication(bubble(peer.address, world.address)), serverEndpoint);
    expect(world.dropsFor('authentication-around-other')).toBe(2);
    expect([world.sent(), world.delivered()]).toEqual([[], []]);
  });

  it('[CL-R-29] an origin from anyone but the server is refused', () => {
    const world = World.qualified();
    const datagram = withOrigin(bubble(peer.address, world.address), peer.endpoint);
    for (const from of [peer.endpoint, { address: server.secondary, port: 3544 }, { ...serverEndpoint, port: 3545 }]) {
      world.receive(datagram, from);
    }
    expect(world.dropsFor('unexpected-origin')).toBe(3);
    expect(world.sent()).toEqual([]);
  });

  it('[CL-R-32][SEC-22] source-routed packets are dropped', () => {
    const world = World.qualified();
    world.receive(sourceRoutedPacket(peer.address, world.address), peer.endpoint);
    world.receive(sourceRoutedPacket(native, world.address), elsewhere);
    expect(world.dropsFor('routing-header')).toBe(2);
    expect(world.delivered()).toEqual([]);
  });

  it('[CL-R-31][SEC-37] sources that cannot be are dropped', () => {
    const world = World.qualified();
    const sources = ['ff02::1', '::', '::1', 'fe80::1', 'fd00::1', '::ffff:1.2.3.4', '::1.2.3.4', '64:ff9b::1.2.3.4'];
    for (const text of sources) world.receive(dataPacket(ipv6(text), world.address), elsewhere);
    world.receive(dataPacket(world.address, world.address), mapped);
    expect(world.dropsFor('source-not-allowed')).toBe(sources.length + 1);
    for (const text of sources) {
      world.receive(withOrigin(dataPacket(ipv6(text), world.address), elsewhere), serverEndpoint);
    }
    expect(world.dropsFor('source-not-allowed')).toBe(2 * sources.length + 1);
    expect([world.sent(), world.delivered()]).toEqual([[], []]);
  });

  it('[SEC-09] a source that is not ours but embeds our endpoint is dropped', () => {
    const world = World.qualified();
    const sibling = { ...world.address, word2: (world.address.word2 ^ 0x00010000) >>> 0 };
    world.receive(dataPacket(sibling, world.address), mapped);
    world.receive(withOrigin(bubble(sibling, world.address), mapped), serverEndpoint);
    expect(world.dropsFor('sibling-of-own-address')).toBe(2);
    expect([world.sent(), world.delivered(), world.client.status().peers]).toEqual([[], [], 0]);
  });

  it('[CL-R-34] an advertisement that nobody asked for changes nothing', () => {
    const world = World.qualified();
    const { address } = world;
    const before = world.client.nextDeadline();
    world.receive(
      new Uint8Array(56).fill(0).map((_, i) => joined([0x60, 0, 0, 0, 0, 16, 58, 255])[i] ?? (i === 40 ? 134 : 0)),
      serverEndpoint,
    );
    expect(world.dropsFor('unsolicited-router-advertisement')).toBe(1);
    expect(world.address).toEqual(address);
    expect(world.client.nextDeadline()).toBe(before);
  });
});

describe('trailers', () => {
  it('[CL-R-33][XC-03] an unknown trailer with top bits 01 drops the packet', () => {
    const world = World.qualified();
    world.receive(joined(bubble(peer.address, world.address), [0x41, 0]), peer.endpoint);
    expect(world.dropsFor('unknown-critical-trailer')).toBe(1);
    expect(world.client.status().peers).toBe(0);
  });

  it('[WF-28][XC-04][XC-13][IO-12] other trailers are taken off', () => {
    const world = World.qualified();
    const packet = dataPacket(peer.address, world.address);
    world.receive(joined(packet, [1, 4, 1, 2, 3, 4], [5, 2, 0, 1], [0x80, 1, 9], [7]), peer.endpoint);
    expect(world.delivered()).toEqual([packet]);
    world.receive(joined(bubble(peer.address, world.address), [4, 4, 0, 0, 0, 0]), peer.endpoint);
    expect(world.delivered()).toEqual([]);
    expect(world.totalDrops()).toBe(0);
  });
});

describe('cases by source', () => {
  it('[CL-R-15][CL-R-17][CL-P-09] case 3: data from the embedded endpoint is delivered and the peer trusted', () => {
    const world = World.qualified();
    const packet = dataPacket(peer.address, world.address);
    world.receive(packet, peer.endpoint);
    expect(world.delivered()).toEqual([packet]);
    world.host(dataPacket(world.address, peer.address, 7));
    const sent = world.sent();
    expect(sent.map((each) => isTo(each, peer.endpoint) && each.payload[40] === 7)).toEqual([true]);
  });

  it('[CL-R-17][CL-R-28] case 3: a bubble makes trust, is not delivered, and is not answered', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    expect([world.sent(), world.delivered(), world.client.status().peers]).toEqual([[], [], 1]);
    expect(world.client.status().counters.bubblesReceived).toBe(1);
  });

  it('[CL-R-10][CL-P-03] case 1: packets from a trusted peer keep it usable', () => {
    const world = World.qualified();
    for (let i = 0; i < 5; i++) {
      world.receive(dataPacket(peer.address, world.address), peer.endpoint);
      world.pass(29_000);
    }
    world.sent();
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent().map((each) => each.payload.length)).toEqual([60]);
  });

  it('[CL-R-11][CL-R-27] a trusted Teredo peer at another endpoint is not believed', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.receive(dataPacket(peer.address, world.address), elsewhere);
    expect(world.delivered()).toEqual([]);
    expect(world.dropsFor('endpoint-mismatch')).toBe(1);
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent().map((each) => isTo(each, peer.endpoint))).toEqual([true]);
  });

  it('[CL-R-27] a Teredo source at a foreign endpoint is dropped and leaves no peer', () => {
    const world = World.qualified();
    world.receive(dataPacket(peer.address, world.address), elsewhere);
    world.receive(bubble(peer.address, world.address), elsewhere);
    expect(world.dropsFor('endpoint-mismatch')).toBe(2);
    expect([world.sent(), world.delivered(), world.client.status().peers]).toEqual([[], [], 0]);
  });

  it('[CL-R-19][SEC-21] a source that embeds a private address is never trusted', () => {
    const world = World.qualified();
    const private5 = endpoint('10.0.0.5:4000');
    const source = {
      word0: 0x20010000,
      word1: otherServer.primary,
      word2: private5.port ^ 0xffff,
      word3: ~private5.address >>> 0,
    };
    world.receive(dataPacket(source, world.address), private5);
    world.receive(withOrigin(bubble(source, world.address), private5), serverEndpoint);
    expect(world.dropsFor('source-not-allowed')).toBe(2);
    expect([world.sent(), world.delivered(), world.client.status().peers]).toEqual([[], [], 0]);
  });

  it('[AD-06][R5-11a] flags of a peer do not matter', () => {
    for (const flags of [0x0000, 0x8000, 0x4000, 0x7fff, 0xffff]) {
      const world = World.qualified();
      const source = { ...peer.address, word2: ((flags << 16) | (peer.address.word2 & 0xffff)) >>> 0 };
      world.receive(dataPacket(source, world.address), peer.endpoint);
      expect(world.delivered()).toHaveLength(1);
    }
  });

  it('[CL-R-26][SEC-03] case 6: data from a native source is delivered, its endpoint is not believed', () => {
    const world = World.qualified();
    const packet = dataPacket(native, world.address);
    world.receive(packet, elsewhere);
    expect(world.delivered()).toEqual([packet]);
    const [test] = world.sent();
    expect(isEchoRequestPacket(test!.payload) && isTo(test!, serverEndpoint)).toBe(true);
    world.host(dataPacket(world.address, native));
    expect(world.sent().some((each) => isTo(each, elsewhere))).toBe(false);
  });

  it.each(['2002:c000:201::1', '2001:db8::1'])(
    '[CL-R-26][CL-T-20] case 6: %s is a native source, straight and through the server',
    (text) => {
      const world = World.qualified();
      const packet = dataPacket(ipv6(text), world.address);
      world.receive(packet, elsewhere);
      world.receive(withOrigin(packet, relay), serverEndpoint);
      expect([world.delivered(), world.totalDrops()]).toEqual([[packet, packet], 0]);
    },
  );

  it('[CL-R-08] without origin the server is like anybody: it may be a relay, too', () => {
    const world = World.qualified();
    const packet = reachNative(world, serverEndpoint);
    const sent = world.sent();
    expect(sent.map((each) => each.payload)).toEqual([packet]);
    expect(isTo(sent[0]!, serverEndpoint)).toBe(true);
  });
});

describe('the connectivity test', () => {
  it('[CL-R-12][CL-R-13][CL-I-07][CL-I-13] its answer shows the relay: queued packets go there, the answer is not delivered', () => {
    const world = World.qualified();
    const packet = reachNative(world);
    const sent = world.sent();
    expect(sent.map((each) => each.payload)).toEqual([packet]);
    expect(isTo(sent[0]!, relay)).toBe(true);
    expect(world.delivered()).toEqual([]);
    const answer = dataPacket(native, world.address);
    world.receive(answer, relay);
    expect(world.delivered()).toEqual([answer]);
    expect(world.sent()).toEqual([]);
  });

  it('[CL-I-08] two hosts may have two relays', () => {
    const world = World.qualified();
    const other = ipv6('2a02::5');
    const otherRelay = endpoint('192.88.98.9:40000');
    reachNative(world);
    world.host(dataPacket(world.address, other));
    const test = world.sent().at(-1)!;
    world.receive(echoReplyTo(test.payload), otherRelay);
    world.sent();
    world.host(dataPacket(world.address, native));
    world.host(dataPacket(world.address, other));
    const sent = world.sent();
    expect([isTo(sent[0]!, relay), isTo(sent[1]!, otherRelay)]).toEqual([true, true]);
  });

  it('[CL-I-03] its nonce is 16 octets that do not repeat', () => {
    const world = World.qualified();
    const nonces = new Set<string>();
    for (let i = 0; i < 1000; i++) {
      world.host(dataPacket(world.address, { ...native, word3: i }));
      const [test] = world.sent();
      expect(test!.payload.length - 48).toBe(16);
      nonces.add(test!.payload.subarray(48).toString());
    }
    expect(nonces.size).toBe(1000);
  });

  it('[CL-I-09][CL-R-14] a wrong nonce, length, checksum, type or code, or a reply to nothing, changes nothing', () => {
    const world = World.qualified();
    world.host(dataPacket(world.address, native));
    const [test] = world.sent();
    const good = echoReplyTo(test!.payload);
    const nonce = good.slice(48);
    const wrong = nonce.slice();
    wrong[15]! ^= 1;
    const wrongAtFirst = nonce.slice();
    wrongAtFirst[0]! ^= 1;
    const badChecksum = good.slice();
    badChecksum[42]! ^= 1;
    const badCode = good.slice();
    badCode[41] = 1;
    writeIcmpv6Checksum(badCode, 0);
    const attempts = [
      withData(good, wrong),
      withData(good, wrongAtFirst),
      withData(good, nonce.slice(0, 15)),
      withData(good, joined(nonce, [0])),
      withData(good, new Uint8Array(0)),
      badChecksum,
      badCode,
      echoRequest(native, world.address, nonce),
    ];
    for (const attempt of attempts) world.receive(attempt, relay);
    expect(world.sent()).toEqual([]);
    // To a host that nothing was sent to, no answer counts, the empty one included.
    const other = ipv6('2a02::6');
    world.receive(
      withData(echoReplyTo(echoRequest(world.address, other, new Uint8Array(0))), new Uint8Array(0)),
      relay,
    );
    world.sent();
    world.host(dataPacket(world.address, other));
    expect(world.sent().some((each) => isTo(each, relay))).toBe(false);
    world.receive(good, relay);
    expect(world.sent().map((each) => isTo(each, relay))).toEqual([true]);
  });

  it('[CL-I-09][CL-I-10] a late answer counts for 30 s, not longer', () => {
    for (const [delay, counts] of [
      [29_999, true],
      [30_000, false],
    ] as const) {
      const world = World.qualified();
      world.host(dataPacket(world.address, native));
      const [test] = world.sent();
      world.pass(delay);
      world.receive(echoReplyTo(test!.payload), relay);
      world.sent();
      world.host(dataPacket(world.address, native));
      expect(world.sent().some((each) => isTo(each, relay))).toBe(counts);
    }
  });

  it('[SEC-05a][SEC-36] no answer makes us send to a private endpoint', () => {
    const world = World.qualified();
    reachNative(world, endpoint('192.168.1.1:3544'));
    expect(world.sent()).toEqual([]);
    expect(world.dropsFor('endpoint-mismatch')).toBe(1);
  });

  it('[CL-I-11][SEC-20] incoming packets cause at most 10 tests a second, and one per source in 30 s', () => {
    const world = World.qualified();
    for (let i = 0; i < 1000; i++) {
      world.receive(dataPacket({ ...native, word2: i }, world.address), elsewhere);
      if (i % 100 === 0) world.pass(99);
    }
    expect(world.sent()).toHaveLength(10);
    expect(world.delivered()).toHaveLength(1000);
    const quiet = World.qualified();
    for (let i = 0; i < 29; i++) {
      quiet.receive(dataPacket(native, quiet.address), elsewhere);
      quiet.pass(1000);
    }
    expect(quiet.sent().filter((each) => isEchoRequestPacket(each.payload))).toHaveLength(1);
    quiet.pass(1000);
    quiet.receive(dataPacket(native, quiet.address), elsewhere);
    expect(quiet.sent().filter((each) => isEchoRequestPacket(each.payload))).toHaveLength(1);
  });

  it('[CL-I-11] never for sources that are not native', () => {
    const world = World.qualified();
    for (const text of ['fd00::1', 'fe80::1', '::1', 'ff0e::1']) {
      world.receive(dataPacket(ipv6(text), world.address), elsewhere);
    }
    world.receive(dataPacket(peer.address, world.address), elsewhere);
    expect(world.sent()).toEqual([]);
  });

  it('[CL-R-26][SEC-03] a forger in the name of a host that is reached changes nothing and causes no test', () => {
    const world = World.qualified();
    reachNative(world);
    world.sent();
    world.receive(dataPacket(native, world.address), elsewhere);
    expect(world.delivered()).toHaveLength(1);
    expect(world.sent()).toEqual([]);
    world.host(dataPacket(world.address, native));
    expect(world.sent().map((each) => isTo(each, relay))).toEqual([true]);
  });

  it('[CL-R-10][CL-I-09] data from the old relay ends a test; its answer then moves nothing', () => {
    const world = World.qualified();
    reachNative(world);
    world.pass(30_000);
    world.sent();
    const packet = dataPacket(world.address, native);
    world.host(packet);
    const [test] = world.sent();
    world.receive(dataPacket(native, world.address), relay);
    expect(world.sent().map((each) => isTo(each, relay))).toEqual([true]);
    world.receive(echoReplyTo(test!.payload), elsewhere);
    world.host(packet);
    expect(world.sent().map((each) => isTo(each, relay))).toEqual([true]);
  });

  it('[CL-T-19] a new relay is learned when the old one has been silent for 30 s', () => {
    const world = World.qualified();
    reachNative(world);
    world.pass(30_000);
    world.sent();
    const other = endpoint('192.88.98.9:3544');
    const packet = reachNative(world, other);
    const sent = world.sent();
    expect(sent.map((each) => each.payload)).toEqual([packet]);
    expect(isTo(sent[0]!, other)).toBe(true);
  });
});

describe('bubbles that a server passed on without saying from where', () => {
  const unhex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
  /** As captured from 65.55.158.80:3544, one of Microsoft's servers. */
  const captured = '6000000000003b15 2001000041379e50 0c213ca839cc9bf8 2001000041379e50 3c4963b634ff8ef6'.replaceAll(
    ' ',
    '',
  );
  const microsoft = endpoint('65.55.158.80:3544');
  const source = ipv6('2001:0:4137:9e50:c21:3ca8:39cc:9bf8');
  /** Inverted in the source's last six octets. */
  const sourceEndpoint = { address: (0x39cc9bf8 ^ 0xffffffff) >>> 0, port: 0x3ca8 ^ 0xffff };

  /** A client of that server with the address that the capture's client had, but for the random flags. */
  function capturedWorld(): World {
    const primary = microsoft.address;
    const world = new World({ servers: [{ primary, secondary: primary + 1 }] });
    world.mappingTowards = () => ({ address: (0x34ff8ef6 ^ 0xffffffff) >>> 0, port: 0x63b6 ^ 0xffff });
    world.answerers = [{ primary, secondary: primary + 1 }];
    world.start();
    return world;
  }
  /** The capture, with the flags that this client drew. */
  function datagram(world: World): Uint8Array {
    const bytes = unhex(captured);
    bytes[32] = world.address.word2 >>> 24;
    bytes[33] = (world.address.word2 >>> 16) & 0xff;
    return bytes;
  }

  it.each([
    ['as captured', ''],
    ['with a trailer of RFC 6081 behind it', '01046b6b6b6b'],
  ])('[CL-R-08][CL-R-36] %s: a bubble to the endpoint that the source embeds, and no trust', (_, trailer) => {
    const world = capturedWorld();
    world.receive(joined(datagram(world), unhex(trailer)), microsoft);
    const [direct, indirect, ...more] = world.sent();
    expect(isTo(direct!, sourceEndpoint)).toBe(true);
    expect(isTo(indirect!, microsoft)).toBe(true);
    expect(more).toEqual([]);
    for (const { payload } of [direct!, indirect!]) {
      expect([payload.length, sourceOf(payload), destinationOf(payload)]).toEqual([40, world.address, source]);
    }
    world.host(dataPacket(world.address, source));
    expect(world.sent().some((each) => each.payload.length === 60)).toBe(false);
    expect(world.delivered()).toEqual([]);
    expect(world.dropsFor('endpoint-mismatch')).toBe(0);
  });

  it('[CL-R-36][CL-B-09] within the limits on answers', () => {
    const world = capturedWorld();
    for (let i = 0; i < 10; i++) world.receive(datagram(world), microsoft);
    const sent = world.sent();
    expect(sent.map((each) => isTo(each, sourceEndpoint))).toEqual([true, false, true, true, true]);
    expect(world.dropsFor('reply-limit')).toBe(6);
  });

  it('[CL-R-36] from another server: straight only, since nobody vouches for it', () => {
    const world = World.qualified();
    const foreign = { address: otherServer.primary, port: 3544 };
    world.receive(bubble(peer.address, world.address), foreign);
    expect(world.sent().map((each) => [isTo(each, peer.endpoint), each.payload.length])).toEqual([[true, 40]]);
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent().some((each) => each.payload.length === 60)).toBe(false);
  });

  it('[CL-R-27][CL-R-36] not from any other port, and no data, from whatever server', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), elsewhere);
    world.receive(bubble(peer.address, world.address), { ...serverEndpoint, port: 3545 });
    for (const from of [serverEndpoint, { address: otherServer.primary, port: 3544 }]) {
      world.receive(dataPacket(peer.address, world.address), from);
    }
    expect([world.sent(), world.delivered()]).toEqual([[], []]);
    expect(world.dropsFor('endpoint-mismatch')).toBe(4);
  });

  it('[CL-R-36][SEC-36] not to an endpoint that is not global, nor to our own', () => {
    const world = World.qualified();
    const inside = { ...peer.address, word3: (0x0a000005 ^ 0xffffffff) >>> 0 };
    const sibling = { ...world.address, word2: world.address.word2 ^ 0x01000000 };
    for (const each of [inside, sibling]) world.receive(bubble(each, world.address), serverEndpoint);
    expect(world.sent()).toEqual([]);
  });
});

describe('indirect bubbles', () => {
  it('[CL-R-06][CL-B-10] from a Teredo source: a bubble to the endpoint it embeds, one through its server, no trust', () => {
    const world = World.qualified();
    world.receive(withOrigin(bubble(peer.address, world.address), elsewhere), serverEndpoint);
    const sent = world.sent();
    expect(sent.map((each) => [isTo(each, peer.endpoint), isTo(each, peer.server)])).toEqual([
      [true, false],
      [false, true],
    ]);
    for (const { payload } of sent) {
      expect(payload.length).toBe(40);
      expect([sourceOf(payload), destinationOf(payload)]).toEqual([world.address, peer.address]);
    }
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent().some((each) => each.payload.length === 60)).toBe(false);
  });

  it('[CL-B-09][CL-B-10] twenty of one peer, 3 s apart: each is answered straight, four through its server', () => {
    const world = World.qualified();
    const count = (to: typeof peer.endpoint, sent: ReturnType<World['sent']>) =>
      sent.filter((each) => isTo(each, to)).length;
    const ask = (times: number) => {
      for (let i = 0; i < times; i++) {
        world.pass(3000);
        world.receive(withOrigin(bubble(peer.address, world.address), peer.endpoint), serverEndpoint);
      }
      const sent = world.sent();
      return [count(peer.endpoint, sent), count(peer.server, sent)];
    };
    expect(ask(20)).toEqual([20, 4]);
    // 240 s more: no answer straight, none through the server. Then both windows begin again.
    expect(ask(80)).toEqual([0, 0]);
    expect(ask(1)).toEqual([1, 1]);
    expect(world.dropsFor('reply-limit')).toBe(80);
  });

  it('[CL-B-09][CL-B-10] the limits hold for an hour, and while the host wants to reach the peer besides', () => {
    const world = World.qualified();
    const [direct, indirect]: [number[], number[]] = [[], []];
    for (let second = 0; second < 3600; second++) {
      world.pass(1000);
      world.receive(withOrigin(bubble(peer.address, world.address), peer.endpoint), serverEndpoint);
      if (second % 7 === 0) world.host(dataPacket(world.address, peer.address));
      for (const each of world.sent()) (isTo(each, peer.server) ? indirect : direct).push(each.at);
    }
    const most = (times: number[], windowMs: number) =>
      Math.max(...times.map((start) => times.filter((at) => at >= start && at < start + windowMs).length));
    expect(most(indirect, 300_000)).toBe(4);
    // Twenty answers and four of our own bubbles at most; two windows of answers may meet.
    expect(most(direct, 300_000)).toBeLessThanOrEqual(44);
    expect(direct.length).toBeLessThanOrEqual(12 * 24 + 24);
  });

  it('[CL-B-09][CL-B-10] a peer in the row of another has limits of its own', () => {
    const world = World.qualified({ peerCapacity: 1 });
    const others = [peer, peerAt('198.51.100.11:8192')];
    const rounds = [0, 1].map((which) => {
      const { address, endpoint: at, server: itsServer } = others[which]!;
      let [direct, indirect] = [0, 0];
      for (let i = 0; i < 25; i++) {
        world.pass(3000);
        world.receive(withOrigin(bubble(address, world.address), at), serverEndpoint);
        for (const each of world.sent()) {
          if (isTo(each, itsServer)) indirect++;
          else direct++;
        }
      }
      return [direct, indirect];
    });
    expect(rounds).toEqual([
      [20, 4],
      [20, 4],
    ]);
  });

  it('[CL-B-10] a trusted peer gets the direct answer only', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.pass(5000);
    world.receive(withOrigin(bubble(peer.address, world.address), peer.endpoint), serverEndpoint);
    expect(world.sent().map((each) => isTo(each, peer.endpoint))).toEqual([true]);
  });

  it('[CL-R-07][SV-F-12][WF-18] from a relay: a bubble to the relay source at the origin, no trust, no test', () => {
    const world = World.qualified();
    const relayAddress = ipv6('2a00:1::7');
    world.receive(withOrigin(bubble(relayAddress, world.address), relay), serverEndpoint);
    const [answer, ...more] = world.sent();
    expect(more).toEqual([]);
    expect(isTo(answer!, relay)).toBe(true);
    expect(destinationOf(answer!.payload)).toEqual(relayAddress);
    expect([answer!.payload.length, answer!.payload[6], hopLimitOf(answer!.payload, 0)]).toEqual([40, 59, 255]);
    world.host(dataPacket(world.address, relayAddress));
    expect(world.sent().some((each) => isTo(each, relay))).toBe(false);
  });

  it('[CL-R-07][SEC-13a][SEC-36] no answer to an origin that is not global', () => {
    const world = World.qualified();
    for (const at of ['10.0.0.9:3544', '224.0.0.253:3544', '255.255.255.255:3544', '127.0.0.1:22', '192.88.98.7:0']) {
      world.receive(withOrigin(bubble(native, world.address), endpoint(at)), serverEndpoint);
      world.receive(withOrigin(bubble(hashed, world.address), endpoint(at)), serverEndpoint);
    }
    expect(world.sent()).toEqual([]);
    expect(world.dropsFor('embedded-not-global')).toBe(10);
  });

  it('[IO-01][IO-03][IO-07] from a link-local source with hop limit 0: a bubble to that source at the origin', () => {
    const world = World.qualified();
    world.receive(withOrigin(bubble(hashed, world.address, 0), relay), serverEndpoint);
    const [answer, ...more] = world.sent();
    expect(more).toEqual([]);
    expect(isTo(answer!, relay)).toBe(true);
    expect([sourceOf(answer!.payload), destinationOf(answer!.payload)]).toEqual([world.address, hashed]);
  });

  it('[IO-03] from a link-local source at the origin of a peer that is known: the peer is meant, and no other is added', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.receive(withOrigin(bubble(hashed, world.address, 0), peer.endpoint), serverEndpoint);
    expect(world.sent().map((each) => isTo(each, peer.endpoint))).toEqual([true]);
    expect(world.client.status().peers).toBe(1);
  });

  it('[CL-B-09] replies: 4 per peer in 2 s, 20 in 300 s, 100 a second over all', () => {
    const world = World.qualified();
    const indirect = withOrigin(bubble(hashed, world.address, 0), relay);
    for (let i = 0; i < 10; i++) world.receive(indirect, serverEndpoint);
    expect(world.sent()).toHaveLength(4);
    expect(world.dropsFor('reply-limit')).toBe(6);
    for (let i = 0; i < 100; i++) {
      world.pass(2000);
      world.receive(indirect, serverEndpoint);
    }
    expect(world.sent()).toHaveLength(16);
    const flooded = World.qualified();
    for (let i = 0; i < 1000; i++) {
      flooded.receive(withOrigin(bubble({ ...hashed, word3: i }, flooded.address), relay), serverEndpoint);
    }
    expect(flooded.sent()).toHaveLength(100);
    const crowd = World.qualified();
    for (let i = 1; i <= 1000; i++) {
      const each = peerAt(`198.51.${i >> 8}.${i & 0xff}:9000`);
      crowd.receive(withOrigin(bubble(each.address, crowd.address), each.endpoint), serverEndpoint);
    }
    // Each answered straight and through its server, or not at all.
    expect(crowd.sent()).toHaveLength(200);
  });

  it('[CL-R-05] an echo from a Teredo source through the server is delivered only if the origin fits', () => {
    const world = World.qualified();
    const packet = echoRequest(peer.address, world.address, new Uint8Array(8));
    world.receive(withOrigin(packet, peer.endpoint), serverEndpoint);
    expect(world.delivered()).toEqual([packet]);
    world.receive(withOrigin(packet, elsewhere), serverEndpoint);
    expect(world.delivered()).toEqual([]);
    expect(world.dropsFor('endpoint-mismatch')).toBe(1);
  });
});

describe('direct bubbles from link-local sources', () => {
  it('[IO-01][IO-03] from a solicited peer: it becomes trusted and queued packets go there', () => {
    const world = World.qualified();
    const packet = dataPacket(world.address, peer.address);
    world.host(packet);
    world.sent();
    world.receive(bubble(hashed, world.address, 0), peer.endpoint);
    const sent = world.sent();
    expect(sent.map((each) => isTo(each, peer.endpoint))).toEqual([true, true]);
    expect(sent[0]!.payload).toEqual(packet);
    expect(destinationOf(sent[1]!.payload)).toEqual(hashed);
    world.host(packet);
    expect(world.sent().map((each) => each.payload)).toEqual([packet]);
  });

  it('[IO-03] of two addresses that embed the endpoint, the one that we solicit is meant', () => {
    const world = World.qualified();
    const sibling = peerAt('198.51.100.10:8192', 0x0011);
    world.receive(withOrigin(bubble(sibling.address, world.address), peer.endpoint), serverEndpoint);
    const packet = dataPacket(world.address, peer.address);
    world.host(packet);
    world.sent();
    world.receive(bubble(hashed, world.address, 0), peer.endpoint);
    expect(world.sent()[0]!.payload).toEqual(packet);
  });

  it('[IO-03] from another endpoint: it is answered there, nobody is trusted, and it is no sign of native hosts', () => {
    const world = World.qualified();
    world.host(dataPacket(world.address, peer.address));
    world.sent();
    world.receive(bubble(hashed, world.address, 0), elsewhere);
    const sent = world.sent();
    expect(sent.map((each) => isTo(each, elsewhere) && each.payload.length === 40)).toEqual([true]);
    expect(world.client.status().nativeReachability).toBeUndefined();
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent()).toEqual([]);
  });

  it('[IO-03] from a trusted peer: it keeps it usable and is not answered', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.pass(29_000);
    world.receive(bubble(hashed, world.address, 0), peer.endpoint);
    expect(world.sent()).toEqual([]);
    world.pass(29_000);
    world.sent();
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent().map((each) => each.payload.length)).toEqual([60]);
  });
});

describe('the server', () => {
  it('[CL-R-04][CL-M-13] anything good from it defers the refresh; from peers nothing does', () => {
    const fromServer = World.qualified();
    const fromPeer = World.qualified();
    const before = fromServer.solicitations;
    for (let i = 0; i < 30; i++) {
      fromServer.receive(withOrigin(bubble(hashed, fromServer.address, 0), relay), serverEndpoint);
      fromPeer.receive(bubble(peer.address, fromPeer.address), peer.endpoint);
      fromServer.pass(10_000);
      fromPeer.pass(10_000);
    }
    expect(fromServer.solicitations - before).toBe(0);
    expect(fromPeer.solicitations - before).toBeGreaterThanOrEqual(10);
  });

  it('[CL-M-13] datagrams that fail the checks do not count', () => {
    const world = World.qualified();
    const before = world.solicitations;
    for (let i = 0; i < 30; i++) {
      world.receive(withOrigin(bubble(hashed, native, 0), relay), serverEndpoint);
      world.pass(10_000);
    }
    expect(world.solicitations - before).toBeGreaterThanOrEqual(10);
  });
});
