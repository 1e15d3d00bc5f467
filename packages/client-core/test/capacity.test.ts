import { describe, expect, it } from 'vitest';
import { dataPacket } from './packets.ts';
import { peerAt, World } from './world.ts';

const peers = Array.from({ length: 40 }, (_, index) => peerAt(`198.51.100.${index + 1}:8192`));

describe('capacity', () => {
  it('bounds the peers', () => {
    const world = World.qualified({ peerCapacity: 16 });
    for (const peer of peers) world.host(dataPacket(world.address, peer.address));
    expect(world.client.status().peers).toBe(16);
  });

  it('bounds the packets that wait', () => {
    const world = World.qualified({ queueCapacity: 16 });
    for (const peer of peers) world.host(dataPacket(world.address, peer.address));
    expect(world.client.status().peers).toBe(40);
    expect(world.dropsFor('queue-overflow')).toBe(24);
  });
});
