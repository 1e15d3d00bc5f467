import { describe, expect, it } from 'vitest';
import type { TurnServer } from '../src/index.ts';
import { ClientScene, relayed, roleServers } from './turn-client-scene.ts';
import { ipv4, peer, turnServer } from './world.ts';

const otherServer: TurnServer = { endpoint: { address: ipv4('198.51.100.41'), port: 3478 }, transport: 'udp' };
const streamServer: TurnServer = {
  endpoint: turnServer.endpoint,
  transport: 'tcp',
  adapter: { address: ipv4('127.0.0.1'), port: 2_000 },
};
const permitFirst = 'permit 198.51.100.10 198.51.100.11';
const becomesReady = [
  'granted 198.51.100.10',
  'granted 198.51.100.11',
  'turn-allocated',
  'allocated 203.0.113.10:49152 at 10000',
];

/** Asks for permissions for so many addresses, from one on. */
function permit(scene: ClientScene, first: number, count: number): (string | undefined)[] {
  return Array.from({ length: count }, (_, index) => scene.client.permit(first + index, scene.now));
}

/** Fills the transactions: 32 permissions a second. */
function fill(scene: ClientScene, count: number): void {
  for (let done = 0; done < count; done += 32) {
    if (done > 0) scene.now += 1_000;
    permit(scene, ipv4('192.0.2.0') + done, Math.min(32, count - done));
  }
  scene.take();
}

describe('the state', () => {
  it('is "stopped" at first', () => {
    const { client, nextAt } = new ClientScene([streamServer]);
    expect(client.state).toBe('stopped');
    expect(client.server).toBe(streamServer);
    expect(client.remote).toEqual({ address: ipv4('127.0.0.1'), port: 2_000 });
    expect(client.relayed).toBeUndefined();
    expect(client.failure).toBeUndefined();
    expect(nextAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('[TU-04][TU-06] is "ready" after a challenge, an allocation and the first permissions', () => {
    const scene = new ClientScene();
    scene.start();
    expect(scene.client.state).toBe('allocating');
    expect(scene.take()).toEqual(['new port', 'allocate unsigned']);
    expect(scene.nextAt).toBe(500);
    expect(scene.challenge(401, 'one')).toBeUndefined();
    expect(scene.take()).toEqual(['allocate']);
    expect(scene.client.relayed).toBeUndefined();
    expect(scene.succeed({ relayed, lifetime: 600 })).toBeUndefined();
    expect(scene.take()).toEqual([permitFirst]);
    expect(scene.client.relayed).toEqual(relayed);
    expect(scene.client.state).toBe('allocating');
    expect(scene.succeed()).toBeUndefined();
    expect(scene.take()).toEqual(becomesReady);
    expect(scene.client.state).toBe('ready');
    expect(scene.events).toEqual([
      { kind: 'turn-allocated', server: turnServer.endpoint, transport: 'udp', relayed: { ...relayed } },
    ]);
    expect(scene.client.permissions.state(roleServers[1]!, scene.now)).toBe('granted');
    expect(scene.nextAt).toBe(240_000);
  });

  it('[TU-10] is "waiting" for a second without a port', () => {
    const scene = new ClientScene();
    scene.hasPort = false;
    scene.start();
    expect(scene.client.state).toBe('waiting');
    expect(scene.client.failure).toBe('no-port');
    expect(scene.take()).toEqual(['no port', 'turn-failed no-port']);
    const { endpoint: server } = turnServer;
    const event = { kind: 'turn-failed', server, transport: 'udp', reason: 'no-port', retryInMs: 1_000 };
    expect(scene.events).toEqual([event]);
    expect(scene.nextAt).toBe(1_000);
    scene.hasPort = true;
    scene.wakeAt(999);
    expect(scene.take()).toEqual([]);
    scene.wakeAt(1_000);
    expect(scene.take()).toEqual(['new port', 'allocate unsigned']);
    expect(scene.client.state).toBe('allocating');
    expect(scene.client.failure).toBe('no-port');
    expect(scene.nextAt).toBe(1_500);
    scene.becomeReady();
    expect(scene.client.failure).toBeUndefined();
  });

  it('[TU-12] is "stopped" again, and the allocation ended in one message', () => {
    const scene = ClientScene.ready();
    scene.client.stop();
    expect(scene.take()).toEqual(['refresh 0']);
    expect(scene.client.state).toBe('stopped');
    expect(scene.client.relayed).toBeUndefined();
    expect(scene.succeed({ lifetime: 0 })).toBe('unexpected-turn-message');
    expect(scene.nextAt).toBe(Number.POSITIVE_INFINITY);
    scene.client.recordSending(scene.now);
    expect(scene.nextAt).toBe(Number.POSITIVE_INFINITY);
    scene.wakeAt(3_600_000);
    expect(scene.take()).toEqual([]);
  });

  it('[TU-12] is "stopped" again without a message while there is no allocation', () => {
    const scene = new ClientScene();
    scene.start();
    scene.take();
    scene.client.stop();
    scene.wakeAt(3_600_000);
    expect(scene.take()).toEqual([]);
    expect(scene.client.state).toBe('stopped');
  });

  it('[TU-12] is "stopped" after a failure, too, and no other attempt follows', () => {
    const scene = new ClientScene();
    scene.hasPort = false;
    scene.start();
    scene.take();
    scene.client.stop();
    scene.wakeAt(3_600_000);
    expect(scene.take()).toEqual([]);
  });
});

describe('silence of the server', () => {
  it('[TU-04][TU-19] is reported after 3.5 s, and a failure after 15.5 s', () => {
    const scene = new ClientScene();
    scene.start();
    scene.passTo(15_500);
    expect(scene.takeTimed()).toEqual([
      '0 new port',
      '0 allocate unsigned',
      '500 allocate unsigned',
      '1500 allocate unsigned',
      '3500 allocate unsigned',
      '3500 turn-unanswered',
      '7500 allocate unsigned',
      '15500 turn-failed silent',
    ]);
    const { endpoint: server } = turnServer;
    expect(scene.events[0]).toEqual({ kind: 'turn-unanswered', server, transport: 'udp', forMs: 3_500 });
    expect(scene.nextAt).toBe(16_500);
  });

  it('[TU-04] is a failure after 10 s over a reliable transport', () => {
    const scene = new ClientScene([streamServer, turnServer]);
    scene.start();
    scene.passTo(10_000);
    expect(scene.takeTimed()).toEqual([
      '0 new port',
      '0 allocate unsigned to 127.0.0.1:2000',
      '3500 turn-unanswered',
      '10000 turn-failed silent',
      '10000 new port',
      '10000 allocate unsigned',
    ]);
    // The next server is reached over UDP.
    expect(scene.nextAt).toBe(10_500);
  });

  it('[TU-19] is reported at its time, not before', () => {
    const scene = new ClientScene([streamServer]);
    scene.start();
    expect(scene.nextAt).toBe(3_500);
    scene.wakeAt(3_499);
    expect(scene.events).toEqual([]);
    scene.wakeAt(3_500);
    expect(scene.events).toHaveLength(1);
    expect(scene.nextAt).toBe(10_000);
  });

  it('[TU-19] is not reported after any response', () => {
    const scene = new ClientScene([streamServer]);
    scene.start();
    scene.challenge(401, 'one');
    expect(scene.nextAt).toBe(10_000);
    scene.wakeAt(3_500);
    expect(scene.events).toEqual([]);
  });

  it('[TU-19] is not reported after a failure, or a stop', () => {
    for (const end of ['fail', 'stop'] as const) {
      const scene = new ClientScene();
      scene.start();
      scene.hasPort = false;
      if (end === 'fail') scene.client.networkChanged(scene.now);
      else scene.client.stop();
      scene.take();
      scene.hasPort = true;
      if (end === 'fail') expect(scene.nextAt).toBe(1_000);
      scene.wakeAt(3_500);
      expect(scene.take()).toEqual(end === 'fail' ? ['new port', 'allocate unsigned'] : []);
    }
  });

  it('[TU-10] pauses longer each time, until there is an allocation', () => {
    const scene = new ClientScene();
    scene.start();
    scene.passTo(15_500);
    expect(scene.nextAt).toBe(16_500);
    scene.passTo(32_000);
    expect(scene.nextAt).toBe(34_000);
    scene.passTo(34_000);
    scene.becomeReady();
    scene.hasPort = false;
    scene.client.networkChanged(scene.now);
    scene.refuse(437);
    expect(scene.client.failure).toBe('no-port');
    expect(scene.nextAt).toBe(35_000);
  });
});

describe('a change of the network', () => {
  it('[TU-09] is followed by a Refresh, which is repeated until an end after 7.5 s', () => {
    const scene = ClientScene.ready();
    scene.client.networkChanged(scene.now);
    scene.client.networkChanged(scene.now);
    scene.passTo(7_500);
    expect(scene.takeTimed()).toEqual([
      '0 refresh 600',
      '500 refresh 600',
      '1500 refresh 600',
      '3500 refresh 600',
      '7500 turn-lost silent',
      '7500 lost',
      '7500 new port',
      '7500 allocate unsigned',
    ]);
    const { endpoint: server } = turnServer;
    expect(scene.events).toEqual([{ kind: 'turn-lost', server, transport: 'udp', reason: 'silent' }]);
    expect(scene.client.state).toBe('allocating');
    expect(scene.client.relayed).toBeUndefined();
    expect(scene.client.permissions.state(roleServers[0]!, scene.now)).toBe('none');
  });

  it('[TU-07] renews permissions and channels that the server may have forgotten', () => {
    const scene = ClientScene.ready();
    const { channels } = scene.client;
    const row = channels.count(peer.address, peer.port, 3, scene.now);
    scene.client.bind(row, scene.now);
    scene.succeed();
    scene.take();
    scene.jump(1);
    expect(channels.use(peer.address, peer.port, scene.now)).toBe(0x4000);
    scene.client.networkChanged(scene.now);
    scene.succeed({ lifetime: 600 });
    expect(scene.nextAt).toBe(Number.NEGATIVE_INFINITY);
    scene.take();
    scene.wakeAt(2);
    expect(scene.take()).toEqual([
      'permit 198.51.100.10',
      'permit 198.51.100.11',
      'permit 203.0.113.77',
      'bind 4000 203.0.113.77:40000',
    ]);
    expect(scene.nextAt).toBe(502);
  });

  it('begins an attempt at once, while one is under way or waited for', () => {
    const scene = new ClientScene();
    scene.start();
    scene.challenge(401, 'one');
    scene.take();
    scene.client.networkChanged(scene.now);
    expect(scene.take()).toEqual(['new port', 'allocate unsigned']);
    expect(scene.succeed({ to: 'allocate', relayed })).toBe('unexpected-turn-message');
    scene.challenge(403, 'one');
    expect(scene.client.state).toBe('waiting');
    scene.take();
    scene.client.networkChanged(scene.now);
    expect(scene.take()).toEqual(['new port', 'allocate unsigned']);
  });

  it('is of no interest to a client that is stopped', () => {
    const scene = new ClientScene();
    scene.client.networkChanged(scene.now);
    expect(scene.take()).toEqual([]);
    expect(scene.client.state).toBe('stopped');
  });
});

describe('other servers', () => {
  it('[TU-22] wait while there is an allocation, and are next while there is none', () => {
    const scene = ClientScene.ready();
    scene.client.replaceServers([otherServer]);
    expect(scene.client.server).toEqual(turnServer);
    const waiting = new ClientScene();
    waiting.hasPort = false;
    waiting.start();
    waiting.client.replaceServers([otherServer, turnServer]);
    expect(waiting.client.server).toEqual(otherServer);
    expect(waiting.client.remote).toEqual(otherServer.endpoint);
  });

  it('[TU-10] are asked at once, and the failure names the one before', () => {
    const scene = new ClientScene([turnServer, otherServer]);
    scene.start();
    scene.refuse(486);
    expect(scene.events).toMatchObject([{ server: turnServer.endpoint, reason: 'quota-reached', retryInMs: 0 }]);
    expect(scene.nextAt).toBe(0);
    scene.take();
    scene.wakeAt(0);
    expect(scene.take()).toEqual(['new port', 'allocate unsigned to 198.51.100.41:3478']);
    scene.wakeAt(500);
    expect(scene.take()).toEqual(['allocate unsigned to 198.51.100.41:3478']);
  });
});

describe('requests for permissions and channels', () => {
  it('[TU-07] are 32 a second at most for permissions', () => {
    const scene = ClientScene.ready();
    expect(permit(scene, peer.address, 33)).toEqual([...new Array(32).fill(undefined), 'turn-permission-limit']);
    expect(scene.take()).toHaveLength(32);
    expect(scene.client.permissions.state(peer.address, scene.now)).toBe('asked');
    expect(scene.client.permissions.state(peer.address + 32, scene.now)).toBe('none');
    scene.now += 1_000;
    expect(permit(scene, peer.address + 32, 1)).toEqual([undefined]);
    expect(scene.take()).toEqual(['permit 203.0.113.109']);
  });

  it('[TU-07] are for 1024 addresses at most', () => {
    const scene = ClientScene.ready();
    const { permissions } = scene.client;
    for (let number = 2; number < 1024; number++) permissions.grant(ipv4('192.0.2.0') + number, scene.now);
    expect(permissions.count).toBe(1024);
    expect(permit(scene, peer.address, 1)).toEqual(['turn-permission-limit']);
    expect(scene.take()).toEqual([]);
  });

  it('are 64 at a time at most', () => {
    const scene = ClientScene.ready();
    fill(scene, 63);
    scene.now += 1_000;
    expect(permit(scene, peer.address, 2)).toEqual([undefined, 'turn-permission-limit']);
    expect(scene.take()).toEqual(['permit 203.0.113.77']);
    const row = scene.client.channels.count(peer.address, peer.port, 3, scene.now);
    scene.client.bind(row, scene.now);
    expect(scene.take()).toEqual([]);
    expect(scene.client.channels.channelOf(row)).toBe(0);
  });

  it('[TU-08] are for 256 channels at most', () => {
    const scene = ClientScene.ready();
    const { channels } = scene.client;
    const rows = Array.from({ length: 257 }, (_, index) => channels.count(peer.address, 1 + index, 3, scene.now));
    for (const row of rows.slice(0, 255)) channels.ask(row, scene.now);
    scene.client.bind(rows[255]!, scene.now);
    scene.client.bind(rows[256]!, scene.now);
    expect(scene.take()).toEqual(['bind 40ff 203.0.113.77:256']);
  });

  it('are renewed as far as there is room', () => {
    const scene = ClientScene.ready();
    fill(scene, 61);
    scene.client.networkChanged(scene.now);
    scene.client.bind(scene.client.channels.count(peer.address, peer.port, 3, scene.now), scene.now);
    scene.succeed();
    scene.client.channels.receive(0x4000, scene.now + 1);
    scene.succeed({ to: 'refresh 600' });
    expect(scene.nextAt).toBe(Number.NEGATIVE_INFINITY);
    scene.now += 1_000;
    permit(scene, ipv4('192.0.2.200'), 1);
    scene.take();
    // Two of three permissions have room, and no channel.
    scene.client.handleDeadline(scene.now);
    expect(scene.take().slice(-2)).toEqual(['permit 198.51.100.10', 'permit 198.51.100.11']);
    expect(scene.nextAt).toBe(scene.now - 10_000 + 500);
    scene.succeed({ to: 'permit 198.51.100.10' });
    expect(scene.nextAt).toBe(Number.NEGATIVE_INFINITY);
    scene.take();
    scene.client.handleDeadline(scene.now);
    expect(scene.take()).toEqual(['permit 203.0.113.77']);
    scene.succeed({ to: 'permit 203.0.113.77' });
    scene.take();
    scene.client.handleDeadline(scene.now);
    expect(scene.take()).toEqual(['bind 4000 203.0.113.77:40000']);
  });

  it('[TU-07][TU-08] are repeated after 240 s while they are in use', () => {
    const scene = ClientScene.ready();
    scene.client.permissions.use(roleServers[1]!, scene.now + 1);
    scene.wakeAt(239_999);
    expect(scene.take()).toEqual([]);
    scene.wakeAt(240_000);
    expect(scene.take()).toEqual(['permit 198.51.100.11']);
    expect(scene.nextAt).toBe(240_500);
    expect(scene.client.permissions.state(roleServers[0]!, scene.now)).toBe('none');
    scene.succeed();
    expect(scene.nextAt).toBe(480_000);
  });
});
