import { createDatagramRun, createPacketRun, type PacketRun, pointRunAt } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { stunAttributes, stunClasses, stunMethods } from '../src/stun/constants.ts';
import { StunWriter } from '../src/stun/stun-writer.ts';
import { channelOf, ipv4, peer, turnServer, World, type WorldOptions } from './world.ts';

const permitMethod = 0x0008;
const sendIndication = 0x0016;

/** The first two octets of a STUN message: its method and class. */
const typeOf = (payload: Uint8Array) => (payload[0]! << 8) | payload[1]!;

function withChannel(options: WorldOptions = {}): World {
  const world = World.ready(options);
  for (let count = 0; count < 3; count++) world.send(peer);
  world.relayed.length = 0;
  return world;
}

/** Packets of these octets side by side, with some octets in front and between them. */
function runOf(...packets: readonly (readonly number[])[]): PacketRun {
  const stride = packets[0]!.length + 2;
  const memory = new Uint8Array(3 + stride * packets.length).fill(0xee);
  for (const [index, packet] of packets.entries()) memory.set(packet, 3 + index * stride);
  const run = createPacketRun(memory);
  pointRunAt(run, 3, packets[0]!.length);
  run.count = packets.length;
  run.lastPacketLength = packets.at(-1)!.length;
  run.headerStride = stride;
  return run;
}

function sendRun(world: World, run: PacketRun, from?: number): void {
  world.port.setTime(world.now);
  world.port.sendDatagrams(run, peer.address, peer.port, from);
  world.settle();
}

const relayedOf = (world: World) => world.relayed.map(({ payload }) => [...payload]);

describe('the socket towards the server', () => {
  it('[TU-04] is like the service port, and carries data', () => {
    expect(World.ready().outputs.openedPorts).toMatchObject([{ like: 0, carriesData: true }]);
  });

  it('[TU-12] is closed with the role, once, and what waits is counted', () => {
    const world = World.ready();
    world.loses = () => true;
    world.send(peer);
    const { portId } = world.sent.at(-1)!;
    world.port.stop();
    expect([world.outputs.closedPorts, world.drops]).toEqual([[portId], { 'turn-not-allocated': 1 }]);
    world.port.stop();
    expect([world.outputs.closedPorts, world.drops]).toEqual([[portId], { 'turn-not-allocated': 1 }]);
  });

  it('[TU-12] is none before the start', () => {
    const world = new World();
    world.port.stop();
    expect(world.outputs.closedPorts).toEqual([]);
  });
});

describe('the outputs behind a relayed port', () => {
  it('open and close ports, take packets of the host and reports', () => {
    const world = World.ready();
    const opened = world.port.openPort({ like: 0, carriesData: false, port: 7 });
    expect(opened).toMatchObject({ port: 7 });
    world.port.closePort(9);
    expect(world.outputs.closedPorts).toEqual([9]);
    world.port.deliverPackets(runOf([1, 2, 3]));
    expect(world.outputs.packets).toEqual([Uint8Array.of(1, 2, 3)]);
    world.port.report({ kind: 'started' });
    expect(world.events.at(-1)).toEqual({ kind: 'started' });
  });

  it('[TU-13] send from other ports as they are told, also to peers, with a channel or without', () => {
    for (const world of [World.ready(), withChannel()]) {
      const run = runOf([1, 2, 3]);
      world.port.setTime(world.now);
      world.port.sendDatagrams(run, peer.address, peer.port, 9);
      expect(world.outputs.takeDatagrams()).toEqual([
        { payload: Uint8Array.of(1, 2, 3), address: peer.address, port: peer.port, portId: 9 },
      ]);
    }
  });
});

describe('a datagram to a peer without a channel', () => {
  it('[TU-07] is an indication with an ID of its own, of the octets of the datagram and no others', () => {
    const world = World.ready();
    sendRun(world, runOf([0x60, 1, 2], [0x60, 3, 4], [0x60]));
    expect(relayedOf(world)).toEqual([[0x60, 1, 2], [0x60, 3, 4], [0x60]]);
    const indications = world.sent.filter(({ payload }) => typeOf(payload) === sendIndication);
    const ids = indications.map(({ payload }) => payload.slice(8, 20).join());
    expect(new Set(ids).size).toBe(3);
  });

  it('[TU-07] has up to 2,048 octets; longer ones are dropped and counted, each', () => {
    const world = World.ready();
    world.send(peer, 2_048);
    expect(world.relayed.map(({ payload }) => payload.length)).toEqual([2_048]);
    world.send(peer, 2_049);
    expect(world.drops).toEqual({ 'packet-too-big': 1 });
    expect(world.relayed).toHaveLength(1);
  });

  it('[TU-07] that is too long does not wait for a permission either', () => {
    const world = World.ready();
    world.send(peer, 2_049, 2);
    expect([world.drops, world.relayed]).toEqual([{ 'packet-too-big': 2 }, []]);
    const many = World.ready();
    many.loses = () => true;
    many.send(peer, 10, 9);
    expect(many.drops).toEqual({ 'queue-overflow': 1 });
  });

  it('[TU-07] waits while its permission is asked for, once', () => {
    const world = World.ready();
    const asked = world.sent.length;
    world.loses = () => true;
    for (let count = 0; count < 3; count++) world.send(peer);
    expect(world.sent.slice(asked).map(({ payload }) => typeOf(payload))).toEqual([permitMethod]);
  });

  it('[TU-07] of a super-segment is cut out, the last one shorter, of two as of more', () => {
    for (const lengths of [
      [100, 60],
      [100, 100, 60],
    ]) {
      const header = 40 + 8;
      const octets = lengths.reduce((sum, each) => sum + each, 0);
      const run = createPacketRun(new Uint8Array(header + octets));
      run.memory.set([0x60, 0, 0, 0, 0, 108, 17, 64]);
      for (let at = 0; at < octets; at++) run.memory[header + at] = at;
      pointRunAt(run, 0, header + 100);
      run.count = lengths.length;
      run.lastPacketLength = header + 60;
      const world = World.ready();
      sendRun(world, run);
      expect(world.relayed.map(({ payload }) => payload.length)).toEqual(lengths.map((each) => header + each));
      expect(world.relayed.map(({ payload }) => payload[header])).toEqual(lengths.map((_, index) => 100 * index));
      expect(world.relayed[0]!.payload[0]).toBe(0x60);
    }
  });

  it('[TU-07] without an octet is none', () => {
    const world = World.ready();
    world.send(peer);
    const sent = world.sent.length;
    sendRun(world, runOf([]));
    expect([world.sent.length, world.drops]).toEqual([sent, {}]);
    sendRun(world, runOf([7]));
    expect(relayedOf(world).at(-1)).toEqual([7]);
  });

  it.each(['setTime', 'handleDeadline', 'handleDatagrams'] as const)('[TU-09] leaves at the time of %s', (call) => {
    const world = World.ready();
    world.send(peer);
    world.peerSends(peer);
    const now = world.now + 20_000;
    if (call === 'handleDatagrams') world.port.handleDatagrams(createDatagramRun(new Uint8Array(0), 0), now);
    else world.port[call](now);
    world.port.sendDatagrams(runOf([1]), peer.address, peer.port);
    // When nothing comes in for 2 s after it, the allocation is asked for.
    expect(world.port.nextDeadline()).toBe(now + 2_000);
  });
});

describe('a datagram to a peer with a channel', () => {
  it('[TU-08] is ChannelData of its octets', () => {
    const world = withChannel();
    sendRun(world, runOf([0x60, 1, 2], [0x60, 3]));
    expect(world.sent.slice(-2).map(({ payload }) => [...payload])).toEqual([
      [0x40, 0, 0, 3, 0x60, 1, 2],
      [0x40, 0, 0, 2, 0x60, 3],
    ]);
    expect(relayedOf(world)).toEqual([
      [0x60, 1, 2],
      [0x60, 3],
    ]);
  });

  it('[TU-08] has up to 2,048 octets', () => {
    const world = withChannel();
    world.send(peer, 2_048);
    world.send(peer, 2_049);
    expect(world.relayed.map(({ payload }) => payload.length)).toEqual([2_048]);
    expect(world.drops).toEqual({ 'packet-too-big': 1 });
    expect(channelOf(world.sent.at(-1)!.payload)).toBe(0x4000);
  });
});

describe('a datagram from the server', () => {
  const idOf = (fill: number) => new Uint8Array(12).fill(fill);

  /** A message of the server, with what a data indication has unless the test leaves it out. */
  function indication({
    method = stunMethods.data as number,
    hasPeer = true,
    hasData = true,
    unknown = false,
    from = peer,
  } = {}): Uint8Array {
    const writer = new StunWriter(200).begin(method, stunClasses.indication, idOf(1));
    if (hasPeer) writer.xorEndpoint(stunAttributes.xorPeerAddress, from.address, from.port);
    if (hasData) writer.bytes.set([0x60, 9], writer.room(stunAttributes.data, 2));
    // Comprehension of 0x7ff0 is required, and nobody knows it.
    if (unknown) writer.room(0x7ff0, 0);
    return writer.bytes.slice(0, writer.length);
  }

  function arriving(payload: Uint8Array): World {
    const world = World.ready();
    world.send(peer);
    world.arrives(payload, turnServer.endpoint, world.sent.at(-1)!.portId);
    return world;
  }

  it('[TU-08] brings the data of a peer', () => {
    const world = arriving(indication());
    expect(world.received).toEqual([{ payload: Uint8Array.of(0x60, 9), from: peer, portId: 0 }]);
    expect(world.drops).toEqual({});
  });

  it.each([
    ['of another method', indication({ method: stunMethods.send })],
    ['without a peer', indication({ hasPeer: false })],
    ['without data', indication({ hasData: false })],
    ['with an attribute that it must know', indication({ unknown: true })],
    ['of a peer without a permission', indication({ from: { address: ipv4('203.0.113.9'), port: 1 } })],
  ])('[TU-05] is dropped %s', (_, payload) => {
    const world = arriving(payload);
    expect([world.received, world.drops]).toEqual([[], { 'unexpected-turn-message': 1 }]);
  });

  it('[TU-13] is one only from its address and its port', () => {
    const world = World.ready();
    world.send(peer);
    const { portId } = world.sent.at(-1)!;
    world.arrives(indication(), { ...turnServer.endpoint, address: ipv4('198.51.100.41') }, portId);
    world.arrives(indication(), { ...turnServer.endpoint, port: 3479 }, portId);
    expect([world.received, world.drops]).toEqual([[], { 'not-from-turn-server': 2 }]);
  });

  it('[TU-08] may have padding behind the data of a channel', () => {
    const world = withChannel();
    const { portId } = world.sent.at(-1)!;
    world.arrives(Uint8Array.of(0x40, 0, 0, 2, 0x60, 7, 0, 0), turnServer.endpoint, portId);
    expect(world.received).toEqual([{ payload: Uint8Array.of(0x60, 7), from: peer, portId: 0 }]);
  });

  it('[TU-08] may be a run of two, the last one shorter', () => {
    const world = withChannel();
    const frames = [0x40, 0, 0, 2, 0x60, 7, 0x40, 0, 0, 1, 0x60, 0xee, 0xee, 0xee, 0xee, 0xee];
    const run = createDatagramRun(Uint8Array.from(frames), world.sent.at(-1)!.portId);
    pointRunAt(run, 0, 6);
    Object.assign(run, { count: 2, lastPacketLength: 5, headerStride: 6 });
    run.sourceAddress = turnServer.endpoint.address;
    run.sourcePort = turnServer.endpoint.port;
    world.port.handleDatagrams(run, world.now);
    expect(world.received.map(({ payload }) => [...payload])).toEqual([[0x60, 7], [0x60]]);
  });

  it.each([[[]], [[0x40]], [[0x40, 0]], [[0x40, 0, 0]]])(
    '[TU-08] is malformed when it ends in its header: %j',
    (octets) => {
      const world = withChannel();
      world.arrives(Uint8Array.from(octets), turnServer.endpoint, world.sent.at(-1)!.portId);
      expect([world.received, world.drops]).toEqual([[], { 'malformed-turn-message': 1 }]);
    },
  );

  it('[TU-08] may have no data at all', () => {
    const world = withChannel();
    world.arrives(Uint8Array.of(0x40, 0, 0, 0), turnServer.endpoint, world.sent.at(-1)!.portId);
    expect(world.received).toEqual([{ payload: new Uint8Array(0), from: peer, portId: 0 }]);
  });

  it('[TU-07] keeps the permission of a peer that only sends', () => {
    const world = World.ready();
    world.send(peer);
    for (let minute = 0; minute < 15; minute++) {
      world.pass(60_000);
      world.peerSends(peer);
    }
    expect([world.received.length, world.drops]).toEqual([15, {}]);
  });
});
