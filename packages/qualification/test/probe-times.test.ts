import { describe, expect, it } from 'vitest';
import { endpoint, ipv4, mapped, otherServer, SteadyRandom, server, World } from './world.ts';

const thirdServer = { primary: ipv4('192.0.2.130'), secondary: ipv4('192.0.2.131') };
const silent = (): undefined => undefined;
const of = (one: typeof server, address: number) => Object.values(one).includes(address);

/** A client on the last server, since those before it are silent, just when it has its address there. */
function onTheLast(preferred: readonly (typeof server)[], share = 0.5): World {
  const world = new World({ servers: [...preferred, otherServer] }, new SteadyRandom(share));
  world.mappingTowards = (address) => (of(otherServer, address) ? mapped : undefined);
  world.start().pass(12_000 * preferred.length);
  expect(world.qualification.assignment?.server).toBe(otherServer);
  world.solicitations.length = 0;
  return world;
}

/** Returns the times of the questions to the server, in seconds after `from`. */
function askedAt(world: World, { primary }: typeof server, from: number): number[] {
  return world.solicitations.filter(({ address }) => address === primary).map(({ at }) => (at - from) / 1_000);
}

const lastSolicitation = (world: World, { primary }: typeof server) =>
  world.solicitations.findLast(({ address }) => address === primary)!.datagram;

describe('[CL-C-09] a client on a later server', () => {
  it('asks a preferred one three times, 4 s apart, after 10, 20, 40 and 80 min, and no later', () => {
    const world = onTheLast([server]);
    const from = world.now;
    world.pass(14_000_000);
    expect(askedAt(world, server, from)).toEqual(
      [600, 612 + 1_200, 1_824 + 2_400, 4_236 + 4_800, 9_048 + 4_800].flatMap((at) => [at, at + 4, at + 8]),
    );
  });

  it.each([
    [0, 540],
    [0.25, 570],
    [1 - 2 ** -32, 660],
  ])('asks earlier or later by a tenth at most: a draw of %d gives %d s', (share, seconds) => {
    const world = onTheLast([server], share);
    const from = world.now;
    world.pass(661_000);
    expect(askedAt(world, server, from)[0]).toBe(seconds);
  });

  it('asks several in turn, and doubles the wait when all were silent', () => {
    const world = onTheLast([server, thirdServer]);
    const from = world.now;
    world.pass(5_000_000);
    const first = (times: number[]) => times.filter((_, index) => index % 3 === 0);
    expect(first(askedAt(world, server, from))).toEqual([600, 2_424]);
    expect(first(askedAt(world, thirdServer, from))).toEqual([1_212, 3_636]);
  });

  it('goes back upon the second answer in a row, 30 s after the first', () => {
    const world = onTheLast([server]);
    world.mappingTowards = () => mapped;
    world.pass(629_999);
    expect(world.qualification.server).toBe(otherServer);
    world.pass(1);
    expect(world.qualification.server).toBe(server);
  });

  it('needs two answers again after one that nothing followed', () => {
    const world = onTheLast([server]);
    const { mappingTowards } = world;
    world.mappingTowards = () => mapped;
    world.pass(600_000);
    // Unanswered at 630, 634 and 638 s: the next time is 20 min after that.
    world.mappingTowards = mappingTowards;
    world.pass(42_000);
    world.mappingTowards = () => mapped;
    world.pass(1_200_000 + 29_999);
    expect(world.qualification.server).toBe(otherServer);
    world.pass(1);
    expect(world.qualification.server).toBe(server);
  });

  it('asks one that sees another mapping once each time', () => {
    const world = onTheLast([server]);
    const from = world.now;
    world.mappingTowards = (address) => (of(server, address) ? endpoint('192.0.2.1:5000') : mapped);
    world.pass(4_300_000);
    expect(askedAt(world, server, from)).toEqual([600, 1_800, 4_200]);
  });

  it('asks in time although its mapping changes with each refresh', () => {
    const world = onTheLast([server]);
    const from = world.now;
    let port = 5_000;
    world.mappingTowards = (address) => (of(otherServer, address) ? { ...mapped, port: port++ } : undefined);
    world.pass(600_000);
    expect(port).toBeGreaterThan(5_020);
    expect(askedAt(world, server, from)).toEqual([600]);
  });

  it('[CL-S-14] takes no answer to an earlier question for one to the last', () => {
    const world = onTheLast([server]);
    world.pass(600_000);
    const early = lastSolicitation(world, server);
    world.pass(1_212_000);
    world.answer(early, mapped);
    expect(world.drops.at(-1)).toBe('nonce-mismatch');
  });

  it('[CL-S-14] takes no second answer to one question', () => {
    const world = onTheLast([server]);
    world.pass(600_000);
    const first = lastSolicitation(world, server);
    world.answer(first, mapped);
    expect(world.drops.at(-1)).toBeUndefined();
    world.pass(30_000);
    expect(lastSolicitation(world, server)).not.toBe(first);
    world.answer(first, mapped);
    expect(world.drops.at(-1)).toBe('nonce-mismatch');
    expect(world.qualification.server).toBe(otherServer);
  });

  it('[CL-C-13] takes one answer to a question for one, also of a server that the refresh under way asks', () => {
    const world = new World({ servers: [server, otherServer], refreshIntervalMs: 3_600_000 }, new SteadyRandom());
    world.mappingTowards = (address) => (of(otherServer, address) ? mapped : undefined);
    world.start().pass(12_000);
    world.mappingTowards = silent;
    world.pass(600_000);
    world.qualification.refresh(world.now);
    world.pass(4_000);
    // At 604 s the second question leaves, and the refresh asks the same server for itself.
    const [question] = world.solicitations.filter(({ at, address }) => at === world.now && address === server.primary);
    world.answer(question!.datagram, mapped);
    expect(world.drops.at(-1)).toBeUndefined();
  });
});

describe('[CL-C-09] a probe of another preferred server begins again', () => {
  it('with the first of them, when names resolve to other addresses', () => {
    const world = onTheLast([server, thirdServer]);
    world.pass(1_213_000);
    expect(lastSolicitation(world, thirdServer)).toBeDefined();
    world.solicitations.length = 0;
    const from = world.now;
    world.qualification.replaceServers([server, thirdServer, otherServer], from);
    world.pass(601_000);
    expect(askedAt(world, thirdServer, from)).toEqual([]);
    expect(askedAt(world, server, from)).toEqual([600]);
  });

  it('[CL-S-14] without what was asked or answered before', () => {
    const world = onTheLast([server]);
    world.pass(600_000);
    const early = lastSolicitation(world, server);
    world.answer(early, mapped);
    world.pass(30_000);
    const unanswered = lastSolicitation(world, server);
    world.qualification.replaceServers([server, otherServer], world.now);
    world.pass(600_000);
    world.answer(unanswered, mapped);
    expect(world.drops.at(-1)).toBe('nonce-mismatch');
    world.answer(lastSolicitation(world, server), mapped);
    expect(world.drops.at(-1)).toBeUndefined();
    expect(world.qualification.server).toBe(otherServer);
  });

  /** Back on the first server. */
  function returned(): { world: World; at: number } {
    const world = onTheLast([server]);
    world.mappingTowards = () => mapped;
    world.pass(630_000);
    expect(world.qualification.server).toBe(server);
    return { world, at: world.now };
  }

  it('after 20 min when the server that it went back to fails again soon, and after 10 min in the next place', () => {
    const { world } = returned();
    world.mappingTowards = (address) => (of(otherServer, address) ? mapped : undefined);
    world.pass(26_250 + 12_000);
    expect(world.qualification.assignment?.server).toBe(otherServer);
    const from = world.now;
    world.solicitations.length = 0;
    world.pass(1_200_000);
    expect(askedAt(world, server, from)).toEqual([1_200]);
    world.solicitations.length = 0;
    const later = world.now;
    world.qualification.replaceServers([server, otherServer], later);
    world.pass(600_000);
    expect(askedAt(world, server, later)).toEqual([600]);
  });

  it.each([
    [4_799_999, 1_200],
    [4_800_000, 600],
  ])('and calls it soon within 80 min: %d ms later the wait is %d s', (ms, seconds) => {
    const { world, at } = returned();
    world.pass(ms);
    expect(world.now - at).toBe(ms);
    // The server in use becomes the second of the list.
    world.qualification.replaceServers([otherServer, server], world.now);
    const from = world.now;
    world.solicitations.length = 0;
    world.pass(1_200_000);
    expect(askedAt(world, otherServer, from)[0]).toBe(seconds);
  });
});
