import { describe, expect, it } from 'vitest';
import { forEachSeed, internet } from '../src/index.ts';

const hourMs = 3_600_000;

describe('a client that determines its refresh interval', () => {
  it.each([
    [300, 90],
    [100, 90],
    [65, 60],
    [50, 45],
  ])(
    '[CL-D-07][CL-D-08] behind a NAT that keeps mappings for %d s comes to %d s, and keeps its address',
    (lifetime, end) => {
      forEachSeed(4, (seed) => {
        const net = internet({ seed });
        const nat = net.nat({ kind: 'port-restricted', mappingLifetimeMs: 1_000 * lifetime });
        const client = net.client({ nat, server: net.server(), options: { determinesRefreshInterval: true } });
        net.until('it has an address', () => client.isQualified);
        const { address } = client;
        net.run(hourMs);
        expect(client.status.refreshIntervalMs).toBe(1_000 * end);
        expect(client.address).toEqual(address);
        expect(client.events.filter(({ kind }) => kind === 'address-lost')).toEqual([]);
      });
    },
  );

  it.each([
    ['gives the same port again', 'preserving', 15],
    ['gives another port each time', 'random', 15],
  ] as const)(
    '[CL-D-15] behind a NAT that forgets after 18 s and %s reports it, and then keeps its address',
    (_, portAssignment, end) => {
      forEachSeed(4, (seed) => {
        const net = internet({ seed });
        const nat = net.nat({ kind: 'port-restricted', mappingLifetimeMs: 18_000, portAssignment });
        const server = net.server();
        const client = net.client({ nat, server, options: { determinesRefreshInterval: true } });
        const determined = () => client.events.find(({ kind }) => kind === 'refresh-interval-determined');
        net.until('the interval is determined', () => determined() !== undefined, 600_000);
        expect(determined()).toMatchObject({
          refreshIntervalMs: end * 1_000,
          keptMs: end * 1_000,
          forgottenMs: 18_750,
        });
        const { address } = client;
        net.run(hourMs);
        expect(client.address).toEqual(address);
        expect(client.status.refreshIntervalMs).toBe(end * 1_000);
        const friend = net.client({ nat: 'port-restricted', server });
        net.until('the friend has an address', () => friend.isQualified);
        const ping = friend.ping(client, 1_000);
        net.until('it is reached', () => ping.answeredAt !== undefined, 5_000);
      });
    },
  );

  it('[CL-D-15] keeps a result below 30 s when the mapping changes afterwards', () => {
    const net = internet();
    const nat = net.nat({ kind: 'port-restricted', mappingLifetimeMs: 18_000 });
    const client = net.client({ nat, server: net.server(), options: { determinesRefreshInterval: true } });
    net.run(hourMs);
    expect(client.status.refreshIntervalMs).toBe(15_000);
    nat.reboot();
    net.run(60_000);
    const { address } = client;
    net.run(hourMs);
    expect(client.status.refreshIntervalMs).toBe(15_000);
    expect(client.address).toEqual(address);
  });

  it('[CL-D-15] whose NAT restarts meanwhile still finds the interval that the NAT allows', () => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const nat = net.nat({ kind: 'port-restricted', mappingLifetimeMs: 300_000 });
      const client = net.client({ nat, server: net.server(), options: { determinesRefreshInterval: true } });
      net.until('it has an address', () => client.isQualified);
      net.run(50_000);
      nat.reboot();
      net.run(600_000);
      expect(client.status.refreshIntervalMs).toBe(90_000);
    });
  });

  it('can be reached after a silence of the interval that it found', () => {
    const net = internet();
    const nat = net.nat({ kind: 'port-restricted', mappingLifetimeMs: 100_000 });
    const server = net.server();
    const client = net.client({ nat, server, options: { determinesRefreshInterval: true } });
    const friend = net.client({ nat: 'port-restricted', server });
    net.run(hourMs);
    expect(client.status.refreshIntervalMs).toBe(90_000);
    const transfer = friend.transfer(client, 20_000);
    net.until('the transfer is complete', () => transfer.completedAt !== undefined);
    expect(transfer.isIntact).toBe(true);
  });
});

describe('a client that trusts cone bits', () => {
  it('[CL-Q-19][CL-N-01][CL-T-07] finds its cone NAT with one exchange, and is reached without bubbles', () => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const options = { trustsConeBit: true };
      const cone = net.client({ nat: 'cone', server: net.server(), options });
      const other = net.client({ nat: 'port-restricted', server: net.server(), options });
      net.until('both have an address', () => cone.isQualified && other.isQualified);
      expect([cone.status.nat, other.status.nat]).toEqual(['cone', 'restricted']);
      expect(cone.status.counters.solicitationsSent).toBe(1);
      const ping = other.ping(cone);
      net.run(1_000);
      expect(ping.answeredAt).toBeDefined();
      expect(other.status.counters.bubblesSent).toBe(0);
    });
  });
});
