import { allExtensions } from '@navalis/traversal';
import { writeDiscoveryTrailer } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, ipv6, joined, sourceOf } from './packets.ts';
import { isTo, mapped, peer, server, World } from './world.ts';

/** Behind a symmetric NAT that forwards the service port: everybody's bubbles come in. */
function forwardedWorld(extensions = allExtensions): World {
  const world = new World({ extensions });
  world.client.portMapped(mapped, 0);
  world.mappingTowards = (address) => (address === server.primary ? mapped : { ...mapped, port: 4097 });
  world.start();
  return world;
}

/** The same when a bubble of the peer has come. */
function acquaintedWorld(extensions = allExtensions): World {
  const world = forwardedWorld(extensions);
  world.receive(bubble(peer.address, world.address), peer.endpoint);
  world.sent();
  return world;
}

/** Sends a packet each second for so long. Returns the times of solicitations from the first packet on, in seconds. */
function talk(world: World, seconds: number): number[] {
  const start = world.now;
  const asked: number[] = [];
  for (let second = 0; second < seconds; second++) {
    world.host(dataPacket(world.address, peer.address));
    world.pass(1000);
    for (const each of world.sent()) {
      const isSolicitation = isTo(each, peer.endpoint) && each.payload[40] === 0x04 && each.payload[42] === 0;
      if (isSolicitation) asked.push((each.at - start) / 1000);
    }
  }
  return asked;
}

describe('a peer that is heard by the forwarded port, and never answers packets', () => {
  it('[XC-14][UPNP-14] is asked three times for an advertisement; then senders are told, and later packets find no peer', () => {
    const world = acquaintedWorld();
    expect(talk(world, 8)).toEqual([3, 5, 7]);
    world.pass(2000);
    const errors = world.delivered().filter((packet) => packet[40] === 1);
    expect(errors).toHaveLength(5);
    expect(sourceOf(errors[0]!)).not.toEqual(peer.address);
    world.host(dataPacket(world.address, peer.address));
    const burst = world.sent();
    expect(burst.map(({ payload }) => payload[6] === 17)).toEqual(burst.map(() => false));
  });

  it('[CL-B-07][SLR-06] is not sent a burst within 2 s of the answer to its own question', () => {
    const world = acquaintedWorld();
    expect(talk(world, 4)).toEqual([3]);
    const question = new Uint8Array(6);
    writeDiscoveryTrailer(question, 0, 0);
    world.receive(joined(bubble(peer.address, world.address), question), peer.endpoint);
    expect(world.sent()).toHaveLength(1);
    world.pass(1_999);
    expect(world.sent().filter((each) => isTo(each, peer.server))).toEqual([]);
  });

  it('[SLR-09] answers at last: queued packets leave, and no failure is reported', () => {
    const world = acquaintedWorld();
    expect(talk(world, 4)).toEqual([3]);
    const trailer = new Uint8Array(6);
    writeDiscoveryTrailer(trailer, 0, 1);
    world.receive(joined(bubble(peer.address, world.address), trailer), peer.endpoint);
    expect(world.sent().filter(({ payload }) => payload.length === 60)).toHaveLength(1);
    world.pass(10_000);
    expect(world.delivered()).toEqual([]);
  });

  it('is not asked where it would not answer: without load reduction, or without such a NAT', () => {
    const withoutReduction = { ...allExtensions, serverLoadReduction: false };
    expect(talk(acquaintedWorld(withoutReduction), 10)).toEqual([]);
    const world = World.qualified({ extensions: allExtensions });
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    expect(talk(world, 10)).toEqual([]);
  });

  it('[IO-03][UPNP-14] says nothing of the way to it by bubbles that hide its address', () => {
    const world = forwardedWorld();
    const hidden = bubble(ipv6('fe80::1bad:cafe:dead:beef'), world.address);
    world.host(dataPacket(world.address, peer.address));
    for (let times = 0; times < 2; times++) world.receive(hidden, { ...peer.endpoint, portId: 0 });
    expect(world.totalDrops()).toBe(0);
    expect(world.sent().filter(({ payload }) => payload[6] === 17)).toEqual([]);
  });
});
