import { describe, expect, it } from 'vitest';
import type { TurnServer } from '../src/index.ts';
import { ipv4, peer, turnServer, World } from './world.ts';

const serverAt = (address: string): TurnServer => ({
  endpoint: { address: ipv4(address), port: 3478 },
  transport: 'udp',
});
const otherServer = serverAt('198.51.100.41');
const thirdServer = serverAt('198.51.100.42');

describe('servers', () => {
  it('[TU-16] are tried one after the other, as all addresses of a name are', () => {
    const world = new World({ servers: [turnServer, otherServer, thirdServer] });
    world.servers = [thirdServer];
    world.start();
    world.pass(31_000);
    expect(world.port.client.state).toBe('ready');
    expect(world.port.client.server).toEqual(thirdServer);
    expect(world.eventsOf('turn-failed')).toMatchObject([{ retryInMs: 0 }, { retryInMs: 0 }]);
  });

  it('[TU-22] at other addresses are used at the next attempt', () => {
    const world = new World();
    world.servers = [otherServer];
    world.start();
    world.pass(15_500);
    expect(world.port.client.state).toBe('waiting');
    world.port.client.replaceServers([otherServer, thirdServer]);
    expect(world.port.client.state).toBe('waiting');
    world.pass(1_000);
    expect(world.port.client.state).toBe('ready');
    expect(world.port.client.server).toEqual(otherServer);
  });

  it('[TU-22] at other addresses take no allocation away, and are used when it is lost', () => {
    const world = World.ready();
    world.port.client.replaceServers([otherServer, thirdServer]);
    world.send(peer);
    expect(world.relayed).toHaveLength(1);
    expect(world.port.client.server).toEqual(turnServer);
    world.servers = [otherServer];
    world.port.client.networkChanged(world.now);
    world.pass(30_000);
    expect(world.port.client.state).toBe('ready');
    expect(world.port.client.server).toEqual(otherServer);
  });

  it('[TU-22] keep the one that is asked at present, in its new place', () => {
    const world = new World({ servers: [turnServer, otherServer] });
    world.servers = [];
    world.start();
    world.pass(15_500);
    expect(world.port.client.server).toEqual(otherServer);
    world.port.client.replaceServers([thirdServer, turnServer, otherServer]);
    expect(world.port.client.server).toEqual(otherServer);
    world.pass(15_500);
    expect(world.port.client.state).toBe('waiting');
    expect(world.port.client.server).toEqual(thirdServer);
  });

  it('[TU-19][TU-21] behind an adapter: datagrams go there and come from there, and events name the server', () => {
    const adapter = { address: ipv4('127.0.0.1'), port: 40_001 };
    const world = World.ready({ servers: [{ ...turnServer, transport: 'tcp', adapter }] });
    expect(new Set(world.sent.map(({ address }) => address))).toEqual(new Set([adapter.address]));
    expect(world.eventsOf('turn-allocated')).toMatchObject([{ server: turnServer.endpoint, transport: 'tcp' }]);
    world.send(peer);
    world.peerSends(peer);
    expect(world.received).toHaveLength(1);
    world.arrives(Uint8Array.of(0x60), turnServer.endpoint, world.sent.at(-1)!.portId);
    expect(world.drops).toEqual({ 'not-from-turn-server': 1 });
  });
});
