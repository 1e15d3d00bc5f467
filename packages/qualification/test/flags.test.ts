import { embeddedFlags } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { endpoint, mapped, otherServer, server, World } from './world.ts';

const silent = (): undefined => undefined;
const flagsOf = (world: World) => embeddedFlags(world.qualification.assignment!.address);

/** Two servers, of which the test says which are dead. */
function worldOfTwo(options: ConstructorParameters<typeof World>[0] = {}, seed = 1) {
  const world = new World({ servers: [server, otherServer], ...options }, seed);
  const dead = new Set<number>();
  let seen = mapped;
  world.mappingTowards = (address) => (dead.has(address) ? undefined : seen);
  world.start();
  return {
    world,
    kill: (which: typeof server) => void [which.primary, which.secondary].map((each) => dead.add(each)),
    revive: () => dead.clear(),
    map: (to: typeof mapped) => {
      seen = to;
    },
  };
}

describe('the random flags', () => {
  it('[R5-13] stay over refreshes, and when an address that was lost comes back with the same mapping', () => {
    const world = new World().start();
    const first = world.qualification.assignment!.address;
    world.pass(120_000);
    expect(world.qualification.assignment!.address).toEqual(first);
    world.mappingTowards = silent;
    world.pass(60_000);
    expect(world.qualification.assignment).toBeUndefined();
    world.mappingTowards = () => mapped;
    world.pass(60_000);
    expect(world.qualification.assignment!.address).toEqual(first);
  });

  it('[R5-13][UPNP-03] are those of an earlier run where server and mapping are the same, and drawn else', () => {
    const former = new World().start().qualification.assignment!.address;
    const addressOf = (options: ConstructorParameters<typeof World>[0]) =>
      new World({ formerAddress: former, ...options }, 2).start().qualification.assignment!.address;
    expect(addressOf({})).toEqual(former);
    expect(addressOf({ servers: [otherServer] }).word2).not.toBe(former.word2);
    expect(addressOf({ randomFlags: false }).word2 >>> 16).toBe(0);
    // Only the random bits: whether there is a cone NAT is found each time.
    const withCone = { ...former, word2: (former.word2 | 0xffff_0000) >>> 0 };
    expect(addressOf({ formerAddress: withCone }).word2 >>> 16).toBe(0x3cff);
  });

  it.each([
    ['port', '192.0.2.1:4097'],
    ['address', '192.0.2.2:4096'],
    ['address and port', '192.0.2.2:4097'],
  ])('[R5-13] are drawn again when the mapped %s changes', (_, other) => {
    // One of 4096 draws repeats the last one by chance.
    const kept = [1, 2, 3].filter((seed) => {
      const world = new World({}, seed).start();
      const before = flagsOf(world);
      world.mappingTowards = () => endpoint(other);
      world.pass(31_000);
      expect(world.qualification.assignment!.mapped).toEqual(endpoint(other));
      return flagsOf(world) === before;
    });
    expect(kept).toEqual([]);
  });

  it('[R5-13] are drawn again at a failover, also when the mapping is the same there', () => {
    const kept = [1, 2, 3].filter((seed) => {
      const { world, kill } = worldOfTwo({}, seed);
      const before = flagsOf(world);
      kill(server);
      world.pass(60_000);
      expect(world.qualification.assignment).toMatchObject({ server: otherServer, mapped });
      return flagsOf(world) === before;
    });
    expect(kept).toEqual([]);
  });

  it('[R5-13] are drawn again when the client goes back to a server it had left', () => {
    const { world, kill, revive } = worldOfTwo();
    const before = flagsOf(world);
    kill(server);
    world.pass(60_000);
    const there = flagsOf(world);
    revive();
    world.pass(20 * 60_000);
    expect(world.qualification.assignment!.server).toEqual(server);
    expect(new Set([before, there, flagsOf(world)]).size).toBe(3);
  });

  it('[R5-13] are drawn again when a mapping comes back after another one', () => {
    const { world, map } = worldOfTwo();
    const before = flagsOf(world);
    map(endpoint('192.0.2.1:4097'));
    world.pass(31_000);
    map(mapped);
    world.pass(31_000);
    expect(world.qualification.assignment!.mapped).toEqual(mapped);
    expect(flagsOf(world)).not.toBe(before);
  });
});

describe('a failover forgets', () => {
  it('[CL-S-14] the nonces of the server that was left', () => {
    const { world, kill } = worldOfTwo();
    world.now = world.qualification.nextDeadline();
    world.qualification.handleDeadline(world.now);
    const [late] = world.outputs.takeDatagrams();
    kill(server);
    world.pass(12_000);
    expect(world.qualification.assignment!.server).toEqual(otherServer);
    const before = world.outputs.events.length;
    world.drops.length = 0;
    world.answer(late!, endpoint('192.0.2.66:66'));
    expect(world.drops).toEqual(['unsolicited-router-advertisement']);
    expect(world.outputs.events).toHaveLength(before);
  });

  it('[CL-Q-26] the MTU that the server that was left had offered', () => {
    const world = new World({ servers: [server, otherServer], maximumMtu: 1500 });
    world.alter = (_, respondent) => (respondent === server.primary ? { mtu: 1500 } : { mtu: undefined });
    world.start();
    expect(world.qualification.assignment?.mtu).toBe(1500);
    world.mappingTowards = (address) => (Object.values(server).includes(address) ? undefined : mapped);
    world.pass(60_000);
    expect(world.qualification.assignment).toMatchObject({ server: otherServer, mtu: 1280 });
  });

  it('[CL-M-13] when the server that was left was last heard', () => {
    const { world, kill } = worldOfTwo();
    kill(server);
    const start = world.now;
    world.pass(60_000);
    const { lastServerInteraction } = world.qualification;
    expect(lastServerInteraction).toBeGreaterThanOrEqual(start + 34_500);
    expect(world.qualification.nextDeadline()).toBeGreaterThanOrEqual(lastServerInteraction + 22_500);
  });
});
