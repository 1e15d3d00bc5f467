import { peerColumnCount, peerColumns, peerStates } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { dataPacket } from './packets.ts';
import { peer, peerAt, World } from './world.ts';

describe('the list of peers of a client', () => {
  it('is empty before there is a peer, and after the client has stopped', () => {
    const world = World.qualified();
    const { peerRows } = world.client;
    expect([peerRows!.highestRow, peerRows!.count]).toEqual([0, 0]);
    expect(peerRows!.find(peer.address)).toBe(0);
    expect(peerRows!.isInUse(1)).toBe(false);
    world.host(dataPacket(world.address, peer.address));
    world.client.stop(world.now);
    expect(peerRows!.count).toBe(0);
    expect(world.client.status()).toMatchObject({ role: 'client', state: 'stopped', peers: 0 });
  });

  it('has a row for each peer that the host sends to', () => {
    const world = World.qualified();
    const other = peerAt('198.51.100.11:8192');
    world.host(dataPacket(world.address, peer.address));
    world.pass(10);
    world.host(dataPacket(world.address, other.address));
    const rows = world.client.peerRows!;
    expect([rows.highestRow, rows.count]).toEqual([2, 2]);
    const row = rows.find(other.address);
    expect(row).toBeGreaterThan(0);
    expect(rows.find(peer.address)).toBe(3 - row);
    expect([rows.isInUse(row), rows.isInUse(3)]).toEqual([true, false]);
    expect([rows.keyOf(row, 'age'), rows.keyOf(3 - row, 'age')]).toEqual([-world.now, 10 - world.now]);
    const columns = new Float64Array(2 * peerColumnCount);
    rows.read(row, columns, peerColumnCount, world.now);
    expect(columns[peerColumnCount + peerColumns.since]).toBe(world.now);
    expect(peerStates[columns[peerColumnCount + peerColumns.state]!]).toBe('trying');
    expect(columns[peerColumns.since]).toBe(0);
  });

  it('holds 1024 peers unless another capacity is set', () => {
    const world = World.qualified();
    for (let index = 0; index < 1030; index++) {
      const { address } = peerAt(`198.18.${index >> 8}.${index & 255 || 1}:${8192 + index}`);
      world.host(dataPacket(world.address, address));
      world.sent();
    }
    expect(world.client.status().peers).toBe(1024);
  });
});
