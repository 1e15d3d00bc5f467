import { describe, expect, it } from 'vitest';
import type { TurnServer } from '../src/index.ts';
import { ClientScene, relayed } from './turn-client-scene.ts';
import { ipv4, peer, turnServer } from './world.ts';

const permitFirst = 'permit 198.51.100.10 198.51.100.11';
const bindPeer = 'bind 4000 203.0.113.77:40000';
const lostAndAgain = ['turn-lost unknown-to-server', 'lost', 'new port', 'allocate unsigned'];

/** Returns a scene whose client asked for an allocation, with its credentials. */
function asking(servers?: readonly TurnServer[]): ClientScene {
  const scene = new ClientScene(servers);
  scene.start();
  scene.challenge(401, 'one');
  scene.take();
  return scene;
}

/** Returns a scene whose client has an allocation and asked for a permission. */
function permitting(): ClientScene {
  const scene = ClientScene.ready();
  scene.client.permit(peer.address, scene.now);
  scene.take();
  return scene;
}

/** Returns a scene whose client has an allocation and asked for a channel, and its row. */
function binding(): { readonly scene: ClientScene; readonly row: number } {
  const scene = ClientScene.ready();
  const row = scene.client.channels.count(peer.address, peer.port, 3, scene.now);
  scene.client.bind(row, scene.now);
  scene.take();
  return { scene, row };
}

describe('responses', () => {
  it.each([
    ['requests', { messageClass: 0 }],
    ['indications', { messageClass: 1 }],
    ['of another method', { method: 4 }],
    ['that are not authentic', { isAuthentic: false }],
  ])('[TU-05] are refused when they are %s; the request goes on waiting', (_, content) => {
    const scene = asking();
    expect(scene.respond({ relayed, ...content })).toBe('unexpected-turn-message');
    expect(scene.take()).toEqual([]);
    expect(scene.client.relayed).toBeUndefined();
    expect(scene.respond({ relayed })).toBeUndefined();
    expect(scene.take()).toEqual([permitFirst]);
    expect(scene.respond({ to: 'allocate', relayed })).toBe('unexpected-turn-message');
  });

  it.each([401, 438])(
    '[TU-05] are no challenges when they tell success: error %i lets nothing pass that is not authentic',
    (error) => {
      const scene = asking();
      expect(scene.respond({ messageClass: 2, error, relayed, isAuthentic: false })).toBe('unexpected-turn-message');
      expect([scene.client.relayed, scene.take()]).toEqual([undefined, []]);
    },
  );

  it('[TU-05] that are errors are authentic, too', () => {
    const scene = asking();
    expect(scene.respond({ error: 486, isAuthentic: false })).toBe('unexpected-turn-message');
    expect(scene.client.state).toBe('allocating');
    expect(scene.refuse(486)).toBeUndefined();
    expect(scene.take()).toEqual(['turn-failed quota-reached']);
  });

  it('[TU-09] that give a short lifetime do not keep the client busy before the allocation is ready', () => {
    const scene = asking();
    scene.succeed({ relayed, lifetime: 8 });
    scene.take();
    // The permissions of the servers are asked for until they are given up.
    scene.passTo(60_000);
    expect(scene.take()).toContain('turn-failed silent');
  });

  it('to a request without credentials need no authentication', () => {
    const scene = new ClientScene();
    scene.start();
    scene.take();
    expect(scene.succeed({ relayed })).toBeUndefined();
    expect(scene.take()).toEqual([`${permitFirst} unsigned`]);
  });

  it('with an unknown attribute that must be understood are failures', () => {
    const scene = asking();
    expect(scene.succeed({ relayed, unknown: 0x7fff })).toBeUndefined();
    expect(scene.take()).toEqual(['turn-failed refused']);
    const other = asking();
    expect(other.succeed({ relayed, unknown: 0x8000 })).toBeUndefined();
    expect(other.take()).toEqual([permitFirst]);
  });
});

describe('challenges', () => {
  it('[TU-05] of the first request are followed, and those of the second one if their nonce is another', () => {
    const scene = new ClientScene();
    scene.start();
    scene.take();
    scene.challenge(401, 'one');
    scene.challenge(438, 'two');
    expect(scene.take()).toEqual(['allocate', 'allocate']);
    scene.challenge(438, 'three');
    expect(scene.take()).toEqual(['turn-failed refused']);
  });

  it('[TU-05] are followed once for each request', () => {
    const scene = ClientScene.ready();
    scene.client.networkChanged(scene.now);
    scene.challenge(438, 'two');
    scene.succeed();
    expect(scene.take()).toEqual(['refresh 600', 'refresh 600']);
    scene.client.networkChanged(scene.now);
    scene.challenge(438, 'three');
    expect(scene.take()).toEqual(['refresh 600', 'refresh 600']);
    scene.challenge(438, 'four');
    expect(scene.take()).toEqual(lostAndAgain);
  });

  it('[TU-10] with the nonce in use mean that the credentials are wrong', () => {
    const scene = asking();
    scene.challenge(401, 'one');
    expect(scene.take()).toEqual(['turn-failed wrong-credentials']);
    expect(scene.nextAt).toBe(30_000);
    // The next attempt begins without credentials, and may get the same nonce.
    scene.passTo(30_000);
    expect(scene.take()).toEqual(['new port', 'allocate unsigned']);
    scene.challenge(401, 'one');
    expect(scene.take()).toEqual(['allocate']);
  });

  it('without a nonce are not followed', () => {
    const scene = new ClientScene();
    scene.start();
    scene.take();
    scene.refuse(401);
    expect(scene.take()).toEqual(['turn-failed wrong-credentials']);
  });

  it('are errors of these two codes only', () => {
    const scene = new ClientScene();
    scene.start();
    scene.take();
    scene.respond({ error: 403, nonce: 'one' });
    expect(scene.take()).toEqual(['turn-failed forbidden']);
  });
});

describe('the answer to Allocate', () => {
  it.each([
    ['is missing', undefined],
    ['is not global', { address: ipv4('10.0.0.9'), port: 49_152 }],
  ])('[TU-11] is a failure when the relayed endpoint %s, and the allocation is ended', (_, endpoint) => {
    const scene = asking();
    scene.succeed({ relayed: endpoint });
    expect(scene.take()).toEqual(['refresh 0', 'turn-failed relayed-address-not-global']);
    expect(scene.client.relayed).toBeUndefined();
    expect(scene.nextAt).toBe(30_000);
  });

  it.each([
    [300, 'alternate-server-refused'],
    [403, 'forbidden'],
    [437, 'allocation-mismatch'],
    [441, 'wrong-credentials'],
    [508, 'no-capacity'],
  ])('[TU-10] %i is the failure %s', (code, reason) => {
    const scene = asking();
    scene.refuse(code);
    expect(scene.take()).toEqual([`turn-failed ${reason}`]);
    expect(scene.client.failure).toBe(reason);
    expect(scene.client.state).toBe('waiting');
  });

  it('[TU-10] names another server, which is asked at once', () => {
    const scene = asking();
    scene.respond({ error: 300, alternate: { address: ipv4('198.51.100.41'), port: 3_479 } });
    expect(scene.take()).toEqual(['new port', 'allocate unsigned to 198.51.100.41:3479']);
    expect(scene.client.state).toBe('allocating');
    scene.respond({ error: 300, alternate: { address: ipv4('10.0.0.1'), port: 3_478 } });
    expect(scene.take()).toEqual(['turn-failed alternate-server-refused']);
  });

  it.each([
    [undefined, 540_000],
    [0, 5_000],
    [8, 5_000],
    [9, 5_000],
    [11, 5_500],
    [100, 50_000],
    [120, 60_000],
    [122, 62_000],
    [600, 540_000],
    [3_599, 3_539_000],
    [3_601, 3_540_000],
    [7_200, 3_540_000],
  ])('[TU-09] with a lifetime of %s s is refreshed after %i ms', (lifetime, refreshMs) => {
    const scene = asking();
    scene.succeed({ relayed, ...(lifetime === undefined ? {} : { lifetime }) });
    scene.succeed();
    scene.take();
    scene.wakeAt(refreshMs - 1);
    expect(scene.take()).toEqual([]);
    scene.wakeAt(refreshMs);
    expect(scene.take()).toEqual(['refresh 600']);
    expect(scene.nextAt).toBe(refreshMs + 500);
  });
});

describe('the answer to Refresh', () => {
  it('[TU-09] tells when the next one is due', () => {
    const scene = ClientScene.ready();
    scene.wakeAt(540_000);
    expect(scene.take()).toEqual(['refresh 600']);
    scene.jump(541_000);
    scene.succeed({ lifetime: 100 });
    expect(scene.nextAt).toBe(591_000);
    scene.passTo(591_000);
    expect(scene.take()).toEqual(['refresh 600']);
  });

  it.each([400, 437])('[TU-09] %i tells that the allocation is lost', (code) => {
    const scene = ClientScene.ready();
    scene.wakeAt(540_000);
    scene.take();
    scene.refuse(code);
    expect(scene.take()).toEqual(lostAndAgain);
  });

  it('[TU-09] that does not come in 15.5 s tells that the allocation is lost', () => {
    const scene = ClientScene.ready();
    scene.passTo(540_000 + 15_500);
    expect(scene.takeTimed()).toEqual([
      '540000 refresh 600',
      '540500 refresh 600',
      '541500 refresh 600',
      '543500 refresh 600',
      '547500 refresh 600',
      '555500 turn-lost silent',
      '555500 lost',
      '555500 new port',
      '555500 allocate unsigned',
    ]);
  });
});

describe('the answer to the first permissions', () => {
  it.each([
    [403, 'server-not-permitted', 30_000],
    [437, 'refused', 30_000],
    [508, 'no-capacity', 5_000],
  ])('[TU-06] %i is the failure %s, and the allocation is ended', (code, reason, pauseMs) => {
    const scene = asking();
    scene.succeed({ relayed, lifetime: 8 });
    scene.take();
    scene.refuse(code);
    expect(scene.take()).toEqual(['refresh 0', `turn-failed ${reason}`]);
    expect(scene.client.relayed).toBeUndefined();
    // The refresh, which was due after 5 s, is forgotten.
    expect(scene.nextAt).toBe(pauseMs);
  });

  it('that does not come is a failure', () => {
    const scene = asking();
    scene.succeed({ relayed });
    scene.take();
    scene.passTo(15_500);
    expect(scene.take()).toEqual([permitFirst, permitFirst, permitFirst, permitFirst, 'turn-failed silent']);
  });
});

describe('the answer to a permission', () => {
  it('[TU-07] grants it', () => {
    const scene = permitting();
    scene.jump(1_000);
    scene.succeed();
    expect(scene.take()).toEqual(['granted 203.0.113.77']);
    expect(scene.client.permissions.state(peer.address, scene.now)).toBe('granted');
  });

  it.each([400, 403, 508])('[TU-07] %i refuses it for 60 s', (code) => {
    const scene = permitting();
    scene.refuse(code);
    expect(scene.take()).toEqual(['refused 203.0.113.77']);
    expect(scene.client.permissions.state(peer.address, scene.now)).toBe('refused');
    expect(scene.client.state).toBe('ready');
    expect(scene.nextAt).toBe(60_000);
  });

  it('[TU-09] 437 tells that the allocation is lost', () => {
    const scene = permitting();
    scene.refuse(437);
    expect(scene.take()).toEqual(lostAndAgain);
    const { endpoint: server } = turnServer;
    expect(scene.events).toEqual([{ kind: 'turn-lost', server, transport: 'udp', reason: 'unknown-to-server' }]);
  });

  it('tells nothing of an allocation that is not there yet', () => {
    const scene = asking();
    scene.client.permit(peer.address, scene.now);
    scene.take();
    scene.refuse(437);
    expect(scene.take()).toEqual([]);
    expect(scene.client.state).toBe('allocating');
  });

  it('[TU-07] that does not come leads to a question for the allocation', () => {
    const scene = permitting();
    scene.passTo(15_499);
    scene.take();
    scene.passTo(15_500);
    expect(scene.take()).toEqual(['refused 203.0.113.77', 'refresh 600']);
    expect(scene.client.permissions.state(peer.address, scene.now)).toBe('none');
    scene.succeed();
    // The allocation exists: no permission is doubted.
    expect(scene.nextAt).toBe(240_000);
  });
});

describe('the answer to a channel', () => {
  it('[TU-08] binds it, and grants the permission of its address', () => {
    const { scene, row } = binding();
    scene.jump(1_000);
    scene.succeed();
    expect(scene.take()).toEqual(['granted 203.0.113.77']);
    expect(scene.client.channels.use(peer.address, peer.port, scene.now)).toBe(0x4000);
    expect(scene.client.channels.channelOf(row)).toBe(0x4000);
    expect(scene.client.permissions.state(peer.address, scene.now)).toBe('granted');
  });

  it.each([400, 403, 508])('[TU-08] %i refuses it', (code) => {
    const { scene, row } = binding();
    scene.refuse(code);
    expect(scene.take()).toEqual([]);
    expect(scene.client.channels.channelOf(row)).toBe(0);
    expect(scene.client.channels.count(peer.address, peer.port, 3, scene.now)).toBe(-1);
  });

  it('[TU-09] 437 tells that the allocation is lost', () => {
    const { scene } = binding();
    scene.refuse(437);
    expect(scene.take()).toEqual(lostAndAgain);
    expect(scene.client.channels.receive(0x4000, scene.now)).toBe(-1);
  });

  it('[TU-08] that does not come leads to a question for the allocation, and to another request later', () => {
    const { scene, row } = binding();
    scene.passTo(15_499);
    scene.take();
    scene.passTo(15_500);
    expect(scene.take()).toEqual(['refresh 600']);
    expect(scene.client.channels.count(peer.address, peer.port, 2, scene.now)).toBe(-1);
    expect(scene.client.channels.count(peer.address, peer.port, 1, scene.now)).toBe(row);
    scene.client.bind(row, scene.now);
    expect(scene.take()).toEqual([bindPeer]);
  });
});
