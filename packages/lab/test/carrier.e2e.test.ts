import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { LoadGenerator } from '../src/load/load-generator.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { type Navalis, startClient, startServer } from '../src/programs/navalis.ts';
import { report } from './report.ts';

describe('200 clients behind one address of a NAT', () => {
  const laboratory = new Laboratory();
  let server: Navalis;
  let crowdHost: Namespace;
  let host: Namespace;

  beforeAll(async () => {
    const internet = new Internet(laboratory);
    server = await startServer(laboratory, internet.serverHost());
    const [first, second] = internet.household('crowd', 'member');
    crowdHost = first!;
    host = second!;
  });

  afterAll(() => laboratory.close());

  it('[SV-A-19b] that start at once all have an address within 30 s, and so has one of ours among them', async () => {
    // All leave the machine's one address, and none contacts anybody.
    const settings = { clients: 200, sources: [], startsPerSecond: 10_000, peers: 0, hosts: [] };
    const crowd = LoadGenerator.start(laboratory, crowdHost, settings);
    const member = await startClient(laboratory, host);
    const result = await crowd.until('200 addresses', ({ qualified }) => qualified === 200, 60_000);
    const lastMs = result.qualifiedMs!.longest;
    const { counters } = await server.status();
    const limited = counters.drops['rate-limited'] ?? 0;
    report(
      `200 clients behind one address: all have an answer from both addresses after ${Math.round(lastMs)} ms; ` +
        `${limited} solicitations beyond the limit; teredo-client among them after ` +
        `${Math.round(member.addressAfterMs)} ms`,
    );
    expect(result).toMatchObject({ qualified: 200, failures: {} });
    expect(result.mappedAddresses).toBe(1);
    expect(lastMs).toBeLessThan(30_000);
    expect(member.addressAfterMs).toBeLessThan(30_000);
  });
});
