import { createDatagramRun, createPacketRun, type PacketRun, pointRunAt } from '@navalis/engine';
import { RecordingOutputs } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import type { RelayOutputs } from '../src/index.ts';
import { channelOf, ipv4, peer, turnServer, World, type WorldOptions } from './world.ts';

const teredoServer = { address: ipv4('198.51.100.10'), port: 3544 };

function worldWithChannel(options: WorldOptions = {}): World {
  const world = World.ready(options);
  for (let count = 0; count < 3; count++) world.send(peer);
  expect(world.port.client.channels.bound).toBe(1);
  return world;
}

/** Packages of the core know no Node, whose tests run on it. */
function heapOctets(): number {
  const { process } = globalThis as unknown as { process: { memoryUsage(): { heapUsed: number } } };
  return process.memoryUsage().heapUsed;
}

function framed(channel: number, packet: Uint8Array): Uint8Array {
  return Uint8Array.of(channel >>> 8, channel, packet.length >>> 8, packet.length, ...packet);
}

function peerNumber(number: number): { address: number; port: number } {
  return { address: ipv4('203.0.113.0') + 1 + (number % 250), port: 40_000 + Math.floor(number / 250) };
}

/** Returns a world with channels to 100 peers, which were bound 200 s ago and are in use. */
function worldOfManyChannels(): World {
  const world = World.ready();
  for (let number = 0; number < 100; number++) {
    for (let count = 0; count < 4; count++) world.send(peerNumber(number));
    world.pass(40);
  }
  world.pass(200_000);
  for (let number = 0; number < 100; number++) world.send(peerNumber(number));
  return world;
}

describe('datagrams to peers', () => {
  it('[TU-07] wait for the permission of their address, and then go in their order', () => {
    const world = World.ready();
    world.send(peer, 50);
    expect(world.relayed).toMatchObject([{ to: peer, from: world.endpoints[0] }]);
    expect(world.relayed[0]!.payload).toEqual(new Uint8Array(50).fill(0x60));
    expect(world.requests('createPermission')).toBe(2);
  });

  it('[TU-07] the servers need no other permission', () => {
    const world = World.ready();
    world.send(teredoServer);
    expect(world.relayed).toHaveLength(1);
    expect(world.requests('createPermission')).toBe(1);
  });

  it('[TU-07] of those that wait the last 8 are kept', () => {
    const world = World.ready();
    world.loses = () => true;
    for (let octets = 41; octets <= 50; octets++) world.send(peer, octets);
    expect(world.drops).toEqual({ 'queue-overflow': 2 });
    world.loses = () => false;
    world.pass(500);
    expect(world.relayed.map(({ payload }) => payload.length)).toEqual([43, 44, 45, 46, 47, 48, 49, 50]);
  });

  it('[TU-07] a forbidden address is asked for once in a minute', () => {
    const world = World.ready({ behaviour: { forbidden: [peer.address] } });
    for (let second = 0; second < 59; second++) {
      world.send(peer);
      world.pass(1_000);
    }
    expect(world.requests('createPermission')).toBe(2);
    expect(world.drops).toEqual({ 'turn-permission-refused': 59 });
    world.pass(2_000);
    world.send(peer);
    expect(world.requests('createPermission')).toBe(3);
    expect(world.endpoints).toHaveLength(1);
  });

  it('[TU-07] many new addresses cause 32 requests a second at most', () => {
    const world = World.ready();
    for (let number = 0; number < 100; number++) world.send(peerNumber(number));
    expect(world.requests('createPermission')).toBe(33);
    expect(world.drops).toEqual({ 'turn-permission-limit': 68 });
  });

  it('[TU-07] permissions in use are renewed after 240 s, others end', () => {
    const world = World.ready();
    world.send(teredoServer);
    world.send(peer);
    world.peerSends(teredoServer);
    world.pass(200_000);
    world.send(teredoServer);
    world.peerSends(teredoServer);
    world.pass(60_000);
    expect(world.requests('createPermission')).toBe(3);
    world.pass(100_000);
    world.send(teredoServer);
    expect(world.relayed).toHaveLength(4);
    expect(world.server.refused).toBe(0);
    world.send(peer);
    expect(world.requests('createPermission')).toBe(4);
    expect(world.relayed).toHaveLength(5);
  });

  it('[TU-12] are dropped while there is no allocation', () => {
    const world = new World({ behaviour: { quota: 0 } });
    world.start();
    world.send(peer);
    expect(world.drops).toEqual({ 'turn-not-allocated': 1 });
  });

  it('[TU-13] to a private address leave from the plain socket', () => {
    const world = World.ready();
    world.send({ address: ipv4('192.168.1.20'), port: 3544 });
    world.send({ address: ipv4('224.0.0.253'), port: 3544 });
    expect(world.plain.map(({ address }) => address)).toEqual([ipv4('192.168.1.20'), ipv4('224.0.0.253')]);
    expect(world.relayed).toEqual([]);
  });

  it('[TU-07] a super-segment is cut where no channel is bound', () => {
    const world = World.ready();
    const header = 40 + 8;
    const run = createPacketRun(new Uint8Array(header + 300));
    run.memory.set([0x60, 0, 0, 0, 0, 108, 17, 64]);
    pointRunAt(run, 0, header + 100);
    run.count = 3;
    run.lastPacketLength = header + 100;
    world.send(peer);
    world.port.setTime(world.now);
    world.port.sendDatagrams(run, peer.address, peer.port);
    world.settle();
    expect(world.relayed.map(({ payload }) => payload.length)).toEqual([60, 148, 148, 148]);
  });
});

describe('permissions and channels that the server forgot', () => {
  function forgotten(options: WorldOptions = {}): World {
    const world = World.ready(options);
    world.pass(1_000);
    for (let count = 0; count < 4; count++) world.send(peer);
    world.pass(1_000);
    world.peerSends(peer);
    const [allocation] = world.server.allocations;
    allocation!.permissions.clear();
    allocation!.channels.clear();
    world.relayed.length = 0;
    return world;
  }

  it('[TU-07][TU-08] are renewed when the Teredo server does not answer and the allocation is there', () => {
    const world = forgotten();
    world.send(peer);
    world.send(teredoServer);
    expect(world.relayed).toEqual([]);
    world.pass(2_000);
    world.send(teredoServer);
    world.send(peer);
    expect(world.relayed.map(({ to }) => to)).toEqual([teredoServer, peer]);
    expect(channelOf(world.sent.at(-1)!.payload)).toBe(0x4000);
    expect(world.endpoints).toHaveLength(1);
  });

  it('[TU-07][TU-08] are renewed, too, when the allocation is refreshed within each silence', () => {
    const world = forgotten({ behaviour: { lifetime: 10 } });
    world.pass(2_000);
    for (let round = 0; round < 6; round++) {
      world.send(peer);
      world.send(teredoServer);
      world.pass(5_000);
    }
    world.relayed.length = 0;
    world.send(teredoServer);
    world.send(peer);
    expect(world.relayed.map(({ to }) => to)).toEqual([teredoServer, peer]);
    expect(world.endpoints).toHaveLength(1);
  });

  it('[TU-07] are not suspected when a peer alone is silent', () => {
    const world = forgotten();
    world.send(peer);
    world.pass(20_000);
    expect([world.requests('refresh'), world.requests('channelBind')]).toEqual([1, 1]);
  });

  it('[TU-07][TU-08] are renewed after a change of the network, or sleep', () => {
    const world = forgotten();
    world.port.client.networkChanged(world.now);
    world.settle();
    world.pass(1);
    world.send(peer);
    world.send(teredoServer);
    expect(world.relayed.map(({ to }) => to)).toEqual([peer, teredoServer]);
    expect(world.endpoints).toHaveLength(1);
  });
});

describe('datagrams from peers', () => {
  it('[TU-08] appear to come from the peer, at the service port', () => {
    const world = World.ready();
    world.send(peer);
    world.peerSends(peer, Uint8Array.of(0x60, 1, 2));
    expect(world.received).toEqual([{ payload: Uint8Array.of(0x60, 1, 2), from: peer, portId: 0 }]);
    for (let count = 0; count < 3; count++) world.send(peer);
    world.peerSends(peer, Uint8Array.of(0x60, 3));
    expect(world.received.at(-1)).toEqual({ payload: Uint8Array.of(0x60, 3), from: peer, portId: 0 });
    expect(world.drops).toEqual({});
  });

  it('[TU-13] from other hosts than the server are dropped; those of this link reach the role', () => {
    const world = World.ready();
    const { portId } = world.sent.at(-1)!;
    world.arrives(Uint8Array.of(0x60), peer, portId);
    world.arrives(Uint8Array.of(0x60), { ...turnServer.endpoint, port: 9 }, portId);
    world.arrives(Uint8Array.of(0x60), peer, 0);
    expect(world.drops).toEqual({ 'not-from-turn-server': 3 });
    world.arrives(Uint8Array.of(0x60), { address: ipv4('192.168.1.20'), port: 3544 }, 0);
    world.arrives(Uint8Array.of(0x60), peer, 1);
    expect(world.received.map(({ portId: at }) => at)).toEqual([0, 1]);
  });

  it.each([
    ['malformed-turn-message', [0x60, 0, 0, 0]],
    ['malformed-turn-message', []],
    ['malformed-turn-message', [0x40, 0, 0, 5, 1]],
    ['unknown-turn-channel', [0x40, 0, 0, 1, 1]],
    ['unknown-turn-channel', [0x4f, 0xff, 0, 1, 1]],
    ['malformed-turn-message', [0x50, 0, 0, 1, 1]],
    ['unexpected-turn-message', [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['unexpected-turn-message', [0, 0x17, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ])('[TU-02][TU-05][TU-08] %s: %j of the server', (reason, octets) => {
    const world = World.ready();
    world.arrives(Uint8Array.from(octets), turnServer.endpoint, world.sent.at(-1)!.portId);
    expect(world.drops).toEqual({ [reason]: 1 });
    expect(world.received).toEqual([]);
  });

  it('[TU-05] an indication about an address without a permission is dropped', () => {
    const world = World.ready();
    world.server.allocations[0]!.permit(peer.address, world.now);
    world.peerSends(peer);
    expect(world.drops).toEqual({ 'unexpected-turn-message': 1 });
  });
});

describe('channels', () => {
  it('[TU-08] begin with the third datagram', () => {
    const world = World.ready();
    for (let count = 0; count < 2; count++) world.send(peer);
    expect(world.requests('channelBind')).toBe(0);
    for (let count = 0; count < 2; count++) world.send(peer);
    expect(world.requests('channelBind')).toBe(1);
    expect(channelOf(world.sent.at(-1)!.payload)).toBe(0x4000);
    expect(world.sent.at(-1)!.payload).toHaveLength(64);
    expect(world.relayed).toHaveLength(4);
  });

  it('[TU-08] carry runs: each packet gets its header', () => {
    const world = World.ready();
    world.send(peer, 60, 3);
    world.send(peer, 60, 5);
    expect(world.sent.slice(-5).map(({ payload }) => [channelOf(payload), payload.length])).toEqual(
      new Array(5).fill([0x4000, 64]),
    );
    expect(world.relayed).toHaveLength(8);
  });

  it('[TU-08] give whole runs to outputs that can send them', () => {
    class ChannelOutputs extends RecordingOutputs implements RelayOutputs {
      readonly runs: [count: number, channel: number, port: number][] = [];
      sendChannelData(run: PacketRun, channel: number, server: { port: number }): void {
        this.runs.push([run.count, channel, server.port]);
      }
    }
    const outputs = new ChannelOutputs();
    const world = World.ready({ outputs });
    world.send(peer, 60, 3);
    world.send(peer, 60, 7);
    expect(outputs.runs).toEqual([[7, 0x4000, 3478]]);
  });

  it('[TU-08] bring runs, which the role gets as runs', () => {
    const world = worldWithChannel();
    const packets = [1, 2, 3].map((fill) => new Uint8Array(fill === 3 ? 44 : 60).fill(fill));
    const before = world.runs;
    world.arriveAsRun(packets.map((packet) => framed(0x4000, packet)));
    expect(world.runs).toBe(before + 1);
    expect(world.received).toEqual(packets.map((payload) => ({ payload, from: peer, portId: 0 })));
    expect(world.drops).toEqual({});
  });

  it.each([
    ['unknown-turn-channel', framed(0x4001, new Uint8Array(60))],
    ['malformed-turn-message', new Uint8Array(64).fill(0x60)],
    ['malformed-turn-message', framed(0x4000, new Uint8Array(60)).subarray(0, 50)],
  ])('[TU-08] of a run that is dropped each datagram is counted: %s', (reason, datagram) => {
    const world = worldWithChannel();
    world.arriveAsRun([datagram, datagram, datagram]);
    expect(world.drops).toEqual({ [reason]: 3 });
    expect(world.received).toEqual([]);
  });

  it('[TU-08] cost no memory for each packet, in either direction', () => {
    const outputs = Object.assign(new RecordingOutputs(), { sendChannelData: () => undefined });
    const world = worldWithChannel({ outputs });
    world.recordsDatagrams = false;
    const sent = createPacketRun(new Uint8Array(60));
    pointRunAt(sent, 0, 60);
    const arrived = createDatagramRun(framed(0x4000, new Uint8Array(60)), world.sent.at(-1)!.portId);
    pointRunAt(arrived, 0, 64);
    arrived.sourceAddress = turnServer.endpoint.address;
    arrived.sourcePort = turnServer.endpoint.port;
    const { address, port } = peer;
    const exchange = (times: number) => {
      for (let count = 0; count < times; count++) {
        world.port.sendDatagrams(sent, address, port);
        world.port.handleDatagrams(arrived, world.now);
      }
    };
    // Until all of it is compiled, numbers are objects; a collection in between makes the difference negative.
    const grown = Array.from({ length: 20 }, () => {
      const before = heapOctets();
      exchange(100_000);
      return heapOctets() - before;
    });
    expect(grown).toContainEqual(expect.toSatisfy((octets: number) => octets >= 0 && octets < 400_000));
    expect(world.runs).toBe(2_000_000);
  });

  it('[TU-08] are renewed while they are used, and keep their permission', () => {
    const world = World.ready();
    for (let minute = 0; minute < 30; minute++) {
      for (let count = 0; count < 3; count++) world.send(peer);
      world.pass(60_000);
    }
    expect(world.requests('channelBind')).toBe(8);
    expect(world.relayed).toHaveLength(90);
    expect(world.server.refused).toBe(0);
    expect(world.endpoints).toHaveLength(1);
  });

  it('[TU-08] an endpoint that was quiet gets the same channel again', () => {
    const world = World.ready();
    for (let count = 0; count < 4; count++) world.send(peer);
    world.pass(400_000);
    for (let count = 0; count < 4; count++) world.send(peer);
    expect(channelOf(world.sent.at(-1)!.payload)).toBe(0x4000);
    expect(world.relayed).toHaveLength(8);
    expect(world.requests('channelBind')).toBe(2);
  });

  it('[TU-08] are 256 at most; other endpoints go on without', () => {
    const world = World.ready();
    for (let number = 0; number < 300; number++) {
      for (let count = 0; count < 4; count++) world.send(peerNumber(number));
      world.pass(100);
    }
    expect(world.port.client.channels.bound).toBe(256);
    expect(world.requests('channelBind')).toBe(256);
    expect(world.relayed).toHaveLength(1200);
  });

  it('[TU-08] of an endpoint that is gone goes to another one 900 s after it was bound', () => {
    const world = World.ready();
    for (let number = 0; number < 256; number++) {
      for (let count = 0; count < 3; count++) world.send(peerNumber(number));
      world.pass(100);
    }
    for (const [seconds, requests] of [
      [500, 256],
      [500, 257],
    ] as const) {
      world.pass(1_000 * seconds);
      for (let count = 0; count < 4; count++) world.send(peerNumber(300));
      expect(world.requests('channelBind')).toBe(requests);
    }
  });

  it('[TU-08] are renewed all when more are due than requests may wait', () => {
    const world = worldOfManyChannels();
    world.now += 60_000;
    world.pass(10_000);
    expect(world.requests('channelBind')).toBe(200);
  });

  it('[TU-08] that are due wait, without haste, while the server answers nothing', () => {
    const world = worldOfManyChannels();
    world.loses = () => true;
    world.now += 60_000;
    world.port.handleDeadline(world.now);
    expect(world.port.nextDeadline()).toBeGreaterThan(world.now);
  });

  it('[TU-08] a refused channel is not asked for again', () => {
    const world = World.ready({ behaviour: { errorFor: (method) => (method === 9 ? 400 : undefined) } });
    for (let count = 0; count < 20; count++) world.send(peer);
    expect(world.requests('channelBind')).toBe(1);
    expect(world.relayed).toHaveLength(20);
  });

  it('[TU-08] are bound again with another allocation', () => {
    const world = World.ready();
    for (let count = 0; count < 4; count++) world.send(peer);
    world.server.restart();
    world.port.client.networkChanged(world.now);
    world.settle();
    world.send(peer);
    expect(world.relayed.at(-1)!.from).toEqual(world.endpoints[1]);
    expect(channelOf(world.sent.at(-1)!.payload)).toBe(0);
  });

  it('[TU-08] the least recent of too many endpoints is forgotten', () => {
    const world = World.ready();
    for (let number = 0; number < 700; number++) {
      world.send(peerNumber(number));
      world.pass(50);
    }
    expect(world.relayed).toHaveLength(700);
  });
});
