import type { Ipv4Endpoint } from '@navalis/address';
import { peerColumnCount, peerColumns, type RandomSource } from '@navalis/engine';
import { receiveDatagram, type SentDatagram } from '@navalis/engine/testing';
import { hopLimitOf, isBubble, nextHeaderOf, payloadLengthOf } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import type { ClientOptions } from '../src/index.ts';
import {
  bubble,
  dataPacket,
  destinationOf,
  endpoint,
  ipv4,
  ipv6,
  sourceOf,
  withAuthentication,
  withOrigin,
} from './packets.ts';
import { isTo, native, otherServer, type Peer, peerAt, type Sent, server, serverEndpoint, World } from './world.ts';

const group = endpoint('224.0.0.253:3544');
const allNodes = ipv6('ff02::1');
const subnet = { address: ipv4('10.0.0.0'), length: 24 };

interface LocalPeer extends Peer {
  readonly local: Ipv4Endpoint;
}

/** A client behind the NAT of ours, at port `4097 + index` of it and at 10.0.0.(10 + index) of the link. */
function neighbour(index: number, host = 10 + index): LocalPeer {
  return { ...peerAt(`192.0.2.1:${4097 + index}`, 0x1000 + index), local: endpoint(`10.0.0.${host}:${5000 + index}`) };
}

const anna = neighbour(0);

class Link extends World {
  readonly local: Ipv4Endpoint;

  constructor(options: Partial<ClientOptions> = {}, random: number | RandomSource = 7, who?: LocalPeer) {
    const local = who?.local ?? endpoint('10.0.0.2:49152');
    super({ localDiscovery: { subnet }, discoveryPortId: 1, local, ...options }, random);
    this.local = local;
    if (who !== undefined) this.mappingTowards = () => who.endpoint;
    this.start();
    this.pass(0);
  }

  /** A datagram that came through the multicast group. */
  hear(datagram: Uint8Array, from: Ipv4Endpoint): void {
    receiveDatagram(this.client, datagram, { ...from, portId: 1 }, this.now);
    this.pass(0);
  }

  hearOf(who: LocalPeer, from: Ipv4Endpoint = who.local): void {
    this.hear(bubble(who.address, allNodes, 1), from);
  }

  announcements(): Sent[] {
    return this.sent().filter((each) => isTo(each, group));
  }

  /** Returns the datagrams that carry a packet of the host for the peer now; bubbles do not count. */
  packetsFor(who: Peer): SentDatagram[] {
    this.host(dataPacket(this.address, who.address));
    return this.sent().filter(({ payload }) => !isBubble(payload, 0));
  }
}

describe('announcing ourselves', () => {
  it('[CL-L-01a][CL-R-23] does not happen, and nothing is heard, unless it is asked for', () => {
    const link = new Link({ localDiscovery: undefined });
    link.hearOf(anna);
    link.pass(600_000);
    expect(link.announcements()).toEqual([]);
    expect(link.dropsFor('not-a-discovery-bubble')).toBe(1);
    expect(link.client.status().peers).toBe(0);
  });

  it('[CL-L-04] is a bubble to all nodes of the link, with a hop limit of 1, from the service port', () => {
    const [sent] = new Link().announcements();
    expect(sent!.portId).toBe(0);
    const { payload } = sent!;
    expect([payload.length, nextHeaderOf(payload, 0), payloadLengthOf(payload, 0), hopLimitOf(payload, 0)]).toEqual([
      40, 59, 0, 1,
    ]);
    expect([sourceOf(payload), destinationOf(payload)]).toEqual([new Link().address, allNodes]);
  });

  it('[CL-L-03] happens at once and then at intervals spread evenly over 200 to 300 s', () => {
    const link = new Link();
    link.pass(600 * 250_000);
    const times = link.announcements().map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - times[index]!);
    expect(times[0]).toBe(1000);
    expect(gaps.length).toBeGreaterThan(500);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(200_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(300_000);
    const quarters = [0, 1, 2, 3].map((quarter) =>
      gaps.filter((gap) => Math.floor((gap - 200_000) / 25_000) === quarter),
    );
    for (const quarter of quarters) expect(quarter.length).toBeGreaterThan(gaps.length / 8);
  });

  it.each([
    [0x00, 200_000],
    [0xff, 300_000],
  ])('[CL-L-03] draws both ends of the interval: octets of %i give %i ms', (octet, ms) => {
    const link = new Link({}, { fill: (octets) => void octets.fill(octet) });
    link.pass(300_000);
    const [first, second] = link.announcements();
    expect(second!.at - first!.at).toBeCloseTo(ms, 3);
  });

  it('ends with the address, and with the client', () => {
    const link = new Link();
    link.sent();
    link.mappingTowards = () => undefined;
    link.pass(900_000);
    expect(link.client.status().address).toBeUndefined();
    expect(link.announcements().filter(({ at }) => at > 400_000)).toEqual([]);
    const stopped = new Link();
    stopped.sent();
    stopped.client.stop(stopped.now);
    stopped.pass(900_000);
    expect(stopped.announcements()).toEqual([]);
  });

  it('happens at once on another link, where nobody of the old one is looked for', () => {
    const link = new Link();
    link.hearOf(anna);
    link.pass(10_000);
    link.sent();
    link.client.replaceLocalLink({ subnet: { address: ipv4('10.9.0.0'), length: 16 } }, link.now);
    link.pass(0);
    expect(link.announcements()).toHaveLength(1);
    link.hearOf(neighbour(1));
    expect(link.dropsFor('not-on-this-link')).toBe(1);
    link.host(dataPacket(link.address, anna.address));
    expect(link.sent().filter((each) => isTo(each, anna.local))).toEqual([]);
    link.client.replaceLocalLink(undefined, link.now);
    link.pass(900_000);
    expect(link.announcements()).toEqual([]);
  });
});

describe('a peer of a link that the host left', () => {
  it('is looked for over the Internet at once', () => {
    const link = new Link();
    link.hearOf(anna);
    link.client.replaceLocalLink(undefined, link.now);
    link.pass(2_000);
    link.sent();
    link.host(dataPacket(link.address, anna.address));
    expect(link.sent().map((each) => [isTo(each, anna.endpoint), isTo(each, anna.server)])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it('keeps its path if it was reached there, until it falls silent', () => {
    const link = new Link();
    link.hearOf(anna);
    link.receive(bubble(anna.address, link.address), anna.local);
    link.client.replaceLocalLink(undefined, link.now);
    expect(link.client.status().paths).toMatchObject({ counts: { 'local-link': 1 }, recent: [{ kind: 'local-link' }] });
    expect(link.packetsFor(anna).map((each) => isTo(each, anna.local))).toEqual([true]);
    link.pass(30_000);
    expect(link.packetsFor(anna)).toEqual([]);
  });
});

describe('hearing of a peer', () => {
  it('[CL-R-20][CL-R-22][CL-L-11] is answered by a bubble to where it came from', () => {
    const link = new Link();
    link.sent();
    link.hearOf(anna);
    const [answer, ...others] = link.sent();
    expect(others).toEqual([]);
    expect(isTo(answer!, anna.local)).toBe(true);
    expect(answer!.payload).toEqual(bubble(link.address, anna.address));
    expect(link.totalDrops()).toBe(0);
  });

  it('[CL-R-21][CL-L-10] makes it known, and not trusted', () => {
    const link = new Link();
    link.hearOf(anna);
    expect(link.client.status().peers).toBe(1);
    expect(link.packetsFor(anna)).toEqual([]);
  });

  it('[CL-R-21] makes it a peer that was heard now', () => {
    const link = new Link();
    link.pass(5_000);
    link.hearOf(anna);
    const columns = new Float64Array(peerColumnCount);
    link.client.peerRows!.read(1, columns, 0, link.now);
    expect(columns[peerColumns.heardAt]).toBe(6_000);
  });

  it('[CL-L-09] again from another endpoint moves it there', () => {
    const link = new Link();
    link.hearOf(anna);
    link.pass(2_000);
    const moved = endpoint('10.0.0.99:7777');
    link.hearOf(anna, moved);
    link.sent();
    link.host(dataPacket(link.address, anna.address));
    expect(link.sent().filter((each) => isTo(each, moved))).toHaveLength(1);
    expect(link.client.status().peers).toBe(1);
  });

  it('is followed by an announcement of ours after 2 to 4 s when the peer is new, once', () => {
    const link = new Link();
    link.pass(50_000);
    link.sent();
    link.hearOf(anna);
    link.pass(1_999);
    expect(link.announcements()).toHaveLength(0);
    link.pass(2_001);
    expect(link.announcements()).toHaveLength(1);
    link.hearOf(anna);
    link.pass(100_000);
    expect(link.announcements()).toHaveLength(0);
  });

  it.each<[string, string, (link: Link) => [Uint8Array, Ipv4Endpoint]]>([
    ['[CL-L-06][SEC-27]', 'source-not-allowed', () => [bubble(native, allNodes, 1), anna.local]],
    [
      '[CL-L-06][SEC-27]',
      'source-not-allowed',
      () => [bubble(ipv6('2001:0:7f00:1:0:efff:3fff:fdfe'), allNodes, 1), anna.local],
    ],
    ['[CL-L-07][SEC-27]', 'not-on-this-link', () => [bubble(anna.address, allNodes, 1), endpoint('10.0.1.10:5000')]],
    [
      '[CL-L-08][SEC-27]',
      'behind-another-nat',
      () => [bubble(peerAt('192.0.2.9:4097').address, allNodes, 1), anna.local],
    ],
    ['[CL-L-13]', 'own-discovery-bubble', (link) => [bubble(link.address, allNodes, 1), endpoint('10.0.0.2:49152')]],
    ['[CL-R-20]', 'not-a-discovery-bubble', (link) => [bubble(anna.address, link.address, 1), anna.local]],
    ['[CL-R-20]', 'not-a-discovery-bubble', () => [dataPacket(anna.address, allNodes), anna.local]],
    ['[CL-R-20]', 'not-a-discovery-bubble', () => [withAuthentication(bubble(anna.address, allNodes, 1)), anna.local]],
    [
      '[CL-L-13]',
      'sibling-of-own-address',
      () => [bubble(peerAt('192.0.2.1:4096', 0x0777).address, allNodes, 1), anna.local],
    ],
    ['[CL-L-07]', 'not-on-this-link', () => [bubble(anna.address, allNodes, 1), endpoint('10.0.0.10:0')]],
    [
      '[CL-R-20]',
      'not-a-discovery-bubble',
      () => [withOrigin(bubble(anna.address, allNodes, 1), anna.endpoint), anna.local],
    ],
  ])('%s is without effect: %s', (_rows, reason, forge) => {
    const link = new Link();
    link.sent();
    link.hear(...forge(link));
    link.pass(10_000);
    expect([link.sent(), link.client.status().peers]).toEqual([[], 0]);
    expect(link.totalDrops()).toBe(1);
    expect(link.dropsFor(reason as 'not-on-this-link')).toBe(1);
  });

  it('[CL-L-05][SEC-27] over the service port is without effect', () => {
    const link = new Link();
    link.sent();
    link.receive(bubble(anna.address, allNodes, 1), anna.local);
    expect(link.dropsFor('not-for-us')).toBe(1);
    expect([link.sent(), link.client.status().peers]).toEqual([[], 0]);
  });

  it('[CL-L-08] behind another NAT is accepted when that is configured', () => {
    const link = new Link({ localDiscovery: { subnet, sameNatOnly: false } });
    link.sent();
    link.hear(bubble(peerAt('192.0.2.9:4097').address, allNodes, 1), anna.local);
    expect(link.sent().filter((each) => isTo(each, anna.local))).toHaveLength(1);
  });
});

describe('reaching a local peer', () => {
  it('[CL-T-05] begins with a bubble to it and one to the group, while the packet waits', () => {
    const link = new Link();
    link.hearOf(anna);
    link.pass(10_000);
    link.sent();
    link.host(dataPacket(link.address, anna.address));
    const sent = link.sent();
    expect(sent.map(({ address, port }) => ({ address, port }))).toEqual([anna.local, group]);
    expect(sent.map(({ payload }) => payload)).toEqual([
      bubble(link.address, anna.address),
      bubble(link.address, allNodes, 1),
    ]);
  });

  it('[CL-R-24][CL-R-25] succeeds with its bubble from there: queued packets go there, the bubble is not delivered', () => {
    const link = new Link();
    link.hearOf(anna);
    const packet = dataPacket(link.address, anna.address, 3);
    link.host(packet);
    link.sent();
    link.receive(bubble(anna.address, link.address), anna.local);
    const sent = link.sent();
    expect(sent).toHaveLength(1);
    expect(isTo(sent[0]!, anna.local)).toBe(true);
    expect(sent[0]!.payload).toEqual(packet);
    expect(link.delivered()).toEqual([]);
    // The last reception counts from here.
    link.pass(29_000);
    expect(link.packetsFor(anna)).toHaveLength(1);
    link.pass(2_000);
    expect(link.packetsFor(anna)).toHaveLength(0);
  });

  it('[CL-R-25] succeeds with its data too, which is delivered', () => {
    const link = new Link();
    link.hearOf(anna);
    link.host(dataPacket(link.address, anna.address, 3));
    link.sent();
    const data = dataPacket(anna.address, link.address, 4);
    link.receive(data, anna.local);
    expect(link.delivered()).toEqual([data]);
    expect(link.sent()).toHaveLength(1);
  });

  it('[CL-R-24] not by a packet from elsewhere, or from another peer at its endpoint', () => {
    const link = new Link();
    link.hearOf(anna);
    link.receive(bubble(anna.address, link.address), endpoint('10.0.0.10:5001'));
    link.receive(bubble(anna.address, link.address), endpoint('10.0.0.11:5000'));
    link.receive(dataPacket(neighbour(1).address, link.address), anna.local);
    expect(link.dropsFor('endpoint-mismatch')).toBe(3);
    expect(link.delivered()).toEqual([]);
    expect(link.packetsFor(anna)).toEqual([]);
  });

  it('[CL-T-06] without an answer goes on over the Internet after 2 s, with the same queue', () => {
    const link = new Link();
    link.hearOf(anna);
    link.pass(10_000);
    const packet = dataPacket(link.address, anna.address, 3);
    link.host(packet);
    link.sent();
    link.pass(1_999);
    expect(link.sent()).toEqual([]);
    link.pass(1);
    const sent = link.sent();
    expect(sent.some((each) => isTo(each, anna.endpoint))).toBe(true);
    expect(sent.some((each) => isTo(each, { address: otherServer.primary, port: 3544 }))).toBe(true);
    link.receive(bubble(anna.address, link.address), anna.endpoint);
    expect(link.sent().map(({ payload }) => payload)).toEqual([packet]);
  });

  it('[CL-T-05][CL-P-05][SEC-17] makes it one that the host contacted, which stays when visitors fill the table', () => {
    const link = new Link({ peerCapacity: 2 });
    link.hearOf(anna);
    link.host(dataPacket(link.address, anna.address));
    for (const where of ['198.51.100.11:8192', '198.51.100.12:8192']) {
      const visitor = peerAt(where);
      link.receive(bubble(visitor.address, link.address), visitor.endpoint);
    }
    expect(link.client.peerRows!.find(anna.address)).toBe(1);
  });

  it('[CL-L-12][CL-T-05] is tried for 600 s after its last discovery bubble', () => {
    for (const [age, isLocal] of [
      [599_999, true],
      [600_000, false],
    ] as const) {
      const link = new Link();
      link.hearOf(anna);
      link.pass(age);
      link.sent();
      link.host(dataPacket(link.address, anna.address));
      expect(link.sent().some((each) => isTo(each, anna.local))).toBe(isLocal);
    }
  });
});

/** Carries between two clients what the link carries: to the group and to their local endpoints, and nothing else. */
function connect(one: Link, other: Link, ms: number): void {
  const ends = [
    { from: one, to: other },
    { from: other, to: one },
  ];
  for (let passed = 0; passed < ms; passed += 10) {
    for (const { from, to } of ends) {
      from.pass(10);
      for (const sent of from.sent()) {
        if (isTo(sent, group)) to.hear(sent.payload, from.local);
        else if (isTo(sent, to.local)) to.receive(sent.payload, from.local);
      }
    }
  }
}

it.each([0, 1, 2, 3, 4, 5, 6, 7])(
  '[CL-T-05] two clients reach each other after 8 s though the first words of one were lost and the NAT connects nobody (seed %i)',
  (seed) => {
    const [early, late] = [new Link({}, seed), new Link({}, 100 + seed, anna)];
    // The later client was not there to hear the earlier one's announcement.
    early.sent();
    early.host(dataPacket(early.address, late.address, 1));
    late.host(dataPacket(late.address, early.address, 1));
    connect(early, late, 8_000);
    for (const [from, to] of [
      [early, late],
      [late, early],
    ] as const) {
      to.delivered();
      from.host(dataPacket(from.address, to.address, 2));
      connect(early, late, 20);
      expect(to.delivered().length).toBeGreaterThan(0);
    }
  },
);

describe('abuse of local discovery', () => {
  it('[CL-L-14][SEC-27] a peer is answered once in 2 s', () => {
    const link = new Link();
    link.sent();
    for (let bubbles = 0; bubbles < 20; bubbles++) {
      link.hearOf(anna);
      link.pass(100);
    }
    expect(link.sent().filter((each) => isTo(each, anna.local))).toHaveLength(1);
    expect(link.dropsFor('reply-limit')).toBe(19);
    link.hearOf(anna);
    expect(link.sent().filter((each) => isTo(each, anna.local))).toHaveLength(1);
  });

  it('[CL-L-14][SEC-27] 64 are known at most, and those that are proven stay', () => {
    const link = new Link();
    link.hearOf(anna);
    link.receive(bubble(anna.address, link.address), anna.local);
    for (let index = 1; index <= 100; index++) link.hearOf(neighbour(index));
    link.pass(3_000);
    link.sent();
    const tried = Array.from({ length: 101 }, (_, index) => neighbour(index)).filter((each) => {
      link.host(dataPacket(link.address, each.address));
      return link.sent().some((sent) => isTo(sent, each.local));
    });
    expect(tried).toHaveLength(64);
    expect(tried[0]).toEqual(anna);
    expect(link.announcements().length).toBeLessThanOrEqual(1);
  });

  it('[CL-L-15][SEC-27] a proven local endpoint is not moved by a discovery bubble for 30 s', () => {
    const link = new Link();
    link.hearOf(anna);
    link.receive(bubble(anna.address, link.address), anna.local);
    const thief = endpoint('10.0.0.66:6666');
    link.pass(3_000);
    link.hearOf(anna, thief);
    expect(link.dropsFor('local-peer-limit')).toBe(1);
    expect(link.packetsFor(anna).map((each) => isTo(each, anna.local))).toEqual([true]);
    link.pass(30_000);
    link.hearOf(anna, thief);
    expect(link.sent().some((each) => isTo(each, thief))).toBe(true);
  });
});

describe('the memory of local peers', () => {
  /** Returns those of these peers that are looked for on the link now. */
  const lookedFor = (link: Link, peers: readonly LocalPeer[]): readonly LocalPeer[] => {
    link.pass(3_000);
    link.sent();
    return peers.filter((each) => {
      link.host(dataPacket(link.address, each.address));
      return link.sent().some((sent) => isTo(sent, each.local));
    });
  };

  it('[CL-L-14] drops the one whose discovery bubble is the oldest when there are 65', () => {
    const link = new Link();
    const peers = Array.from({ length: 65 }, (_, index) => neighbour(index));
    for (const each of peers.slice(0, 64)) {
      link.hearOf(each);
      link.pass(1_000);
    }
    // The first announces itself once more, so that the second is the oldest.
    link.hearOf(peers[0]!);
    link.hearOf(peers[64]!);
    expect(link.dropsFor('local-peer-limit')).toBe(0);
    expect(lookedFor(link, peers)).toEqual([peers[0], ...peers.slice(2)]);
  });

  it('[CL-L-14] drops the first of those whose discovery bubbles are as old', () => {
    const link = new Link();
    const peers = Array.from({ length: 65 }, (_, index) => neighbour(index));
    for (const each of peers) link.hearOf(each);
    expect(lookedFor(link, peers)).toEqual(peers.slice(1));
  });

  it('[CL-L-14] drops one that was reached and fell silent, which keeps its path while it is trusted', () => {
    const link = new Link();
    link.hearOf(anna);
    link.receive(bubble(anna.address, link.address), anna.local);
    link.pass(30_000);
    for (let index = 1; index <= 64; index++) link.hearOf(neighbour(index));
    expect(link.client.status().paths).toMatchObject({ counts: { 'local-link': 1 }, recent: [{ kind: 'local-link' }] });
  });

  it('[CL-L-14] refuses the 65th while 64 are proven', () => {
    const link = new Link();
    for (let index = 0; index < 64; index++) {
      link.hearOf(neighbour(index));
      link.receive(bubble(neighbour(index).address, link.address), neighbour(index).local);
    }
    link.sent();
    link.hearOf(neighbour(64));
    expect(link.dropsFor('local-peer-limit')).toBe(1);
    expect(link.sent()).toEqual([]);
  });

  it.each([
    ['another address', '10.0.0.66:5000'],
    ['another port', '10.0.0.10:6666'],
  ])('[CL-L-15] does not move a proven peer to %s', (_, where) => {
    const link = new Link();
    link.hearOf(anna);
    link.receive(bubble(anna.address, link.address), anna.local);
    link.pass(3_000);
    link.hearOf(anna, endpoint(where));
    expect(link.dropsFor('local-peer-limit')).toBe(1);
    link.hearOf(anna);
    expect(link.dropsFor('local-peer-limit')).toBe(1);
  });

  it('[CL-L-12] lasts for 600 s from the last discovery bubble, of a proven peer too', () => {
    const link = new Link();
    link.hearOf(anna);
    link.receive(bubble(anna.address, link.address), anna.local);
    link.pass(20_000);
    link.hearOf(anna);
    link.pass(599_000);
    link.sent();
    link.host(dataPacket(link.address, anna.address));
    expect(link.sent().some((each) => isTo(each, anna.local))).toBe(true);
  });

  it('[CL-L-12][CL-R-24] lets nobody prove a place that was named more than 600 s ago', () => {
    const link = new Link();
    link.hearOf(anna);
    link.pass(600_000);
    link.receive(dataPacket(anna.address, link.address), anna.local);
    expect(link.dropsFor('endpoint-mismatch')).toBe(1);
    expect(link.delivered()).toEqual([]);
  });

  it('ends with the peer: another one in its row of the table is not looked for there', () => {
    const link = new Link({ peerCapacity: 1 });
    link.hearOf(anna);
    const other = neighbour(1);
    link.host(dataPacket(link.address, other.address));
    const sent = link.sent();
    expect(sent.filter((each) => isTo(each, anna.local) && isBubble(each.payload, 0))).toHaveLength(1);
    expect(sent.some((each) => isTo(each, other.endpoint))).toBe(true);
  });

  it('counts discovery bubbles that came and left', () => {
    const link = new Link();
    expect(link.client.status().counters).toMatchObject({ bubblesSent: 1, bubblesReceived: 0 });
    link.hearOf(anna);
    expect(link.client.status().counters).toMatchObject({ bubblesSent: 2, bubblesReceived: 1 });
  });

  it('counts a peer that was known over the Internet as new on the link, and announces ourselves', () => {
    const link = new Link();
    link.pass(50_000);
    link.receive(bubble(anna.address, link.address), anna.endpoint);
    link.sent();
    link.hearOf(anna);
    link.pass(4_000);
    expect(link.announcements()).toHaveLength(1);
  });

  it.each([
    [1_999, 0],
    [2_000, 1],
  ])('[CL-L-14] looks for a peer %i ms after an announcement with %i more', (age, more) => {
    const link = new Link();
    link.hearOf(anna);
    link.sent();
    link.pass(age);
    link.host(dataPacket(link.address, anna.address));
    expect(link.announcements()).toHaveLength(more);
  });
});

describe('a link that is named before there is an address', () => {
  it('is announced on once there is one, not before', () => {
    const link = new World({ localDiscovery: undefined, discoveryPortId: 1 });
    link.mappingTowards = () => undefined;
    link.start();
    link.client.replaceLocalLink({ subnet }, link.now);
    link.pass(60_000);
    expect(link.sent()).toEqual([]);
    receiveDatagram(link.client, bubble(anna.address, allNodes, 1), { ...anna.local, portId: 1 }, link.now);
    expect(link.dropsFor('not-qualified')).toBe(1);
  });
});

describe('a link that is named when there is an address, and no peer yet', () => {
  it('is announced on at once, and none is not', () => {
    const link = new Link({ localDiscovery: undefined });
    link.client.replaceLocalLink(undefined, link.now);
    link.pass(0);
    expect(link.announcements()).toEqual([]);
    link.client.replaceLocalLink({ subnet }, link.now);
    link.pass(0);
    expect(link.announcements()).toHaveLength(1);
  });
});

describe('[CL-T-05] a local peer with the cone bit', () => {
  it('is looked for on the link first, though its cone bit is trusted', () => {
    const cone: LocalPeer = { ...anna, ...peerAt('192.0.2.1:4097', 0x8000) };
    const link = new Link({ trustsConeBit: true });
    link.pass(60_000);
    expect(link.packetsFor(cone).map((each) => isTo(each, cone.endpoint))).toEqual([true]);
    link.hearOf(cone);
    link.pass(3_000);
    link.sent();
    expect(link.packetsFor(cone)).toEqual([]);
  });
});

describe('the order of the cases', () => {
  /** Each would be handled otherwise by the case that comes after it. */
  it('[CL-R-09] 1 before 3: at its trusted endpoint a peer is heard, whatever it embeds', () => {
    const link = new Link();
    link.hearOf(anna);
    link.receive(bubble(anna.address, link.address), anna.local);
    link.pass(20_000);
    // Case 3 would refuse the endpoint, and case 5 no longer knows it.
    link.client.replaceLocalLink({ subnet }, link.now);
    link.receive(dataPacket(anna.address, link.address), anna.local);
    expect(link.delivered()).toHaveLength(1);
    expect(link.totalDrops()).toBe(0);
  });

  it('[CL-R-09] 3 before 5: at the endpoint it embeds a peer moves there, though it is local', () => {
    const link = new Link();
    link.hearOf(anna);
    link.receive(bubble(anna.address, link.address), anna.endpoint);
    expect(link.packetsFor(anna).map((each) => isTo(each, anna.endpoint))).toEqual([true]);
  });

  it('[CL-R-09] 4 before 5: a datagram to the group proves no endpoint', () => {
    const link = new Link();
    link.hearOf(anna);
    link.hear(bubble(anna.address, link.address), anna.local);
    expect(link.packetsFor(anna)).toEqual([]);
  });

  it('[CL-R-09] 5 before 6: a local peer needs no test', () => {
    const link = new Link();
    link.hearOf(anna);
    link.sent();
    const data = dataPacket(anna.address, link.address);
    link.receive(data, anna.local);
    expect([link.delivered(), link.sent()]).toEqual([[data], []]);
  });
});

it('[CL-P-02] a peer has its local endpoint beside its mapped one, each with its own proof', () => {
  const link = new Link();
  link.receive(bubble(anna.address, link.address), anna.endpoint);
  link.hearOf(anna);
  link.sent();
  // Trusted at the mapped endpoint, and the local one is only said.
  expect(link.packetsFor(anna).map((each) => isTo(each, anna.endpoint))).toEqual([true]);
  link.receive(bubble(anna.address, link.address), anna.local);
  expect(link.packetsFor(anna).map((each) => isTo(each, anna.local))).toEqual([true]);
});

it('a peer on the link is reached though its server is ours and silent', () => {
  const link = new Link();
  const berta: LocalPeer = { ...peerAt('192.0.2.1:4444', 0, server.primary), local: endpoint('10.0.0.44:4444') };
  link.hearOf(berta);
  link.receive(bubble(berta.address, link.address), berta.local);
  link.sent();
  expect(link.packetsFor(berta).map((each) => isTo(each, berta.local))).toEqual([true]);
  expect(link.sent().some((each) => isTo(each, serverEndpoint))).toBe(false);
});
