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

/** A client and a native host that ping each other five times a second, while routing has two relays of which one dies. */
function twoRelays(seed: number) {
  const net = internet({ seed });
  const [used, other] = [net.relay(), net.relay()];
  const alice = net.client({ nat: 'port-restricted', server: net.server() });
  const web = net.nativeHost({ relay: used });
  net.until('Alice has an address', () => alice.isQualified);
  return { net, used, other, alice, web };
}

describe('a connection of a client to a native host passes through another relay', () => {
  it('[CL-P-13] within 1.3 s of the death of the one in use, for pings of the client: a second after BFD saw it', () => {
    forEachSeed(10, (seed) => {
      const { net, used, other, alice, web } = twoRelays(seed);
      const outbound = new Pings(net, alice, web, 200);
      net.run(20_000 + seed * 37);
      used.stop();
      const died = net.now;
      net.until('pings are answered again', () => outbound.isAnsweredSince(died), 1_300);
      expect(other.status.peers).toBe(1);
    });
  });

  it('[CL-P-13] within 0.9 s, for pings of the host', () => {
    forEachSeed(10, (seed) => {
      const { net, used, alice, web } = twoRelays(seed);
      const inbound = new Pings(net, web, alice, 200);
      net.run(20_000 + seed * 37);
      used.stop();
      const died = net.now;
      net.until('pings are answered again', () => inbound.isAnsweredSince(died), 900);
    });
  });

  it('[CL-P-13] each time, when the one in use is upgraded twice', () => {
    forEachSeed(10, (seed) => {
      const { net, used, other, alice, web } = twoRelays(seed);
      const [outbound, inbound] = [new Pings(net, alice, web, 200), new Pings(net, web, alice, 200)];
      net.run(20_000);
      const answered = (what: string) => {
        const from = net.now;
        net.until(what, () => outbound.isAnsweredSince(from) && inbound.isAnsweredSince(from), 1_300);
        net.run(3_000);
      };
      for (const time of ['first', 'second']) {
        used.stop();
        answered(`both are answered after the ${time} stop`);
        expect(other.status.peers).toBe(1);
        used.restart();
        used.host.act((engine, now) => {
          engine.stop(now);
          engine.start(now);
        });
        answered(`both are answered after the ${time} start`);
      }
    });
  });
});

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
