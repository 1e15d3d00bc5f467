import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpoint, mapped, otherServer, server, World } from './world.ts';

const minute = 60_000;
const both = [server, otherServer];
const endpoints = [mapped, endpoint('192.0.2.1:5000'), endpoint('192.0.2.77:4096')];

/** Events that may happen to a client in any order. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 15 * minute }) }),
  fc.record({ kind: fc.constant('dead' as const), which: fc.subarray([0, 1]) }),
  fc.record({ kind: fc.constant('mapping' as const), which: fc.integer({ min: 0, max: endpoints.length - 1 }) }),
  fc.record({ kind: fc.constant('network' as const), which: fc.integer({ min: 0, max: endpoints.length - 1 }) }),
  fc.record({ kind: fc.constant('servers' as const), which: fc.constantFrom([0], [1], [0, 1], [1, 0]) }),
);

describe('whatever happens to a client', () => {
  it('[CL-C-09] it has no address twice, asks at a bounded rate, and comes back by itself', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 12 }), fc.integer(), (happenings, seed) => {
        const world = new World({ servers: both }, seed);
        const { qualification } = world;
        let dead: readonly number[] = [];
        let seen = mapped;
        world.mappingTowards = (address) =>
          dead.some((index) => Object.values(both[index]!).includes(address)) ? undefined : seen;
        world.start();
        let interruptions = 1;
        for (const each of happenings) {
          interruptions += 1;
          if (each.kind === 'pass') world.pass(each.ms);
          else if (each.kind === 'dead') dead = each.which;
          else if (each.kind === 'mapping') seen = endpoints[each.which]!;
          else if (each.kind === 'network') qualification.networkChanged(world.now, endpoints[each.which]!);
          else
            qualification.replaceServers(
              each.which.map((index) => both[index]!),
              world.now,
            );
          world.settle();
        }
        expect(qualification.assignment === undefined).toBe(!endsWithAddress(world));

        // Then no more trouble: at most 11 min until the next attempt, and a refresh each 22.5 s.
        dead = [];
        world.pass(12 * minute);
        expect(qualification.assignment?.mapped).toEqual(seen);
        const asked = world.solicitations.length;
        world.pass(60 * minute);
        expect(world.solicitations.length - asked).toBeLessThan(200);
        // In all: a burst of 3 solicitations each 4 s at most.
        expect(asked).toBeLessThan(world.now / 4_000 + 6 * interruptions);
        expect(endsWithAddress(world)).toBe(true);

        qualification.stop(world.now);
        expect(qualification.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
        expect(endsWithAddress(world)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

/** Returns true if the last event is an assigned address; each must be lost before the next is assigned. */
function endsWithAddress(world: World): boolean {
  let has = false;
  for (const { kind } of world.outputs.events) {
    if (kind !== 'address-assigned' && kind !== 'address-lost') continue;
    expect(kind).toBe(has ? 'address-lost' : 'address-assigned');
    has = !has;
  }
  return has;
}
