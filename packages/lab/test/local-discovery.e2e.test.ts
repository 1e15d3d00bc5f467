import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { type NavalisClient, startClient, startServer } from '../src/programs/navalis.ts';
import { firstPing, ping } from '../src/traffic/ping.ts';
import { report } from './report.ts';

const discovering = ['--local-discovery', 'eth0'];

describe('two clients on one link, behind a NAT that does not connect them', { timeout: 30_000 }, () => {
  let laboratory: Laboratory;
  let hosts: readonly Namespace[];

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
    hosts = internet.household('anna', 'berta', 'clara', 'doris');
  });

  afterAll(() => laboratory.close());

  function startAll(chosen: readonly Namespace[], flags: readonly string[]): Promise<NavalisClient[]> {
    // With hairpinning support they would also tell each other their addresses through the server.
    const discoveryOnly = ['--hairpinning-support', 'false', ...flags];
    return Promise.all(chosen.map((host) => startClient(laboratory, host, discoveryOnly)));
  }

  it('[CL-L-16] do not reach each other without local discovery', async () => {
    const [one, other] = (await startAll(hosts.slice(0, 2), [])) as [NavalisClient, NavalisClient];
    expect(await ping(one.host, other.address, { count: 3, patienceMs: 3_000 })).toMatchObject({
      sent: 3,
      received: 0,
    });
  });

  it('[CL-L-02][CL-L-11][CL-R-24] reach each other on the link with it, in both directions', async () => {
    const [one, other] = (await startAll(hosts.slice(2), discovering)) as [NavalisClient, NavalisClient];
    const there = await firstPing(one.host, other.address, 10_000);
    const back = await firstPing(other.host, one.address, 10_000);
    report(`on one link: first ping ${there.roundTripMs} ms (attempt ${there.attempts}), back ${back.roundTripMs} ms`);
    expect((await one.status()).counters.drops['own-discovery-bubble']).toBeGreaterThan(0);
  });
});
