import { describe, expect, it } from 'vitest';
import { internet, type NatKind } from '../src/index.ts';

describe('200 clients behind one address of a carrier', () => {
  it.each<NatKind>(['port-restricted', 'address-restricted', 'cone'])(
    '[SV-A-19b] that start at once have an address within 30 s and keep it, behind a NAT of kind %s',
    { timeout: 60_000 },
    (kind) => {
      const net = internet();
      const server = net.server();
      const nat = net.nat({ kind });
      const clients = Array.from({ length: 200 }, () => net.client({ nat, server }));
      net.run(30_000);
      expect(clients.filter((client) => client.isQualified)).toHaveLength(200);
      const early = server.status.counters;
      // Two answers each, and what was asked again meanwhile.
      expect(early.advertisementsSent).toBeGreaterThanOrEqual(400);
      expect(early.advertisementsSent).toBeLessThanOrEqual(700);
      for (let minute = 0; minute < 10; minute++) {
        net.run(60_000);
        expect(clients.filter((client) => client.isQualified)).toHaveLength(200);
      }
      // Steady refreshes are far below the limit.
      expect(server.status.counters.drops['rate-limited']).toBe(early.drops['rate-limited']);
    },
  );

  it('[SV-A-19b] did not with the previous limits: a server that allows less leaves most of them off-line', () => {
    const net = internet();
    const server = net.server({ options: { solicitationsPerSecond: 10, solicitationsBurst: 20 } });
    const nat = net.nat({ kind: 'port-restricted' });
    const clients = Array.from({ length: 200 }, () => net.client({ nat, server }));
    net.run(13_000);
    expect(clients.filter((client) => client.isQualified).length).toBeLessThan(100);
  });

  it('[SV-F-14] and all talk to a native host at the same time', { timeout: 60_000 }, () => {
    const net = internet();
    const server = net.server();
    net.relay();
    const host = net.nativeHost();
    const nat = net.nat({ kind: 'port-restricted' });
    const clients = Array.from({ length: 200 }, () => net.client({ nat, server }));
    net.run(30_000);
    const pings = clients.map((client) => client.ping(host));
    net.run(10_000);
    expect(pings.filter((ping) => ping.answeredAt !== undefined)).toHaveLength(200);
  });
});
