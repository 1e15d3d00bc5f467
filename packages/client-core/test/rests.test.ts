import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, endpoint, withOrigin } from './packets.ts';
import { isTo, type Peer, peer, serverEndpoint, World } from './world.ts';

/** Datagrams to the peer, by path and time since the start: `d` direct, `i` through its server. */
type Log = string[];

/** A peer whose indirect answer comes this long after each indirect bubble, and from whom nothing comes straight. */
class Unreachable {
  readonly log: Log = [];
  readonly #world: World;
  readonly #peer: Peer;
  readonly #answerAfterMs: number;
  readonly #start: number;
  #answerAt = Number.POSITIVE_INFINITY;

  constructor(world: World, who: Peer, answerAfterMs: number) {
    this.#world = world;
    this.#peer = who;
    this.#answerAfterMs = answerAfterMs;
    this.#start = world.now;
  }

  /** Runs in steps of 10 ms; the host has a packet for the peer every second. */
  pass(ms: number): void {
    const world = this.#world;
    for (const end = world.now + ms; world.now < end; world.pass(10)) {
      const since = world.now - this.#start;
      if (since % 1000 === 0) world.host(dataPacket(world.address, this.#peer.address));
      if (world.now >= this.#answerAt) {
        this.#answer();
      }
      this.#look();
    }
    this.#look();
  }

  #look(): void {
    for (const each of this.#world.sent()) {
      const isIndirect = isTo(each, this.#peer.server);
      if (isIndirect) this.#answerAt = each.at + this.#answerAfterMs;
      this.log.push(`${isIndirect ? 'i' : 'd'}${each.at - this.#start}`);
    }
    if (this.#answerAt <= this.#world.now) this.#answer();
  }

  #answer(): void {
    this.#answerAt = Number.POSITIVE_INFINITY;
    const answer = withOrigin(bubble(this.#peer.address, this.#world.address), this.#peer.endpoint);
    this.#world.receive(answer, serverEndpoint);
    // The answer straight to it is no burst.
    this.#world.sent();
  }
}

function bursts(answerAfterMs: number, ms: number): Log {
  const unreachable = new Unreachable(World.qualified(), peer, answerAfterMs);
  unreachable.pass(ms);
  return unreachable.log;
}

/** Two bursts of the usual kind; each answer to the peer's answer forbids the next one for 2 s. */
const usual = ['d0', 'i0', 'd4000', 'i4000'];

describe('a peer that answers through its server alone', () => {
  it('[CL-B-14] is sent two bursts at first however fast it answers, so that two are left for after the rest', () => {
    expect(bursts(0, 40_000)).toEqual(['d0', 'i0', 'd2000', 'i2000', 'i34000', 'd36000', 'i36000']);
  });

  it('[CL-B-14] is left alone for 32 s after two bursts, sent an indirect bubble alone, and a burst of the usual kind 4 s later', () => {
    expect(bursts(100, 36_990)).toEqual(usual);
    expect(bursts(100, 60_000)).toEqual([...usual, 'i37000', 'd41000', 'i41000']);
  });

  it('[CL-B-07][CL-B-08][CL-B-14] gets four bursts in 300 s at most, for an hour', () => {
    const times = bursts(100, 3_600_000)
      .filter((each) => each.startsWith('i'))
      .map((each) => Number(each.slice(1)));
    expect(times.length).toBeGreaterThan(20);
    for (const [index, time] of times.entries()) {
      expect(time - (times[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(2000);
      expect(time - (times[index - 4] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(300_000);
    }
  });

  it('[CL-B-14] packets for it are unreachable at once meanwhile', () => {
    const world = World.qualified();
    const unreachable = new Unreachable(world, peer, 100);
    unreachable.pass(20_000);
    const before = world.dropsFor('unreachable');
    world.host(dataPacket(world.address, peer.address));
    expect(world.dropsFor('unreachable')).toBe(before + 1);
    world.pass(1000);
    expect(world.sent()).toEqual([]);
  });

  it('[CL-B-14] gets the indirect bubble first at once when it was reached so before and 32 s have passed', () => {
    const world = World.qualified();
    const unreachable = new Unreachable(world, peer, 100);
    unreachable.pass(37_020);
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.pass(40_000);
    world.sent();
    const start = world.now;
    world.host(dataPacket(world.address, peer.address));
    world.pass(1000);
    world.receive(withOrigin(bubble(peer.address, world.address), peer.endpoint), serverEndpoint);
    expect(world.sent().map((each) => [isTo(each, peer.server), each.at - start])).toEqual([
      [true, 0],
      [false, 1000],
    ]);
  });
});

describe('a peer for which others than the own server pass bubbles on', () => {
  it('[CL-B-14][SNS-22] does not rest: anyone can forge them', () => {
    const world = World.qualified();
    const start = world.now;
    world.host(dataPacket(world.address, peer.address));
    world.pass(100);
    // The answers to them forbid the burst at 2 s.
    for (let times = 0; times < 2; times++)
      world.receive(bubble(peer.address, world.address), endpoint('198.51.100.99:3544'));
    world.pass(10_000);
    const bursts = world.sent().filter((each) => isTo(each, peer.server));
    expect(bursts.map(({ at }) => at - start)).toEqual([0, 4000, 6000]);
  });
});

describe('a peer that does not answer at all', () => {
  it('[CL-B-14][CL-T-10] gets four bursts of the usual kind', () => {
    const world = World.qualified();
    const start = world.now;
    world.host(dataPacket(world.address, peer.address));
    world.pass(10_000);
    expect(world.sent().map((each) => [isTo(each, peer.server), each.at - start])).toEqual(
      [0, 2000, 4000, 6000].flatMap((at) => [
        [false, at],
        [true, at],
      ]),
    );
  });
});
