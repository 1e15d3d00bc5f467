import { embeddedAddress, embeddedPort } from '@navalis/address';
import { type PathsStatus, peerColumnCount, peerColumns, peerPathKinds, peerStates } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, echoReplyTo, isEchoRequestPacket } from './packets.ts';
import { elsewhere, nonceIn, RandomPortWorld } from './random-port-world.ts';
import { native, peer, relay, World } from './world.ts';

function pathsOf({ client }: World): PathsStatus {
  return client.status().paths!;
}

function countsOf(world: World): Partial<PathsStatus['counts']> {
  return Object.fromEntries(Object.entries(pathsOf(world).counts).filter(([, count]) => count > 0));
}

describe('the status of a client', () => {
  it('tells the path to each kind of peer', () => {
    const world = World.qualified();
    expect(countsOf(world)).toEqual({});
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.receive(dataPacket(peer.address, world.address), peer.endpoint);
    world.pass(500);
    world.host(dataPacket(world.address, native));
    const test = world.sent().find(({ payload }) => isEchoRequestPacket(payload))!;
    world.receive(echoReplyTo(test.payload), relay);
    expect(countsOf(world)).toEqual({ direct: 1, relay: 1 });
    expect(pathsOf(world).recent).toMatchObject([
      { address: native, kind: 'relay', endpoint: relay },
      { address: peer.address, kind: 'direct', endpoint: peer.endpoint },
    ]);
    world.mappingTowards = () => ({ address: embeddedAddress(world.address), port: embeddedPort(world.address) + 1 });
    world.pass(60_000);
    expect(countsOf(world)).toEqual({});
  });

  it('lists each peer with its path and the data that it sent and was sent', () => {
    const world = World.qualified();
    const data = dataPacket(peer.address, world.address);
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.receive(data, peer.endpoint);
    world.receive(data, peer.endpoint);
    world.host(dataPacket(world.address, peer.address));
    const columns = new Float64Array(peerColumnCount);
    const rows = world.client.peerRows!;
    rows.read(1, columns, 0, world.now);
    const at = (column: keyof typeof peerColumns): number => columns[peerColumns[column]]!;
    expect([rows.count, peerStates[at('state')], peerPathKinds[at('path')]]).toEqual([1, 'established', 'direct']);
    expect([at('sentPackets'), at('receivedPackets'), at('receivedOctets')]).toEqual([1, 2, 2 * data.length]);
    expect([at('endpointAddress'), at('endpointPort')]).toEqual([peer.endpoint.address, peer.endpoint.port]);
  });

  it('[PP-20] tells that a peer is reached from a port of its own, until it moves to the service port', () => {
    const world = new RandomPortWorld('preserving');
    const nonce = nonceIn(world.contact());
    world.indirect({ nonce: 9, port: elsewhere.port });
    world.direct(elsewhere, world.randomPort.id, { nonce });
    expect(countsOf(world)).toEqual({ 'random-port': 1 });
    expect(pathsOf(world).recent[0]).toMatchObject({ kind: 'random-port', endpoint: elsewhere });
    world.direct(elsewhere, 0, { nonce });
    expect(countsOf(world)).toEqual({ learned: 1 });
  });

  it('[SNS-10] tells that a peer was found by its nonce', () => {
    const world = new RandomPortWorld('restricted');
    const nonce = nonceIn(world.contact());
    world.direct(elsewhere, 0, { nonce });
    expect(countsOf(world)).toEqual({ learned: 1 });
    expect(pathsOf(world).recent[0]).toMatchObject({ kind: 'learned', endpoint: elsewhere });
  });
});
