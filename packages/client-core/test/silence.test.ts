import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, echoReplyTo, endpoint, isEchoRequestPacket, sourceOf } from './packets.ts';
import { isTo, native, peer, relay, type Sent, serverEndpoint, World } from './world.ts';

const otherRelay = endpoint('192.88.98.9:3544');

/** A world that reached `native` through `relay` just now. */
function withNative(): World {
  const world = World.qualified();
  world.host(dataPacket(world.address, native));
  const [test] = world.sent();
  world.receive(echoReplyTo(test!.payload), relay);
  world.sent();
  return world;
}

/** Sends a packet to `native` after each interval, for so long; returns what left. */
function ping(world: World, seconds: number, everyMs = 1000): Sent[] {
  const sent: Sent[] = [];
  for (let passed = everyMs; passed <= 1000 * seconds; passed += everyMs) {
    world.pass(everyMs);
    world.host(dataPacket(world.address, native));
    sent.push(...world.sent());
  }
  return sent;
}

const testsIn = (sent: readonly Sent[]) => sent.filter(({ payload }) => isEchoRequestPacket(payload));
const dataIn = (sent: readonly Sent[]) => sent.filter(({ payload }) => payload.length === 60);

describe('a native host that falls silent while packets go out', () => {
  it('[CL-P-13] is tested 0.3 s after the first of them, through the server, while packets go on', () => {
    const world = withNative();
    const start = world.now;
    const sent = ping(world, 0.6, 150);
    expect(testsIn(sent).map(({ at }) => at - start)).toEqual([450]);
    expect(isTo(testsIn(sent)[0]!, serverEndpoint)).toBe(true);
    expect(dataIn(sent).map((each) => [each.at - start, isTo(each, relay)])).toEqual([
      [150, true],
      [300, true],
      [450, true],
      [600, true],
    ]);
  });

  it('[CL-P-13] is sent seven requests at most, three of them early, and packets go on for the rest of the 30 s', () => {
    const world = withNative();
    const start = world.now;
    const sent = ping(world, 29, 100);
    expect(testsIn(sent).map(({ at }) => at - start)).toEqual([400, 700, 1000, 1300, 2400, 4400, 6400]);
    expect(dataIn(sent)).toHaveLength(290);
    expect(world.dropsFor('unreachable')).toBe(0);
  });

  it('[CL-P-13] that answered is tested again 30 s after its last test and no sooner', () => {
    const world = withNative();
    const start = world.now;
    const [test] = testsIn(ping(world, 0.45, 150));
    world.pass(500);
    world.receive(echoReplyTo(test!.payload), relay);
    world.pass(29_050);
    world.host(dataPacket(world.address, native));
    world.sent();
    expect(testsIn(ping(world, 0.449, 449))).toEqual([]);
    expect(testsIn(ping(world, 0.001, 1)).map(({ at }) => at - start)).toEqual([30_450]);
  });

  it('[CL-P-13] is sent the early requests only while packets go out', () => {
    const world = withNative();
    const start = world.now;
    ping(world, 0.6, 300);
    world.pass(10_000);
    expect(testsIn(world.sent()).map(({ at }) => at - start)).toEqual([2600, 4600, 6600]);
  });

  it('[CL-P-13][CL-R-12] is reached at once where the answer came from, be it the old relay or another', () => {
    for (const answers of [relay, otherRelay]) {
      const world = withNative();
      const [test] = testsIn(ping(world, 2));
      world.receive(echoReplyTo(test!.payload), answers);
      expect(world.delivered()).toEqual([]);
      const sent = ping(world, 0.1, 100);
      expect(sent.map((each) => isTo(each, answers))).toEqual([true]);
      // It ends the test, and nothing but answers to tests was heard since.
      expect(testsIn(ping(world, 5, 100))).toEqual([]);
    }
  });

  it('[CL-P-13] that answers is never asked, however fast packets go out', () => {
    const world = withNative();
    const sent: Sent[] = [];
    for (let i = 0; i < 1000; i++) {
      world.pass(100);
      world.host(dataPacket(world.address, native));
      if (i % 3 === 0) world.receive(dataPacket(native, world.address), relay);
      sent.push(...world.sent());
    }
    expect(testsIn(sent)).toEqual([]);
  });

  it('[CL-P-13] is tested again at once when it was heard since the last test, which was early only because answers were late', () => {
    const world = withNative();
    const times: number[] = [];
    for (let pauses = 0; pauses < 12; pauses++) {
      const start = world.now;
      const [test] = testsIn(ping(world, 0.4, 100));
      times.push(...(test === undefined ? [] : [test.at - start]));
      if (test !== undefined) world.receive(echoReplyTo(test.payload), relay);
      world.pass(1);
      world.receive(dataPacket(native, world.address), relay);
    }
    // The first one is not early; eight may be, and no more within 30 s.
    expect(times).toEqual(Array.from({ length: 9 }, () => 400));
    world.pass(29_000);
    world.receive(dataPacket(native, world.address), relay);
    expect(testsIn(ping(world, 0.4, 100))).toHaveLength(1);
  });

  it('[CL-P-13] is not asked for a silence in which nothing went out', () => {
    const world = withNative();
    world.pass(20_000);
    expect(testsIn(ping(world, 0.3, 100))).toEqual([]);
    expect(testsIn(ping(world, 0.1, 100))).toHaveLength(1);
  });

  it('[CL-P-13] costs one test in 30 s while it is idle, as many as its validity alone', () => {
    const world = withNative();
    let tests = 0;
    let data = 0;
    for (let second = 0; second < 600; second++) {
      world.pass(1000);
      world.host(dataPacket(world.address, native));
      for (const sent of world.sent()) {
        if (sent.payload.length === 60) data++;
        if (!isEchoRequestPacket(sent.payload)) continue;
        tests++;
        world.receive(echoReplyTo(sent.payload), relay);
        data += world.sent().length;
      }
    }
    expect(tests).toBe(20);
    expect(data).toBe(600);
  });

  it('[CL-P-13] leaves nothing to the next one in its row', () => {
    const world = World.qualified({ peerCapacity: 1 });
    const hosts = [native, { ...native, word3: 77 }];
    for (const host of hosts) {
      world.host(dataPacket(world.address, host));
      const [test] = testsIn(world.sent());
      world.receive(echoReplyTo(test!.payload), relay);
      world.sent();
      const times: number[] = [];
      for (let tenth = 1; tenth <= 10; tenth++) {
        world.pass(100);
        world.host(dataPacket(world.address, host));
        times.push(...testsIn(world.sent()).map(() => tenth));
      }
      expect(times.slice(0, 1)).toEqual([4]);
    }
  });
});

/** A packet of `native` through a relay; returns the tests that it caused. */
function hear(world: World, through: typeof relay): Sent[] {
  world.receive(dataPacket(native, world.address), through);
  return testsIn(world.sent());
}

/** Has `native` answer a test through a relay. */
function answer(world: World, test: Sent, through: typeof relay): void {
  world.receive(echoReplyTo(test.payload), through);
}

describe('a native host that is heard through another relay', () => {
  it('[CL-P-13][CL-R-26] is tested when it has been silent for 0.3 s at the old one, and moves with the answer', () => {
    const world = withNative();
    world.pass(299);
    expect(hear(world, otherRelay)).toEqual([]);
    world.pass(1);
    world.delivered();
    world.receive(dataPacket(native, world.address), otherRelay);
    expect(world.delivered()).toHaveLength(1);
    const [test, ...more] = world.sent();
    expect([isEchoRequestPacket(test!.payload), isTo(test!, serverEndpoint), more]).toEqual([true, true, []]);
    world.host(dataPacket(world.address, native));
    expect(world.sent().map((each) => isTo(each, relay))).toEqual([true]);
    world.receive(echoReplyTo(test!.payload), otherRelay);
    world.host(dataPacket(world.address, native));
    expect(world.sent().map((each) => isTo(each, otherRelay))).toEqual([true]);
  });

  it('[CL-P-13] is tested at the next relay, too, when its first packet caused a test', () => {
    const world = World.qualified();
    const [first] = hear(world, relay);
    answer(world, first!, relay);
    world.pass(300);
    expect(hear(world, otherRelay)).toHaveLength(1);
  });

  it('[CL-P-13] is asked again by packets that go out when the answer was lost, 0.3 s later', () => {
    const world = withNative();
    ping(world, 0.3, 100);
    const start = world.now;
    expect(hear(world, otherRelay)).toHaveLength(1);
    expect(testsIn(ping(world, 2, 100)).map(({ at }) => at - start)).toEqual([300, 600, 900, 1200]);
  });

  it('[CL-P-13] is tested at once although its last test got no answer, for its relay may have changed between', () => {
    const world = withNative();
    const [lost] = testsIn(ping(world, 0.4, 100));
    world.pass(100);
    const [test] = hear(world, otherRelay);
    // Both carry one nonce.
    expect(test!.payload).toEqual(lost!.payload);
    answer(world, test!, otherRelay);
    expect(ping(world, 0.1, 100).map((each) => isTo(each, otherRelay))).toEqual([true]);
  });

  it('[CL-P-13] may move again at once, as when relays are upgraded one after the other', () => {
    const world = withNative();
    for (const next of [otherRelay, relay, otherRelay, relay]) {
      world.pass(300);
      const [test] = hear(world, next);
      answer(world, test!, next);
      expect(ping(world, 0.1, 100).map((each) => isTo(each, next))).toEqual([true]);
    }
  });

  it('[CL-P-13] leaves none of its moves to the next host in its row', () => {
    const world = World.qualified({ peerCapacity: 1 });
    for (const host of [native, { ...native, word3: 77 }]) {
      world.host(dataPacket(world.address, host));
      answer(world, testsIn(world.sent())[0]!, relay);
      for (let move = 0; move < 9; move++) {
        const next = move % 2 === 0 ? otherRelay : relay;
        world.pass(300);
        world.receive(dataPacket(host, world.address), next);
        answer(world, testsIn(world.sent())[0]!, next);
      }
    }
  });

  it('[CL-P-13][CL-I-11] and that alternates between two causes a test in 15 s on average, after nine in a row', () => {
    const world = withNative();
    const start = world.now;
    const times: number[] = [];
    for (let i = 0; i < 1200; i++) {
      world.pass(500);
      const through = i % 4 < 2 ? otherRelay : relay;
      for (const test of hear(world, through)) {
        times.push((world.now - start) / 1000);
        answer(world, test, through);
      }
    }
    expect(times.filter((time) => time <= 30)).toHaveLength(9);
    expect(times.length).toBeLessThanOrEqual(8 + 2 * (600 / 30));
  });

  it('[CL-P-13][CL-I-11] whose packets somebody forges, and who does not answer tests, causes one request in 30 s', () => {
    const world = withNative();
    let tests = 0;
    for (let i = 0; i < 6000; i++) {
      world.pass(100);
      // It would not be trusted after 30 s without a packet.
      if (i % 100 === 0) world.receive(dataPacket(native, world.address), relay);
      tests += hear(world, endpoint(`198.51.100.9:${1024 + i}`)).length;
    }
    expect(tests).toBe(20);
  });

  it('[CL-P-13][CL-I-11] whose packets somebody forges gets one request more while packets go out unanswered', () => {
    const world = withNative();
    const start = world.now;
    const times: number[] = [];
    for (let tenth = 0; tenth < 290; tenth++) {
      times.push(...testsIn(ping(world, 0.1, 100)).map(({ at }) => at - start));
      times.push(...hear(world, otherRelay).map(({ at }) => at - start));
    }
    expect(times.length).toBeLessThanOrEqual(8);
  });
});

describe('a native host whose relay was silent for 30 s', () => {
  it('[CL-I-15] gets no bubble to its relay within 2 s of a test that its packets from elsewhere caused', () => {
    for (const [waitMs, bubbles] of [
      [1_999, 0],
      [2_000, 1],
    ] as const) {
      const world = withNative();
      world.pass(29_000);
      expect(hear(world, otherRelay)).toHaveLength(1);
      world.pass(waitMs);
      world.host(dataPacket(world.address, native));
      const sent = world.sent();
      expect(testsIn(sent)).toHaveLength(1);
      expect(sent.filter(({ payload }) => payload.length === 40)).toHaveLength(bubbles);
    }
  });

  it('[CL-I-15] is tested again, and its relay gets a bubble, 2 s after the last packet to it at the earliest', () => {
    const world = withNative();
    ping(world, 29);
    const start = world.now;
    const sent = ping(world, 3);
    const greetings = sent.filter(({ payload }) => payload.length === 40);
    expect(greetings.map((each) => [each.at - start, isTo(each, relay)])).toEqual([[3000, true]]);
    expect(sourceOf(greetings[0]!.payload)).toEqual(world.address);
    // A bubble is one of the four in 300 s.
    const later = ping(world, 300).filter(({ payload }) => payload.length === 40);
    expect(later.length).toBeLessThanOrEqual(4);
  });
});

describe('a Teredo peer that falls silent while packets go out', () => {
  const packets = (world: World, everyMs: number, times: number) => {
    const sent: Sent[] = [];
    for (let i = 0; i < times; i++) {
      world.pass(everyMs);
      world.host(dataPacket(world.address, peer.address));
      sent.push(...world.sent());
    }
    return sent;
  };
  function withPeer(): World {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    return world;
  }

  it('[CL-P-13][CL-B-07] gets one burst when the last packet was 2 s ago, and packets go on', () => {
    const world = withPeer();
    const sent = packets(world, 2500, 8);
    expect(sent.map((each) => [each.payload.length, isTo(each, peer.endpoint)])).toEqual([
      [60, true],
      [40, true],
      [40, false],
      ...Array.from({ length: 7 }, () => [60, true]),
    ]);
    expect(isTo(sent[2]!, peer.server)).toBe(true);
  });

  it('[CL-P-13][CL-B-07] gets no other within 30 s, though it answered', () => {
    const world = withPeer();
    expect(packets(world, 2500, 2)).toHaveLength(4);
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    expect(packets(world, 2500, 8).map(({ payload }) => payload.length)).toEqual(Array.from({ length: 8 }, () => 60));
  });

  it('[CL-P-13][CL-B-07] gets it as soon as packets are far enough apart, though they were closer at first', () => {
    const world = withPeer();
    expect(packets(world, 1000, 4).map(({ payload }) => payload.length)).toEqual([60, 60, 60, 60]);
    expect(packets(world, 2500, 1).map(({ payload }) => payload.length)).toEqual([40, 40, 60]);
  });

  it('[CL-P-13][CL-B-07] gets none between packets that are closer, for RFC 4380 5.2.6 forbids it', () => {
    const world = withPeer();
    expect(new Set(packets(world, 1000, 29).map(({ payload }) => payload.length))).toEqual(new Set([60]));
  });
});
