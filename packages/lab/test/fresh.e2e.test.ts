import { afterAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { dualStackIpv6Address, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { startClient, startHostRelay, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';

/** The kernel announces addresses, neighbours and multicast groups on a new interface for some seconds. */
const chatterMs = 8_000;

describe('healthy programs that just started', () => {
  const laboratory = new Laboratory();

  afterAll(() => laboratory.close());

  it('[CL-T-21] show no drops, although the kernel sends packets of its own on each interface', async () => {
    const internet = new Internet(laboratory);
    const web = internet.webHost();
    const server = await startServer(laboratory, internet.serverHost());
    const relay = await startRelay(laboratory, internet.relayHost());
    const dualStack = internet.dualStackHost();
    const hostRelay = await startHostRelay(laboratory, dualStack);
    const client = await startClient(laboratory, internet.home().host);
    await firstPing(client.host, webIpv6Address, 20_000);
    await firstPing(client.host, dualStackIpv6Address, 20_000);
    await firstPing(web, client.address, 20_000);
    await new Promise((resolve) => setTimeout(resolve, chatterMs));
    const programs = { client, server, relay, hostRelay };
    const drops = Object.entries(programs).map(async ([name, program]) => [
      name,
      (await program.status()).counters.drops,
    ]);
    expect(Object.fromEntries(await Promise.all(drops))).toEqual({ client: {}, server: {}, relay: {}, hostRelay: {} });
  });
});
