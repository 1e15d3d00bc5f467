import { describe, expect, it } from 'vitest';
import { bubble, dataPacket } from './packets.ts';
import { isTo, peer, peerAt, World } from './world.ts';

/** Forged by somebody who can put any IPv4 source on a datagram, and so looks like a proven peer each time. */
const forged = Array.from({ length: 500 }, (_, index) =>
  peerAt(`198.51.${100 + (index >>> 7)}.${1 + (index & 127)}:9`),
);

describe('a flood of forged peers', () => {
  it('[SEC-17][CL-P-05] leaves those that the host reached where they are', () => {
    const world = World.qualified({ peerCapacity: 32 });
    world.host(dataPacket(world.address, peer.address));
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.sent();
    for (const forger of forged) {
      world.receive(dataPacket(forger.address, world.address), forger.endpoint);
      // The host answers: a reset, an echo reply, an error.
      world.host(dataPacket(world.address, forger.address));
    }
    world.sent();
    expect(world.client.status().peers).toBe(32);
    world.host(dataPacket(world.address, peer.address));
    expect(
      world
        .sent()
        .filter((sent) => isTo(sent, peer.endpoint))
        .map(({ payload }) => payload.length),
    ).toEqual([dataPacket(world.address, peer.address).length]);
  });
});
