import { afterAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { launch, startClient } from '../src/programs/navalis.ts';
import { ping } from '../src/traffic/ping.ts';

describe('a server without an IPv6 route', () => {
  const laboratory = new Laboratory();

  afterAll(() => laboratory.close());

  it('[SV-C-05] counts packets that the kernel refuses as not sent, never as delivered, and names the missing route', async () => {
    const internet = new Internet(laboratory);
    const machine = internet.serverHost();
    machine.ip('route del ::/0');
    const server = launch(laboratory, machine, 'server', { flags: ['--primary-address', serverAddress] });
    await server.program.line(/Listening on UDP port 3544/, 15_000);
    const client = await startClient(laboratory, internet.home().host);
    const before = (await server.status()).counters;
    await ping(client.host, webIpv6Address, { count: 3, intervalMs: 1000, patienceMs: 1000 });
    const { counters } = await server.status();
    expect(counters.drops['send-failed'] ?? 0).toBeGreaterThan(0);
    expect(counters.packetsDelivered).toBe(before.packetsDelivered);
    await server.program.line(
      /no IPv6 default route with a global address.*Give this host a global IPv6 address/,
      5_000,
    );
    expect(await server.status()).toMatchObject({ state: 'degraded' });
  });
});
