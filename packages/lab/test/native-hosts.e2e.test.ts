import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing, ping } from '../src/traffic/ping.ts';

describe('a client whose native hosts fail', () => {
  let laboratory: Laboratory;
  let internet: Internet;
  let server: Namespace;

  beforeAll(async () => {
    laboratory = new Laboratory();
    internet = new Internet(laboratory);
    server = internet.serverHost();
    internet.webHost();
    await startServer(laboratory, server);
    await startRelay(laboratory, internet.relayHost());
  });

  afterAll(() => laboratory.close());

  it('[CL-I-16] says so in status and once in the log, since when, and that they answer again', async () => {
    const client = await startClient(laboratory, internet.home().host);
    await firstPing(client.host, webIpv6Address, 10_000);
    expect((await client.status()).nativeReachability).toMatchObject({ state: 'working' });
    server.ip('route del ::/0');
    // Without traffic for 30 s the client tests the relay again, through the server, which has no IPv6 now.
    await new Promise((resolve) => setTimeout(resolve, 32_000));
    const before = Date.now();
    const hosts = [webIpv6Address, '2d00:0:0:2::81', '2d00:0:0:2::82'];
    await Promise.all(hosts.map((host) => ping(client.host, host, { count: 12, intervalMs: 1000 })));
    await client.program.line(/No native IPv6 host answers: 3 connectivity tests in a row failed/, 15_000);
    const { nativeReachability } = await client.status();
    expect(nativeReachability?.state).toBe('failing');
    expect(Date.parse(nativeReachability!.since)).toBeGreaterThan(before);
    expect(Date.parse(nativeReachability!.since)).toBeLessThan(before + 20_000);
    server.ip('route add ::/0 via 2d00:0:0:1::1');
    await firstPing(client.host, webIpv6Address, 25_000);
    await client.program.line(/Native IPv6 hosts answer now/, 5_000);
    expect((await client.status()).nativeReachability?.state).toBe('working');
  });
});
