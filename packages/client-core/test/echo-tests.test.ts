import type { Ipv4Value } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { advertisementFor, endpoint, isSolicitation } from './packets.ts';
import { extensions, portIn, RandomPortWorld } from './random-port-world.ts';
import { isTo, peer, peerAt, server } from './world.ts';

/** A client whose servers are silent, so that its echo tests get the answers that a test gives them. */
class EchoWorld extends RandomPortWorld {
  constructor() {
    super('sequential');
    this.mappingTowards = () => undefined;
  }
}

describe('an echo test', () => {
  const probing = () => {
    const world = new EchoWorld();
    const solicited: { readonly payload: Uint8Array; readonly address: Ipv4Value; readonly portId: number }[] = [];
    const send = world.outputs.sendDatagrams.bind(world.outputs);
    world.outputs.sendDatagrams = (run, address, port, from) => {
      const payload = run.memory.slice(run.offset, run.offset + run.packetLength);
      if (isSolicitation(payload) && from !== undefined && from !== 0)
        solicited.push({ payload, address, portId: from });
      send(run, address, port, from);
    };
    /** Answers solicitation number `index`, with this port seen. */
    const answer = (index: number, port: number, change: (datagram: Uint8Array) => Uint8Array = (same) => same) => {
      const { payload, address, portId } = solicited[index]!;
      const datagram = change(advertisementFor(payload, server.primary, { ...endpoint('192.0.2.1:1'), port }));
      world.receive(datagram, { address, port: 3544, portId });
      return world.sent();
    };
    return { world, solicited, answer };
  };

  it('[SPS-05][SPS-06][SPS-08][SPS-20] postpones the indirect bubble, after a direct one from the service port', () => {
    const { world, solicited } = probing();
    const sent = world.contact();
    const { id } = world.randomPort;
    expect(sent.map((each) => [isTo(each, peer.endpoint), each.portId])).toEqual([
      [true, 0],
      [true, id],
    ]);
    expect(solicited.map(({ address, portId }) => [address, portId])).toEqual([
      [server.primary, id],
      [server.secondary, id],
    ]);
    expect(solicited[0]!.payload.slice(4, 12)).not.toEqual(solicited[1]!.payload.slice(4, 12));
  });

  it.each([
    { order: [0, 1], seen: [1200, 1202], predicted: 1201 },
    { order: [1, 0], seen: [1202, 1200], predicted: 1201 },
    { order: [0, 1], seen: [1200, 1203], predicted: 1201 },
    { order: [0, 1], seen: [65_535, 65_533], predicted: 65_534 },
  ])('[SPS-02][SPS-11][SPS-12][SPS-13][SPS-17][SPS-21] seen at $seen: $predicted', ({ order, seen, predicted }) => {
    const { world, answer } = probing();
    world.contact();
    world.pass(200);
    expect(answer(order[0]!, seen[0]!)).toEqual([]);
    const sent = answer(order[1]!, seen[1]!);
    expect([sent.length, portIn(sent)]).toEqual([1, predicted]);
    expect([...sent[0]!.payload.subarray(-4)]).toEqual([5, 2, predicted >> 8, predicted & 255]);
    expect(world.randomPort.port).not.toBe(predicted);
    // Two of them were for the address.
    expect(world.client.status().counters.advertisementsReceived).toBe(4);
    // The timer is cancelled, and the nonces are used up.
    world.pass(1700);
    expect([world.sent(), answer(0, 1)]).toEqual([[], []]);
    world.pass(100);
    expect(portIn(world.sent())).toBe(predicted);
  });

  it('[SPS-09][SPS-10][SPS-16][SPS-19] without answers is repeated after 1 s; after 3 s the bubble goes without a port', () => {
    const { world, solicited } = probing();
    world.contact();
    expect(solicited.length).toBe(2);
    world.pass(999);
    expect([solicited.length, world.sent()]).toEqual([2, []]);
    world.pass(1);
    expect([solicited.length, world.sent().map(({ portId }) => portId)]).toEqual([4, [world.randomPort.id]]);
    world.pass(1999);
    expect(portIn(world.sent())).toBeUndefined();
    world.pass(1);
    expect(portIn(world.sent())).toBe(0);
    world.pass(5000);
    expect([solicited.length, world.openPorts]).toEqual([4, 0]);
    expect(world.delivered().length).toBe(1);
  });

  it('[SPS-03] of each peer has a timer of its own', () => {
    const { world, solicited } = probing();
    world.contact();
    world.pass(500);
    world.contact(peerAt('198.51.100.11:8192'));
    const counts = [499, 1, 499, 1].map((ms) => {
      world.pass(ms);
      return solicited.length;
    });
    expect(counts).toEqual([4, 6, 6, 8]);
  });

  it('[SPS-04] forgets its answers when the peers are looked at every 30 s', () => {
    const { world, answer, solicited } = probing();
    world.pass(28_500 - (world.now - 1000));
    world.contact();
    answer(0, 1200);
    world.pass(1000);
    expect(solicited.length).toBe(4);
    world.pass(600);
    world.sent();
    expect(answer(3, 1202)).toEqual([]);
    expect(portIn(answer(2, 1210))).toBe(1206);
  });

  it('[SPS-14] ends when a bubble comes to the service port', () => {
    const { world, answer, solicited } = probing();
    world.contact();
    const { id } = world.randomPort;
    world.direct(peer.endpoint, 0);
    expect([world.outputs.closedPorts, answer(0, 1200), answer(1, 1202)]).toEqual([[id], [], []]);
    world.pass(5000);
    expect(solicited.length).toBe(2);
    expect(world.dataPath()).toEqual([peer.endpoint, 0]);
  });

  it('[SPS-07] aims at the random port of a peer that told one', () => {
    const { world } = probing();
    const sent = world.indirect({ nonce: 5, port: 50_000 });
    const { id } = world.randomPort;
    expect(sent.filter(({ portId }) => portId === id).map(({ port }) => port)).toEqual([50_000]);
    expect(sent.filter(({ portId }) => portId === 0).map(({ port }) => port)).toEqual([8192]);
  });

  it('[SPS-18] takes answers as qualification does, and they change nothing else', () => {
    const { world, answer, solicited } = probing();
    const { address } = world;
    world.contact();
    const bad = (datagram: Uint8Array, at: number) =>
      datagram.map((octet, index) => (index === at ? octet ^ 1 : octet));
    const refused = [
      answer(0, 1200, (datagram) => bad(datagram, 5)),
      answer(0, 1200, (datagram) => datagram.slice(13)),
      answer(0, 0),
      answer(0, 1200, (datagram) => bad(datagram, datagram.length - 40)),
    ];
    expect([refused, world.totalDrops()]).toEqual([[[], [], [], []], 4]);
    // From the other address of the server, and from another host.
    const { payload, portId } = solicited[0]!;
    const good = advertisementFor(payload, server.primary, endpoint('192.0.2.1:1200'));
    for (const from of [server.secondary, server.primary + 9])
      world.receive(good, { address: from, port: 3544, portId });
    world.receive(good, { address: server.primary, port: 3544, portId: 0 });
    expect([world.sent(), world.totalDrops()]).toEqual([[], 7]);
    answer(0, 1200);
    expect(portIn(answer(1, 1202))).toBe(1201);
    expect([world.address, world.client.status().mapped]).toEqual([address, endpoint('192.0.2.1:4096')]);
  });

  it('[SPS-01] is none where the extension is off', () => {
    const world = new RandomPortWorld('sequential', { extensions: { ...extensions, sequentialPorts: false } });
    expect([portIn(world.contact()), world.openPorts]).toEqual([0, 0]);
  });
});
