import { utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { StunWriter, stunAttributes, stunClasses, stunMethods, type TurnServer } from '../src/index.ts';
import { ipv4, peer, turnServer, World } from './world.ts';

const otherServer: TurnServer = { endpoint: { address: ipv4('198.51.100.41'), port: 3478 }, transport: 'udp' };

describe('the allocation', () => {
  it('[TU-04][TU-06] has the permissions of both servers, in one request, before it is used', () => {
    const world = World.ready();
    expect(world.endpoints).toEqual([{ address: ipv4('203.0.113.10'), port: 49_152 }]);
    expect([...world.server.allocations[0]!.permissions.keys()]).toEqual([
      ipv4('198.51.100.10'),
      ipv4('198.51.100.11'),
    ]);
    expect(world.requests('createPermission')).toBe(1);
    expect(world.eventsOf('turn-allocated')).toEqual([
      { kind: 'turn-allocated', server: turnServer.endpoint, transport: 'udp', relayed: world.endpoints[0] },
    ]);
    // One Allocate without credentials, one with.
    expect(world.requests('allocate')).toBe(2);
  });

  it.each([
    ['MD5', {}],
    ['SHA-256', { offersSha256: true }],
    ['hidden names', { hidesNames: true }],
    ['SHA-256 and hidden names', { offersSha256: true, hidesNames: true }],
  ])('[TU-03][TU-04] authenticates by %s', (_, behaviour) => {
    expect(World.ready({ behaviour }).port.client.state).toBe('ready');
  });

  it('[TU-04] sends a request again after 0.5, 1, 2 and 4 s, and gives up 8 s later', () => {
    const world = new World({ behaviour: { isSilent: true } });
    world.start();
    world.pass(15_499);
    expect(world.sent.map(({ at }) => at - 10_000)).toEqual([0, 500, 1500, 3500, 7500]);
    expect(world.eventsOf('turn-failed')).toEqual([]);
    world.pass(1);
    expect(world.eventsOf('turn-failed')).toMatchObject([{ reason: 'silent', retryInMs: 1000 }]);
  });

  it.each(['udp', 'tcp'] as const)(
    '[TU-19] is reported as unanswered after 3.5 s, once an attempt (%s)',
    (transport) => {
      const { endpoint } = turnServer;
      const world = new World({ servers: [{ endpoint, transport }], behaviour: { isSilent: true } });
      world.start();
      world.pass(3_499);
      expect(world.events).toEqual([]);
      world.pass(1);
      const event = { kind: 'turn-unanswered', server: endpoint, transport, forMs: 3_500 };
      expect(world.events).toEqual([event]);
      world.pass(16_000);
      expect(world.eventsOf('turn-unanswered')).toEqual(transport === 'udp' ? [event] : [event, event]);
    },
  );

  it('[TU-19] is not reported as unanswered once the server has answered', () => {
    const world = World.ready();
    world.pass(60_000);
    expect(world.eventsOf('turn-unanswered')).toEqual([]);
    const refused = new World({ behaviour: { quota: 0 } });
    refused.start();
    refused.pass(4_000);
    expect(refused.eventsOf('turn-unanswered')).toEqual([]);
  });

  it('[TU-04] sends a request once over a reliable transport', () => {
    const tcp: TurnServer = { endpoint: turnServer.endpoint, transport: 'tcp' };
    const world = new World({ servers: [tcp], behaviour: { isSilent: true } });
    world.start();
    world.pass(9_999);
    expect(world.sent).toHaveLength(1);
    world.pass(1);
    expect(world.eventsOf('turn-failed')).toMatchObject([{ reason: 'silent', transport: 'tcp' }]);
  });

  it('[TU-04] works when every other datagram is lost', () => {
    const world = new World();
    let number = 0;
    world.loses = () => number++ % 2 === 0;
    world.start();
    world.pass(10_000);
    expect(world.port.client.state).toBe('ready');
  });

  it('[TU-09] is refreshed before its end', () => {
    const world = World.ready({ behaviour: { lifetime: 120 } });
    world.pass(600_000);
    expect(world.server.allocations).toHaveLength(1);
    expect(world.endpoints).toHaveLength(1);
    expect(world.requests('refresh')).toBe(10);
  });

  it('[TU-05] repeats a request with a stale nonce once, without anyone noticing', () => {
    const world = World.ready({ behaviour: { nonceLifetimeMs: 60_000 } });
    world.pass(3_600_000);
    expect(world.endpoints).toHaveLength(1);
    expect(world.events).toHaveLength(1);
  });

  it('[TU-05] does not repeat for ever: a nonce that is always stale is a failure', () => {
    const world = new World({ behaviour: { nonceLifetimeMs: -1 } });
    world.start();
    expect(world.eventsOf('turn-failed')).toMatchObject([{ reason: 'refused' }]);
    expect(world.requests('allocate')).toBeLessThan(5);
  });

  it('[TU-03] a challenge without the algorithms that its nonce announces is not followed', () => {
    const world = new World();
    world.loses = () => true;
    world.start();
    const { payload, portId } = world.sent.at(-1)!;
    const challenge = new StunWriter(200)
      .begin(stunMethods.allocate, stunClasses.error, payload.subarray(8, 20))
      .error(401, '')
      .value(stunAttributes.realm, utf8ToBytes('example.org'))
      .value(stunAttributes.nonce, utf8ToBytes('obMatJos2AAAB'));
    world.arrives(challenge.bytes.slice(0, challenge.length), turnServer.endpoint, portId);
    expect(world.eventsOf('turn-failed')).toMatchObject([{ reason: 'wrong-credentials' }]);
    expect(world.sent).toHaveLength(1);
  });

  it('[TU-05] ignores responses that are not authentic', () => {
    const world = World.ready();
    const { loses } = world;
    world.loses = () => true;
    world.port.client.networkChanged(world.now);
    world.settle();
    const request = world.sent.at(-1)!;
    const forged = request.payload.slice();
    forged.set([0x01, 0x14], 0);
    world.arrives(forged, turnServer.endpoint, request.portId);
    expect(world.drops).toEqual({ 'unexpected-turn-message': 1 });
    world.loses = loses;
    world.pass(1_000);
    expect(world.endpoints).toHaveLength(1);
  });

  it('[TU-12] is ended with the role', () => {
    const world = World.ready();
    world.port.stop();
    world.settle();
    expect(world.server.allocations).toEqual([]);
    expect(world.port.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    world.send(peer);
    expect(world.drops).toEqual({ 'turn-not-allocated': 1 });
  });
});

describe('failures', () => {
  it.each([
    [401, 'wrong-credentials', 30_000],
    [403, 'forbidden', 30_000],
    [420, 'refused', 30_000],
    [437, 'allocation-mismatch', 100],
    [441, 'wrong-credentials', 30_000],
    [442, 'unsupported-transport', 30_000],
    [486, 'quota-reached', 5_000],
    [500, 'refused', 30_000],
    [508, 'no-capacity', 5_000],
  ])('[TU-10] %i is named %s, and tried again after %i ms from another port', (code, reason, retryInMs) => {
    const world = new World({ behaviour: { errorFor: (method) => (method === 3 ? code : undefined) } });
    world.start();
    expect(world.eventsOf('turn-failed')).toMatchObject([{ reason, retryInMs }]);
    expect(world.port.client.failure).toBe(reason);
    const before = world.sent.at(-1)!.portId;
    world.server.behaviour.errorFor = () => undefined;
    world.pass(retryInMs - 1);
    expect(world.endpoints).toEqual([]);
    world.pass(1);
    expect(world.endpoints).toHaveLength(1);
    expect(world.sent.at(-1)!.portId).not.toBe(before);
    expect(world.outputs.closedPorts).toEqual([before]);
    expect(world.port.client.failure).toBeUndefined();
  });

  it('[TU-10] a wrong password is named, and tried less and less often', () => {
    const world = new World({ behaviour: { credentials: { username: 'alice', password: 'other' } } });
    world.start();
    world.pass(3_600_000);
    expect(world.eventsOf('turn-failed')[0]).toMatchObject({ reason: 'wrong-credentials' });
    expect(world.eventsOf('turn-failed').length).toBeLessThan(18);
    expect(world.eventsOf('turn-failed').at(-1)).toMatchObject({ retryInMs: 300_000 });
  });

  it('[TU-11] a relayed address that is not global is refused, and the allocation ended', () => {
    const world = new World({ behaviour: { relayAddress: ipv4('10.0.0.9') } });
    world.start();
    expect(world.eventsOf('turn-failed')).toMatchObject([{ reason: 'relayed-address-not-global' }]);
    expect(world.server.allocations).toEqual([]);
    expect(world.endpoints).toEqual([]);
  });

  it('[TU-06] a Teredo server that is forbidden is named', () => {
    const world = new World({ behaviour: { forbidden: [ipv4('198.51.100.11')] } });
    world.start();
    expect(world.eventsOf('turn-failed')).toMatchObject([{ reason: 'server-not-permitted' }]);
    expect(world.server.allocations).toEqual([]);
  });

  it('[TU-10] the next server is asked at once, and the first one after the pause', () => {
    const world = new World({ servers: [turnServer, otherServer], behaviour: { quota: 0 } });
    world.start();
    world.pass(0);
    expect(world.eventsOf('turn-failed')).toMatchObject([
      { server: turnServer.endpoint, retryInMs: 0 },
      { server: otherServer.endpoint, retryInMs: 5_000 },
    ]);
  });

  it('[TU-10] without another port the client waits', () => {
    const world = new World();
    world.outputs.portRefusal = 'descriptor-limit';
    world.start();
    expect(world.events).toMatchObject([
      { kind: 'port-refused', reason: 'descriptor-limit' },
      { kind: 'turn-failed', reason: 'no-port' },
    ]);
    world.outputs.portRefusal = undefined;
    world.pass(1_000);
    expect(world.endpoints).toHaveLength(1);
  });
});

describe('alternate servers', () => {
  it('[TU-10] a redirection is followed', () => {
    const world = new World({ servers: [turnServer, otherServer], behaviour: { alternate: otherServer.endpoint } });
    world.loses = ({ address }) => {
      if (address === otherServer.endpoint.address) world.server.behaviour.alternate = undefined;
      return false;
    };
    world.start();
    expect(world.eventsOf('turn-allocated')).toMatchObject([{ server: otherServer.endpoint }]);
  });

  it('[TU-10] a circle of redirections ends', () => {
    const world = new World({ servers: [turnServer, otherServer], behaviour: { alternate: otherServer.endpoint } });
    world.start();
    expect(world.eventsOf('turn-failed')).toMatchObject([{ reason: 'alternate-server-refused' }]);
    expect(world.sent.length).toBeLessThan(12);
  });

  it('[TU-10] a redirection to an address that is not global is refused', () => {
    const world = new World({ behaviour: { alternate: { address: ipv4('192.168.1.1'), port: 3478 } } });
    world.start();
    expect(world.eventsOf('turn-failed')).toMatchObject([{ reason: 'alternate-server-refused' }]);
    expect(new Set(world.sent.map(({ address }) => address))).toEqual(new Set([turnServer.endpoint.address]));
  });
});

describe('a lost allocation', () => {
  it('[TU-09] is noticed at the first unanswered datagram, and replaced at once from another port', () => {
    const world = World.ready();
    const { portId } = world.sent.at(-1)!;
    world.server.restart();
    world.send({ address: ipv4('198.51.100.10'), port: 3544 });
    const lostAt = world.now;
    world.pass(10_000);
    expect(world.eventsOf('turn-lost')).toMatchObject([{ reason: 'unknown-to-server' }]);
    expect(world.endpoints).toHaveLength(2);
    expect(world.sent.find(({ portId: used }) => used !== portId)!.at - lostAt).toBe(2_000);
  });

  it('[TU-09] is replaced soon after a server that was down is back', () => {
    const world = World.ready();
    world.server.restart();
    world.server.behaviour.isSilent = true;
    world.send({ address: ipv4('198.51.100.10'), port: 3544 });
    world.pass(20_000);
    expect(world.eventsOf('turn-lost')).toMatchObject([{ reason: 'silent' }]);
    world.server.behaviour.isSilent = false;
    world.pass(10_000);
    expect(world.endpoints).toHaveLength(2);
  });

  it('[TU-09] is not suspected while datagrams come in, or nothing goes out', () => {
    const world = World.ready();
    for (let second = 0; second < 30; second++) {
      world.send(peer);
      world.peerSends(peer);
      world.pass(1_000);
    }
    world.pass(60_000);
    expect(world.requests('refresh')).toBe(0);
  });

  it('[TU-09] one silent peer costs a question each 15 s at most', () => {
    const world = World.ready();
    for (let second = 0; second < 60; second++) {
      world.send(peer);
      world.pass(1_000);
    }
    expect(world.requests('refresh')).toBeGreaterThan(2);
    expect(world.requests('refresh')).toBeLessThanOrEqual(5);
    expect(world.endpoints).toHaveLength(1);
  });

  it('[TU-09] a change of the network is followed by a question', () => {
    const world = World.ready();
    world.server.restart();
    world.port.client.networkChanged(world.now);
    world.settle();
    expect(world.endpoints).toHaveLength(2);
  });
});
