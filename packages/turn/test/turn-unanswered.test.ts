import { describe, expect, it } from 'vitest';
import { ClientScene, roleServers } from './turn-client-scene.ts';
import { peer } from './world.ts';

describe('datagrams without an answer', () => {
  it('[TU-09] lead to a Refresh after 2 s, and to others 15 s apart', () => {
    const scene = ClientScene.ready();
    scene.client.recordSending(scene.now);
    scene.jump(1_000);
    scene.client.recordSending(scene.now);
    expect(scene.nextAt).toBe(2_000);
    scene.wakeAt(1_999);
    expect(scene.take()).toEqual([]);
    scene.wakeAt(2_000);
    expect(scene.take()).toEqual(['refresh 600']);
    scene.jump(2_001);
    scene.succeed();
    scene.client.recordSending(scene.now);
    expect(scene.nextAt).toBe(17_000);
    scene.wakeAt(16_999);
    expect(scene.take()).toEqual([]);
    scene.wakeAt(17_000);
    expect(scene.take()).toEqual(['refresh 600']);
  });

  it('[TU-09] lead to nothing once a datagram came in', () => {
    const scene = ClientScene.ready();
    scene.client.recordSending(scene.now);
    scene.client.recordReception();
    expect(scene.nextAt).toBe(240_000);
    scene.wakeAt(2_000);
    expect(scene.take()).toEqual([]);
  });

  it.each([
    [1_999, 30_500],
    [2_000, 240_000],
  ])('[TU-09] for %i ms when the answer comes lead to something after %i ms', (lasting, nextAt) => {
    const scene = ClientScene.ready();
    // A request that the server does not answer leads to the same question, whatever was sent.
    scene.client.permit(peer.address, scene.now);
    scene.passTo(15_500);
    scene.client.recordSending(scene.now);
    scene.jump(15_500 + lasting);
    scene.succeed();
    expect(scene.nextAt).toBe(nextAt);
  });

  describe.each(['permission', 'channel'] as const)('to a role server, by its %s', (way) => {
    /** Returns when something is due after a check 2 s after the first datagram to a peer. */
    function dueAfterCheck(usedAt: number | undefined): number {
      const scene = ClientScene.ready();
      const { channels, permissions } = scene.client;
      const address = roleServers[1]!;
      if (way === 'channel') {
        scene.client.bind(channels.count(address, 3_544, 3, scene.now - 1), scene.now - 1);
        scene.succeed();
      }
      scene.jump(1_000);
      scene.client.recordSending(scene.now);
      if (usedAt !== undefined && way === 'permission') permissions.use(address, 10_000 + usedAt);
      if (usedAt !== undefined && way === 'channel') channels.use(address, 3_544, 10_000 + usedAt);
      scene.wakeAt(3_000);
      scene.succeed();
      return scene.nextAt;
    }

    it('[TU-07] let all permissions be renewed', () => {
      expect(dueAfterCheck(1_000)).toBe(Number.NEGATIVE_INFINITY);
      expect(dueAfterCheck(1_001)).toBe(Number.NEGATIVE_INFINITY);
      expect(dueAfterCheck(999)).toBe(240_000);
      expect(dueAfterCheck(undefined)).toBe(240_000);
    });
  });
});

describe('another allocation', () => {
  it('begins without what was known of the one before', () => {
    const scene = ClientScene.ready();
    scene.jump(239_000);
    scene.client.recordSending(scene.now);
    scene.jump(239_999);
    scene.client.networkChanged(scene.now);
    scene.refuse(437);
    // Neither the renewal after 240 s nor the question after 2 s is due.
    expect(scene.nextAt).toBe(240_499);
    expect(scene.client.permissions.count).toBe(0);
    scene.becomeReady();
    scene.client.recordSending(scene.now);
    expect(scene.nextAt).toBe(241_999);
  });
});
