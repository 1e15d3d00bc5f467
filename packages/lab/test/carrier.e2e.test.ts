import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { type Navalis, startClient, startServer } from '../src/programs/navalis.ts';
import { startCrowd } from '../src/traffic/crowd.ts';
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
    const crowd = startCrowd(laboratory, crowdHost, 200);
    const member = await startClient(laboratory, host);
    const result = await crowd;
    const { counters } = await server.status();
    const limited = counters.drops['rate-limited'] ?? 0;
    report(
      `200 clients behind one address: all have an answer from both addresses after ${result.lastMs} ms; ` +
        `${result.solicitations} solicitations, ${limited} beyond the limit; teredo-client among them after ` +
        `${Math.round(member.addressAfterMs)} ms`,
    );
    expect(result).toMatchObject({ qualified: 200, offline: 0 });
    expect(result.mappedAddresses).toHaveLength(1);
    expect(result.lastMs).toBeLessThan(30_000);
    expect(member.addressAfterMs).toBeLessThan(30_000);
  });
});
