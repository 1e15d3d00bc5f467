import { parseIpv6, serverLinkLocal } from '@navalis/address';
import { createDatagramRun, createPacketRun, type DatagramRun } from '@navalis/engine';
import { type Origin, RecordingOutputs, receiveDatagram, seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { createServerEngine } from '../src/index.ts';
import {
  alice,
  aliceEndpoint,
  bob,
  bobEndpoint,
  bubble,
  carol,
  carolEndpoint,
  echoRequest,
  join,
  nativeHost,
  packetOf,
  policy,
  primary,
  secondary,
  solicitation,
} from './packets.ts';

const nothing = {
  datagramsReceived: 0,
  octetsReceived: 0,
  datagramsSent: 0,
  octetsSent: 0,
  packetsDelivered: 0,
  packetsTaken: 0,
  bubblesReceived: 0,
  bubblesSent: 0,
  solicitationsReceived: 0,
  solicitationsSent: 0,
  advertisementsReceived: 0,
  advertisementsSent: 0,
  errorsSent: 0,
  portsRefused: 0,
  pathsUpgraded: 0,
  peersEvicted: 0,
  drops: {},
};

function createServer() {
  const outputs = new RecordingOutputs();
  const engine = createServerEngine({ primary, secondary, policy, rateLimit: true }, outputs, seededRandom(1));
  return {
    engine,
    outputs,
    counters: () => engine.status().counters,
    receive: (payload: Uint8Array, from: Origin = aliceEndpoint, now = 0) =>
      receiveDatagram(engine, payload, from, now),
  };
}

describe('the counters of a server', () => {
  it('of solicitations and their answers', () => {
    const { counters, receive } = createServer();
    receive(solicitation);
    receive(solicitation);
    expect(counters()).toEqual({
      ...nothing,
      datagramsReceived: 2,
      octetsReceived: 96,
      solicitationsReceived: 2,
      advertisementsSent: 2,
      datagramsSent: 2,
      // An origin indication of 8 octets and an advertisement of 96 each.
      octetsSent: 208,
    });
  });

  it('of bubbles to its own clients and to those of others', () => {
    const { counters, receive } = createServer();
    receive(bubble(alice, bob));
    expect(counters()).toEqual({
      ...nothing,
      datagramsReceived: 1,
      octetsReceived: 40,
      bubblesReceived: 1,
      bubblesSent: 1,
      datagramsSent: 1,
      octetsSent: 48,
    });
    receive(bubble(alice, carol));
    expect(counters()).toMatchObject({ bubblesReceived: 2, bubblesSent: 2, datagramsSent: 2, octetsSent: 88 });
  });

  it('of echo packets to clients and to native hosts, which are no bubbles', () => {
    const { counters, receive } = createServer();
    receive(echoRequest(alice, bob));
    receive(echoRequest(alice, nativeHost));
    expect(counters()).toEqual({
      ...nothing,
      datagramsReceived: 2,
      octetsReceived: 128,
      datagramsSent: 1,
      octetsSent: 72,
      packetsDelivered: 1,
    });
  });

  it('of a run of datagrams: each, the last one shorter', () => {
    const { engine, counters, outputs } = createServer();
    // Three solicitations, 60 octets apart, and a cut one.
    const memory = new Uint8Array(5 + 4 * 60);
    for (let index = 0; index < 4; index++) memory.set(solicitation, 5 + 60 * index);
    const run: DatagramRun = {
      ...createDatagramRun(memory),
      offset: 5,
      packetLength: 48,
      lastPacketLength: 39,
      count: 4,
      headerStride: 60,
      sourceAddress: aliceEndpoint.address,
      sourcePort: aliceEndpoint.port,
    };
    engine.handleDatagrams(run, 0);
    expect(outputs.takeDatagrams()).toHaveLength(3);
    expect(counters()).toMatchObject({
      datagramsReceived: 4,
      octetsReceived: 3 * 48 + 39,
      solicitationsReceived: 3,
      drops: { 'truncated-ipv6-header': 1 },
    });
  });

  it('of a run whose datagrams differ: each is handled as it is', () => {
    const { engine, counters, outputs } = createServer();
    const memory = new Uint8Array(3 * 48);
    memory.set(bubble(alice, bob), 0);
    memory.set(bubble(alice, carol), 48);
    memory.set(solicitation.slice(0, 40), 96);
    engine.handleDatagrams(
      {
        ...createDatagramRun(memory),
        packetLength: 40,
        lastPacketLength: 39,
        count: 3,
        headerStride: 48,
        sourceAddress: aliceEndpoint.address,
        sourcePort: aliceEndpoint.port,
      },
      0,
    );
    expect(outputs.takeDatagrams()).toMatchObject([bobEndpoint, carolEndpoint]);
    expect(counters()).toMatchObject({ octetsReceived: 119, drops: { 'truncated-ipv6-header': 1 } });
  });

  it('[SV-F-15] of packets of the host: that they came, and were dropped', () => {
    const { engine, counters } = createServer();
    engine.handlePackets({ ...createPacketRun(new Uint8Array(80)), packetLength: 40, count: 2 }, 0);
    expect(counters()).toEqual({ ...nothing, packetsTaken: 2, drops: { 'host-packet': 2 } });
  });
});

describe('the life of a server', () => {
  it('is told in its status and by its events', () => {
    const { engine, outputs } = createServer();
    expect(engine.status()).toEqual({
      role: 'server',
      state: 'initial',
      since: 0,
      server: primary,
      peers: 0,
      counters: nothing,
    });
    engine.start(7);
    expect(engine.status()).toMatchObject({ state: 'running', since: 7 });
    engine.stop(9);
    expect(engine.status()).toMatchObject({ state: 'stopped', since: 9 });
    expect(outputs.events).toEqual([{ kind: 'started' }, { kind: 'stopped' }]);
    expect(engine.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('solicitations and clients as a server recognises them', () => {
  const reasonOf = (datagram: Uint8Array, from: Origin = aliceEndpoint) => {
    const { counters, receive, outputs } = createServer();
    receive(datagram, from);
    expect(outputs.takeDatagrams()).toEqual([]);
    return Object.keys(counters().drops);
  };
  const linkLocal = parseIpv6('fe80::1')!;
  const allRouters = parseIpv6('ff02::2')!;

  it('[SV-R-04][SV-R-09] is no other ICMPv6, no bubble, no other destination', () => {
    expect(reasonOf(bubble(linkLocal, allRouters))).toEqual(['rule-7']);
    expect(reasonOf(echoRequest(linkLocal, allRouters))).toEqual(['rule-7']);
    expect(reasonOf(packetOf(58, linkLocal, allRouters, new Uint8Array(0)))).toEqual(['rule-7']);
    expect(reasonOf(packetOf(58, linkLocal, allRouters, Uint8Array.of(133, 0, 0)))).toEqual(['rule-7']);
    for (const destination of [serverLinkLocal(primary), parseIpv6('ff02::1')!, linkLocal]) {
      const message = Uint8Array.of(133, 0, 0, 0, 0, 0, 0, 0);
      expect(reasonOf(packetOf(58, linkLocal, destination, message))).toEqual(['rule-7']);
    }
  });

  it.each(['::', '::1', 'ff02::1', 'ff0e::1'])('[SV-R-09] is no node with the source %s', (source) => {
    expect(reasonOf(bubble(parseIpv6(source)!, bob))).toEqual(['source-not-allowed']);
    expect(reasonOf(echoRequest(parseIpv6(source)!, bob))).toEqual(['source-not-allowed']);
  });

  it('[SV-R-08] is every client that it serves, for a native source', () => {
    const { receive, outputs } = createServer();
    receive(bubble(nativeHost, bob));
    expect(outputs.takeDatagrams()).toMatchObject([bobEndpoint]);
  });

  it('[SV-F-01] is nobody at its own link-local address or at all routers', () => {
    for (const destination of [serverLinkLocal(primary), allRouters]) {
      expect(reasonOf(bubble(alice, destination))).toEqual(['destination-not-global']);
    }
  });
});

describe('a datagram that a server would send', () => {
  /** A bubble with this many octets behind it. */
  const withTrailers = (destination: typeof bob, octets: number) =>
    join(bubble(alice, destination), new Uint8Array(octets));

  it.each([
    ['its own client', bob, 1472],
    ['a client of another server', carol, 1464],
  ])('to %s has at most 1472 octets, its origin indication of 8 counted in any case', (_, destination, largest) => {
    const { receive, outputs, counters } = createServer();
    receive(withTrailers(destination, 1472 - 8 - 40));
    expect(outputs.takeDatagrams().map(({ payload }) => payload.length)).toEqual([largest]);
    receive(withTrailers(destination, 1472 - 8 - 40 + 1));
    expect(outputs.takeDatagrams()).toEqual([]);
    expect(counters().drops).toEqual({ 'too-large-to-forward': 1 });
  });
});
