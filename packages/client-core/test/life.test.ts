import { serverLinkLocal } from '@navalis/address';
import { NavalisError } from '@navalis/engine';
import type { Origin } from '@navalis/engine/testing';
import { noExtensions } from '@navalis/traversal';
import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, endpoint, ipv4, ipv6, sourceOf } from './packets.ts';
import { mapped, native, otherServer, peer, peerAt, relay, server, serverEndpoint, World } from './world.ts';

describe('life of a client', () => {
  it('[CL-C-06] says at any time what it is', () => {
    const world = new World();
    expect(world.client.status()).toMatchObject({ state: 'initial', address: undefined, peers: 0 });
    expect([world.client.address, world.client.deadlineReason()]).toEqual([undefined, undefined]);
    world.start();
    expect(world.client.address).toEqual(world.client.status().address);
    expect(world.client.status()).toMatchObject({
      state: 'qualified',
      since: world.now,
      server: server.primary,
      mapped,
      nat: 'restricted',
      peers: 0,
    });
    expect(world.address.word1).toBe(server.primary);
    expect(world.outputs.events.map((event) => event.kind)).toEqual([
      'started',
      'qualification-started',
      'address-assigned',
    ]);
  });

  it.each([['198.51.100.7'], ['192.168.1.2'], ['100.64.0.9'], ['169.254.7.7'], ['8.8.4.4']])(
    '[CL-C-11][CL-N-11a] qualifies at %s behind any number of NATs, and lives with what the last of them shows',
    (address) => {
      const world = World.qualified({ local: endpoint(`${address}:49152`) });
      expect(world.client.status()).toMatchObject({ state: 'qualified', mapped, nat: 'restricted' });
    },
  );

  it('[CL-N-11a][CL-Q-23] shows a symmetric NAT as the reason for being off-line', () => {
    const world = new World();
    world.mappingTowards = (address) => ({ ...mapped, port: address === server.primary ? 1 : 2 });
    world.start();
    expect(world.client.status()).toMatchObject({ state: 'off-line', offlineReason: 'symmetric', nat: 'symmetric' });
  });

  it('[CL-U-05] says where ICMPv6 errors come from: its server, the first one before it has an address, and the next one', () => {
    const sourceOfError = (world: World) => {
      world.host(dataPacket(ipv6('2001:db8::1'), ipv6('2001:db8::2'), 1, 1400));
      const [error] = world.delivered();
      return error && sourceOf(error);
    };
    const world = World.qualified({ servers: [server, otherServer] });
    expect(sourceOfError(world)).toEqual(serverLinkLocal(server.primary));
    world.mappingTowards = (address) => (Object.values(otherServer).includes(address) ? mapped : undefined);
    world.pass(60_000);
    expect(sourceOfError(world)).toEqual(serverLinkLocal(otherServer.primary));
  });

  it('does nothing about another link or network before it has an address, or after it lost it', () => {
    const world = new World({ determinesRefreshInterval: true });
    world.client.replaceLocalLink(undefined, world.now);
    world.mappingTowards = () => undefined;
    world.start();
    world.client.networkChanged(world.now);
    expect(world.outputs.openedPorts).toEqual([]);
    world.mappingTowards = () => mapped;
    world.pass(30_000);
    expect(world.client.status().state).toBe('qualified');
    world.mappingTowards = () => undefined;
    world.pass(120_000);
    world.client.networkChanged(world.now);
    expect(world.client.status()).toMatchObject({ address: undefined });
  });

  it.each([
    ['no server', { servers: [] }],
    ['equal addresses', { servers: [{ primary: server.primary, secondary: server.primary }] }],
    ['a private primary', { servers: [{ primary: ipv4('10.0.0.1'), secondary: server.secondary }] }],
    ['a private secondary', { servers: [{ primary: server.primary, secondary: ipv4('10.0.0.1') }] }],
  ])('[CL-C-01] refuses %s', (_, options) => {
    expect(() => new World(options)).toThrow(NavalisError);
  });

  it('[CL-C-09][CL-Q-29] goes on with the next server when one dies, with another address and no old peers', () => {
    const world = new World({ servers: [server, otherServer] });
    world.start();
    const first = world.address;
    world.receive(bubble(peer.address, first), peer.endpoint);
    expect(world.client.status().peers).toBe(1);
    world.mappingTowards = (address) => (Object.values(otherServer).includes(address) ? mapped : undefined);
    world.pass(30_000 + 12_000);
    expect(world.address.word1).toBe(otherServer.primary);
    expect(world.client.status()).toMatchObject({ state: 'qualified', server: otherServer.primary, peers: 0 });
    expect(world.outputs.events.map((event) => event.kind)).toEqual([
      'started',
      'qualification-started',
      'address-assigned',
      'server-replaced',
      'address-lost',
      'address-assigned',
    ]);
  });

  it('says what its next deadline is for', () => {
    const world = World.qualified();
    expect(world.client.deadlineReason()).toBe('qualification');
    world.host(dataPacket(world.address, peer.address));
    expect(world.client.deadlineReason()).toBe('peers');
  });

  it('[CL-U-11] stops: nothing waits, no timer runs, nothing is sent or delivered any more', () => {
    const world = World.qualified();
    const { address } = world;
    world.host(dataPacket(address, native));
    world.host(dataPacket(address, peer.address));
    world.sent();
    world.client.stop(world.now);
    expect([world.client.nextDeadline(), world.client.deadlineReason()]).toEqual([Number.POSITIVE_INFINITY, undefined]);
    expect(world.client.status()).toMatchObject({ state: 'stopped', address: undefined, peers: 0 });
    expect(world.outputs.events.slice(-2).map((event) => event.kind)).toEqual(['address-lost', 'stopped']);
    world.receive(dataPacket(peer.address, address), peer.endpoint);
    world.pass(100_000);
    expect([world.sent(), world.delivered()]).toEqual([[], []]);
    world.start();
    expect(world.client.status().state).toBe('qualified');
  });

  it('[CL-U-11] stops without ever having had a peer', () => {
    const world = World.qualified();
    world.client.stop(world.now);
    expect(world.client.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    expect(world.client.status()).toMatchObject({ state: 'stopped', address: undefined });
  });

  it('[CL-M-11] loses its address without ever having had a peer when its server falls silent', () => {
    const world = World.qualified();
    world.mappingTowards = () => undefined;
    world.pass(60_000);
    expect(world.client.status()).toMatchObject({ address: undefined, offlineReason: 'server-silent' });
  });

  it('[CL-P-04] keeps at most 1024 peers and lets go of the one heard longest ago', () => {
    const world = World.qualified();
    const at = (i: number) => peerAt(`198.51.${i >> 8}.${i & 0xff}:7000`);
    for (let i = 1; i <= 1025; i++) world.receive(bubble(at(i).address, world.address), at(i).endpoint);
    expect(world.client.status().peers).toBe(1024);
    world.host(dataPacket(world.address, at(1).address));
    expect(world.sent().map((each) => each.payload.length)).toEqual([40, 40]);
    world.host(dataPacket(world.address, at(3).address));
    expect(world.sent().map((each) => each.payload.length)).toEqual([60]);
  });

  it('[CL-P-05][SEC-17] unsolicited peers take at most a quarter and push out no trusted one', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    for (let i = 0; i < 3000; i++) {
      const forged = peerAt(`198.51.${i >> 8}.${i & 0xff}:9000`);
      const indirect = new Uint8Array([0, 0, ...new Uint8Array(6), ...bubble(forged.address, world.address)]);
      world.receive(indirect, serverEndpoint);
    }
    expect(world.client.status().peers).toBeLessThanOrEqual(1 + 256);
    world.sent();
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent().map((each) => each.payload.length)).toEqual([60]);
  });

  it.each<[string, (index: number, world: World) => readonly [Uint8Array, Origin]]>([
    ['native hosts', (index, world) => [dataPacket({ ...native, word3: index }, world.address), relay]],
    [
      'peers behind symmetric NATs',
      (index, world) => [bubble(peerAt(`198.51.100.10:${9000 + index}`).address, world.address), peer.endpoint],
    ],
    [
      'peers on this link',
      (index) => [
        bubble(peerAt(`192.0.2.1:${9000 + index}`).address, ipv6('ff02::1'), 1),
        { ...endpoint(`10.0.0.${10 + index}:5000`), portId: 1 },
      ],
    ],
  ])('[CL-P-05][SEC-17] %s that contact the client first take at most a quarter', (_, datagramOf) => {
    const world = World.qualified({
      peerCapacity: 8,
      extensions: { ...noExtensions, symmetricNatSupport: true },
      localDiscovery: { subnet: { address: ipv4('10.0.0.0'), length: 24 } },
      discoveryPortId: 1,
    });
    for (let index = 0; index < 6; index++) world.receive(...datagramOf(index, world));
    expect(world.client.status().peers).toBe(2);
  });

  it('[CL-Q-29] the next mapping starts with no peers', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.mappingTowards = () => endpoint('192.0.2.1:4444');
    world.pass(30_000);
    expect(world.client.status()).toMatchObject({ mapped: endpoint('192.0.2.1:4444'), peers: 0 });
  });

  it('counts what it does', () => {
    const world = World.qualified();
    world.receive(dataPacket(peer.address, world.address), peer.endpoint);
    world.host(dataPacket(world.address, peer.address));
    expect(world.client.status().counters).toMatchObject({
      datagramsReceived: 3,
      octetsReceived: 117 + 117 + 60,
      datagramsSent: 3,
      octetsSent: 61 + 61 + 60,
      packetsDelivered: 1,
      packetsTaken: 1,
      solicitationsSent: 2,
      advertisementsReceived: 2,
      drops: {},
    });
  });
});
