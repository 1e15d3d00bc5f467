import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advertisementBytes, partsFor } from './advertisement-bytes.ts';
import { mapped, server, World } from './world.ts';

describe('any octets', () => {
  it('[CL-Q-17][WF-29] a changed answer is dropped without a trace, unless the change is of no meaning', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat({ max: 116 }), fc.integer({ min: 1, max: 255 }), (seed, place, change) => {
        const world = new World({}, seed);
        world.qualification.start(world.now);
        const [sent] = world.outputs.takeDatagrams();
        const solicitation = { nonce: sent!.payload.slice(4, 12), source: world.qualification.linkLocal };
        const answer = advertisementBytes(partsFor(server.primary, mapped, solicitation));
        answer[place]! ^= change;
        const before = world.qualification.state;
        const reason = world.receive(answer, { address: server.primary, port: 3544 });
        // The confirmation, the origin and the IPv6 header's first word are under no checksum.
        const isCovered = place !== 12 && !(place >= 15 && place < 21) && !(place >= 21 && place < 25);
        if (isCovered) expect(reason).toBeDefined();
        if (reason !== undefined) expect(world.qualification.state).toBe(before);
      }),
      { numRuns: 2000 },
    );
  });

  it('[WF-29] random octets are dropped', () => {
    const world = new World();
    world.qualification.start(world.now);
    const before = world.qualification.state;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(world.receive(bytes, { address: server.primary, port: 3544 })).toBeDefined();
        expect(world.qualification.state).toBe(before);
      }),
    );
  });
});
