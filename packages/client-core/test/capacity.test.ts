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

  it('lets 1024 packets wait unless another capacity is set', () => {
    const world = World.qualified();
    for (let index = 0; index < 515; index++) {
      const { address } = peerAt(`198.18.${index >> 8}.${index & 255 || 1}:${8192 + index}`);
      for (let packet = 0; packet < 2; packet++) world.host(dataPacket(world.address, address));
    }
    expect(world.dropsFor('queue-overflow')).toBe(6);
  });
});
