import type { Ipv4Endpoint, Ipv6Value } from '@navalis/address';
import {
  RecordingOutputs,
  receiveDatagram,
  type SentDatagram,
  seededRandom,
  takePacket,
} from '@navalis/engine/testing';
import { allExtensions, type Extensions, noExtensions } from '@navalis/traversal';
import { trailerTypes, writeNonceTrailer } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { createClientEngine } from '../src/index.ts';
import {
  addressRestricted,
  addressSymmetric,
  cone,
  Exchange,
  forwardingSymmetric,
  portRestricted,
  portSymmetric,
  type SiteNat,
} from './exchange.ts';
import { advertisementFor, bubble, dataPacket, echoReplyTo, endpoint, ipv6, joined, withOrigin } from './packets.ts';
import {
  isTo,
  mapped,
  native,
  otherServer,
  peer,
  peerAt,
  policy,
  relay,
  server,
  serverEndpoint,
  World,
} from './world.ts';

const extensions = { ...noExtensions, symmetricNatSupport: true };
const foreign = endpoint('198.51.100.10:9999');
const stranger = endpoint('198.51.100.99:9999');

function nonceTrailer(nonce: number): Uint8Array {
  const bytes = new Uint8Array(6);
  writeNonceTrailer(bytes, 0, nonce);
  return bytes;
}

/** Returns the nonce in a bubble; 0 without one. */
function nonceOf({ payload }: { readonly payload: Uint8Array }): number {
  if (payload.length < 46 || payload[40] !== trailerTypes.nonce) return 0;
  return new DataView(payload.buffer, payload.byteOffset).getUint32(42);
}

/** A client that sent the peer its first burst, and the nonce of that. */
function probing(): { readonly world: World; readonly nonce: number } {
  const world = World.qualified({ extensions });
  world.host(dataPacket(world.address, peer.address));
  const burst = world.sent();
  expect([burst.length, isTo(burst[0]!, peer.endpoint), isTo(burst[1]!, peer.server)]).toEqual([2, true, true]);
  return { world, nonce: nonceOf(burst[1]!) };
}

describe('extensions', () => {
  const names = Object.keys(allExtensions) as (keyof Extensions)[];
  const combinations = Array.from(
    { length: 1 << names.length },
    (_, bits) =>
      Object.fromEntries(names.map((name, index) => [name, (bits >> index) % 2 === 1])) as unknown as Extensions,
  );

  it('[XC-10][XC-09][UPNP-01] all legal combinations start, and the others are refused', () => {
    const refused = combinations.filter((each) => {
      try {
        return World.qualified({ extensions: each }).client.status().state !== 'qualified';
      } catch (error) {
        expect(error).toMatchObject({ code: 'configuration' });
        expect(String(error)).toMatch(/^NavalisError: The extension [a-zA-Z]+ needs [a-zA-Z]+\.$/);
        return true;
      }
    });
    const isLegal = ({ symmetricNatSupport, portPreserving, sequentialPorts }: Extensions) =>
      (symmetricNatSupport || !portPreserving) && (portPreserving || !sequentialPorts);
    expect(refused).toEqual(combinations.filter((each) => !isLegal(each)));
  });

  it('[XC-10][XC-12] are on by default: an indirect bubble has a nonce and the local endpoint, in this order', () => {
    const outputs = new RecordingOutputs();
    const client = createClientEngine({ servers: [server], local: mapped, policy }, outputs, seededRandom(7));
    client.start(0);
    for (let phase = 0; phase < 2; phase++) {
      const [solicitation] = outputs.takeDatagrams();
      const answer = advertisementFor(solicitation!.payload, server.primary, mapped);
      receiveDatagram(client, answer, { address: solicitation!.address, port: 3544 }, 0);
    }
    takePacket(client, dataPacket(client.status().address!, peer.address), 0);
    const [direct, indirect] = outputs.takeDatagrams();
    expect(direct!.payload.length).toBe(40);
    const { payload } = indirect!;
    expect([payload.length, payload[40], payload[41]]).toEqual([56, 1, 4]);
    expect(payload.slice(46)).toEqual(Uint8Array.of(3, 8, 0, 0, 192, 0, 2, 1, 0x10, 0));
  });
});

describe('a client behind a symmetric NAT', () => {
  const mappingTowards = (address: number) => (address === server.primary ? mapped : { ...mapped, port: 4097 });

  it('[SNS-01][SNS-17][CL-Q-23][CL-Q-24] has an address, of the mapping that the primary address sees', () => {
    const world = new World({ extensions });
    world.mappingTowards = mappingTowards;
    world.start();
    const { state, nat, offlineReason } = world.client.status();
    expect([state, nat, offlineReason, world.client.status().mapped]).toEqual([
      'qualified',
      'symmetric',
      undefined,
      mapped,
    ]);
    world.pass(120_000);
    expect([world.client.status().state, world.client.status().nat]).toEqual(['qualified', 'symmetric']);
  });

  it('[SNS-01][CL-Q-23] is off-line without the extension', () => {
    const world = new World({ extensions: noExtensions });
    world.mappingTowards = mappingTowards;
    world.start();
    expect([world.client.status().state, world.client.status().nat]).toEqual(['off-line', 'symmetric']);
  });
});

describe('two clients, one behind a symmetric NAT', () => {
  it('[SNS-11][SNS-12][SNS-13][SNS-19][CL-B-10] do what the example of RFC 6081 6.1 does', () => {
    const exchange = new Exchange(portSymmetric, addressRestricted, { extensions });
    const { a, b } = exchange;
    exchange.send(a, b, 1);
    expect(exchange.bubbles()).toEqual([
      'A direct lost',
      'A indirect nonce1',
      'B direct nonce1 lost',
      'B indirect nonce2',
      'A direct nonce2',
    ]);
    exchange.pass(1999);
    expect(exchange.bubbles()).toEqual([]);
    exchange.pass(1);
    // The burst that is repeated has a direct bubble, too.
    expect(exchange.bubbles()).toEqual(['A direct nonce2', 'A indirect nonce3', 'B direct nonce3']);
    expect(exchange.received(b)).toEqual([1]);
    exchange.send(b, a, 3);
    exchange.send(a, b, 4);
    exchange.pass(20_000);
    expect([exchange.received(a), exchange.received(b), exchange.bubbles()]).toEqual([[3], [4], []]);
  });

  it.each<{ name: string; a: SiteNat; b: SiteNat; withinMs: number }>([
    { name: 'address-restricted to port-symmetric', a: addressRestricted, b: portSymmetric, withinMs: 0 },
    { name: 'cone to port-symmetric', a: cone, b: portSymmetric, withinMs: 0 },
    { name: 'port-symmetric to cone', a: portSymmetric, b: cone, withinMs: 0 },
    { name: 'cone to address-symmetric', a: cone, b: addressSymmetric, withinMs: 0 },
    { name: 'address-symmetric to cone', a: addressSymmetric, b: cone, withinMs: 0 },
    { name: 'port-symmetric to address-restricted', a: portSymmetric, b: addressRestricted, withinMs: 2000 },
    { name: 'symmetric and forwarding, both', a: forwardingSymmetric, b: forwardingSymmetric, withinMs: 0 },
    { name: 'symmetric and forwarding to cone', a: forwardingSymmetric, b: cone, withinMs: 0 },
    { name: 'restricted to symmetric and forwarding', a: addressRestricted, b: forwardingSymmetric, withinMs: 0 },
  ])('[SNS-08][SNS-10][SNS-13] $name: packets both ways within $withinMs ms, again after a silence', (pair) => {
    for (const second of [server, otherServer]) {
      const exchange = new Exchange(pair.a, pair.b, { extensions, second });
      const { a, b } = exchange;
      for (const silence of [40_000, 400_000, 0]) {
        exchange.send(a, b, 1);
        exchange.pass(pair.withinMs);
        exchange.send(b, a, 2);
        expect([exchange.received(a), exchange.received(b)]).toEqual([[2], [1]]);
        exchange.pass(silence);
        a.forget();
        b.forget();
      }
    }
  });

  it('[SNS-18][CL-R-27] cone and address-symmetric: the first bubble is refused, and its sender is sent a nonce', () => {
    const exchange = new Exchange(addressSymmetric, cone, { extensions });
    exchange.send(exchange.a, exchange.b, 1);
    expect(exchange.bubbles()).toEqual([
      'A direct',
      'A indirect nonce1 lost',
      'B indirect nonce2',
      'A direct nonce2',
      'B direct',
    ]);
    expect(exchange.b.client.status().counters.drops).toEqual({ 'endpoint-mismatch': 1 });
  });

  it('[XC-14] both symmetric: the attempt fails within 8 s, and both fall silent', () => {
    const exchange = new Exchange(portSymmetric, portSymmetric, { extensions });
    const { a, b } = exchange;
    exchange.send(a, b, 1);
    exchange.pass(7999);
    expect(a.outputs.packets).toEqual([]);
    exchange.pass(1);
    expect(a.outputs.packets.map((error) => [error[40], error[41]])).toEqual([[1, 3]]);
    expect(exchange.bubbles().length).toBeLessThanOrEqual(16);
    exchange.pass(60_000);
    expect([exchange.bubbles(), exchange.received(b)]).toEqual([[], []]);
  });

  it('[SNS-01] neither symmetric: the exchange of RFC 4380, with nonces', () => {
    const exchange = new Exchange(portRestricted, portRestricted, { extensions });
    exchange.send(exchange.a, exchange.b, 1);
    expect(exchange.bubbles()).toEqual([
      'A direct lost',
      'A indirect nonce1',
      'B direct nonce1',
      'B indirect nonce2',
      'A direct nonce2',
    ]);
    exchange.pass(20_000);
    expect([exchange.received(exchange.b), exchange.bubbles()]).toEqual([[1], []]);
  });
});

describe('a direct bubble from elsewhere', () => {
  it('[SNS-08][SNS-10] with the nonce: data goes where it came from', () => {
    const { world, nonce } = probing();
    world.receive(joined(bubble(peer.address, world.address), nonceTrailer(nonce)), foreign);
    expect(world.sent().map((sent) => isTo(sent, foreign))).toEqual([true]);
    world.host(dataPacket(world.address, peer.address, 2));
    expect(world.sent().map((sent) => isTo(sent, foreign))).toEqual([true]);
    const data = dataPacket(peer.address, world.address);
    world.receive(data, foreign);
    world.receive(data, peer.endpoint);
    world.receive(data, foreign);
    expect([world.delivered(), world.totalDrops()]).toEqual([[data, data, data], 0]);
  });

  it('[SNS-09][SNS-15] with another nonce, an old one or none is dropped, and grants no trust', () => {
    const { world, nonce } = probing();
    const plain = bubble(peer.address, world.address);
    for (const other of [nonce ^ 1, 0xffffffff]) world.receive(joined(plain, nonceTrailer(other)), foreign);
    expect(world.dropsFor('bubble-nonce-mismatch')).toBe(2);
    for (const bytes of [joined(plain, nonceTrailer(0)), plain, joined(plain, nonceTrailer(nonce).slice(0, 5))]) {
      world.receive(bytes, foreign);
    }
    expect([world.dropsFor('endpoint-mismatch'), world.sent()]).toEqual([3, []]);
    world.pass(2000);
    expect(world.sent().length).toBe(2);
    world.receive(joined(plain, nonceTrailer(nonce)), foreign);
    expect(world.dropsFor('bubble-nonce-mismatch')).toBe(3);
    world.receive(dataPacket(peer.address, world.address), foreign);
    expect([world.dropsFor('endpoint-mismatch'), world.delivered()]).toEqual([4, []]);
  });

  it('[SNS-16] is not what one from the embedded endpoint is, whatever its nonce', () => {
    const { world } = probing();
    world.receive(joined(bubble(peer.address, world.address), nonceTrailer(1)), peer.endpoint);
    expect([world.sent().map((sent) => isTo(sent, peer.endpoint)), world.totalDrops()]).toEqual([[true], 0]);
  });

  it('[SNS-09][SEC-05a] from an address that is none of the Internet is dropped although the nonce is right', () => {
    const { world, nonce } = probing();
    const answer = joined(bubble(peer.address, world.address), nonceTrailer(nonce));
    for (const from of ['192.168.0.7:77', '127.0.0.1:77', '224.0.0.1:77']) world.receive(answer, endpoint(from));
    expect([world.dropsFor('bubble-nonce-mismatch'), world.sent()]).toEqual([3, []]);
  });

  it('[SNS-18][CL-R-27][CL-B-08][CL-B-09] of an unknown peer causes one indirect bubble, to the server of its address', () => {
    const world = World.qualified({ extensions });
    const first = bubble(peer.address, world.address);
    for (let times = 0; times < 100; times++) world.receive(first, stranger);
    const sent = world.sent();
    expect([sent.length, isTo(sent[0]!, peer.server), sent[0]!.payload.length]).toEqual([1, true, 46]);
    expect(nonceOf(sent[0]!)).not.toBe(0);
    expect(world.dropsFor('endpoint-mismatch')).toBe(100);
    world.pass(299_999);
    world.receive(first, stranger);
    expect(world.sent()).toEqual([]);
    world.receive(dataPacket(peer.address, world.address), stranger);
    world.receive(joined(first, nonceTrailer(nonceOf(sent[0]!))), stranger);
    expect([world.dropsFor('bubble-nonce-mismatch'), world.delivered()]).toEqual([1, []]);
  });

  it('[SNS-18][CL-R-27] and data from there cause nothing, and leave no peer', () => {
    const world = World.qualified({ extensions });
    world.receive(dataPacket(peer.address, world.address), stranger);
    world.receive(bubble(peer.address, world.address), endpoint('10.0.0.9:77'));
    expect([world.sent(), world.client.status().peers, world.dropsFor('endpoint-mismatch')]).toEqual([[], 0, 2]);
    const off = World.qualified({ extensions: { ...noExtensions, hairpinning: true } });
    off.receive(bubble(peer.address, off.address), stranger);
    expect([off.sent(), off.client.status().peers]).toEqual([[], 0]);
  });

  it('[SNS-18] invite no peer that is reached, with no nonce and with a wrong one', () => {
    const world = World.qualified({ extensions });
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.pass(3_000);
    world.receive(bubble(peer.address, world.address), foreign);
    world.receive(joined(bubble(peer.address, world.address), nonceTrailer(77)), foreign);
    expect(world.sent()).toEqual([]);
  });

  it.each([
    ['without a nonce', new Uint8Array(0)],
    ['with a nonce', nonceTrailer(9)],
  ])('[SNS-18][SEC-14] of a thousand unknown peers %s cause 100 bubbles a second at most', (_, trailer) => {
    const world = World.qualified({ extensions });
    world.pass(10_000);
    for (let flags = 0; flags < 1000; flags++) {
      const address = { ...peer.address, word2: ((flags << 16) | (peer.address.word2 & 0xffff)) >>> 0 };
      world.receive(joined(bubble(address, world.address), trailer), stranger);
    }
    expect(world.sent().length).toBe(100);
  });

  it('[SNS-01] is at the wrong endpoint, whatever its nonce, where the extension is off', () => {
    const world = World.qualified({ extensions: noExtensions });
    world.receive(joined(bubble(peer.address, world.address), nonceTrailer(9)), foreign);
    expect(world.client.status().counters.drops).toEqual({ 'endpoint-mismatch': 1 });
  });

  it('[UPNP-16][UPNP-12] through the own forwarded endpoint is answered once at the embedded one', () => {
    const world = new World({ extensions });
    world.client.portMapped(mapped, 0);
    world.mappingTowards = (address) => (address === server.primary ? mapped : { ...mapped, port: 4097 });
    world.start();
    for (let times = 0; times < 10; times++) world.receive(bubble(peer.address, world.address), foreign);
    const sent = world.sent();
    expect(sent.map(({ payload }) => payload.length)).toEqual([40, 46]);
    expect([isTo(sent[0]!, peer.endpoint), isTo(sent[1]!, peer.server)]).toEqual([true, true]);
    world.receive(dataPacket(peer.address, world.address), foreign);
    expect([world.dropsFor('endpoint-mismatch'), world.delivered()]).toEqual([11, []]);
  });

  it('[UPNP-16][UPNP-12] is answered at the embedded one from when the router forwards until it does no more', () => {
    const world = new World({ extensions });
    world.mappingTowards = (address) => (address === server.primary ? mapped : { ...mapped, port: 4097 });
    world.start();
    /** Returns where the answers to the first bubble of the peer with this number go, which comes from elsewhere. */
    const answersTo = (number: number) => {
      const each = peerAt(`198.51.100.${number}:8192`);
      world.receive(bubble(each.address, world.address), foreign);
      return world.sent().map((sent) => (isTo(sent, each.endpoint) ? 'embedded' : 'server'));
    };
    expect(answersTo(11)).toEqual(['server']);
    world.client.portMapped(mapped, world.now);
    expect(answersTo(12)).toEqual(['embedded', 'server']);
    world.client.portMapped(undefined, world.now);
    expect(answersTo(13)).toEqual(['server']);
  });

  it('[UPNP-16][CL-B-07] just after a burst is answered at the embedded one alone, and no burst leaves within 2 s of that', () => {
    const world = new World({ extensions: { ...extensions, serverLoadReduction: true } });
    world.client.portMapped(mapped, 0);
    world.mappingTowards = (address) => (address === server.primary ? mapped : { ...mapped, port: 4097 });
    world.start();
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent()).toHaveLength(2);
    world.pass(1_000);
    world.receive(bubble(peer.address, world.address), foreign);
    expect(world.sent().map((each) => [isTo(each, peer.endpoint), each.payload.length])).toEqual([[true, 40]]);
    world.pass(2_999);
    expect(world.sent()).toEqual([]);
    world.pass(1);
    expect(world.sent()).toHaveLength(2);
  });
});

describe('an indirect bubble', () => {
  it('[SNS-04][SNS-06][SNS-07] is answered with its nonce; the next without one', () => {
    const world = World.qualified({ extensions });
    const answers = [0xdeadbeef, 0x01020304, 0].map((nonce) => {
      world.pass(2000);
      const asked = withOrigin(bubble(peer.address, world.address), peer.endpoint);
      world.receive(nonce === 0 ? asked : joined(asked, nonceTrailer(nonce)), serverEndpoint);
      const answer = world.sent().find((sent) => isTo(sent, peer.endpoint));
      return nonceOf(answer!);
    });
    expect(answers).toEqual([0xdeadbeef, 0x01020304, 0]);
  });

  it('[CL-R-36][SNS-04] that a server passed on without saying from where, is answered with its nonce, too', () => {
    const world = World.qualified({ extensions });
    const captured = joined(bubble(peer.address, world.address), nonceTrailer(0xdeadbeef));
    world.receive(captured, endpoint('65.55.158.80:3544'));
    const [answer, ...others] = world.sent();
    expect([isTo(answer!, peer.endpoint), nonceOf(answer!), others]).toEqual([true, 0xdeadbeef, []]);
  });

  describe('from UDP port 3544 of an unknown address', () => {
    const anyone = endpoint('198.51.100.99:3544');
    const plain = (world: World) => bubble(peer.address, world.address);
    /** The bubble that answers one with a nonce; undefined if there is none. */
    function answerTo(world: World, nonce: number, from: Ipv4Endpoint): SentDatagram | undefined {
      const asked = from === serverEndpoint ? withOrigin(plain(world), peer.endpoint) : plain(world);
      world.receive(nonce === 0 ? asked : joined(asked, nonceTrailer(nonce)), from);
      return world.sent().find((sent) => isTo(sent, peer.endpoint));
    }

    it.each([
      ['the own server', serverEndpoint],
      ['the server of the peer', peer.server],
    ])('[SNS-22] replaces no nonce that %s passed on in the last 30 s, nor takes it away', (_, known) => {
      const world = World.qualified({ extensions });
      const answerAfter = (ms: number, nonce: number) => {
        world.pass(ms);
        return nonceOf(answerTo(world, nonce, anyone)!);
      };
      expect(nonceOf(answerTo(world, 0xfeed, known)!)).toBe(0xfeed);
      expect(answerAfter(2_000, 0xbad)).toBe(0xfeed);
      expect(answerAfter(2_000, 0)).toBe(0xfeed);
      expect(answerAfter(25_999, 0)).toBe(0xfeed);
      expect(answerAfter(1, 0)).toBe(0);
      expect(answerAfter(2_000, 0xbad)).toBe(0xbad);
      expect(nonceOf(answerTo(world, 0xbeef, known)!)).toBe(0xbeef);
    });

    it('[SNS-22][CL-B-09] takes half of the answers at most: the peer is heard between any number of forgeries', () => {
      const world = World.qualified({ extensions });
      const forge = (count: number) =>
        Array.from({ length: count }, () => answerTo(world, 0xbad, anyone)).filter((answer) => answer !== undefined);
      expect(forge(50)).toHaveLength(2);
      for (let round = 1; round <= 10; round++) {
        world.pass(2_000);
        forge(50);
        expect([round, nonceOf(answerTo(world, round, serverEndpoint) ?? { payload: new Uint8Array(0) })]).toEqual([
          round,
          round,
        ]);
      }
      expect(world.dropsFor('reply-limit')).toBeGreaterThan(400);
    });
  });

  it.each([0xdeadbeef, 1])('[RL-R-09][CL-R-07] of a relay is answered with its nonce at its endpoint: %i', (nonce) => {
    const world = World.qualified({ extensions });
    const asked = withOrigin(joined(bubble(native, world.address), nonceTrailer(nonce)), relay);
    world.receive(asked, serverEndpoint);
    const [answer] = world.sent();
    expect([isTo(answer!, relay), nonceOf(answer!)]).toEqual([true, nonce]);
    world.host(dataPacket(world.address, native));
    const [test] = world.sent();
    world.receive(echoReplyTo(test!.payload), relay);
    expect(world.sent().map((sent) => isTo(sent, relay))).toEqual([true]);
  });

  it('[IO-03][SNS-06] of a peer that hides its address takes no nonce of that peer away, but may bring another one', () => {
    const world = World.qualified({ extensions });
    const answerTo = (source: Ipv6Value, trailer: Uint8Array) => {
      world.receive(withOrigin(joined(bubble(source, world.address), trailer), peer.endpoint), serverEndpoint);
      return nonceOf(world.sent().find((sent) => isTo(sent, peer.endpoint))!);
    };
    const hashed = ipv6('fe80::1bad:cafe:dead:beef');
    expect([
      answerTo(peer.address, nonceTrailer(5)),
      answerTo(hashed, new Uint8Array(0)),
      answerTo(hashed, nonceTrailer(6)),
    ]).toEqual([5, 5, 6]);
  });

  it('[CL-B-10][SNS-11] of a peer that was found elsewhere, 30 s ago, is answered through its server, too', () => {
    const { world, nonce } = probing();
    world.receive(joined(bubble(peer.address, world.address), nonceTrailer(nonce)), foreign);
    world.sent();
    const answersTo = (ms: number) => {
      world.pass(ms);
      const asked = withOrigin(bubble(peer.address, world.address), peer.endpoint);
      world.receive(joined(asked, nonceTrailer(5)), serverEndpoint);
      return world.sent().map((sent) => [foreign, peer.endpoint, peer.server].findIndex((to) => isTo(sent, to)));
    };
    expect([answersTo(29_999), answersTo(1), answersTo(2000)]).toEqual([[0], [1], [1, 2]]);
  });
});
