import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, echoReplyTo, endpoint, isEchoRequestPacket } from './packets.ts';
import { native, peer, relay, type Sent, World } from './world.ts';

const otherRelay = endpoint('192.88.98.9:3544');
const dead = { ...native, word3: 66 };

const testsIn = (sent: readonly Sent[]) => sent.filter(({ payload }) => isEchoRequestPacket(payload));
const eventsOf = (world: World) =>
  world.outputs.events.map(({ kind }) => kind).filter((kind) => kind.startsWith('native'));

/** Lets one attempt to reach a host fail: four tests in 8 s. */
function fail(world: World, host = dead): void {
  world.host(dataPacket(world.address, host));
  world.pass(20_000);
  world.sent();
}

describe('[CL-I-16] the status of native hosts', () => {
  it('is nothing while only Teredo peers were heard', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.receive(dataPacket(peer.address, world.address), peer.endpoint);
    expect(world.client.status().nativeReachability).toBeUndefined();
  });

  it('is that they work once one has answered', () => {
    const world = World.qualified();
    world.pass(500);
    world.host(dataPacket(world.address, native));
    world.receive(echoReplyTo(testsIn(world.sent())[0]!.payload), relay);
    expect(world.client.status().nativeReachability).toEqual({ state: 'working', since: 1500 });
    expect(eventsOf(world)).toEqual([]);
  });

  it('is that they fail after three unanswered attempts, and work again when one is heard; both are reported', () => {
    const world = World.qualified();
    for (let attempt = 0; attempt < 3; attempt++) fail(world);
    expect(world.client.status().nativeReachability).toMatchObject({ state: 'failing' });
    expect(eventsOf(world)).toEqual(['native-hosts-fail']);
    world.host(dataPacket(world.address, native));
    world.receive(echoReplyTo(testsIn(world.sent())[0]!.payload), relay);
    expect(world.client.status().nativeReachability).toMatchObject({ state: 'working' });
    expect(eventsOf(world)).toEqual(['native-hosts-fail', 'native-hosts-answer']);
  });

  it('is nothing of Teredo peers that fail', () => {
    const world = World.qualified();
    for (let attempt = 0; attempt < 4; attempt++) {
      world.host(dataPacket(world.address, peer.address));
      world.pass(310_000);
    }
    expect(world.client.status().nativeReachability).toBeUndefined();
  });

  it('is forgotten with the address', () => {
    const world = World.qualified();
    for (let attempt = 0; attempt < 3; attempt++) fail(world);
    world.mappingTowards = () => endpoint('192.0.2.1:4444');
    world.pass(60_000);
    expect(world.client.status()).toMatchObject({ state: 'qualified', nativeReachability: undefined });
  });
});

describe('a connectivity test', () => {
  it('[CL-I-01] is numbered from 1 within its attempt, marked as ours, and may take 64 hops', () => {
    const world = World.qualified();
    world.host(dataPacket(world.address, native));
    world.pass(20_000);
    const tests = testsIn(world.sent()).map(({ payload }) => [...payload.subarray(44, 48)]);
    expect(tests).toEqual([1, 2, 3, 4].map((sequence) => [0x54, 0x45, 0, sequence]));
    world.pass(20_000);
    world.host(dataPacket(world.address, native));
    expect(testsIn(world.sent()).map(({ payload }) => [payload[7], payload[47]])).toEqual([[64, 1]]);
  });

  it('[CL-I-03] counts as answered by its whole nonce alone', () => {
    const world = World.qualified();
    world.host(dataPacket(world.address, native));
    const { payload } = testsIn(world.sent())[0]!;
    for (let octet = 0; octet < 16; octet++) {
      const reply = echoReplyTo(payload);
      reply[48 + octet]! ^= 1;
      world.receive(reply, otherRelay);
      // Nothing waits any more once a relay is known.
      expect(world.sent().filter((each) => each.payload.length === 60)).toEqual([]);
    }
    world.receive(echoReplyTo(payload), relay);
    expect(world.sent().filter((each) => each.payload.length === 60)).toHaveLength(1);
  });

  it('that an incoming packet caused serves the attempt of the host that follows, with one nonce', () => {
    for (const failedBefore of [false, true]) {
      const world = World.qualified();
      if (failedBefore) {
        fail(world, native);
        world.pass(20_000);
      }
      world.receive(dataPacket(native, world.address), relay);
      const [first] = testsIn(world.sent());
      world.host(dataPacket(world.address, native));
      const [second] = testsIn(world.sent());
      expect(second!.payload.subarray(48)).toEqual(first!.payload.subarray(48));
      world.receive(echoReplyTo(first!.payload), relay);
      expect(world.sent().map(({ payload }) => payload.length)).toEqual([60]);
    }
  });

  it('[CL-I-11] is caused again by the same source after 30 s, not before', () => {
    const world = World.qualified();
    world.receive(dataPacket(native, world.address), relay);
    expect(testsIn(world.sent())).toHaveLength(1);
    world.pass(29_999);
    world.sent();
    world.receive(dataPacket(native, world.address), relay);
    expect(testsIn(world.sent())).toEqual([]);
    world.pass(1);
    world.receive(dataPacket(native, world.address), relay);
    expect(testsIn(world.sent())).toHaveLength(1);
  });

  it('[CL-I-03] is used up by its first answer: a replay from elsewhere does not move the host', () => {
    const world = World.qualified();
    world.receive(dataPacket(native, world.address), relay);
    const [test] = testsIn(world.sent());
    world.receive(echoReplyTo(test!.payload), relay);
    world.receive(echoReplyTo(test!.payload), otherRelay);
    world.sent();
    world.host(dataPacket(world.address, native));
    expect(world.sent().map(({ address }) => address)).toEqual([relay.address]);
  });

  it('stays open while the old relay is heard besides, and its answer moves the host', () => {
    const world = World.qualified();
    world.host(dataPacket(world.address, native));
    world.receive(echoReplyTo(testsIn(world.sent())[0]!.payload), relay);
    world.pass(2_000);
    world.sent();
    world.receive(dataPacket(native, world.address), otherRelay);
    const [test] = testsIn(world.sent());
    world.receive(dataPacket(native, world.address), relay);
    world.receive(echoReplyTo(test!.payload), otherRelay);
    world.sent();
    world.host(dataPacket(world.address, native));
    expect(world.sent().map(({ address }) => address)).toEqual([otherRelay.address]);
  });

  it('draws another nonce for another host in the same row of the table', () => {
    const world = World.qualified({ peerCapacity: 1 });
    const nonces = [native, dead].map((host) => {
      world.host(dataPacket(world.address, host));
      return testsIn(world.sent())[0]!.payload.subarray(48);
    });
    expect(nonces[1]).not.toEqual(nonces[0]);
  });

  it('that failed in the last row of a full table keeps others from asking again for 10 s', () => {
    const world = World.qualified({ peerCapacity: 1 });
    world.host(dataPacket(world.address, native));
    world.pass(8_000);
    expect(testsIn(world.sent())).toHaveLength(4);
    const before = world.dropsFor('unreachable');
    world.host(dataPacket(world.address, native));
    expect(testsIn(world.sent())).toEqual([]);
    expect(world.dropsFor('unreachable')).toBe(before + 1);
  });

  it.each([relay.port, 1])(
    '[CL-I-15] goes with a greeting to the former relay at port %i, when nothing was sent there for 2 s',
    (port) => {
      const world = World.qualified();
      world.host(dataPacket(world.address, native));
      world.receive(echoReplyTo(testsIn(world.sent())[0]!.payload), { ...relay, port });
      world.pass(31_000);
      world.sent();
      world.host(dataPacket(world.address, native));
      const sent = world.sent();
      expect(testsIn(sent)).toHaveLength(1);
      expect(sent.filter(({ payload }) => payload.length === 40).map(({ address }) => address)).toEqual([
        relay.address,
      ]);
    },
  );
});

describe('[CL-P-05] a peer that came by itself and that the host then wants to reach', () => {
  const flood = (world: World): void => {
    for (let index = 1; index <= 20; index++) {
      world.pass(1_000);
      world.receive(dataPacket({ ...native, word3: 1000 + index }, world.address), otherRelay);
    }
    world.sent();
  };

  it('is not put out by others that come by themselves: native', () => {
    const world = World.qualified({ peerCapacity: 8 });
    world.receive(dataPacket(native, world.address), relay);
    world.host(dataPacket(world.address, native));
    const [test] = testsIn(world.sent());
    flood(world);
    world.receive(echoReplyTo(test!.payload), relay);
    world.sent();
    world.host(dataPacket(world.address, native));
    expect(world.sent().map(({ payload }) => payload.length)).toEqual([60]);
  });

  it('is not put out by others that come by themselves: Teredo', () => {
    const world = World.qualified({ peerCapacity: 8 });
    const indirect = new Uint8Array([0, 0, ...new Uint8Array(6), ...bubble(peer.address, world.address)]);
    world.receive(indirect, { address: world.client.status().server!, port: 3544 });
    world.pass(3_000);
    world.host(dataPacket(world.address, peer.address));
    const before = world.dropsFor('unreachable');
    flood(world);
    // The packet that waited for it was lost with its attempt, not with the flood.
    expect(world.dropsFor('unreachable')).toBe(before + 1);
  });
});
