import { describe, expect, it } from 'vitest';
import { forEachSeed, internet, seedOr } from '../src/index.ts';
import { deafServer, lossyWeek, outageEnd } from '../src/scenarios/endurance.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

describe('an address', () => {
  it('[CL-M-11][CL-M-14] is not given up in a week with 5 % loss, also by idle clients', {
    timeout: 300_000,
  }, () => {
    const seed = seedOr(1);
    const { lost, silences, solicitations } = lossyWeek(seed, 0.05);
    process.stdout.write(
      `A week with 5 % loss, seed ${seed}: ${solicitations} solicitations, ${lost} addresses given up.\n`,
    );
    expect(lost).toBe(0);
    expect(silences).toBe(0);
    // Four clients that refresh after 22.5 to 30 s, one in ten twice: the loss was there.
    expect(solicitations).toBeGreaterThan(4 * 23_000 * 1.08);
    expect(solicitations).toBeLessThan(4 * 23_000 * 1.14);
  });

  it('[CL-M-14] is kept while peers are heard, although 60 % of the packets to and from the server are lost', () => {
    const totals = { sent: 0, unanswered: 0, lost: 0 };
    const calm = { ...totals };
    forEachSeed(20, (seed) => {
      for (const [total, loss] of [
        [totals, 0.6],
        [calm, 0],
      ] as const) {
        const result = deafServer(seed, loss, 5 * minuteMs);
        for (const key of ['sent', 'unanswered', 'lost'] as const) total[key] += result[key];
      }
    });
    expect(totals.lost).toBe(0);
    expect(totals.sent).toBe(20 * 600);
    // The client's own path loses 2 % each way.
    const share = totals.unanswered / totals.sent;
    expect(calm.unanswered / calm.sent).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(1 - 0.98 ** 2 + 0.01);
    expect(share).toBeLessThan(calm.unanswered / calm.sent + 0.01);
  });

  it('[CL-M-14] is kept for an hour with no server at all while peers are heard', () => {
    forEachSeed(3, (seed) => {
      const { lost, sent, unanswered } = deafServer(seed, 1, hourMs);
      expect(lost).toBe(0);
      expect(unanswered / sent).toBeLessThan(1 - 0.98 ** 2 + 0.01);
    });
  });
});

describe('the end of an outage', () => {
  it.each([
    [20, 1],
    [minuteMs / secondMs, 1],
    [hourMs / secondMs, 1],
    [hourMs / secondMs, 2],
    [hourMs / secondMs, 5],
  ])('[CL-Q-28] of %d s is noticed within a minute by a client with %d servers', (seconds, servers) => {
    forEachSeed(20, (seed) => expect(outageEnd(seed, seconds * secondMs, servers)).toBeLessThan(minuteMs));
  });

  it('[CL-Q-31] is that of a mapping which the NAT holds to an address that is gone: a new port, within 45 s', () => {
    forEachSeed(20, (seed) => {
      const net = internet({ seed });
      const nat = net.nat({ kind: 'port-restricted', mappingLifetimeMs: 300_000 });
      const client = net.client({ nat, server: net.server() });
      net.until('it has an address', () => client.isQualified);
      net.run(60_000 + (seed % 30) * 1000);
      const { port } = client.host.service.local;
      nat.changeAddressOnly();
      const isBack = () => client.status.mapped?.address === nat.addresses[0];
      net.until('it has an address of the new kind', isBack, 45_000);
      expect(client.host.service.local.port).not.toBe(port);
      net.run(hourMs);
      expect(isBack()).toBe(true);
    });
  });

  it('[CL-Q-31][CL-C-04] and a client whose port is fixed leaves it alone until the NAT forgets, and keeps its port', () => {
    const net = internet();
    const nat = net.nat({ kind: 'port-restricted', mappingLifetimeMs: 300_000 });
    const client = net.client({ nat, port: 50_000, server: net.server() });
    net.until('it has an address', () => client.isQualified);
    net.run(60_000);
    nat.changeAddressOnly();
    const isBack = () => client.status.mapped?.address === nat.addresses[0];
    net.until('it has an address of the new kind', isBack, 1_200_000);
    expect(client.host.service.local.port).toBe(50_000);
  });
});
