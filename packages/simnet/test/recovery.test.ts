import { describe, expect, it } from 'vitest';
import { forEachSeed, internet } from '../src/index.ts';
import { recoverFrom } from '../src/scenarios/recovery.ts';

/** The longest time between refreshes (30 s), and the time that three solicitations wait for an answer (12 s). */
const refreshMs = 30_000;
const silenceMs = 12_000;

describe('a connection comes back without a restart', () => {
  it.each(['NAT reboot', 'address change'] as const)('[CL-M-09] after a %s, by the next refresh', (interruption) => {
    forEachSeed(10, (seed) => {
      const { addressMs, outboundMs, inboundMs } = recoverFrom(interruption, seed);
      expect(addressMs).toBeLessThan(refreshMs + 1000);
      expect(Math.max(outboundMs, inboundMs)).toBeLessThan(addressMs + 5000);
    });
  });

  it('[CL-C-09] after the death of its server, through the next one, with an outage of a few seconds', () => {
    forEachSeed(10, (seed) => {
      const { addressMs, outboundMs, inboundMs, outageMs } = recoverFrom('server death', seed);
      expect(addressMs).toBeLessThan(refreshMs + silenceMs + 13_000);
      expect(Math.max(outboundMs, inboundMs)).toBeLessThan(addressMs + 5000);
      expect(outageMs).toBeLessThan(30_000);
    });
  });

  it('after 10 minutes of sleep, at once', () => {
    forEachSeed(10, (seed) => {
      const { addressMs, outboundMs, inboundMs } = recoverFrom('suspension', seed);
      expect(addressMs).toBeLessThan(1000);
      expect(Math.max(outboundMs, inboundMs)).toBeLessThan(5000);
    });
  });

  it('[CL-C-09] the address is one of the next server; it changes with the server', () => {
    const net = internet();
    const [first, second] = [net.server(), net.server()];
    const alice = net.client({ nat: 'port-restricted', server: [first, second] });
    net.until('qualified', () => alice.isQualified);
    expect(alice.address!.word1).toBe(first.primary);
    first.stop();
    net.until('qualified again', () => alice.address?.word1 === second.primary, 120_000);
  });
});

describe('moves', () => {
  it('a client that goes to another network is back at once, with another address', () => {
    forEachSeed(10, (seed) => {
      const net = internet({ seed });
      const [home, office] = [net.nat('port-restricted'), net.nat('address-restricted')];
      const alice = net.client({ nat: home, server: net.server() });
      const bob = net.client({ nat: 'port-restricted', server: net.server() });
      net.until('both have an address', () => alice.isQualified && bob.isQualified);
      const before = alice.ping(bob, 1000);
      net.until('the connection works', () => before.answeredAt !== undefined);
      alice.moveTo(office.inside);
      net.until(
        'the address is of the other network',
        () => alice.status.mapped?.address === office.addresses[0],
        1000,
      );
      const after = bob.ping(alice, 1000);
      net.until('it is reached', () => after.answeredAt !== undefined, 5000);
    });
  });

  it('[CL-C-09] a client goes back to the server that it prefers when that is back', () => {
    const net = internet();
    const [first, second] = [net.server(), net.server()];
    const alice = net.client({ nat: 'port-restricted', server: [first, second] });
    net.until('qualified', () => alice.isQualified);
    first.stop();
    net.until('qualified with the second', () => alice.address?.word1 === second.primary, 120_000);
    first.restart();
    net.until('back with the first', () => alice.address?.word1 === first.primary, 1_200_000);
  });
});
