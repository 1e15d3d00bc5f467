import { trailerTypes } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { advertisementFor, bubble, echoRequest, endpoint, ipv4, withAuthentication, withOrigin } from './packets.ts';
import { elsewhere, extensions, nonceIn, portIn, RandomPortWorld, trailerIn } from './random-port-world.ts';
import { isTo, peer, peerAt, server, serverEndpoint, World } from './world.ts';

const moved = endpoint('198.51.100.10:50001');

describe('a client behind a port-preserving symmetric NAT', () => {
  it('[PP-02][PP-03][PP-04] opens no port before it contacts somebody, and looks at its peers every 30 s from the start', () => {
    const world = new RandomPortWorld('preserving');
    expect(world.client.status()).toMatchObject({ nat: 'symmetric', isPortPreserving: true });
    expect([world.openPorts, world.client.nextDeadline() <= 31_000]).toEqual([0, true]);
    const [id, port] = [world.contact(), world.randomPort.port];
    expect([portIn(id), world.openPorts]).toEqual([port, 1]);
  });

  it.each([
    { kind: 'restricted', opened: 0 },
    { kind: 'preserving', opened: 1 },
    { kind: 'sequential', opened: 1 },
  ] as const)('[PP-04][CL-N-06] behind a $kind one it opens $opened ports for a peer', ({ kind, opened }) => {
    const world = new RandomPortWorld(kind);
    world.contact();
    expect(world.openPorts).toBe(opened);
  });

  it('[PP-27] draws the number from the dynamic ports, again when a program uses it, and does without when none is to be had', () => {
    const world = new RandomPortWorld('preserving');
    const { outputs } = world;
    const asked: number[] = [];
    const open = outputs.openPort.bind(outputs);
    outputs.openPort = (request) => {
      asked.push(request.port!);
      return asked.length < 3 ? 'port-taken' : open(request);
    };
    expect(portIn(world.contact())).toBe(asked[2]);
    expect(asked.filter((port) => port < 49_152 || port > 65_535)).toEqual([]);
    expect(new Set(asked).size).toBe(3);
    outputs.portRefusal = 'descriptor-limit';
    const other = peerAt('198.51.100.11:8192');
    expect(portIn(world.contact(other), other)).toBe(0);
    expect(world.client.status().counters.portsRefused).toBe(1);
    asked.length = 0;
    outputs.openPort = (request) => {
      expect(request).toMatchObject({ like: 0, carriesData: true });
      asked.push(request.port!);
      return 'port-taken';
    };
    world.contact(peerAt('198.51.100.12:8192'));
    expect(asked).toHaveLength(8);
    expect(new Set(asked.map((port) => port & 255)).size).toBeGreaterThan(4);
    expect(outputs.events.filter(({ kind }) => kind === 'port-refused').length).toBe(2);
  });

  it('[PP-27] keeps 64 ports open at most, 16 of them for unknown peers, and none over a thousand contacts', () => {
    const world = new RandomPortWorld('preserving');
    const at = (network: number, index: number) =>
      peerAt(`198.51.${network + Math.floor(index / 200)}.${1 + (index % 200)}:9000`);
    for (let index = 0; index < 1000; index++) {
      world.indirect({ nonce: 1, port: 50_000 }, at(0, index));
      if (index % 50 === 49) world.pass(9000);
      expect(world.openPorts).toBeLessThanOrEqual(16);
    }
    expect(world.client.status().counters.portsRefused).toBeGreaterThanOrEqual(1000 - 20 * 16);
    for (let index = 0; index < 1000; index++) {
      world.contact(at(10, index));
      expect(world.openPorts).toBe(Math.min(64, 1 + (index % 100)));
      if (index % 100 === 99) world.pass(9000);
    }
    world.pass(9000);
    expect(world.openPorts).toBe(0);
    expect(new Set(world.outputs.closedPorts).size).toBe(world.outputs.openedPorts.length);
    world.contact();
    world.client.stop(world.now);
    expect(world.openPorts).toBe(0);
  });

  it('[PP-27] closes the port 8 s after a failure, and of a peer that only asked', () => {
    const world = new RandomPortWorld('preserving');
    world.contact();
    world.pass(7999);
    expect(world.openPorts).toBe(1);
    world.pass(1);
    expect(world.openPorts).toBe(0);
    world.indirect({ nonce: 1, port: 50_000 }, peerAt('198.51.100.11:8192'));
    world.pass(7999);
    expect(world.openPorts).toBe(1);
    world.pass(1);
    expect(world.openPorts).toBe(0);
  });

  it('[PP-14][PP-15][PP-16][PP-28] keeps the random port of a peer while anything is exchanged; another one later', () => {
    const world = new RandomPortWorld('preserving');
    const aimedAt = (sent: readonly { port: number; portId: number }[]) =>
      sent.filter(({ portId }) => portId !== 0).map(({ port }) => port);
    expect(aimedAt(world.indirect({ nonce: 1, port: -1 }))).toEqual([]);
    world.pass(100);
    expect(aimedAt(world.indirect({ nonce: 2, port: 50_000 }))).toEqual([50_000]);
    const first = world.randomPort.id;
    expect(aimedAt(world.indirect({ nonce: 3, port: 50_001 }))).toEqual([50_000]);
    expect(aimedAt(world.indirect({ nonce: 4, port: -1 }))).toEqual([50_000]);
    expect(world.randomPort.id).toBe(first);
    world.pass(29_999);
    expect(aimedAt(world.indirect({ nonce: 5, port: 50_001 }))).toEqual([50_000]);
    world.pass(30_000);
    expect(aimedAt(world.indirect({ nonce: 6, port: 50_001 }))).toEqual([50_001]);
  });

  it('[PP-16] closes its own port when the peer tells another one after 30 s of silence', () => {
    const world = new RandomPortWorld('preserving');
    const id = world.meetAtRandomPort();
    world.client.stop(world.now);
    const quiet = new RandomPortWorld('preserving');
    quiet.meetAtRandomPort();
    // No deadline is handled meanwhile, so that nothing is refreshed.
    quiet.now += 29_999;
    quiet.indirect({ nonce: 2, port: 50_009 });
    expect(quiet.outputs.closedPorts).toEqual([]);
    quiet.now += 30_000;
    const [old, sent] = [quiet.randomPort, quiet.indirect({ nonce: 2, port: 50_009 })];
    expect(quiet.outputs.closedPorts).toEqual([old.id]);
    expect(sent.find(({ port }) => port === 50_009)!.portId).toBe(quiet.randomPort.id);
    expect(id).toBe(old.id);
  });

  it('[PP-05][PP-33] lets a peer tell another port while its own is only refreshed', () => {
    const world = new RandomPortWorld('preserving');
    world.meetAtRandomPort();
    world.pass(29_999);
    world.indirect({ nonce: 2, port: 50_009 });
    expect(world.outputs.closedPorts).toEqual([]);
    world.pass(60_000);
    const old = world.randomPort;
    expect(world.sent().some(({ at, portId }) => portId === old.id && world.now - at < 30_000)).toBe(true);
    world.indirect({ nonce: 2, port: 50_009 });
    expect(world.outputs.closedPorts).toEqual([old.id]);
  });

  it('[PP-34] goes on with its port after a failure, while a bubble may follow', () => {
    const world = new RandomPortWorld('preserving');
    world.contact();
    world.pass(2100);
    // The answer takes the place of the burst at 4 s.
    world.indirect({ nonce: 1, port: -1 });
    world.pass(5899);
    const { port } = world.randomPort;
    world.pass(1);
    expect([world.dropsFor('unreachable'), world.openPorts]).toEqual([1, 1]);
    world.sent();
    expect(world.contact().map((sent) => trailerIn(sent, trailerTypes.randomPort))).toContain(port);
    world.pass(8000);
    expect(world.openPorts).toBe(0);
  });

  it('[PP-21][PP-22][PP-25][PP-26] sends data and bubbles from the random port where the peer was heard', () => {
    const world = new RandomPortWorld('preserving');
    const id = world.meetAtRandomPort();
    expect(world.dataPath()).toEqual([elsewhere, id]);
    expect(world.data(elsewhere, id)).toBe(1);
    expect(world.direct(elsewhere, id)).toEqual([]);
    world.pass(2000);
    const answers = world.indirect({ nonce: 77, port: elsewhere.port });
    expect(answers.map(({ port, portId }) => [port, portId])).toEqual([[elsewhere.port, id]]);
    expect([trailerIn(answers[0]!, trailerTypes.nonce), trailerIn(answers[0]!, trailerTypes.randomPort)]).toEqual([
      77,
      world.randomPort.port,
    ]);
  });

  it('[PP-32] answers the bubble that came to the random port once, before any data', () => {
    const world = new RandomPortWorld('preserving');
    const nonce = nonceIn(world.contact());
    const { id, port } = world.randomPort;
    world.indirect({ nonce: 9, port: elsewhere.port });
    const sent = world.direct(elsewhere, id, { nonce });
    expect(sent.map(({ payload, portId }) => [payload[6], portId])).toEqual([
      [59, id],
      [17, id],
    ]);
    expect([trailerIn(sent[0]!, trailerTypes.nonce), trailerIn(sent[0]!, trailerTypes.randomPort)]).toEqual([9, port]);
    expect(world.direct(elsewhere, id, { nonce })).toEqual([]);
  });

  it('[PP-17][PP-18] moves to the service port with the first bubble there, and closes the random one', () => {
    const world = new RandomPortWorld('preserving');
    const nonce = nonceIn(world.contact());
    world.direct(elsewhere, 0, { nonce });
    expect([world.outputs.closedPorts, world.dataPath()]).toEqual([[world.randomPort.id], [elsewhere, 0]]);
    expect(world.direct(elsewhere, 0, { nonce })).toEqual([]);
    expect([world.dataPath(), world.openPorts]).toEqual([[elsewhere, 0], 0]);
  });

  it('[PP-19] ignores another endpoint within 30 s, and after that looks for the peer through its server', () => {
    const world = new RandomPortWorld('preserving');
    const nonce = nonceIn(world.contact());
    world.indirect({ nonce: 9 });
    world.direct(elsewhere, 0, { nonce });
    world.now += 29_000;
    expect(world.direct(moved, 0, { nonce })).toEqual([]);
    expect(world.direct(peer.endpoint, 0)).toEqual([]);
    expect([world.dropsFor('endpoint-mismatch'), world.dataPath()]).toEqual([2, [elsewhere, 0]]);
    world.now += 31_000;
    const sent = world.direct(peer.endpoint, 0);
    expect([sent.length, isTo(sent[0]!, peer.server), portIn(sent)]).toEqual([1, true, world.randomPort.port]);
    expect(world.dataPath()).toBeUndefined();
    world.direct(peer.endpoint, 0);
    expect(world.dataPath()).toEqual([peer.endpoint, 0]);
  });

  it('[PP-20] moves from the random port to the service port, at the same endpoint and at another one', () => {
    for (const from of [elsewhere, peer.endpoint, moved]) {
      const world = new RandomPortWorld('preserving');
      const nonce = nonceIn(world.contact());
      const { id } = world.randomPort;
      world.indirect({ nonce: 9, port: elsewhere.port });
      world.direct(elsewhere, id, { nonce });
      world.direct(from, 0, { nonce });
      expect([world.outputs.closedPorts, world.dataPath()]).toEqual([[id], [from, 0]]);
    }
  });

  it('[PP-23] closes the random port when the peer is heard there from elsewhere, and looks for it again', () => {
    const world = new RandomPortWorld('preserving');
    const nonce = nonceIn(world.contact());
    const { id } = world.randomPort;
    world.indirect({ nonce: 9, port: elsewhere.port });
    world.direct(elsewhere, id, { nonce });
    world.pass(2500);
    const sent = world.direct(moved, id, { nonce });
    expect(world.outputs.closedPorts).toEqual([id]);
    expect([sent.length, isTo(sent[0]!, peer.server), portIn(sent)]).toEqual([1, true, world.randomPort.port]);
    expect(world.dataPath()).toBeUndefined();
    expect(nonceIn(sent)).not.toBe(nonce);
  });

  it('[PP-24] drops forged bubbles and data at a random port, and sends nothing', () => {
    const world = new RandomPortWorld('preserving');
    const nonce = nonceIn(world.contact());
    const { id } = world.randomPort;
    const other = peerAt('198.51.100.11:8192');
    for (const [from, trailers, source] of [
      [elsewhere, {}, peer],
      [elsewhere, { nonce: nonce ^ 1 }, peer],
      [elsewhere, { nonce }, other],
      [other.endpoint, { nonce }, other],
      [endpoint('10.0.0.9:50000'), { nonce }, peer],
      [endpoint('198.51.100.10:3544'), {}, peer],
    ] as const) {
      const drops = world.totalDrops();
      expect([world.direct(from, id, trailers, source), world.totalDrops() - drops]).toEqual([[], 1]);
    }
    expect(world.dropsFor('not-for-random-port')).toBe(2);
    expect([world.data(elsewhere, id), world.dataPath(), world.openPorts]).toEqual([0, undefined, 1]);
    const from = { ...elsewhere, portId: id };
    world.receive(withAuthentication(bubble(peer.address, world.address)), from);
    world.receive(withOrigin(bubble(peer.address, world.address), elsewhere), from);
    world.receive(bubble(peer.address, other.address), from);
    world.receive(echoRequest(peer.address, world.address, new Uint8Array(16)), from);
    for (const reason of ['authentication-around-other', 'unexpected-origin', 'not-for-us'] as const) {
      expect([reason, world.dropsFor(reason)]).toEqual([reason, 1]);
    }
    expect(world.client.status().counters.advertisementsReceived).toBe(2);
    expect([world.sent(), world.delivered(), world.openPorts]).toEqual([[], [], 1]);
    expect(world.direct(elsewhere, id + 40)).toEqual([]);
    expect(world.dropsFor('not-for-secondary-port')).toBe(1);
  });

  it('[SPS-18] drops an advertisement at a random port without the nonce of an echo test, and counts that it came', () => {
    const world = new RandomPortWorld('sequential');
    world.contact();
    const { id } = world.randomPort;
    const received = world.client.status().counters.advertisementsReceived;
    const advertisement = advertisementFor(new Uint8Array(61), server.primary, endpoint('192.0.2.1:5000'));
    for (const datagram of [advertisement, advertisement.slice(13)]) {
      world.receive(datagram, { ...serverEndpoint, portId: id });
    }
    expect(world.dropsFor('nonce-mismatch')).toBe(2);
    expect(world.client.status().counters.advertisementsReceived).toBe(received + 2);
  });

  it('[PP-29] trusts a peer by its data at the service port, and closes the random one with the first bubble there', () => {
    const world = new RandomPortWorld('preserving');
    world.contact();
    expect([world.data(peer.endpoint, 0), world.openPorts, world.dataPath()]).toEqual([1, 1, [peer.endpoint, 0]]);
    world.direct(peer.endpoint, 0);
    expect(world.openPorts).toBe(0);
  });
});

describe('the timer for peers', () => {
  const link = { subnet: { address: ipv4('10.0.0.0'), length: 24 } };
  /** So that nothing else is due sooner. */
  const options = { extensions, refreshIntervalMs: 240_000 };
  const never = Number.POSITIVE_INFINITY;

  it('[PP-03] runs from the start of the client on, once there may be peers, and not before', () => {
    const world = World.qualified(options);
    world.client.replaceLocalLink(undefined, world.now);
    expect(world.client.deadlineReason()).toBe('qualification');
    world.pass(39_000);
    world.client.replaceLocalLink(link, world.now);
    world.pass(0);
    expect([world.client.nextDeadline(), world.client.deadlineReason()]).toEqual([61_000, 'peers']);
  });

  it('[PP-03][CL-U-11] ends with the client, and begins with it again', () => {
    const world = World.qualified({ ...options, localDiscovery: link });
    world.pass(0);
    expect(world.client.nextDeadline()).toBe(31_000);
    world.client.stop(world.now);
    expect(world.client.nextDeadline()).toBe(never);
    world.pass(9_000);
    world.start();
    world.pass(0);
    expect(world.client.nextDeadline()).toBe(40_000);
  });
});

describe('a client whose NAT becomes another one', () => {
  it('[PP-04] uses random ports from then on, or no more', () => {
    const world = new RandomPortWorld('restricted');
    world.contact();
    expect(world.openPorts).toBe(0);
    const change = (lower: number, upper: number) => {
      world.seenPorts(lower, upper);
      world.client.networkChanged(world.now);
      world.pass(0);
    };
    change(49_152, 2000);
    world.contact();
    expect(world.openPorts).toBe(1);
    change(4096, 4096);
    world.contact();
    expect(world.openPorts).toBe(0);
  });
});

describe('a client that is not started', () => {
  it('[PP-04] has no deadline, whatever it knows', () => {
    const subnet = { address: endpoint('10.0.0.0:0').address, length: 24 };
    const world = new World({ extensions });
    const deadline = () => [world.client.nextDeadline(), world.client.deadlineReason()];
    world.client.replaceLocalLink({ subnet }, world.now);
    expect(deadline()).toEqual([Number.POSITIVE_INFINITY, undefined]);
    world.start();
    expect(deadline()[1]).toBe('local-discovery');
    world.client.stop(world.now);
    expect(deadline()).toEqual([Number.POSITIVE_INFINITY, undefined]);
    const other = World.qualified({ extensions });
    other.client.stop(other.now);
    other.client.replaceLocalLink({ subnet }, other.now);
    expect([other.client.nextDeadline(), other.client.deadlineReason()]).toEqual([Number.POSITIVE_INFINITY, undefined]);
  });
});

describe('a client behind another NAT', () => {
  it('[PP-13] sends one bubble more to the random port of a peer, never to its own endpoint or elsewhere', () => {
    const world = new RandomPortWorld('restricted');
    const sent = world.indirect({ nonce: 1, port: 50_000 });
    expect(sent.map(({ address, port, portId }) => [address === peer.endpoint.address, port, portId])).toEqual([
      [true, 8192, 0],
      [false, 3544, 0],
      [true, 50_000, 0],
    ]);
    // A neighbour behind the same NAT tells the mapped port of this client.
    const neighbour = peerAt('192.0.2.1:4444');
    expect(world.indirect({ nonce: 1, port: 4096 }, neighbour).map(({ port }) => port)).toEqual([4444, 3544]);
    // Only address and port together are its own endpoint.
    const another = peerAt('192.0.2.1:4445');
    expect(world.indirect({ nonce: 1, port: 4097 }, another).map(({ port }) => port)).toEqual([4445, 3544, 4097]);
    const distant = peerAt('198.51.100.11:4446');
    expect(world.indirect({ nonce: 1, port: 4096 }, distant).map(({ port }) => port)).toEqual([4446, 3544, 4096]);
    expect(world.openPorts).toBe(0);
  });

  it('[PP-13] and does not believe a trailer that its own server did not pass on', () => {
    const world = new RandomPortWorld('restricted');
    world.direct(endpoint('198.51.100.77:3544'), 0, { nonce: 1, port: 50_000 });
    expect(world.indirect({ nonce: 1 }).some(({ port }) => port === 50_000)).toBe(false);
  });

  it('[PP-01] sends none where the extension is off', () => {
    const off = { ...extensions, portPreserving: false, sequentialPorts: false };
    const world = new RandomPortWorld('restricted', { extensions: off });
    expect(world.indirect({ nonce: 1, port: 50_000 }).some(({ port }) => port === 50_000)).toBe(false);
  });
});
