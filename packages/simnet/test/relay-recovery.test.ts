import { parseIpv4 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { forEachSeed, internet } from '../src/index.ts';
import { Pings } from '../src/scenarios/pings.ts';

/** A client and a native host that ping each other every second through one relay. */
function scene(seed: number) {
  const net = internet({ seed });
  const relay = net.relay();
  const alice = net.client({ nat: 'port-restricted', server: net.server() });
  const web = net.nativeHost({ relay });
  net.until('Alice has an address', () => alice.isQualified);
  const outbound = new Pings(net, alice, web);
  net.until('the connection works', () => outbound.isAnsweredSince(0));
  net.run(20_000 + (seed % 10) * 500);
  return { net, relay, outbound };
}

describe('a connection of a client to a native host comes back', () => {
  it('[CL-P-13] within 5 s of the restart of its relay, which knows no client then', () => {
    forEachSeed(10, (seed) => {
      const { net, relay, outbound } = scene(seed);
      relay.stop();
      net.run(1500);
      relay.restart();
      relay.host.act((engine, now) => {
        engine.stop(now);
        engine.start(now);
      });
      const restarted = net.now;
      net.run(60_000);
      expect(outbound.firstAnswerSince(restarted) - restarted).toBeLessThan(5000);
      // The longest gap began before the restart, and there is no other.
      expect(outbound.longestGapMs(restarted + 5000)).toBeLessThan(2500);
    });
  });

  it('[RL-T-22][CL-P-13] within 5 s of a change of its relay address', () => {
    forEachSeed(10, (seed) => {
      const { net, relay, outbound } = scene(seed);
      relay.host.udp.move(net.public, [parseIpv4('5.6.7.8')!]);
      relay.host.act((engine, now) => engine.networkChanged(now));
      const changed = net.now;
      net.run(60_000);
      expect(outbound.firstAnswerSince(changed) - changed).toBeLessThan(5000);
    });
  });

  it('[RL-T-22] for a native host, within 2.5 s of a change of its relay address', () => {
    forEachSeed(10, (seed) => {
      const net = internet({ seed });
      const relay = net.relay();
      const alice = net.client({ nat: 'port-restricted', server: net.server() });
      const web = net.nativeHost({ relay });
      net.until('Alice has an address', () => alice.isQualified);
      const inbound = new Pings(net, web, alice, 200);
      net.run(20_000);
      relay.host.udp.move(net.public, [parseIpv4('5.6.7.8')!]);
      relay.host.act((engine, now) => engine.networkChanged(now));
      const changed = net.now;
      net.until('the client answers again', () => inbound.isAnsweredSince(changed), 2500);
    });
  });
});
