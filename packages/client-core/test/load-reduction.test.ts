import { peerColumnCount, peerColumns } from '@navalis/engine';
import { noExtensions } from '@navalis/traversal';
import { writeDiscoveryTrailer } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { Exchange, portRestricted } from './exchange.ts';
import { bubble, dataPacket, endpoint, joined, withOrigin } from './packets.ts';
import { isTo, peer, peerAt, serverEndpoint, World } from './world.ts';

const extensions = { ...noExtensions, serverLoadReduction: true };

function discovery(type: number): Uint8Array {
  const bytes = new Uint8Array(6);
  writeDiscoveryTrailer(bytes, 0, type);
  return bytes;
}

/** A client that knows the peer, and was last heard of now. */
function acquainted(options = extensions, peerCapacity = 1024): World {
  const world = World.qualified({ extensions: options, peerCapacity });
  world.receive(bubble(peer.address, world.address), peer.endpoint);
  return world;
}

function told(world: World): string[] {
  return world.sent().map(({ at, payload, ...to }) => {
    const where = isTo({ ...to, payload }, peer.endpoint) ? 'peer' : 'server';
    const what = payload.length === 60 ? 'data' : payload.length === 46 ? ['asks', 'answers'][payload[42]!]! : 'bubble';
    return `${what} ${where} ${at}`;
  });
}

describe('a peer that was silent for 30 s', () => {
  it('[SLR-03][SLR-06][SLR-09][SLR-11] answers: the example of RFC 6081 6.6, and no datagram to any server', () => {
    const exchange = new Exchange(portRestricted, portRestricted, { extensions });
    const { a, b } = exchange;
    exchange.send(a, b, 1);
    exchange.pass(40_000);
    expect(exchange.received(b)).toEqual([1]);
    exchange.bubbles();
    exchange.send(a, b, 2);
    expect(exchange.bubbles()).toEqual(['A direct solicitation', 'B direct advertisement']);
    exchange.pass(20_000);
    expect([exchange.received(b), exchange.bubbles()]).toEqual([[2], []]);
    // A was heard by what it sent, so that B needs no exchange of its own.
    exchange.send(b, a, 3);
    expect([exchange.received(a), exchange.bubbles()]).toEqual([[3], []]);
  });

  it('[SLR-04][SLR-05][SLR-12][CL-T-16] does not: asked at 0, 2 and 4 s, then as a new one until 12 s', () => {
    const world = acquainted();
    const start = world.now + 30_000;
    world.pass(30_000);
    world.host(dataPacket(world.address, peer.address));
    world.pass(60_000);
    expect(told(world)).toEqual([
      `asks peer ${start}`,
      `asks peer ${start + 2000}`,
      `asks peer ${start + 4000}`,
      `bubble server ${start + 4000}`,
      ...[6000, 8000, 10_000].flatMap((ms) => [`bubble peer ${start + ms}`, `bubble server ${start + ms}`]),
    ]);
    expect([world.dropsFor('unreachable'), world.delivered().length]).toEqual([1, 1]);
  });

  it('[SLR-10][SLR-15] is not asked at first when it is new; repeated bubbles ask, for its answer may be lost', () => {
    const world = World.qualified({ extensions });
    const start = world.now;
    world.host(dataPacket(world.address, peer.address));
    world.pass(2000);
    expect(told(world)).toEqual([
      `bubble peer ${start}`,
      `bubble server ${start}`,
      `asks peer ${start + 2000}`,
      `bubble server ${start + 2000}`,
    ]);
  });

  it('[SLR-15] answers repeated bubbles of a peer that it trusts, whose first answer was lost', () => {
    const exchange = new Exchange(portRestricted, portRestricted, { extensions });
    const { a, b } = exchange;
    let isLost = true;
    // What B sends gets lost at first, and later what the servers pass on.
    exchange.loses = (from, { port }) => (isLost ? from === b : port === serverEndpoint.port);
    exchange.send(a, b, 1);
    exchange.pass(1000);
    isLost = false;
    exchange.pass(4000);
    expect(exchange.received(b)).toEqual([1]);
  });

  it('[SLR-09][SLR-11] speaks while it is asked: what waits leaves then, and not earlier', () => {
    const world = acquainted();
    world.pass(30_000);
    const start = world.now;
    world.host(dataPacket(world.address, peer.address));
    world.pass(1000);
    expect(told(world)).toEqual([`asks peer ${start}`]);
    world.receive(joined(bubble(peer.address, world.address), discovery(1)), peer.endpoint);
    expect(told(world)).toEqual([`data peer ${start + 1000}`]);
    world.pass(20_000);
    expect(world.sent()).toEqual([]);
  });

  it('[SLR-09] answers, which tells the round trip', () => {
    const world = acquainted();
    world.pass(30_000);
    world.host(dataPacket(world.address, peer.address));
    world.pass(80);
    world.receive(joined(bubble(peer.address, world.address), discovery(1)), peer.endpoint);
    const columns = new Float64Array(peerColumnCount);
    world.client.peerRows!.read(1, columns, 0, world.now);
    expect(columns[peerColumns.roundTripMs]).toBe(80);
  });

  it('[SLR-03][CL-P-05][SEC-17] is one that the host contacted from then on, and stays when visitors fill the table', () => {
    const world = acquainted(extensions, 2);
    world.pass(30_000);
    world.host(dataPacket(world.address, peer.address));
    for (const where of ['198.51.100.11:8192', '198.51.100.12:8192']) {
      const visitor = peerAt(where);
      world.receive(bubble(visitor.address, world.address), visitor.endpoint);
    }
    expect(world.client.peerRows!.find(peer.address)).toBe(1);
  });

  it('[SLR-01] is looked for as RFC 4380 says where the extension is off', () => {
    const world = acquainted(noExtensions);
    world.pass(30_000);
    world.host(dataPacket(world.address, peer.address));
    expect(told(world)).toEqual([`bubble peer ${world.now}`, `bubble server ${world.now}`]);
  });

  it('[SLR-10] is new: no solicitation', () => {
    const world = World.qualified({ extensions });
    world.host(dataPacket(world.address, peer.address));
    expect(told(world)).toEqual([`bubble peer ${world.now}`, `bubble server ${world.now}`]);
  });
});

describe('a solicitation', () => {
  it('[SLR-06][SLR-07][SLR-13] of an accepted bubble is answered by one advertisement', () => {
    const world = acquainted();
    world.receive(joined(bubble(peer.address, world.address), discovery(0)), peer.endpoint);
    const [answer, ...others] = world.sent();
    expect([isTo(answer!, peer.endpoint), answer!.payload.slice(40), others]).toEqual([
      true,
      Uint8Array.of(4, 4, 1, 0, 0, 0),
      [],
    ]);
  });

  it('[SLR-13][SLR-06] of a peer that was not known, at the endpoint that it embeds, is answered, too', () => {
    const world = World.qualified({ extensions });
    world.receive(joined(bubble(peer.address, world.address), discovery(0)), peer.endpoint);
    expect(told(world)).toEqual([`answers peer ${world.now}`]);
  });

  it('[SLR-13][SEC-14] that is forged, of another type, or in data is not answered; others within the limits', () => {
    const world = acquainted();
    world.receive(joined(bubble(peer.address, world.address), discovery(0)), endpoint('198.51.100.99:1'));
    for (const type of [2, 0xff])
      world.receive(joined(bubble(peer.address, world.address), discovery(type)), peer.endpoint);
    world.receive(joined(dataPacket(peer.address, world.address), discovery(0)), peer.endpoint);
    expect(world.sent()).toEqual([]);
    for (let times = 0; times < 10; times++) {
      world.receive(joined(bubble(peer.address, world.address), discovery(0)), peer.endpoint);
    }
    expect([told(world).length, world.dropsFor('reply-limit')]).toEqual([4, 6]);
  });

  it('[SLR-14] ends with its advertisement, which is not answered', () => {
    const world = acquainted();
    for (let times = 0; times < 3; times++) {
      world.receive(joined(bubble(peer.address, world.address), discovery(1)), peer.endpoint);
    }
    expect(world.sent()).toEqual([]);
  });

  it('[SLR-08] in an indirect bubble is answered likewise', () => {
    const world = World.qualified({ extensions });
    const asked = joined(withOrigin(bubble(peer.address, world.address), peer.endpoint), discovery(0));
    world.receive(asked, serverEndpoint);
    expect(told(world)).toEqual([`answers peer ${world.now}`, `bubble server ${world.now}`]);
  });

  it('[SLR-01][XC-13] is a bubble like others where the extension is off', () => {
    const world = acquainted(noExtensions);
    world.receive(joined(bubble(peer.address, world.address), discovery(0)), peer.endpoint);
    expect([world.sent(), world.totalDrops()]).toEqual([[], 0]);
  });
});
