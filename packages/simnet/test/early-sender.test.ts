import { describe, it } from 'vitest';
import { forEachSeed, type Internet, internet } from '../src/index.ts';

/** Linux that masquerades and accepts input: a sender that comes before it was sent to makes another port towards it. */
const tracking = (net: Internet) => net.nat({ kind: 'PR', tracksInput: true });

describe('behind a NAT that takes what comes unasked for its own', () => {
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
      const alice = net.client({ nat: tracking(net), server: net.server() });
      const bob = net.client({ nat: 'PR', server: net.server() });
      net.until('both have an address', () => alice.isQualified && bob.isQualified);
      const ping = alice.ping(bob, 1000);
      net.until('they have met', () => ping.answeredAt !== undefined, 1000);
    });
  });
});
