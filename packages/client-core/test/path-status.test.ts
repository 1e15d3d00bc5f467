import { embeddedAddress, embeddedPort } from '@navalis/address';
import type { PathsStatus } from '@navalis/engine';
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
