import { describe, expect, it } from 'vitest';
import { forEachSeed } from '../src/index.ts';
import { connect, pairOf } from '../src/scenarios/pair.ts';

describe('two clients, one behind a NAT that needs a random port', () => {
  it.each([
    { from: 'port-restricted', to: 'port-preserving-symmetric' },
    { from: 'port-preserving-symmetric', to: 'port-restricted' },
    { from: 'port-preserving-symmetric', to: 'port-preserving-symmetric' },
    { from: 'port-preserving-symmetric', to: 'sequential-symmetric' },
    { from: 'port-restricted', to: 'sequential-symmetric' },
    { from: 'sequential-symmetric', to: 'port-restricted' },
  ] as const)(
    '[PP-09][PP-13][PP-25][PP-31][SPS-07][SPS-12][SPS-20][SPS-22] $from to $to: connected within 1 s, data both ways',
    ({ from, to }) => {
      forEachSeed(4, (seed) => {
        const outcome = connect(pairOf(from, to, { seed }));
        expect(outcome).toMatchObject({ kind: 'connected' });
        expect(outcome.kind === 'connected' && outcome.contactMs).toBeLessThan(1000);
      });
    },
  );

  it.each([
    { from: 'sequential-symmetric', to: 'port-preserving-symmetric' },
    { from: 'sequential-symmetric', to: 'sequential-symmetric' },
    { from: 'port-symmetric', to: 'port-restricted' },
  ] as const)('[SPS-19][XC-14] $from to $to: refused within 11 s, and no port stays open', ({ from, to }) => {
    forEachSeed(4, (seed) => {
      const { net, alice, bob } = pairOf(from, to, { seed });
      net.until('both have addresses', () => alice.isQualified && bob.isQualified, 24_000);
      const ping = alice.ping(bob, 100);
      net.run(11_000);
      expect([ping.answeredAt, (alice.status.counters.drops.unreachable ?? 0) > 0]).toEqual([undefined, true]);
      net.run(80_000);
      expect([alice.host.openPorts, bob.host.openPorts]).toEqual([1, 1]);
      expect(alice.status.counters.bubblesSent + bob.status.counters.bubblesSent).toBeLessThanOrEqual(60);
    });
  });
});
