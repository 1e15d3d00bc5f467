import type { RandomSource } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import type { QualificationOptions, TeredoServer } from '../src/index.ts';
import { endpoint, ipv4, mapped, server, World } from './world.ts';

const minute = 60_000;
const silent = (): undefined => undefined;
const serverAt = (third: number, name?: string): TeredoServer => ({
  primary: ipv4(`198.51.${third}.10`),
  secondary: ipv4(`198.51.${third}.11`),
  ...(name !== undefined && { name }),
});
const four = [1, 2, 3, 4].map((third) => serverAt(third));
const ofOneName = [1, 2, 3, 4].map((third) => serverAt(third, 'many.example'));
const others = [5, 6].map((third) => serverAt(third, 'other.example'));
const at = (server: TeredoServer, address: number) => Object.values(server).includes(address);

type OrderOptions = Partial<QualificationOptions> & Pick<QualificationOptions, 'servers'>;

/** Returns the places in the list of the first so many servers that a client asks in turn, while all are silent. */
function asked(options: OrderOptions, seed: number, count = options.servers.length): number[] {
  const world = new World(options, seed);
  world.mappingTowards = silent;
  world.start();
  const primaries = () => [...new Set(world.solicitations.map(({ address }) => address))];
  while (primaries().length < count) world.pass(world.untilDeadline);
  return primaries().map((primary) => options.servers.findIndex((server) => server.primary === primary));
}

/** Counts for each server how many of 200 clients ask it at this place in turn. */
function spreadOver(options: OrderOptions, place: number): number[] {
  const counts = options.servers.map(() => 0);
  for (let seed = 1; seed <= 200; seed++) counts[asked(options, seed, place + 1)[place]!]! += 1;
  return counts;
}

/** A client with the fastest order whose servers' answers the test delivers. */
function racing(options: Partial<QualificationOptions> = {}): World {
  const world = new World({ servers: four, serverOrder: 'fastest', ...options });
  world.mappingTowards = silent;
  return world.start();
}

/** Delivers the answer of a server to the last solicitation that it got. */
function answer(world: World, address: number, seen = mapped): void {
  world.answer(world.solicitations.findLast((each) => each.address === address)!.datagram, seen);
  world.settle();
}

describe('[CL-C-14] the order of servers', () => {
  it('is that of the list by default, for all clients', () => {
    for (let seed = 1; seed <= 20; seed++) expect(asked({ servers: four }, seed)).toEqual([0, 1, 2, 3]);
  });

  it('is random among the addresses of one name, and keeps the order of names', () => {
    const options = { servers: [...ofOneName, ...others] };
    expect(new Set(asked(options, 1).slice(0, 4))).toEqual(new Set([0, 1, 2, 3]));
    for (const place of [0, 1]) {
      const counts = spreadOver(options, place);
      expect(Math.min(...counts.slice(0, 4))).toBeGreaterThan(25);
      expect(counts.slice(4)).toEqual([0, 0]);
    }
    const [, , , , fifth, sixth] = spreadOver(options, 4);
    expect(Math.min(fifth!, sixth!)).toBeGreaterThan(60);
  });

  it('is random over all with "spread"', () => {
    const options = { servers: [...four, ...others], serverOrder: 'spread' as const };
    for (const place of [0, 2]) expect(Math.min(...spreadOver(options, place))).toBeGreaterThan(15);
  });

  it.each(['listed', 'spread', 'fastest'] as const)(
    'begins with the server of the last run among its equals: %s',
    (serverOrder) => {
      const former = new World({ servers: [ofOneName[2]!] }).start().qualification.assignment!.address;
      for (let seed = 1; seed <= 20; seed++) {
        const world = new World({ servers: ofOneName, serverOrder, formerAddress: former }, seed).start();
        expect(world.qualification.assignment?.server).toBe(ofOneName[2]);
        expect(world.solicitations).toHaveLength(2);
      }
    },
  );

  it('has the server of the last run once', () => {
    const former = new World({ servers: [four[2]!] }).start().qualification.assignment!.address;
    const world = new World({ servers: four, serverOrder: 'spread', formerAddress: former });
    world.mappingTowards = silent;
    world.start().pass(4 * 12_000);
    const asked = world.solicitations.slice(0, 12).map(({ address }) => address);
    expect(asked[0]).toBe(four[2]!.primary);
    for (const { primary } of four) expect(asked.filter((address) => address === primary)).toHaveLength(3);
  });

  it('draws one share for each server but one, and none for a single one', () => {
    const draws = (servers: readonly TeredoServer[]) => {
      const lengths: number[] = [];
      const random: RandomSource = { fill: ({ length }) => void lengths.push(length) };
      new World({ servers, serverOrder: 'spread' }, random);
      return lengths.filter((length) => length === 4).length;
    };
    expect([[server], four.slice(0, 2), four].map(draws)).toEqual([0, 1, 3]);
  });

  it('puts a preferred name before the server of the last run', () => {
    const former = new World({ servers: [others[0]!] }).start().qualification.assignment!.address;
    const world = new World({ servers: [...ofOneName, ...others], formerAddress: former }).start();
    expect(ofOneName).toContain(world.qualification.assignment?.server);
  });

  it('stays as it is when the server in use is still among the replaced ones', () => {
    const world = new World({ servers: four, serverOrder: 'spread' }).start();
    const { assignment } = world.qualification;
    for (let round = 0; round < 20; round++) {
      world.qualification.replaceServers(round % 2 === 0 ? [...four, ...others] : four, world.now);
      world.pass(minute);
    }
    expect(world.qualification.assignment).toBe(assignment);
  });
});

describe('[CL-C-14] a client whose server has equals', () => {
  it('does not go back to one that it used before', () => {
    for (const options of [{ servers: ofOneName }, { servers: four, serverOrder: 'spread' as const }]) {
      const world = new World(options).start();
      const { server } = world.qualification;
      world.mappingTowards = (address) => (at(server, address) ? undefined : mapped);
      world.pass(minute);
      const instead = world.qualification.server;
      expect(instead).not.toBe(server);
      world.mappingTowards = () => mapped;
      world.pass(300 * minute);
      expect(world.qualification.server).toBe(instead);
    }
  });

  it('goes back to one of a preferred name', () => {
    const world = new World({ servers: [...ofOneName, ...others] });
    world.mappingTowards = (address) => (others.some((server) => at(server, address)) ? mapped : undefined);
    world.start().pass(minute);
    expect(others).toContain(world.qualification.server);
    world.mappingTowards = () => mapped;
    world.pass(20 * minute);
    expect(ofOneName).toContain(world.qualification.server);
  });

  it('begins with the one that follows its server', () => {
    const options = { servers: four, serverOrder: 'spread' as const };
    const [first, second, third, fourth] = asked(options, 3).map((place) => four[place]!);
    const world = new World(options, 3);
    world.mappingTowards = (address) => (at(second!, address) ? mapped : undefined);
    world.start().pass(12_000);
    expect(world.qualification.server).toBe(second);
    world.solicitations.length = 0;
    world.mappingTowards = silent;
    world.pass(40_000);
    const others = world.solicitations.map(({ address }) => address).filter((address) => address !== second!.primary);
    expect(others.slice(0, 3)).toEqual([third, fourth, first].map((each) => each!.primary));
  });

  it('asks one of them at a time while its server is silent, and no further one after an answer', () => {
    const world = new World({ servers: four, serverOrder: 'spread' }).start();
    const { server } = world.qualification;
    world.pass(world.untilDeadline - 1);
    world.solicitations.length = 0;
    const start = world.now + 1;
    world.mappingTowards = silent;
    const primariesAsked = () => world.solicitations.filter(({ address }) => address !== server.primary);
    world.pass(4_001);
    expect(primariesAsked().map((each) => each.at - start)).toEqual([2_000, 3_000, 4_000]);
    expect(new Set(primariesAsked().map(({ address }) => address)).size).toBe(3);
    world.mappingTowards = (address) => (at(server, address) ? undefined : mapped);
    world.pass(8_000);
    expect(primariesAsked()).toHaveLength(4);
    expect(world.eventKinds()).toContain('server-replaced');
    expect(world.qualification.server.primary).toBe(primariesAsked()[3]!.address);
  });
});

describe('[CL-C-14] a client that takes the fastest server', () => {
  it('asks all at once, and takes the first that answers', () => {
    const world = racing();
    expect(world.solicitations.map(({ address }) => address).toSorted()).toEqual(
      four.map(({ primary }) => primary).toSorted(),
    );
    world.now += 40;
    answer(world, four[2]!.primary);
    expect(world.kind).toBe('soliciting-secondary');
    expect(world.qualification.server).toBe(four[2]);
    world.now += 40;
    answer(world, four[2]!.secondary);
    expect(world.qualification.assignment).toMatchObject({ server: four[2], mapped });
    expect(world.outputs.events.find(({ kind }) => kind === 'fastest-server')).toEqual({
      kind: 'fastest-server',
      server: four[2]!.primary,
      roundTripMs: 40,
      asked: 4,
    });
  });

  it('tries the others in the order of their answers, without a further race', () => {
    const world = racing();
    for (const index of [2, 0, 3, 1]) {
      world.now += 10;
      answer(world, four[index]!.primary);
    }
    expect(new Set(world.drops)).toEqual(new Set([undefined]));
    answer(world, four[2]!.secondary);
    world.mappingTowards = (address) => (at(four[3]!, address) || at(four[1]!, address) ? mapped : undefined);
    world.solicitations.length = 0;
    world.pass(30_000 + 12_000);
    expect(world.qualification.server).toBe(four[3]);
    const firstOther = world.solicitations.find(({ address }) => address !== four[2]!.primary);
    expect(firstOther?.address).toBe(four[0]!.primary);
  });

  it('has each of them once in its order', () => {
    const world = racing();
    for (const index of [2, 0, 3, 1]) answer(world, four[index]!.primary);
    answer(world, four[2]!.secondary);
    world.pass(5 * minute);
    world.mappingTowards = () => mapped;
    world.pass(minute);
    expect(world.outputs.events.filter(({ kind }) => kind === 'fastest-server').slice(1)).toMatchObject([{ asked: 4 }]);
  });

  it('takes one answer of each, until it refreshes its address', () => {
    const world = racing();
    answer(world, four[1]!.primary);
    answer(world, four[3]!.primary);
    answer(world, four[3]!.primary);
    expect(world.drops).toEqual([undefined, undefined, 'endpoint-mismatch']);
    answer(world, four[1]!.secondary);
    answer(world, four[0]!.primary);
    expect(world.drops.slice(3)).toEqual([undefined, undefined]);
    world.mappingTowards = (address) => (at(four[1]!, address) ? mapped : undefined);
    world.pass(minute);
    answer(world, four[2]!.primary);
    expect(new Set(world.drops.slice(5, -1))).toEqual(new Set([undefined]));
    expect(world.drops.at(-1)).toBe('unsolicited-router-advertisement');
  });

  it('takes the fastest of a later round, too, which begins with the second server', () => {
    const many = Array.from({ length: 17 }, (_, third) => serverAt(third));
    const world = racing({ servers: many });
    const primaries = () => world.solicitations.splice(0).map(({ address }) => address);
    const first = primaries();
    world.pass(12_000);
    world.solicitations.length = 0;
    world.pass(world.untilDeadline);
    const second = world.solicitations.map(({ address }) => address);
    expect(second.slice(0, 15)).toEqual(first.slice(1));
    expect(first).not.toContain(second[15]);
    const fastest = many.find(({ primary }) => primary === second[15])!;
    answer(world, fastest.primary);
    answer(world, fastest.secondary);
    expect(world.qualification.assignment?.server).toBe(fastest);
  });

  it('looks for the faster of two that it can reach', () => {
    const world = racing({ unreachable: four.slice(2).map(({ primary }) => primary) });
    while (world.solicitations.length === 0) world.pass(world.untilDeadline);
    answer(world, four[1]!.primary);
    expect(world.outputs.events.at(-1)).toMatchObject({ kind: 'fastest-server', server: four[1]!.primary, asked: 2 });
  });

  it('looks for no fastest when it can reach one only', () => {
    const world = racing({ unreachable: four.slice(1).map(({ primary }) => primary) });
    while (world.solicitations.length === 0) world.pass(world.untilDeadline);
    answer(world, four[0]!.primary);
    answer(world, four[0]!.secondary);
    expect(world.qualification.assignment?.server).toBe(four[0]);
    expect(world.eventKinds()).not.toContain('fastest-server');
  });

  it('refreshes with the fastest although others have not answered', () => {
    const world = racing();
    answer(world, four[1]!.primary);
    answer(world, four[1]!.secondary);
    const { assignment } = world.qualification;
    world.mappingTowards = (address) => (at(four[1]!, address) ? mapped : undefined);
    world.pass(60 * minute);
    expect(world.qualification.assignment).toBe(assignment);
    expect(new Set(world.drops)).toEqual(new Set([undefined]));
  });

  it('does not go over to one that becomes faster', () => {
    const world = racing();
    answer(world, four[1]!.primary);
    answer(world, four[1]!.secondary);
    world.mappingTowards = () => mapped;
    world.pass(600 * minute);
    expect(world.qualification.server).toBe(four[1]);
  });

  it('[CL-Q-28] is off-line 12 s after the start when all are silent, and waits 1, 2, 4, ... 45 s', () => {
    const world = racing();
    const start = world.now;
    const waits: number[] = [];
    while (waits.length < 8) {
      world.pass(11_999);
      expect(world.kind).toBe('soliciting-primary');
      world.pass(1);
      expect(world.kind).toBe('off-line');
      waits.push(world.untilDeadline);
      world.pass(world.untilDeadline);
    }
    for (const [round, nominal] of [1, 2, 4, 8, 16, 32, 45, 45].entries()) {
      expect(Math.abs(waits[round]! / 1_000 / nominal - 1)).toBeLessThanOrEqual(0.1);
    }
    expect(world.solicitations.filter(({ at: when }) => when < start + 12_000)).toHaveLength(12);
  });

  it('[CL-Q-28] keeps its growing waits behind a NAT that does not fit', () => {
    const world = racing();
    world.mappingTowards = () => endpoint('10.0.0.1:4096');
    world.pass(minute);
    const before = world.solicitations.length;
    world.pass(60 * minute);
    // Six rounds of four servers an hour once the wait is 10 min.
    expect(world.solicitations.length - before).toBeLessThan(120);
  });

  it('asks the next one when the secondary address of the fastest is silent', () => {
    const world = racing();
    world.mappingTowards = (address) => (address === four[0]!.secondary ? undefined : mapped);
    answer(world, four[0]!.primary);
    answer(world, four[3]!.primary);
    world.pass(12_000);
    expect(world.qualification.assignment?.server).toBe(four[3]);
  });

  it('looks again for the fastest in another network, and not after a failure of the one in use', () => {
    const world = racing();
    world.pass(12_000);
    world.solicitations.length = 0;
    world.qualification.networkChanged(world.now);
    world.settle();
    expect(world.solicitations).toHaveLength(4);
  });

  it('looks for the fastest in another network instead of the server of the last run', () => {
    const former = new World({ servers: [four[2]!] }).start().qualification.assignment!.address;
    const world = racing({ formerAddress: former });
    world.solicitations.length = 0;
    world.qualification.networkChanged(world.now);
    world.settle();
    expect(world.solicitations).toHaveLength(4);
  });

  it('begins with the server of the last run, and looks for the fastest when that is silent', () => {
    const former = new World({ servers: [four[2]!] }).start().qualification.assignment!.address;
    const world = racing({ formerAddress: former });
    expect(new Set(world.solicitations.map(({ address }) => address))).toEqual(new Set([four[2]!.primary]));
    world.pass(12_000 * 4 + 2_000);
    const last = world.solicitations.slice(-4).map(({ address }) => address);
    expect(new Set(last).size).toBe(4);
  });

  it('[RT-04] leaves out servers that this host has no route to', () => {
    const [first, second] = [four[0]!.primary, four[1]!.primary];
    for (let seed = 1; seed <= 5; seed++) {
      const world = new World({ servers: four, serverOrder: 'fastest', unreachable: [first, second] }, seed).start();
      world.pass(0);
      const primaries = world.solicitations.map(({ address }) => address);
      expect(primaries).not.toContain(first);
      expect(primaries).not.toContain(second);
      expect(world.kind).toBe('qualified');
    }
  });

  it('asks 16 at once at most', () => {
    const many = Array.from({ length: 30 }, (_, third) => serverAt(third));
    expect(racing({ servers: many }).solicitations).toHaveLength(16);
  });

  it('[CL-S-03] takes no answer without its nonce', () => {
    const world = racing();
    world.alter = () => ({ nonce: new Uint8Array(8) });
    answer(world, four[1]!.primary);
    expect(world.drops).toEqual(['nonce-mismatch']);
    expect(world.kind).toBe('soliciting-primary');
  });

  it('[CL-Q-07] looks in both phases where the cone bit is trusted', () => {
    const world = racing({ trustsConeBit: true });
    world.pass(12_000);
    expect(world.kind).toBe('soliciting-primary');
    answer(world, four[1]!.primary);
    answer(world, four[1]!.secondary);
    expect(world.qualification.assignment?.server).toBe(four[1]);
  });
});
