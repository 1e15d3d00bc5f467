import { describe, expect, it } from 'vitest';
import { type ClientNode, forEachSeed, type Internet, internet } from '../src/index.ts';

/** Linux that masquerades and accepts input: an unsolicited sender causes a mapping to another port. */
const tracking = (net: Internet) =>
  net.nat({ kind: 'port-restricted', displacesMapping: true, mappingLifetimeMs: 31_500 });

function pair(net: Internet, aliceTracks: boolean, bobTracks: boolean): readonly [ClientNode, ClientNode] {
  const alice = net.client({ nat: aliceTracks ? tracking(net) : net.nat('port-restricted'), server: net.server() });
  const bob = net.client({ nat: bobTracks ? tracking(net) : net.nat('port-restricted'), server: net.server() });
  net.until('both have an address', () => alice.isQualified && bob.isQualified);
  return [alice, bob];
}

describe('behind a NAT that accepts unsolicited input as its own', () => {
  it.each(['the client', 'the native host'])(
    '[RL-T-23] %s begins, and a relay with a public address connects them',
    (who) => {
      forEachSeed(10, (seed) => {
        const net = internet({ seed });
        const relay = net.relay();
        const alice = net.client({ nat: tracking(net), server: net.server() });
        const web = net.nativeHost({ relay });
        net.until('Alice has an address', () => alice.isQualified);
        const ping = who === 'the client' ? alice.ping(web, 1000) : web.ping(alice, 1000);
        net.until('they have met', () => ping.answeredAt !== undefined, 1000);
      });
    },
  );

  it('[CL-T-08] a client reaches one behind another NAT at once', () => {
    forEachSeed(10, (seed) => {
      const net = internet({ seed });
      const [alice, bob] = pair(net, true, false);
      const ping = alice.ping(bob, 1000);
      net.until('they have met', () => ping.answeredAt !== undefined, 1000);
    });
  });

  it('[CL-B-14] a client that keeps trying connects after the pause when the other NAT is of this kind', () => {
    forEachSeed(20, (seed) => {
      const net = internet({ seed });
      const [alice, bob] = pair(net, false, true);
      const ping = alice.ping(bob, 1000);
      const tookMs = net.until('they have met', () => ping.answeredAt !== undefined, 60_000);
      expect(tookMs).toBeGreaterThan(36_000);
      expect(tookMs).toBeLessThan(43_000);
    });
  });

  it.each([0, 50, 700, 3000])('[CL-B-14] both ask each other, the one behind it %i ms later', (laterMs) => {
    forEachSeed(20, (seed) => {
      const net = internet({ seed });
      const [alice, bob] = pair(net, false, true);
      const there = alice.ping(bob, 1000);
      net.run(laterMs);
      const back = bob.ping(alice, 1000);
      const haveMet = () => there.answeredAt !== undefined && back.answeredAt !== undefined;
      net.until('they have met', haveMet, 310_000);
    });
  });

  it('[CL-B-14] a pair that met so meets again within 3 s after a pause', () => {
    forEachSeed(10, (seed) => {
      const net = internet({ seed });
      const [alice, bob] = pair(net, false, true);
      const first = alice.ping(bob, 1000);
      net.until('they have met', () => first.answeredAt !== undefined, 60_000);
      net.run(200_000);
      const again = alice.ping(bob, 1000);
      net.until('they have met again', () => again.answeredAt !== undefined, 3000);
    });
  });
});
