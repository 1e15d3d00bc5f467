import { peerColumns, peerPathKinds } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, endpoint, ipv4, joined } from './packets.ts';
import { otherTurnServer, relayed, TurnWorld, turnServer } from './turn-world.ts';
import { native, otherServer, peer, peerAt, server } from './world.ts';

const subnet = { address: ipv4('10.0.0.0'), length: 24 };
const onLink = endpoint('10.0.0.7:49000');
/** A client whose Teredo address embeds the same mapped address: it is on this link, behind the same TURN server. */
const neighbour = peerAt('203.0.113.10:49999', 0x2468);
const allNodes = { word0: 0xff020000, word1: 0, word2: 0, word3: 1 };

/** A client that reached `peer` through the allocation. */
function withPeer(...parts: ConstructorParameters<typeof TurnWorld>): TurnWorld {
  const world = TurnWorld.qualified(...parts);
  world.host(dataPacket(world.address, peer.address));
  world.peerSends(bubble(peer.address, world.address), peer.endpoint);
  world.sent();
  return world;
}

describe('[TU-15] a client behind a TURN server', () => {
  it('has the relayed endpoint in its address, and says which server relays it', () => {
    const world = TurnWorld.qualified();
    expect(world.client.status()).toMatchObject({
      state: 'qualified',
      since: 1_000,
      mapped: relayed,
      turn: { server: turnServer.endpoint, transport: 'udp', relayed, failure: undefined },
    });
    expect(world.client.status().address).toEqual(world.client.address);
    expect(world.solicited).toEqual([server.primary, server.secondary]);
    expect(world.plain).toEqual([]);
  });

  it('exchanges packets with peers through it', () => {
    const world = TurnWorld.qualified();
    world.host(dataPacket(world.address, peer.address, 3));
    expect(world.sent().map(({ to }) => to)).toEqual([peer.endpoint, peer.server]);
    world.peerSends(bubble(peer.address, world.address), peer.endpoint);
    expect(world.sent().map(({ to, payload }) => [to, payload[40]])).toEqual([[peer.endpoint, 3]]);
    world.peerSends(dataPacket(peer.address, world.address, 4), peer.endpoint);
    expect(world.outputs.takePackets().map((packet) => packet[40])).toEqual([4]);
  });

  it('shows its peers as reached through the server, but for those on its link', () => {
    const world = withPeer({ localDiscovery: { subnet, sameNatOnly: false }, discoveryPortId: 1 });
    world.arrives(bubble(neighbour.address, allNodes), onLink, 1);
    const { counts, recent } = world.client.status().paths!;
    expect(counts).toEqual({
      direct: 0,
      learned: 0,
      'random-port': 0,
      'same-nat': 0,
      'local-link': 0,
      relay: 0,
      turn: 1,
      'turn-direct': 0,
    });
    expect(recent).toMatchObject([{ address: peer.address, kind: 'turn', endpoint: peer.endpoint, heardAt: 1_000 }]);
    world.arrives(bubble(neighbour.address, world.address), onLink);
    world.host(dataPacket(world.address, neighbour.address));
    world.arrives(bubble(neighbour.address, world.address), onLink);
    expect(world.client.status().paths).toMatchObject({ counts: { turn: 1, 'local-link': 1 } });
    expect(
      world.client
        .status()
        .paths?.recent.map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(['local-link', 'turn']);
  });

  it('[TU-23] shows and lists the one that it reaches without the server', () => {
    const world = TurnWorld.qualified({}, { upgradesPaths: true });
    world.host(dataPacket(world.address, peer.address));
    const nonce = world.sent().at(-1)!.payload.slice(40);
    const back = joined(bubble(peer.address, world.address), nonce);
    world.peerSends(back, peer.endpoint);
    const trial = world.plain.at(-1)!;
    expect(trial).toMatchObject(peer.endpoint);
    world.arrives(back, peer.endpoint, trial.portId);
    world.host(dataPacket(world.address, peer.address));
    expect(world.plain.at(-1)!.payload).toHaveLength(60);
    expect(world.client.status().paths).toMatchObject({
      counts: { turn: 0, 'turn-direct': 1 },
      recent: [{ kind: 'turn-direct', endpoint: peer.endpoint }],
    });
    const into = new Float64Array(20);
    world.client.peerRows!.read(1, into, 0, world.now);
    expect(peerPathKinds[into[peerColumns.path]!]).toBe('turn-direct');
  });

  it('lists its peers, with the path as it is outside', () => {
    const world = withPeer();
    const { peerRows } = world.client;
    expect([peerRows!.count, peerRows!.highestRow]).toEqual([1, 1]);
    expect(peerRows!.find(peer.address)).toBe(1);
    expect(peerRows!.find(neighbour.address)).toBe(0);
    expect([peerRows!.isInUse(1), peerRows!.isInUse(2)]).toEqual([true, false]);
    world.pass(2_000);
    world.peerSends(dataPacket(peer.address, world.address), peer.endpoint);
    expect(peerRows!.keyOf(1, 'heard')).toBe(3_000);
    const into = new Float64Array(40);
    peerRows!.read(1, into, 3, world.now);
    expect(peerPathKinds[into[3 + peerColumns.path]!]).toBe('turn');
    world.host(dataPacket(world.address, native));
    peerRows!.read(2, into, 20, world.now);
    expect(peerPathKinds[into[20 + peerColumns.path]!]).toBeUndefined();
  });

  it('counts what its port drops with what it drops itself', () => {
    const world = withPeer();
    world.arrives(bubble(peer.address, world.address), peer.endpoint);
    expect(world.client.status().counters.drops).toEqual({ 'not-from-turn-server': 1 });
    world.peerSends(new Uint8Array(3), peer.endpoint);
    expect(world.client.status().counters.drops).toEqual({ 'not-from-turn-server': 1, 'truncated-origin': 1 });
    // Those of the servers, the bubble and what is malformed.
    expect(world.client.status().counters.datagramsReceived).toBe(4);
    // A packet that waits for a peer, and two datagrams that come too late.
    world.host(dataPacket(world.address, peerAt('198.51.100.99:9999').address));
    world.client.stop(world.now);
    for (let datagrams = 0; datagrams < 2; datagrams++) world.arrives(bubble(neighbour.address, allNodes), onLink);
    expect(world.client.status().counters.drops).toMatchObject({ 'not-qualified': 3 });
  });

  it('takes no neighbours for clients behind its NAT, keeps its port, searches no interval, and needs no route to Teredo servers', () => {
    const world = new TurnWorld({ determinesRefreshInterval: true, keepsPort: false, unreachable: [server.primary] });
    world.client.replaceUnreachable([server.primary]);
    world.start();
    expect(world.client.status().state).toBe('qualified');
    world.client.portMapped(endpoint('192.0.2.99:1'), world.now);
    world.turn.behaviour.forbidden = [server.primary, server.secondary];
    world.host(dataPacket(world.address, peerAt('203.0.113.10:49153').address));
    const trailers = world.sent().flatMap(({ payload }) => [...payload.subarray(40)]);
    expect(trailers.slice(0, 1)).toEqual([1]);
    expect(trailers).toHaveLength(6);
    world.pass(3_600_000);
    const kinds = world.outputs.events.map(({ kind }) => kind);
    expect(kinds).not.toContain('new-port-wanted');
    expect(kinds).not.toContain('refresh-interval-determined');
    expect(world.outputs.openedPorts.filter(({ like }) => like === undefined)).toEqual([]);
  });

  it.each([
    [true, 1],
    [false, 0],
  ])('[TU-23] may reach peers without the server: %s', (upgradesPaths, plainPorts) => {
    const world = withPeer({}, { upgradesPaths });
    expect(world.outputs.openedPorts).toHaveLength(1 + plainPorts);
  });

  it('[TU-23] uses a TURN server for two clients of one address with hairpinning off, whatever is configured', () => {
    const world = TurnWorld.qualified();
    world.host(dataPacket(world.address, peerAt('203.0.113.10:49153').address));
    expect(world.sent().map(({ to }) => to)).toEqual([endpoint('203.0.113.10:49153'), peer.server]);
  });
});

describe('[TU-17] a client whose TURN server gives no allocation', () => {
  it('is starting since it was started, and drops what arrives on its link', () => {
    const world = new TurnWorld();
    expect(world.client.status()).toMatchObject({ state: 'initial', since: 0, turn: { relayed: undefined } });
    world.alive = [];
    world.now = 7_000;
    world.start();
    expect(world.client.status()).toMatchObject({ state: 'starting', since: 7_000, offlineReason: undefined });
    world.arrives(bubble(neighbour.address, allNodes), onLink);
    expect(world.client.status().counters.drops).toEqual({ 'not-qualified': 1 });
    expect(world.client.status().counters.datagramsReceived).toBe(0);
  });

  it('is off-line once the server is given up, with the reason, and works when it answers', () => {
    const world = new TurnWorld();
    world.alive = [];
    world.start();
    while (world.client.status().state === 'starting' && world.now < 60_000) world.pass(500);
    expect(world.client.status()).toMatchObject({
      state: 'off-line',
      since: 1_000,
      offlineReason: 'turn-unavailable',
      turn: { failure: 'silent', relayed: undefined },
    });
    world.pass(600_000);
    expect(world.solicited).toEqual([]);
    world.alive = [turnServer];
    world.pass(60_000);
    expect(world.client.status()).toMatchObject({ state: 'qualified', offlineReason: undefined });
  });

  it('handles no deadline of a client that was not started', () => {
    const world = new TurnWorld({ localDiscovery: { subnet } });
    world.alive = [];
    world.start();
    world.pass(3_000);
    expect(world.plain).toEqual([]);
    expect(world.outputs.events.map(({ kind }) => kind)).not.toContain('qualification-started');
  });

  it('is stopped without ever having been started', () => {
    const world = new TurnWorld();
    world.alive = [];
    world.start();
    world.client.stop(2_000);
    world.settle();
    expect(world.client.status()).toMatchObject({ state: 'stopped', since: 2_000 });
    expect(world.client.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    expect(world.outputs.closedPorts).toHaveLength(1);
  });

  it('keeps its address at first when it loses its allocation, and is not off-line then', () => {
    const world = TurnWorld.qualified();
    world.turn.restart();
    world.turn.behaviour.quota = 0;
    world.client.networkChanged(world.now);
    world.settle();
    expect(world.client.status()).toMatchObject({
      state: 'qualified',
      offlineReason: undefined,
      turn: { failure: 'quota-reached', relayed: undefined },
    });
  });

  it('does not blame the TURN server for what the Teredo server does', () => {
    const world = TurnWorld.qualified();
    world.turn.behaviour.forbidden = [server.primary, server.secondary];
    world.alive = [];
    world.pass(600_000);
    expect(world.client.status().offlineReason).toBe('turn-unavailable');
    world.client.stop(world.now);
    expect(world.client.status()).toMatchObject({ state: 'stopped' });
    expect(world.client.status().offlineReason).not.toBe('turn-unavailable');
  });
});

describe('the time of a client behind a TURN server', () => {
  it('has the earlier of both deadlines, and says whose it is', () => {
    const world = new TurnWorld();
    expect([world.client.nextDeadline(), world.client.deadlineReason()]).toEqual([Number.POSITIVE_INFINITY, undefined]);
    world.alive = [];
    world.start();
    // The first request is repeated after 0.5 s.
    expect([world.client.nextDeadline() - world.now, world.client.deadlineReason()]).toEqual([500, 'turn']);
    const qualified = TurnWorld.qualified();
    expect(qualified.client.deadlineReason()).toBe('qualification');
    expect(qualified.client.nextDeadline() - qualified.now).toBeGreaterThan(20_000);
    expect(qualified.client.nextDeadline() - qualified.now).toBeLessThanOrEqual(30_000);
  });

  it('keeps allocation and address over hours', () => {
    const world = TurnWorld.qualified();
    const { address } = world;
    world.pass(4 * 3_600_000);
    expect(world.client.address).toEqual(address);
    expect(world.outputs.events.filter(({ kind }) => kind === 'turn-allocated')).toHaveLength(1);
  });

  it.each([
    ['a packet of the host', (world: TurnWorld) => world.host(dataPacket(world.address, peer.address))],
    [
      'other Teredo servers',
      (world: TurnWorld) => {
        world.client.replaceServers([otherServer], world.now);
        world.settle();
      },
    ],
  ])('counts the silence of the TURN server from %s on', (_what, act) => {
    const world = TurnWorld.qualified();
    world.pass(15_000);
    world.alive = [];
    world.requests('refresh');
    const before = world.asked.length;
    act(world);
    const sent = world.asked.length - before;
    expect(sent).toBeGreaterThan(0);
    const silence = world.client.nextDeadline() - world.now;
    expect(silence).toBeGreaterThan(0);
  });
});

describe('what happens to a client behind a TURN server', () => {
  it('a stop ends the allocation, closes its port, and loses the address', () => {
    const world = withPeer();
    world.pass(5_000);
    world.client.stop(world.now);
    world.settle();
    expect(world.turn.allocations).toEqual([]);
    expect(world.outputs.closedPorts).toEqual(world.outputs.openedPorts.map(({ id }) => id));
    expect(world.client.status()).toMatchObject({ state: 'stopped', since: 6_000, address: undefined, peers: 0 });
    expect(world.outputs.events.slice(-2).map(({ kind }) => kind)).toEqual(['address-lost', 'stopped']);
    expect([world.client.nextDeadline(), world.client.deadlineReason()]).toEqual([Number.POSITIVE_INFINITY, undefined]);
    world.arrives(bubble(neighbour.address, allNodes), onLink);
    expect(world.client.status().counters.drops).toEqual({ 'not-qualified': 1 });
    world.start();
    expect(world.client.status()).toMatchObject({ state: 'qualified', mapped: { ...relayed, port: 49_153 } });
  });

  it('a lost allocation is replaced, and gives another address without a start', () => {
    const world = TurnWorld.qualified();
    const { address } = world;
    world.turn.restart();
    world.pass(600_000);
    expect(world.client.status()).toMatchObject({ state: 'qualified', mapped: { ...relayed, port: 49_153 } });
    expect(world.client.address).not.toEqual(address);
    expect(world.outputs.events.filter(({ kind }) => kind === 'started')).toHaveLength(1);
  });

  it('another network has the server asked at once whether it still leads here, and then tells the local address', () => {
    const world = TurnWorld.qualified();
    world.pass(10_000);
    world.requests('refresh');
    world.turn.restart();
    world.client.networkChanged(world.now, ipv4('10.9.9.9'));
    world.settle();
    expect(world.requests('refresh')).toBeGreaterThanOrEqual(1);
    expect(world.client.status()).toMatchObject({ state: 'qualified', mapped: { ...relayed, port: 49_153 } });
    expect(world.outputs.events).toContainEqual({
      kind: 'local-changed',
      local: { address: ipv4('10.9.9.9'), port: 49_152 },
    });
  });

  it('sleep forgets peers, is told, and has the server asked', () => {
    const world = withPeer();
    world.pass(10_000);
    world.requests('refresh');
    world.client.resumed(123_000, world.now);
    world.settle();
    expect(world.outputs.events).toContainEqual({ kind: 'resumed', sleptMs: 123_000 });
    expect(world.client.status().peers).toBe(0);
    expect(world.requests('refresh')).toBeGreaterThanOrEqual(1);
  });

  it('[TU-07] sleep that outlasts the permissions has the Teredo server permitted before it is solicited', () => {
    const world = TurnWorld.qualified();
    world.now += 400_000;
    world.client.resumed(400_000, world.now);
    world.settle();
    expect(world.turn.refused).toBe(0);
    expect(world.client.status().state).toBe('qualified');
  });

  it('another network before the first allocation tells the local address, too', () => {
    const world = new TurnWorld();
    world.alive = [];
    world.start();
    world.client.networkChanged(world.now, ipv4('10.9.9.9'));
    world.alive = [turnServer];
    world.pass(60_000);
    expect(world.client.status().state).toBe('qualified');
    expect(world.outputs.events).toContainEqual({
      kind: 'local-changed',
      local: { address: ipv4('10.9.9.9'), port: 49_152 },
    });
  });

  it('a start after a stop begins with the first allocation', () => {
    const world = TurnWorld.qualified();
    world.client.stop(world.now);
    world.turn.behaviour.quota = 0;
    world.now = 9_000;
    world.client.start(world.now);
    expect(world.client.status()).toMatchObject({ state: 'starting', since: 9_000, offlineReason: undefined });
    world.settle();
    expect(world.client.status()).toMatchObject({
      state: 'off-line',
      since: 9_000,
      offlineReason: 'turn-unavailable',
      turn: { failure: 'quota-reached' },
    });
    world.client.stop(10_000);
    expect(world.client.status()).toMatchObject({ state: 'stopped', since: 10_000, offlineReason: undefined });
  });

  it('sleep before the first allocation wakes the search for one, and nothing else', () => {
    const world = new TurnWorld();
    world.alive = [];
    world.start();
    world.pass(100_000);
    world.alive = [turnServer];
    world.client.resumed(50_000, world.now);
    world.settle();
    expect(world.client.status().state).toBe('qualified');
    expect(world.outputs.events.map(({ kind }) => kind)).not.toContain('resumed');
  });

  it('another TURN server is used when the one in use fails', () => {
    const world = TurnWorld.qualified();
    world.client.replaceTurnServers([otherTurnServer]);
    world.alive = [otherTurnServer];
    world.asked.length = 0;
    world.pass(600_000);
    expect(world.asked).toContain(otherTurnServer.endpoint.address);
    expect(world.client.status()).toMatchObject({ state: 'qualified', turn: { server: otherTurnServer.endpoint } });
  });

  it('another Teredo server is solicited through the allocation', () => {
    const world = TurnWorld.qualified();
    world.client.replaceServers([otherServer], world.now);
    world.settle();
    expect(world.solicited.slice(2)).toEqual([otherServer.primary, otherServer.secondary]);
    expect(world.client.status()).toMatchObject({ state: 'qualified', server: otherServer.primary });
  });

  it('announces itself on another link by a socket of the host', () => {
    const world = TurnWorld.qualified();
    world.client.replaceLocalLink({ subnet }, world.now);
    world.pass(1);
    expect(world.plain).toMatchObject([{ address: ipv4('224.0.0.253'), port: 3544, portId: 0 }]);
  });
});
